"""Where a caller is, as far as limits care (R-5)."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

UNKNOWN: Final = "unknown"
_HOME_BITS: Final = 64
"""Whoever is given IPv6 is given at least so large a network, and can call from any address within it."""
_MAPPED_BITS: Final = 96


def address_of(scope: Mapping[str, Any]) -> str:
    """The address of who calls: of IPv4 all of it, of IPv6 the /64 network; ``unknown`` where there is none.

    The server has put the address that a trusted proxy names into the scope's ``client`` already.
    """
    client = scope.get("client")
    try:
        address = ip_address(client[0]) if client else None
    except ValueError:
        return UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address) if address else UNKNOWN
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address.packed, _HOME_BITS), strict=False))


def trusted_networks(proxies: Sequence[str]) -> list[str]:
    """The networks of the proxies, those of IPv4 also as a server that listens on IPv6 sees them."""
    return [str(network) for proxy in proxies for network in _seen_as(ip_network(proxy))]


def _seen_as(network: IPv4Network | IPv6Network) -> Iterator[IPv4Network | IPv6Network]:
    yield network
    if isinstance(network, IPv4Network):
        mapped = IPv6Address(b"\0" * 10 + b"\xff" * 2 + network.network_address.packed)
        yield IPv6Network((mapped, _MAPPED_BITS + network.prefixlen))
