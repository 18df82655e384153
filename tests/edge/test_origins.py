"""W-1, R-9: under which names the assistant answers, and to whose pages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.edge.origins import allowed_hosts, allowed_origins, check_caller, origin_of
from mangaassist.errors import Forbidden, Misdirected
from mangaassist.settings import Server

SHOP = "https://shop.example"
HOSTS = allowed_hosts(Server(allowed_hosts=("chat.example", "*.chats.example", "127.0.0.1", "[::1]")))
ORIGINS = allowed_origins(Server(allowed_origins=(SHOP, "http://other.example:80/")))


def call(*headers: tuple[str, str], path: str = "/chat/message", scheme: str = "http", host: str | None = None) -> Any:
    named = [] if host is None else [("host", host)]
    sent = [(name.encode(), value.encode("latin-1")) for name, value in (*named, *headers)]
    return {"type": "http", "path": path, "scheme": scheme, "headers": sent}


def check(scope: Any) -> None:
    check_caller(scope, HOSTS, ORIGINS)


@pytest.mark.parametrize(
    "host",
    [
        "chat.example", "chat.example:8000", "CHAT.Example", "chat.example.", "chat.example:", "a.chats.example",
        "a.b.chats.example:1", "127.0.0.1:8000", "[::1]", "[::1]:8000", "[0:0:0:0:0:0:0:1]:8000",
    ],
)  # fmt: skip
def test_a_name_of_ours_is_answered_whatever_the_port(host: str) -> None:
    check(call(host=host))


@pytest.mark.parametrize(
    "host",
    [
        None, "", " ", "evil.example", "chat.example.evil.example", "evilchat.example", "chats.example", "xchats.example",
        "::1", "[::1", "[::2]", "chat.example:port", "chat.example:8000:1", "chat.example:999999", "user@chat.example",
        "chat.example/", "chat.example,evil.example", "127.0.0.1.evil.example", "127.1", "2130706433", "*", ".chat.example",
        "chat..example", "chat.example\x00", "chät.example", "*.chats.example",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/chat/message", "/ws", "/", "/docs", "/widget/widget.js", "/nowhere"])
def test_any_other_name_is_misdirected(host: str | None, path: str) -> None:
    with pytest.raises(Misdirected):
        check(call(host=host, path=path))


def test_two_names_are_none() -> None:
    with pytest.raises(Misdirected):
        check(call(("host", "chat.example"), ("host", "chat.example")))


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_a_probe_is_answered_under_any_name(path: str) -> None:
    for host in (None, "10.1.2.3:8000", "evil.example"):
        check(call(("origin", "http://evil.example"), host=host, path=path))


def test_by_default_only_this_machine_calls_and_the_address_that_is_listened_on_counts_too() -> None:
    assert allowed_hosts(Server()) == {"127.0.0.1", "localhost", "[::1]"}
    assert allowed_hosts(Server(host="192.0.2.1")) == {"127.0.0.1", "localhost", "[::1]", "192.0.2.1"}
    assert allowed_hosts(Server(host="2001:db8::1")) == {"127.0.0.1", "localhost", "[::1]", "[2001:db8::1]"}
    for everywhere in ("0.0.0.0", "::"):
        assert allowed_hosts(Server(host=everywhere)) == allowed_hosts(Server())


def test_a_star_answers_under_any_name() -> None:
    for host in (None, "evil.example", "b\xe4d"):
        check_caller(call(host=host), frozenset({"*"}), ORIGINS)


@pytest.mark.parametrize(
    ("page", "host", "scheme"),
    [
        (SHOP, "chat.example", "http"),
        ("HTTPS://Shop.Example:443", "chat.example", "http"),
        ("http://other.example", "chat.example", "http"),
        ("http://chat.example:8000", "chat.example:8000", "http"),
        ("http://chat.example:8000", "CHAT.example:8000", "ws"),
        ("http://chat.example", "chat.example:80", "http"),
        ("https://chat.example", "chat.example", "https"),
        ("https://chat.example", "chat.example:443", "wss"),
        ("http://[::1]:8000", "[::1]:8000", "http"),
    ],
)
def test_listed_pages_and_our_own_may_talk(page: str, host: str, scheme: str) -> None:
    check(call(("origin", page), host=host, scheme=scheme))


@pytest.mark.parametrize(
    ("page", "host", "scheme"),
    [
        ("http://evil.example", "chat.example", "http"),
        ("null", "chat.example", "http"),
        ("", "chat.example", "http"),
        ("https://chat.example", "chat.example", "http"),
        ("http://chat.example", "chat.example", "https"),
        ("http://chat.example", "chat.example", "wss"),
        ("http://chat.example:8001", "chat.example:8000", "http"),
        ("http://chat.example", "chat.example:8000", "http"),
        ("http://a.chats.example", "b.chats.example", "http"),
        ("http://shop.example", "chat.example", "http"),
        ("https://shop.example.evil.example", "chat.example", "http"),
        ("https://shop.example/", "chat.example", "http"),
        ("https://shop.example, http://evil.example", "chat.example", "http"),
        ("https://user@shop.example", "chat.example", "http"),
        ("file://chat.example", "chat.example", "http"),
    ],
)
@pytest.mark.parametrize("path", ["/chat/message", "/ws", "/chat/sessions/x", "/nowhere"])
def test_any_other_page_is_foreign_by_scheme_name_or_port(page: str, host: str, scheme: str, path: str) -> None:
    with pytest.raises(Forbidden):
        check(call(("origin", page), host=host, scheme=scheme, path=path))


def test_a_page_whose_name_points_at_us_is_refused_although_it_is_what_it_called() -> None:
    with pytest.raises(Misdirected):
        check(call(("origin", "http://evil.example:8000"), host="evil.example:8000"))


def test_two_origins_are_foreign() -> None:
    with pytest.raises(Forbidden):
        check(call(("origin", SHOP), ("origin", SHOP), host="chat.example"))


@pytest.mark.parametrize("path", ["/", "/docs", "/widget/widget.js", "/schema/openapi.json"])
def test_what_says_nothing_about_anybody_may_be_loaded_by_every_page(path: str) -> None:
    check(call(("origin", "http://evil.example"), host="chat.example", path=path))


@given(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)))
def test_whatever_is_sent_is_answered_or_refused(host: str, origin: str) -> None:
    try:
        check(call(("origin", origin), host=host))
    except (Misdirected, Forbidden):
        return
    assert origin_of(origin.strip()) is not None


@given(
    st.sampled_from(["http", "https"]),
    st.from_regex(r"[a-z]{1,9}(\.[a-z]{1,9}){0,3}", fullmatch=True),
    st.integers(0, 65535),
)
def test_an_origin_reads_as_it_is_written(scheme: str, host: str, port: int) -> None:
    origin = origin_of(f"{scheme}://{host}:{port}")
    assert origin is not None
    assert origin_of(str(origin)) == origin
    assert (origin.scheme, origin.host, origin.port) == (scheme, host, port)
