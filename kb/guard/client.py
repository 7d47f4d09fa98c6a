"""Where a request comes from, as far as it can be believed."""

from ipaddress import IPv6Address, ip_network

from django.http import HttpRequest

from kb.guard.proxy import is_trusted, read_address

UNKNOWN = "unknown"
WIDER_OF_IPV4 = ((24, 8),)  # (prefix length, how many times the limit of one address)
WIDER_OF_IPV6 = ((56, 4), (48, 8))


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


def networks_of(address: str) -> list[tuple[str, int]]:
    """From the narrowest: (network, how many times the limit it may reach).

    Many customers of IPv6 have a /56 or a /48, and a hired server has a neighbour for each try.
    """
    found = read_address(address)
    wider = WIDER_OF_IPV6 if isinstance(found, IPv6Address) else WIDER_OF_IPV4 if found else ()
    networks = [(str(ip_network((str(found), length), strict=False)), times) for length, times in wider]
    return [(network_of(address), 1), *networks]


def widest_network_of(address: str) -> str:
    """The /24 or /48 that the address is in."""
    return networks_of(address)[-1][0]
