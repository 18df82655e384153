"""Under which name we are called, and from whose page (W-1, R-9).

A page of elsewhere can have its own name point at our address: to the browser we are then one with it. So a name that is not
ours is refused, whatever the page; and a page is ours only where scheme, name and port are those that we were called by.
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv6Address, ip_address
from typing import Any, Final

from msgspec import Struct

from mangaassist.edge.probes import PATHS as PROBES
from mangaassist.errors import Forbidden, Misdirected
from mangaassist.settings import Server

ANY: Final = "*"
_FILES: Final = frozenset({"/", "/docs"})
_FOLDERS: Final = ("/widget/", "/schema/")
"""What any page may load: it says nothing about anybody."""
_PORTS: Final = {"http": 80, "https": 443}
_SCHEMES: Final = {"http": "http", "ws": "http", "https": "https", "wss": "https"}
_AUTHORITY: Final = re.compile(
    r"(?P<host>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5})?)?", re.ASCII | re.IGNORECASE
)


class Origin(Struct, frozen=True):
    """Scheme, name and port of a page, as browsers compare them. ``str`` gives it as they send it."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


def origin_of(text: str) -> Origin | None:
    """The origin that a text names; None where it is none of http, as ``null`` is."""
    scheme, _, authority = text.partition("://")
    return _origin(scheme.lower(), authority)


def allowed_hosts(server: Server) -> frozenset[str]:
    """The names that the settings list, and the address that the assistant listens on where it is one that can be called."""
    listed = (*server.allowed_hosts, *([server.host] if _can_be_called(server.host) else ()))
    return frozenset(_canonical(name.lower()) for name in listed)


def allowed_origins(server: Server) -> frozenset[str]:
    """The pages that the settings list, each as a browser names it."""
    return frozenset(str(origin) for url in server.allowed_origins if (origin := origin_of(url.rstrip("/"))))


def check_caller(scope: Mapping[str, Any], hosts: frozenset[str], origins: frozenset[str]) -> None:
    """Raise ``Misdirected`` for a name that is not ours and ``Forbidden`` for a page that is neither ours nor listed.

    Probes are answered under any name: load balancers call addresses. No ``Origin`` is no browser's page.
    """
    path: str = scope["path"]
    if path in PROBES:
        return
    if ANY not in hosts and not _is_allowed(called_by(scope), hosts):
        raise Misdirected("The assistant does not answer under this name: it is not among its allowed hosts.")
    if path not in _FILES and not path.startswith(_FOLDERS):
        _check_origin(scope, origins)


def called_by(scope: Mapping[str, Any]) -> Origin | None:
    """Scheme, name and port that we were called by; None where ``Host`` is missing, there twice, or no name."""
    named = _values(scope, b"host")
    return _origin(_SCHEMES.get(scope["scheme"], ""), named[0]) if len(named) == 1 else None


def _check_origin(scope: Mapping[str, Any], origins: frozenset[str]) -> None:
    pages = _values(scope, b"origin")
    if not pages:
        return
    page = origin_of(pages[0]) if len(pages) == 1 else None
    if page is None or (str(page) not in origins and page != called_by(scope)):
        raise Forbidden("This page may not talk to the assistant: its origin is not on the allow-list.")


def _is_allowed(called: Origin | None, hosts: frozenset[str]) -> bool:
    return called is not None and any(name in hosts for name in _names(called.host))


def _names(host: str) -> Iterator[str]:
    """The host itself, then the wildcard of each domain that it is in."""
    yield host
    while host := host.partition(".")[2]:
        yield f"*.{host}"


def _origin(scheme: str, authority: str) -> Origin | None:
    parts = _AUTHORITY.fullmatch(authority)
    if scheme not in _PORTS or parts is None:
        return None
    port = int(parts["port"] or _PORTS[scheme])
    return Origin(scheme, _canonical(parts["host"].lower()), port)


def _canonical(host: str) -> str:
    """A name without the dot that may end it; an address of IPv6 in brackets and at its shortest."""
    try:
        return f"[{IPv6Address(host.strip('[]'))}]"
    except ValueError:
        return host.removesuffix(".")


def _can_be_called(host: str) -> bool:
    try:
        return not ip_address(host).is_unspecified
    except ValueError:
        return True


def _values(scope: Mapping[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1").strip() for header, value in scope["headers"] if header == name]
