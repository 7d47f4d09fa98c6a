"""The stored pages in front of a WSGI application, for any server that speaks it."""

from http import HTTPStatus

from kb.delivery.asking import METHODS, READING, key_of, may_be_known
from kb.delivery.layer import Layer
from kb.delivery.refusing import refusal

GOES_PAST = ("HTTP_AUTHORIZATION", "HTTP_HX_REQUEST")


def with_stored_pages(layer: Layer, application, scheme_of):
    """Strangers get stored pages; everything else is the application's. `scheme_of` believes the proxies that may be."""

    def answered(environ, start_response):
        if environ["REQUEST_METHOD"] not in METHODS:
            return _said(environ, start_response, refusal(405, _scheme(environ, scheme_of)))
        key = _asked(environ, scheme_of)
        page = key and not layer.store.passes(key) and _page(layer, key)
        if not page:
            return _counted(layer, environ, application(environ, start_response))
        if environ["REQUEST_METHOD"] == "GET":
            layer.counts.add(page.counted)
        answer = page.answer(environ.get("HTTP_ACCEPT_ENCODING"), environ.get("HTTP_IF_NONE_MATCH"))
        return _said(environ, start_response, answer)

    return answered


def _said(environ, start_response, answer):
    status, headers, body = answer
    length = [] if status == 304 else [("content-length", str(len(body)))]
    start_response(f"{status} {HTTPStatus(status).phrase}", [*headers, *length])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _asked(environ, scheme_of):
    if environ["REQUEST_METHOD"] not in READING or may_be_known(environ.get("HTTP_COOKIE", "")):
        return None
    if any(name in environ for name in GOES_PAST):
        return None
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    scheme = _scheme(environ, scheme_of)
    return key_of(scheme, environ.get("HTTP_HOST", ""), path, environ.get("QUERY_STRING", ""))


def _scheme(environ, scheme_of):
    return scheme_of(
        environ["wsgi.url_scheme"], environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_PROTO")
    )


def _page(layer, key):
    page = layer.look_up(key)
    if page is None or layer.is_due(page):
        return layer.maker.wanted(key, lambda fly, *flight: fly(*flight)).result()
    return page


def _counted(layer, environ, answer):
    if environ["REQUEST_METHOD"] == "GET" and getattr(answer, "status_code", 0) == 200:
        layer.counts.add(getattr(answer, "counted", ""))
    return answer
