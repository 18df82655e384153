"""R-4 as a property: callers, processes that die, failing answers and clocks that differ, in any order."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final, cast

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from mangaassist.domain.customers import GUEST
from mangaassist.edge.asking import AnswerFailed
from mangaassist.edge.idempotency import ANSWER_REPLAYED, IdempotencyRecord
from mangaassist.edge.rest import RestEdge, response_of
from mangaassist.errors import BadInput, Refused
from mangaassist.testing import virtual_time
from mangaassist.testing.clock import START
from mangaassist.testing.memory_control import MemoryIdempotency
from mangaassist.wire.rest import ChatRequest, ChatResponse
from tests.conversation.virtual import Process, World, loop, seconds
from tests.edge.rest_client import Tokens
from tests.edge.test_once import KEY, Slow

KEYS: Final = (KEY, KEY[::-1])
BODIES: Final = ("one", "one pause two card", "wrong pause three")
SAID: Final = ("one ", "one two ", "right three ")
PLACES: Final = 2
HEALED_S: Final = 60.0
KEPT_S: Final = ANSWER_REPLAYED.total_seconds()


class Ask(Struct, frozen=True):
    """``by`` one of the shoppers' places, which are processes; ``body`` and ``key`` are numbers of theirs."""

    by: int
    key: int
    body: int


class Pass(Struct, frozen=True):
    seconds: float


class Die(Struct, frozen=True):
    """The process at a place dies; another begins there whose clock differs by so much."""

    place: int
    clock_s: float


class Mood(Struct, frozen=True):
    """From now on answers fail, or do not."""

    fails: bool


Step = Ask | Pass | Die | Mood

numbers = st.integers
STEPS: Final = st.lists(
    st.one_of(
        st.builds(Ask, numbers(0, PLACES - 1), numbers(0, len(KEYS) - 1), numbers(0, len(BODIES) - 1)),
        st.builds(Ask, numbers(0, PLACES - 1), st.just(0), st.just(1)),
        st.builds(Pass, st.sampled_from((0.0, 0.005, 0.015, 0.035, 0.07, 0.2, 1.0, 7.0, KEPT_S / 2, KEPT_S))),
        st.builds(Die, numbers(0, PLACES - 1), st.sampled_from((0.0, 0.0, 1.0, -1.0, 60.0, -60.0, KEPT_S, -KEPT_S))),
        st.builds(Mood, st.booleans()),
    ),
    max_size=24,
)


class Heard(Struct, frozen=True):
    """``body`` is the answer's, when it is one."""

    ask: Ask
    status: int
    body: bytes = b""
    replayed: bool = False


class NotedRecords(MemoryIdempotency):
    """``begun``: every record that was ever kept, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[IdempotencyRecord] = []

    async def begin(self, record: IdempotencyRecord) -> IdempotencyRecord:
        kept = await super().begin(record)
        if kept is record:
            self.begun.append(record)
        return kept


class Street:
    """Places at which one can ask; what stands there may die and be followed by another."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fails = False
        self.heard: list[Heard] = []
        self._places: list[tuple[Process, RestEdge]] = []
        self._open = 0

    async def opened(self, clock_s: float) -> tuple[Process, RestEdge]:
        self._open += 1
        process = await self.world.process(f"process {self._open}")
        process.conversations.log = Slow(process.log)
        answer = process.answers.answer

        async def moody(*given: Any) -> Any:
            if self.fails:
                raise RuntimeError("in a bad mood")
            return await answer(*given)

        process.answers.answer = moody
        doors = replace(process.doors(Tokens()), now=lambda: START + timedelta(seconds=seconds() + clock_s))
        return process, RestEdge(doors)

    async def lives(self, steps: Sequence[Step]) -> None:
        self._places = [await self.opened(0.0) for _ in range(PLACES)]
        for step in steps:
            match step:
                case Ask():
                    self.ask(step)
                case Pass():
                    await asyncio.sleep(step.seconds)
                case Die():
                    self._places[step.place][0].die()
                    self._places[step.place] = await self.opened(step.clock_s)
                case Mood():
                    self.fails = step.fails
        self.fails = False
        await asyncio.sleep(HEALED_S)

    def ask(self, step: Ask) -> asyncio.Task[None]:
        process, edge = self._places[step.by]
        return loop().as_process(process.name, self._hear(edge, step))

    async def _hear(self, edge: RestEdge, step: Ask) -> None:
        asked = ChatRequest(message=BODIES[step.body])
        try:
            told = await edge.answer(asked, GUEST, "10.0.0.1", KEYS[step.key], None)
            body = msgspec.json.encode(response_of(told))
            self.heard.append(Heard(step, 200, body, told.is_replay))
        except (BadInput, Refused) as refused:
            self.heard.append(Heard(step, refused.status))
        except AnswerFailed as failed:
            self.heard.append(Heard(step, failed.problem.status))


async def lived(steps: Sequence[Step]) -> None:
    world = World()
    records = NotedRecords()
    world.idempotency, world.sessions = cast(Any, Slow(records)), cast(Any, Slow(world.sessions))
    street = Street(world)
    await street.lives(steps)
    of_message = {record.message_id: record for record in records.begun}
    saved: dict[str, list[IdempotencyRecord]] = defaultdict(list)
    answers: dict[str, Any] = {}
    for session_id in {record.session_id for record in records.begun}:
        for turn in world.sessions.turns_of(session_id):
            if turn.problem is None:
                saved[of_message[turn.message_id].key].append(of_message[turn.message_id])
                answers[turn.response_id] = turn

    for key in saved:  # never two answers for one key within five minutes, by the clocks of those who asked
        moments = sorted(record.at for record in saved[key])
        assert all(later - earlier >= ANSWER_REPLAYED for earlier, later in pairwise(moments))

    bodies: dict[str, set[bytes]] = defaultdict(set)
    for heard in street.heard:
        assert heard.status in (200, 409, 422, 500)
        if heard.status == 200:
            told = msgspec.json.decode(heard.body, type=ChatResponse)
            bodies[told.response_id].add(heard.body)
            assert answers[told.response_id].message == BODIES[heard.ask.body]  # never a replay of another body
            assert told.response_text == SAID[heard.ask.body]
    assert all(len(told) == 1 for told in bodies.values())  # the same bytes

    # When all is well again, whoever comes is answered, and whoever comes behind them hears the same.
    street.heard.clear()
    for place in range(PLACES):
        await street.ask(Ask(place, 0, 0))
    first, again = street.heard
    assert {first.status, again.status} <= {200, 422}
    if again.replayed:
        assert (first.status, first.body) == (200, again.body)
    await world.close()


@given(STEPS)
def test_a_key_has_one_answer_whatever_happens(steps: list[Step]) -> None:
    virtual_time.run(lived(steps))


def test_a_double_tap_while_the_process_dies_and_clocks_differ() -> None:
    """One history that has everything in it, so that it is always tried."""
    virtual_time.run(
        lived(
            [
                Mood(fails=True), Ask(0, 0, 1), Pass(1.0), Mood(fails=False), Ask(0, 0, 1), Ask(1, 0, 1), Pass(0.07),
                Die(0, -60.0), Ask(0, 0, 1), Pass(7.0), Ask(1, 0, 1), Ask(0, 0, 2), Die(1, KEPT_S), Ask(1, 0, 1),
                Pass(0.2), Ask(0, 0, 1), Pass(KEPT_S), Ask(0, 0, 2), Ask(1, 0, 1), Pass(7.0), Ask(1, 0, 2),
            ]
        )
    )  # fmt: skip
