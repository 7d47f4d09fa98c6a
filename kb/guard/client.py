"""Where a request comes from, as far as it can be believed."""

from ipaddress import IPv6Address, ip_network

from django.http import HttpRequest

from kb.guard.proxy import is_trusted, read_address

UNKNOWN = "unknown"


def address_of(request: HttpRequest) -> str:
    """The client's address: of those that proxies name, the rightmost that is none of our own proxies'."""
    nearest = request.META.get("REMOTE_ADDR", "")
    for named in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if not is_trusted(nearest) or read_address(named) is None:
            break
        nearest = named
    return str(read_address(nearest) or UNKNOWN)


def network_of(address: str) -> str:
    """Whom a limit counts: one IPv4 address, or the /64 that a single IPv6 customer has."""
    found = read_address(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return str(found or UNKNOWN)
