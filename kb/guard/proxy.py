from ipaddress import ip_address

from django.conf import settings

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


class TrustedProxyMiddleware:
    """Believe what a proxy says of the client only where TRUSTED_PROXY names that proxy."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not is_trusted(request.META.get("REMOTE_ADDR", "")):
            dropped = [request.META.pop(name) for name in FORWARDED if name in request.META]
            request.META["kb.unknown_proxy"] = bool(dropped)
        return self.get_response(request)


def scheme_of(own, address, said):
    """How the client reached us: as the proxy says that we believe, else as it came in."""
    return "https" if said == "https" and is_trusted(address) else own


def is_trusted(address):
    found = read_address(address)
    return found is not None and any(found in network for network in settings.TRUSTED_PROXY)


def read_address(text):
    """The address in this text, if there is one. Some proxies add the port; some systems write IPv4 as ::ffff:192.0.2.1."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
