"""The charset a stranger names is a Python codec to Django, and many codecs (rot13, zlib) decode no text and raise."""

import codecs

from django.utils.http import parse_header_parameters

KNOWN = {"utf-8", "ascii", "iso8859-1"}  # as Python calls them, so their aliases are known too


def with_known_charset(application):
    """The application, never shown a Content-Type whose charset it could stumble over."""

    def guarded(environ, start_response):
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = known_charset_only(environ["CONTENT_TYPE"])
        return application(environ, start_response)

    return guarded


def known_charset_only(content_type):
    """The header as it is, or without its charset where that is none of ours; the bare type where it is unreadable."""
    try:
        kind, parameters = parse_header_parameters(content_type)
    except (ValueError, LookupError):
        return content_type.partition(";")[0].strip()
    if "charset" not in parameters or _is_known(parameters.pop("charset")):
        return content_type
    return "; ".join([kind, *(f"{name}={_quoted(value)}" for name, value in parameters.items())])


def _is_known(charset):
    try:
        return codecs.lookup(charset).name in KNOWN
    except (ValueError, LookupError):
        return False


def _quoted(value):
    escaped = value.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'
