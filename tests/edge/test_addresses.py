"""R-5: one address for all that one caller can call from, and nobody but a trusted proxy says another."""

import pytest
import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from mangaassist.edge.addresses import UNKNOWN, address_of, trusted_networks
from mangaassist.edge.server import server


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (("203.0.113.7", 50_000), "203.0.113.7"),
        (("2001:db8:1:2:aaaa::7", 50_000), "2001:db8:1:2::/64"),
        (("2001:db8:1:2:ffff::8", 1), "2001:db8:1:2::/64"),
        (("2001:db8:1:3::7", 50_000), "2001:db8:1:3::/64"),
        (("::ffff:203.0.113.7", 50_000), "203.0.113.7"),
        (("fe80::1%eth0", 50_000), "fe80::/64"),
        (("unknown", 0), UNKNOWN),
        (("_hidden\r\nx: y", 0), UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_a_caller_has_one_address_whatever_it_calls_from_within_its_network(
    client: tuple[str, int] | None, address: str
) -> None:
    assert address_of({"client": client}) == address


async def _seen(proxies: tuple[str, ...], peer: str, *headers: tuple[bytes, bytes]) -> tuple[str, str]:
    """The address and scheme of a call from ``peer``, behind the server's own set-up."""
    seen: list[tuple[str, str]] = []

    async def app(scope, receive, send) -> None:
        seen.append((address_of(scope), scope["scheme"]))

    async def nothing(*_):
        return {}

    config: uvicorn.Config = server(app, 30, proxies=proxies).config
    config.load()
    scope = {"type": "http", "scheme": "http", "client": (peer, 1), "headers": list(headers)}
    await config.loaded_app(scope, nothing, nothing)
    return seen[0]


FORWARDED = ((b"x-forwarded-for", b"203.0.113.7"), (b"x-forwarded-proto", b"https"))


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.0.0.9"])
async def test_without_proxies_nobody_is_believed_not_even_this_machine(
    peer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert await _seen((), peer, *FORWARDED) == (address_of({"client": (peer, 1)}), "http")


@pytest.mark.parametrize("peer", ["10.0.0.9", "::ffff:10.0.0.9", "192.0.2.1", "fd00::5"])
async def test_a_proxy_that_is_named_is_believed_who_called_and_by_which_scheme(peer: str) -> None:
    assert await _seen(("10.0.0.0/8", "192.0.2.1", "fd00::/8"), peer, *FORWARDED) == ("203.0.113.7", "https")


async def test_what_a_caller_says_of_itself_before_the_proxy_adds_to_it_counts_for_nothing() -> None:
    forged = ((b"x-forwarded-for", b"198.51.100.1, 203.0.113.7"), (b"x-forwarded-proto", b"gopher"))
    assert await _seen(("10.0.0.0/8",), "10.0.0.9", *forged) == ("203.0.113.7", "http")
    assert await _seen(("10.0.0.0/8",), "198.51.100.9", *forged) == ("198.51.100.9", "http")


def test_the_servers_middleware_is_there_only_with_proxies() -> None:
    for proxies, wrapped in (((), False), (("10.0.0.1",), True)):
        config = server(lambda *_: None, 30, proxies=proxies).config
        config.load()
        assert isinstance(config.loaded_app, ProxyHeadersMiddleware) is wrapped
    assert trusted_networks(["10.0.0.1"]) == ["10.0.0.1/32", "::ffff:a00:1/128"]
