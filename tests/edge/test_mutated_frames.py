"""W-11: whatever a client sends, its connection lives and says what is wrong, or closes with a code that is published."""

import asyncio
import json
from collections import Counter
from collections.abc import Generator, Iterable
from itertools import islice

import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect

from mangaassist.edge import schemas
from mangaassist.edge.connection import Ask, Connection, Count, Send, ShowTyping, State, StopAnswer, Verify
from mangaassist.wire.frames import MAX_FRAME_BYTES, ErrorFrame, Pong
from tests.edge.mutated_frames import mutated
from tests.loopback import Loopback, loopback
from tests.published import Published, document, sayable, watching_clients

FRAMES = 100_000
ON_A_SOCKET = 4_000
BINARY_EACH = 50
TELLS_NO_FIELD = ("invalid_json", "invalid_encoding")


def test_of_a_hundred_thousand_mutated_frames_none_breaks_a_connection_and_the_document_says_which_are_taken() -> None:
    fits = sayable(document(schemas.asyncapi))
    connection = Connection(idle_timeout_s=600, now=0)
    seen = Counter[str]()
    for minute, text in enumerate(islice(mutated(seed=1), FRAMES)):
        effects = connection.receive_text(text, 60 * minute)
        assert connection.state is State.OPEN, text
        match effects:
            case (Send(ErrorFrame() as error),):
                assert error.problem.fields or error.problem.code in TELLS_NO_FIELD, text
                seen[error.problem.code] += 1
                assert error.problem.code != "invalid_field" or not fits(text), text
            case (Send(Pong()) | Ask() | StopAnswer() | Verify() | Count() | ShowTyping(),) | ():
                seen["taken"] += 1
                assert fits(text), text
            case _:
                raise AssertionError(f"{effects} for {text}")
    assert min(seen[kind] for kind in ("taken", "invalid_field", "invalid_json", "invalid_encoding")) > FRAMES // 100, (
        seen
    )


@pytest.fixture(scope="module")
def served() -> Generator[Loopback]:
    with loopback() as at:
        yield at


async def hear_pong(line: ClientConnection) -> None:
    await line.send('{"type":"ping"}')
    while json.loads(await line.recv())["type"] != "pong":
        pass


async def hear_close(line: ClientConnection) -> int:
    with pytest.raises(websockets.ConnectionClosed) as closed:
        while True:
            await line.recv()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


async def say_all(address: str, texts: Iterable[str]) -> Counter[int]:
    """Say each on a connection that is open; gives the codes that connections were closed with. Some go as binary frames."""
    closings = Counter[int]()
    line = await connect(address, max_size=None)
    for number, text in enumerate(texts):
        data, is_text = text.encode("utf-8", "surrogatepass"), number % BINARY_EACH != 0
        await line.send(data, text=is_text)
        if not is_text or len(data) > MAX_FRAME_BYTES or data != text.encode(errors="replace"):
            closings[await hear_close(line)] += 1
            line = await connect(address, max_size=None)
        elif number % 10 == 0:
            await hear_pong(line)
    await hear_pong(line)
    await line.close()
    return closings


def test_of_thousands_on_a_real_socket_each_is_answered_or_closes_with_a_code_that_is_published(
    served: Loopback, published: Published
) -> None:
    """Those over 16 KiB and those that are no UTF-8 close; all others leave the connection as it was."""
    address = served.url.replace("http", "ws", 1) + "/ws"
    texts = (*islice(mutated(seed=2), ON_A_SOCKET), "x" * (MAX_FRAME_BYTES + 1))
    before = published.frames
    with watching_clients(published):
        closings = asyncio.run(say_all(address, texts))
    assert closings.keys() == {1003, 1007, 1009}
    assert published.frames > before + ON_A_SOCKET // 2
