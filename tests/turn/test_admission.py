"""Load does not change what is answered: who can be served is let in, the others wait in line for a while."""

import asyncio

import pytest

from mangaassist.errors import Overloaded
from mangaassist.turn.admission import ALWAYS_IN, PATIENCE_S, ROUND_S, Admission


class Rounds:
    """What the loop's rounds take, as the test wants it."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    async def __call__(self) -> float:
        await asyncio.sleep(max(self.seconds, 0.001))
        return self.seconds


async def held(admission: Admission, release: asyncio.Event) -> None:
    async with admission.place():
        await release.wait()


async def test_while_rounds_are_short_everybody_is_let_in_however_long_they_stay() -> None:
    admission, release = Admission(Rounds()), asyncio.Event()
    stay = [asyncio.create_task(held(admission, release)) for _ in range(50)]
    await asyncio.sleep(1)
    assert (admission.inside, admission.waiting) == (50, 0)
    release.set()
    await asyncio.gather(*stay)
    assert admission.inside == 0


async def test_while_rounds_are_long_the_line_waits_in_order_and_two_are_always_served() -> None:
    rounds = Rounds(ROUND_S)
    admission = Admission(rounds)
    let_in: list[int] = []

    async def visit(number: int) -> None:
        async with admission.place():
            let_in.append(number)
            await asyncio.sleep(0.1)

    visits = [asyncio.create_task(visit(number)) for number in range(6)]
    await asyncio.sleep(0.05)
    assert (let_in, admission.inside, admission.waiting) == ([0, 1], ALWAYS_IN, 4)
    await asyncio.gather(*visits)
    assert let_in == list(range(6))
    assert (admission.inside, admission.waiting) == (0, 0)


async def test_the_line_goes_on_as_soon_as_rounds_are_short_again() -> None:
    rounds, release = Rounds(1.0), asyncio.Event()
    admission = Admission(rounds)
    stay = [asyncio.create_task(held(admission, release)) for _ in range(5)]
    await asyncio.sleep(0.5)
    assert admission.waiting == 3
    rounds.seconds = 0.0
    await asyncio.sleep(1)
    assert admission.inside == 5
    release.set()
    await asyncio.gather(*stay)


async def test_who_waited_for_two_seconds_is_turned_away_and_leaves_no_trace() -> None:
    admission, release = Admission(Rounds(0.1)), asyncio.Event()
    stay = [asyncio.create_task(held(admission, release)) for _ in range(ALWAYS_IN)]
    await asyncio.sleep(0)
    began = asyncio.get_running_loop().time()
    with pytest.raises(Overloaded):
        await admission.enter()
    assert asyncio.get_running_loop().time() - began == pytest.approx(PATIENCE_S)
    assert (admission.inside, admission.waiting) == (ALWAYS_IN, 0)
    release.set()
    await asyncio.gather(*stay)
    async with admission.place():
        assert admission.inside == 1


async def test_a_line_that_is_full_turns_away_at_once() -> None:
    admission, release = Admission(Rounds(0.1), limit=3), asyncio.Event()
    stay = [asyncio.create_task(held(admission, release)) for _ in range(ALWAYS_IN + 3)]
    await asyncio.sleep(0.01)
    began = asyncio.get_running_loop().time()
    with pytest.raises(Overloaded):
        await admission.enter()
    assert asyncio.get_running_loop().time() == began
    release.set()
    await asyncio.gather(*stay)


@pytest.mark.parametrize("when_s", [0.0, 0.0005, 0.001, 0.5])
async def test_who_gives_up_while_waiting_takes_no_place_away(when_s: float) -> None:
    admission, release = Admission(Rounds()), asyncio.Event()
    stay = [asyncio.create_task(held(admission, release)) for _ in range(ALWAYS_IN)]
    await asyncio.sleep(0)
    giving_up = asyncio.create_task(held(admission, release))
    await asyncio.sleep(when_s)
    giving_up.cancel()
    await asyncio.gather(giving_up, return_exceptions=True)
    assert (admission.inside, admission.waiting) == (ALWAYS_IN, 0)
    release.set()
    await asyncio.gather(*stay)
    assert admission.inside == 0


async def test_a_turn_that_fails_gives_its_place_back() -> None:
    admission = Admission(Rounds())
    with pytest.raises(ZeroDivisionError):
        async with admission.place():
            raise ZeroDivisionError
    assert admission.inside == 0
