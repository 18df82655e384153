"""One restart after another while a crowd talks: whoever is told to go takes nothing with it (W-7)."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import aiohttp
from msgspec import Struct

from tests.crashes.fleet import Assistant
from tests.crashes.shopper import AGAIN_S, HEAR_LIMIT_S, Shopper, Told

FEEDBACK: Final = "/chat/feedback"
ESCALATE: Final = "/chat/escalate"
LEAVING: Final = 503

QUESTIONS: Final = (
    "who wrote Berserk?",
    "do you ship to Canada?",
    "what is your return policy?",
    "how many pages does Berserk volume 1 have?",
)
"""What everybody asks, over and over in this order."""
RATES: Final = 0.5
"""How often a shopper says what an answer was worth."""
ESCALATES: Final = 0.03
"""How often one asks for a person."""
MOST_TICKETS: Final = 4
"""Of a session: more in ten minutes are refused."""
STAYS: Final = 0.7
"""How often a shopper stays on the page, and asks next over the same line."""
BETWEEN_S: Final = (0.5, 1.5)
"""From the moment at which all assistants answer to the next restart."""
CROWD: Final = 400
"""The most shoppers who are there: while all of them wait, nobody asks, and the rate is not reached."""
LONGEST: Final = 40
"""Questions that one conversation has."""


def question(place: int) -> str:
    """The question at a place of everybody's conversation."""
    return QUESTIONS[place % len(QUESTIONS)]


class Restarted(Struct, frozen=True):
    """One restart: how long the process took to end and to be back, what was answered meanwhile, and how much else was kept."""

    ending_s: float
    away_s: float
    answers: tuple[Told, ...]
    feedback: int
    tickets: int


class Posted(Struct, frozen=True):
    """What was posted where, and what was said to it."""

    path: str
    body: dict[str, str]
    at: Assistant
    said: dict[str, Any]


class Street:
    """Where a shopper finds an open door: as behind whatever balances the load, at any assistant that takes connections."""

    def __init__(self, assistants: list[Assistant], chance: random.Random) -> None:
        self._open = dict.fromkeys(assistants, True)
        self._chance = chance

    def door(self) -> Assistant:
        return self._chance.choice([one for one, is_open in self._open.items() if is_open] or list(self._open))

    def address(self) -> str:
        return self.door().address

    def shut(self, one: Assistant) -> None:
        self._open[one] = False

    def reopen(self, one: Assistant) -> None:
        self._open[one] = True


class Crowd:
    """Shoppers who ask ``rate`` questions a second between them, whether or not others are still waiting."""

    def __init__(self, street: Street, rate: float, chance: random.Random) -> None:
        self._street = street
        self._rate = rate
        self._chance = chance
        self._idle: list[Shopper] = []
        self._asking = asyncio.TaskGroup()
        self._answers: list[Told] = []
        self._posted: list[Posted] = []
        self._feedback: list[Posted] = []
        self._places = (f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(1 << 24))
        self.expected: list[str] = []
        """What is answered to the questions of one conversation, by their place in it: an answer knows what was said before."""
        self.shoppers: list[Shopper] = []
        self._done = 0
        """Shoppers who have asked all they had to ask."""
        self._tickets: Counter[Shopper] = Counter()
        self.asked = 0

    async def learn(self) -> None:
        """What is answered in peace."""
        shopper = Shopper(self._street.address)
        for place in range(LONGEST):
            self.expected.append((await shopper.ask(f"m{self.asked}", question(place))).text)
            self.asked += 1
        await shopper.hang_up()

    @asynccontextmanager
    async def talking(self) -> AsyncGenerator[None]:
        """They talk meanwhile; leaves when every question that was asked is answered. Raises what any of them found wrong."""
        async with self._asking:
            arriving = self._asking.create_task(self._arrive())
            yield
            arriving.cancel()
        await asyncio.gather(*(one.hang_up() for one in self.shoppers))

    async def check_turns(self) -> None:
        """Whether all turns of each are kept, as they were asked."""
        async with aiohttp.ClientSession() as http:
            for shopper in self.shoppers:
                address = f"{self._street.door().url}/chat/sessions/{shopper.session_id}"
                async with http.get(address, headers=self._from_elsewhere()) as answer:
                    assert answer.status == 200, await answer.text()
                    turns = (await answer.json())["turns"]
                asked = [
                    turn["in_reply_to"] for turn in turns if not turn.get("handoff")
                ]  # a ticket is told as a turn
                assert asked == shopper.answered, shopper.session_id

    async def heard(self, ending_s: float, away_s: float) -> Restarted:
        """What was told since this was asked last. Tickets are asked for once more, which gives the same for five minutes."""
        answers, self._answers = self._answers, []
        posted, self._posted = self._posted, []
        feedback = [one for one in posted if one.path == FEEDBACK]
        self._feedback += feedback
        tickets = [one for one in posted if one.path == ESCALATE]
        await self._check(tickets)
        return Restarted(ending_s, away_s, tuple(answers), len(feedback), len(tickets))

    async def check_feedback(self) -> None:
        """Whether all of it is kept."""
        await self._check(self._feedback)

    async def _check(self, posted: list[Posted]) -> None:
        """Post it once more: whoever has kept it says the same."""
        async with aiohttp.ClientSession() as http:
            for one in posted:
                async with http.post(one.at.url + one.path, json=one.body, headers=self._from_elsewhere()) as answer:
                    assert await answer.json() == one.said, one

    async def _arrive(self) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            due += self._chance.expovariate(self._rate)
            await asyncio.sleep(max(0.0, due - clock()))
            if (somebody := self._somebody()) is not None:
                self._asking.create_task(self._ask(somebody))

    def _somebody(self) -> Shopper | None:
        if self._idle:
            return self._idle.pop(self._chance.randrange(len(self._idle)))
        if len(self.shoppers) - self._done == CROWD:
            return None
        self.shoppers.append(Shopper(self._street.address))
        return self.shoppers[-1]

    async def _ask(self, shopper: Shopper) -> None:
        self.asked += 1
        place = len(shopper.answered)
        told = await shopper.ask(f"m{self.asked}", question(place))
        assert told.receipts == 1, told
        assert told.turned_away or told.text == self.expected[place], (told.text, self.expected[place])
        self._answers.append(told)
        if not told.turned_away:
            await self._say_more(shopper, told)
        if self._chance.random() > STAYS:
            await shopper.hang_up()
        if len(shopper.answered) < LONGEST:
            self._idle.append(shopper)
        else:
            self._done += 1

    async def _say_more(self, shopper: Shopper, told: Told) -> None:
        """What shoppers do beside asking."""
        if self._chance.random() < RATES:
            thumbs = self._chance.choice(("thumbs_up", "thumbs_down"))
            body = {"session_id": shopper.session_id, "response_id": told.response_id, "feedback": thumbs}
            await self._post(FEEDBACK, body)
        if self._chance.random() < ESCALATES and self._tickets[shopper] < MOST_TICKETS:
            self._tickets[shopper] += 1
            await self._post(ESCALATE, {"session_id": shopper.session_id, "reason": f"about {told.message_id}"})

    def _from_elsewhere(self) -> dict[str, str]:
        """Nobody else calls from there: guests share a limit with their neighbours."""
        return {"x-forwarded-for": next(self._places)}

    async def _post(self, path: str, body: dict[str, str]) -> None:
        """Post it at whichever door takes it."""
        async with asyncio.timeout(HEAR_LIMIT_S), aiohttp.ClientSession() as http:
            while True:
                door = self._street.door()
                with suppress(aiohttp.ClientError, OSError):
                    async with http.post(door.url + path, json=body, headers=self._from_elsewhere()) as answer:
                        if answer.status != LEAVING:
                            assert answer.status == 200, (await answer.text(), door.said()[-3000:])
                            self._posted.append(Posted(path, body, door, await answer.json()))
                            return
                await asyncio.sleep(AGAIN_S)


async def restarts(
    assistants: list[Assistant], count: int, rate: float, chance: random.Random, told: Callable[[Restarted], None]
) -> float:
    """Restart so many times, one assistant after the other; each is ``told``, and at last what was answered after them all.
    Gives for how many seconds the crowd has talked.

    Raises ``AssertionError`` when a shopper is told anything else than what it is told in peace, when a turn is not kept, or when
    a process ends otherwise than it should.
    """
    street = Street(assistants, chance)
    crowd = Crowd(street, rate, chance)
    await crowd.learn()
    clock = asyncio.get_running_loop().time
    opened = clock()
    async with crowd.talking():
        for number in range(count):
            await asyncio.sleep(chance.uniform(*BETWEEN_S))
            leaving = assistants[number % len(assistants)]
            began = clock()
            street.shut(leaving)
            assert await asyncio.to_thread(leaving.leave) == 0, leaving.said()[-2000:]
            ended = clock()
            leaving.begin()
            await asyncio.to_thread(leaving.ready)
            street.reopen(leaving)
            told(await crowd.heard(ended - began, clock() - began))
        await asyncio.sleep(BETWEEN_S[1])
    talked_s = clock() - opened
    told(await crowd.heard(0.0, 0.0))
    await crowd.check_feedback()
    await crowd.check_turns()
    return talked_s
