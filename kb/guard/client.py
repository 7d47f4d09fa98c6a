"""Where a request comes from, as far as it can be believed."""

from ipaddress import IPv6Address, ip_network

from django.http import HttpRequest

from kb.guard.proxy import is_trusted, read_address

UNKNOWN = "unknown"
IPV4_NETWORKS = ((32, 1), (24, 8))  # (prefix length, how many times the limit of one address)
IPV6_NETWORKS = ((64, 1), (56, 4), (48, 8))


def address_of(request: HttpRequest) -> str:
    """The client's address: of those that proxies name, the rightmost that is none of our own proxies'."""
    nearest = request.META.get("REMOTE_ADDR", "")
    for named in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if not is_trusted(nearest) or read_address(named) is None:
            break
        nearest = named
    return str(read_address(nearest) or UNKNOWN)


def networks_of(address: str) -> list[tuple[str, int]]:
    """Whom a limit counts, from the narrowest: (network, how many times the limit it may reach).

    One customer has an IPv4 address or an IPv6 /64, but often a /56 or a /48, and a hired server a neighbour for each try.
    """
    found = read_address(address)
    if found is None:
        return [(UNKNOWN, 1)]
    lengths = IPV6_NETWORKS if isinstance(found, IPv6Address) else IPV4_NETWORKS
    return [(str(ip_network((found, length), strict=False)), times) for length, times in lengths]


def widest_network_of(address: str) -> str:
    """The /24 or /48 that the address is in."""
    return networks_of(address)[-1][0]
