"""W-1, W-6: real tokens at a socket, whichever way they come."""

import asyncio
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from mangaassist.edge.socket import SocketEdge
from mangaassist.testing.clock import START
from tests.conversation.virtual import Process
from tests.edge.socket_client import Client
from tests.edge.tokens import SKEW_S, forged, token, verifier_of

NOW = START.timestamp()
BAD = {
    "expired": token(exp=NOW - SKEW_S),
    "forged": token(key=ec.generate_private_key(ec.SECP256R1())),
    "unsigned": forged("none", b""),
    "of another shop": token(aud="elsewhere"),
    "of nobody": token(sub=""),
    "without an end": token(exp=1e300),
    "too long": token(note="x" * 9000),
    "nonsense": "nonsense",
}
WAYS = ("bearer", "cookie", "subprotocol")


@pytest.fixture
def edge(process: Process) -> SocketEdge:
    return SocketEdge(shared=process.doors(verifier_of()), heartbeat_s=30, idle_timeout_s=600)


def presented(way: str, value: str) -> dict[str, Any]:
    return {
        "bearer": {"authorization": f"Bearer {value}"},
        "cookie": {"cookie": f'prefs={{"a":1}}; flag; session-token={value}'},
        "subprotocol": {"subprotocols": ("mangaassist.v1", f"bearer.{value}")},
    }[way]


@pytest.mark.parametrize("way", WAYS)
async def test_a_good_token_is_known_whichever_way_it_comes(edge: SocketEdge, way: str) -> None:
    client = Client(edge, **presented(way, token()))
    assert (await client.hears("session"))["customer"] == "aiko"
    await client.goes()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("why", BAD)
async def test_a_bad_token_is_refused_before_the_upgrade_whichever_way_it_comes(
    edge: SocketEdge, way: str, why: str
) -> None:
    client = Client(edge, **presented(way, BAD[why]))
    await client.serving
    assert client.refused is not None
    assert (client.refused["status"], client.problem["code"]) == (401, "unauthenticated")
    assert client.frames == []


@pytest.mark.parametrize("bad", [token(sub="ben"), *(BAD[why] for why in BAD if why != "too long")])
async def test_a_socket_goes_on_when_the_token_that_should_renew_it_is_bad_or_anothers(
    edge: SocketEdge, bad: str
) -> None:
    aiko = Client(edge, token=token())
    await aiko.hears("session")
    aiko.say(type="auth", token=bad)
    assert (await aiko.hears("error"))["problem"]["code"] in ("unauthenticated", "forbidden")
    aiko.ask("one")
    await aiko.hears("done")
    await aiko.goes()


async def test_a_token_within_the_skew_opens_a_socket_that_stays_until_the_skew_is_over(edge: SocketEdge) -> None:
    late = Client(edge, token=token(exp=NOW - SKEW_S + 5))
    await late.hears("session")
    await asyncio.sleep(4.9)
    assert late.closed is None
    assert (await late.hears("error"))["problem"]["code"] == "token_expiring"
    assert await late.is_closed() == 4401
