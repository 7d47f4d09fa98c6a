"""What the door says itself, before Django is asked: in words, with the headers that every answer has."""

from django.conf import settings

from kb.delivery.pages import Answer

HEADERS = [
    ("content-type", "text/plain; charset=utf-8"),
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), interest-cohort=(), microphone=(), payment=(), usb=()",
    ),
    ("referrer-policy", "same-origin"),
    ("reporting-endpoints", 'csp="/csp/"'),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
]
WORDS = {
    400: "Your browser sent something this site cannot read.",
    405: "This site does not answer that kind of request.",
    408: "What you were sending came too slowly, so nothing was stored. "
    "Go back to your form, do not reload it, and try again on a faster connection.",
    411: "What you were sending does not say how long it is, so nothing was stored. Send it with a Content-Length.",
    413: "That is more than may be sent here, so nothing was stored: a mail may have 10 MB, and so may pictures sent together; "
    "any other form 512 kB. Of a mail, paste only the part that tells of the error. What you typed is in your form still: go back to it, and do not reload it.",
    503: "Too many people ask at this moment, so nothing was stored. "
    "Go back to your form, do not reload it, and try again in a few seconds.",
}
MORE = {405: [("allow", "GET, HEAD, POST, OPTIONS")], 503: [("retry-after", "5")]}


def refusal(status: int, scheme: str) -> Answer:
    return in_words(status, WORDS[status], scheme, *MORE.get(status, []))


def in_words(status: int, words: str, scheme: str, *more: tuple[str, str]) -> Answer:
    if scheme == "https" and settings.SECURE_HSTS_SECONDS:
        more = (*more, ("strict-transport-security", _keep_to_https()))
    return status, [*HEADERS, *more], f"{words}\n".encode()


def _keep_to_https():
    """As Django's SecurityMiddleware says it."""
    also = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
    also += "; preload" if settings.SECURE_HSTS_PRELOAD else ""
    return f"max-age={settings.SECURE_HSTS_SECONDS}{also}"
