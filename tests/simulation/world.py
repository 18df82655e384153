"""Shoppers, processes and a lossy network under one seeded scheduler in virtual time, held against the twelve invariants.

Everything of ours is the real thing: connection, socket shell, conversations, dispatcher, workers, log, session store. Between
a process and the log or the store lies a wire that delays and loses calls and replies; processes are killed as by kill -9,
pause, and come back; logs are lost; shoppers lose their line, read slowly, stop, sign in, send again.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import msgspec
from msgspec import Struct

from mangaassist.console.operating import Console
from mangaassist.conversation.attempt import WorkerDependencies
from mangaassist.conversation.conversations import Conversations
from mangaassist.conversation.dispatcher import Dispatcher
from mangaassist.conversation.embedded import EmbeddedLog
from mangaassist.conversation.entries import KEY_BYTES, Sealer
from mangaassist.conversation.incidents import Incidents
from mangaassist.conversation.log import KEPT_ANSWERS, NUMBERS_AN_ATTEMPT, Claim, Lease, Origin
from mangaassist.conversation.slot_table import SlotTable
from mangaassist.desk.operating import Desk
from mangaassist.domain.customers import GUEST, Identity
from mangaassist.edge.dependencies import ControlStores, EdgeDependencies
from mangaassist.edge.limits import Limits, policies
from mangaassist.edge.socket import SocketEdge
from mangaassist.errors import ServiceFailure, Unauthenticated
from mangaassist.guardrails.audit_reading import AuditReading
from mangaassist.guardrails.intake import Intake
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.telemetry.analytics import Answered
from mangaassist.telemetry.metrics import Metrics
from mangaassist.testing.memory_analytics import MemoryEventStream, memory_recorder
from mangaassist.testing.memory_audit import MemoryAuditLog
from mangaassist.testing.memory_control import MemoryFeedback, MemoryIdempotency, MemoryTickets
from mangaassist.testing.memory_conversations import MemoryJournal, MemorySessionStore
from mangaassist.testing.scripted_answers import ScriptedAnswers
from mangaassist.testing.virtual_time import VirtualTimeLoop
from tests.conversation.virtual import UNLIMITED

START: Final = datetime(2026, 11, 1, tzinfo=UTC)
CUSTOMERS: Final = ("aiko", "ben")
WORDS: Final = ("one", "two", "wrong", "card", "pause", "pause", "boom", "crowd", "forever", "three", "four")
HEALED_S: Final = 120.0
"""When everything works again, every message has its receipt within this time."""

Frame = dict[str, Any]


class BrokenInvariantError(AssertionError):
    """An invariant that did not hold."""


def holds(condition: object, words: str) -> None:
    if not condition:
        raise BrokenInvariantError(words)


def seconds() -> float:
    return asyncio.get_running_loop().time()


class Weather(Struct):
    """How bad it is: chances of a call or a reply to be lost, and the longest delay (seconds)."""

    lost_call: float = 0.0
    lost_reply: float = 0.0
    delay_s: float = 0.0


FAIR: Final = Weather()


class Wire:
    """Between a process and a port: calls and replies take their time, and some never arrive."""

    def __init__(self, port: Any, service: str, sky: "Simulation") -> None:
        self._port, self._service, self._sky = port, service, sky

    def __getattr__(self, name: str) -> Any:
        ask = getattr(self._port, name)
        if name in ("follow", "wakes"):
            return ask

        async def over_the_wire(*given: Any, **more: Any) -> Any:
            weather, chance = self._sky.weather, self._sky.chance
            if weather.delay_s:
                await asyncio.sleep(chance.uniform(0, weather.delay_s))
            if chance.random() < weather.lost_call:
                raise ServiceFailure(self._service, "timeout")
            answer = await ask(*given, **more)
            if weather.delay_s:
                await asyncio.sleep(chance.uniform(0, weather.delay_s))
            if chance.random() < weather.lost_reply:
                raise ServiceFailure(self._service, "timeout")
            return answer

        return over_the_wire


class WatchedLog:
    """The log, with every append held against the invariants that only the log's side shows."""

    def __init__(self, log: EmbeddedLog, sky: "Simulation") -> None:
        self._log, self._sky = log, sky

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def append(self, lease: Any, frames: tuple[bytes, ...], ack: str | None = None) -> Any:
        newest = self._sky.fences.get((lease.session_id, lease.epoch), 0)
        slot = self._sky.slots.known(lease.session_id, Origin())
        owner = slot.owner if slot else None
        self._sky.audience |= dict.fromkeys(((lease.session_id, json.loads(frame)["seq"]) for frame in frames), owner)
        after = await self._log.append(lease, frames, ack)
        self._sky.watch_appended(lease, newest, frames)
        return after

    async def claim(self, session_id: str, origin: Any) -> Any:
        return self._noted(await self._log.claim(session_id, origin))

    async def offer(self, session_id: str, entry: Any, origin: Any, claim: bool) -> Any:
        offered = await self._log.offer(session_id, entry, origin, claim)
        self._noted(offered.claim)
        return offered

    def _noted(self, claim: Any) -> Any:
        if isinstance(claim, Claim):
            key = (claim.lease.session_id, claim.lease.epoch)
            self._sky.fences[key] = max(self._sky.fences.get(key, 0), claim.lease.fence)
        return claim


class Tokens:
    async def identify(self, token: str | None) -> Identity:
        if token is None:
            return GUEST
        if token not in CUSTOMERS:
            raise Unauthenticated("unknown")
        return Identity(token, token)


class Process:
    """One assistant. Everything that it runs dies with it."""

    def __init__(self, name: str, sky: "Simulation", slots: SlotTable) -> None:
        self.name = name
        self._loop = sky.loop
        log: Any = Wire(WatchedLog(EmbeddedLog(slots, seconds), sky), "conversations", sky)
        sessions: Any = Wire(sky.sessions, "sessions", sky)
        audit: Any = Wire(sky.audit, "audit", sky)
        sealer = Sealer(b"k" * KEY_BYTES)
        analytics, metrics = memory_recorder(sky.stream), Metrics()
        self.dispatcher = Dispatcher(
            WorkerDependencies(
                log=log,
                sessions=sessions,
                audit=audit,
                orchestrator=ScriptedAnswers(),
                sealer=sealer,
                metrics=metrics,
                incidents=Incidents(MemoryCounters(seconds), metrics, lambda: START),
                analytics=analytics,
                clock=seconds,
                now=lambda: START + timedelta(seconds=seconds()),
            )
        )
        conversations = Conversations(log, sessions, self.dispatcher, Intake(), sealer, lambda: START, analytics)
        doors = EdgeDependencies(
            conversations=conversations,
            control=ControlStores(feedback=MemoryFeedback(), tickets=MemoryTickets(), idempotency=MemoryIdempotency()),
            desk=cast(Desk, None),
            console=cast(Console, None),
            audit=cast(AuditReading, None),
            verifier=Tokens(),
            allowed_hosts=frozenset({"*"}),
            limits=Limits(MemoryCounters(seconds), policies(UNLIMITED), Metrics()),
            allowed_origins=frozenset(),
            metrics=Metrics(),
            analytics=analytics,
            clock=seconds,
            now=lambda: START,
        )
        self.edge = SocketEdge(shared=doors, heartbeat_s=30, idle_timeout_s=600)
        self.lines: dict[Line, None] = {}
        self._loop.as_process(name, analytics.__aenter__())
        self._loop.as_process(name, self.dispatcher.__aenter__())

    def does(self, work: Any) -> asyncio.Task[Any]:
        return self._loop.as_process(self.name, work)

    def die(self) -> None:
        self._loop.kill(self.name)
        for line in tuple(self.lines):
            line.is_lost()


class Line:
    """One connection of a shopper to a process: what is said goes in, what comes out is handed on, slowly perhaps."""

    def __init__(self, shopper: "Shopper", process: Process, query: str, token: str | None, slow_s: float) -> None:
        self._shopper, self._process, self._slow_s = shopper, process, slow_s
        self._said: asyncio.Queue[Frame] = asyncio.Queue()
        self._said.put_nowait({"type": "websocket.connect"})
        self.is_open = True
        process.lines[self] = None
        scope = {
            "type": "websocket",
            "path": "/ws",
            "query_string": query.encode(),
            "headers": [(b"authorization", f"Bearer {token}".encode())] if token else [],
            "subprotocols": [],
        }
        process.does(self._served(process.edge, scope))

    async def _served(self, edge: SocketEdge, scope: Frame) -> None:
        with suppress(OSError):  # the server passes over what a lost line raises
            await edge.serve(scope, self._said.get, self._came)

    async def _came(self, event: Any) -> None:
        if self._slow_s:
            await asyncio.sleep(self._slow_s)
        if not self.is_open:
            raise OSError
        match event["type"]:
            case "websocket.send":
                self._shopper.hears(self, json.loads(event["text"]))
            case "websocket.close":
                self._said.put_nowait({"type": "websocket.disconnect", "code": event["code"]})
                self.is_lost()
            case _:
                pass

    def say(self, **frame: Any) -> None:
        self._said.put_nowait({"type": "websocket.receive", "text": json.dumps(frame)})

    def hang_up(self) -> None:
        self._said.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self.is_lost()

    def is_lost(self) -> None:
        if self.is_open:
            self.is_open = False
            self._process.lines.pop(self, None)
            self._shopper.lost(self)


class Shopper:
    """A client as the protocol's page tells one to be; holds everything that it hears against the invariants."""

    def __init__(self, sky: "Simulation", name: str, session_id: str | None = None) -> None:
        self._sky = sky
        self.name = name
        self.session_id = session_id
        self.token: str | None = None
        self.cursor: int | None = None
        self.epoch: str | None = None
        self.line: Line | None = None
        self.asked: dict[str, str] = {}
        self.receipts: dict[str, Frame] = {}
        self._refused: set[str] = set()
        self._open: dict[str, str] = {}
        """The message that each answer is to."""
        self._attempts: dict[str, int] = {}
        self._text: dict[str, dict[int, str]] = {}

    @property
    def waiting(self) -> list[str]:
        """Messages without a receipt."""
        return [message_id for message_id in self.asked if message_id not in self.receipts]

    # ---- what it does

    def connect(self, process: Process, slow_s: float = 0.0) -> None:
        query = []
        if self.session_id is not None:
            query.append(f"session_id={self.session_id}")
            if self.cursor is not None:
                query += [f"last_seq={self.cursor}", f"epoch={self.epoch}"]
        self.line = Line(self, process, "&".join(query), self.token, slow_s)

    def ask(self, text: str) -> None:
        message_id = f"{self.name}-{len(self.asked)}"
        self.asked[message_id] = text
        self._say(type="message", id=message_id, message=text)

    def stop(self) -> None:
        self._say(type="stop")

    def sign_in(self, customer: str) -> None:
        if self.token is None:
            self.token = customer
            self._say(type="auth", token=customer)

    def _say(self, **frame: Any) -> None:
        if self.line is not None and self.session_id is not None:
            self.line.say(**frame)

    def lost(self, line: Line) -> None:
        if self.line is line:
            self.line = None

    # ---- what it hears

    def hears(self, line: Line, frame: Frame) -> None:
        """What is broken is told at the end: whoever sends would take it for a fault of the line."""
        try:
            if line is self.line:
                self._hears(frame)
        except BrokenInvariantError as broken:
            self._sky.broken = self._sky.broken or broken
            raise

    def _hears(self, frame: Frame) -> None:
        match frame["type"]:
            case "session":
                self._greeted(frame)
            case "gap":
                holds(frame["from_seq"] == (self.cursor or 0) + 1, "2: a gap that does not begin after the cursor")
                holds(frame["to_seq"] >= frame["from_seq"], "2: a gap of nothing")
                if frame["epoch"] != self.epoch:  # what counted the attempts is lost
                    self._attempts.clear()
                self.cursor, self.epoch = frame["to_seq"], frame["epoch"]
                self._read_back(frame["turns"])
            case "error":
                self._refused_(frame)
            case "drain" | "pong":
                pass
            case _:
                self._told(frame)

    def _greeted(self, session: Frame) -> None:
        if not session["resumed"]:
            self._begins_anew()
        if self.cursor is None or not session["resumed"]:
            self.cursor = session["last_seq"]
        if session["epoch"] != self.epoch:
            self._attempts.clear()
        self.session_id, self.epoch = session["session_id"], session["epoch"]
        self._sky.sessions_seen.add(self.session_id)
        self._read_back(session["turns"])
        for message_id in self.waiting:
            self._say(type="message", id=message_id, message=self.asked[message_id])

    def _begins_anew(self) -> None:
        """It is another conversation: what has no receipt is asked again there, under new ids."""
        self.cursor = None
        self._attempts.clear()
        self._text.clear()
        self._open.clear()
        unanswered = [(message_id, self.asked.pop(message_id)) for message_id in self.waiting]
        for message_id, text in unanswered:
            self.asked[f"{message_id}'"] = text

    def _read_back(self, turns: list[Frame]) -> None:
        """A turn in a snapshot is a receipt as well."""
        for turn in turns:
            self._open.pop(turn["response_id"], None)
            if turn["in_reply_to"] in self.asked:
                self.receipts.setdefault(turn["in_reply_to"], {"type": "turn", **turn})

    def _refused_(self, error: Frame) -> None:
        """Not taken: asked again when somebody has time."""
        if (message_id := error.get("in_reply_to")) in self.asked:
            code = error["problem"]["code"]
            holds(code in ("busy", "unavailable", "id_reused"), f"an unexpected refusal: {code}")
            holds(code != "id_reused", "3: an id was said to be used for other words")
            self._refused.add(message_id)

    def _told(self, frame: Frame) -> None:
        seq = frame["seq"]
        assert self.session_id is not None
        holds(seq == (self.cursor or 0) + 1, f"2: {seq} after {self.cursor}")
        self.cursor = seq
        self._sky.watch_heard(self.session_id, frame, self.token)
        response_id = frame["response_id"]
        match frame["type"]:
            case "start":
                attempt = frame["attempt"]
                if (
                    response_id in self._open
                ):  # after its receipt an answer may be told again as often as it is asked for
                    holds(attempt > self._attempts.get(response_id, 0), "8: a start that is no higher attempt")
                self._attempts[response_id] = attempt
                self._open[response_id] = frame["in_reply_to"]
                self._text[response_id] = {}
            case "token":
                self._text.setdefault(response_id, {})[seq] = frame["content"]
            case "correction":
                self._correct(response_id, frame)
            case "products":
                self._sky.watch_saved(self.session_id, response_id, "7: cards of an answer that is not saved")
            case "done" | "failed":
                self._ended(response_id, frame)
            case _:
                pass

    def _correct(self, response_id: str, frame: Frame) -> None:
        pieces = self._text.setdefault(response_id, {})
        last = frame.get("through_seq", frame["replace_seq"])
        for seq in pieces:
            if frame["replace_seq"] <= seq <= last:
                pieces[seq] = frame["content"] if seq == frame["replace_seq"] else ""

    def _ended(self, response_id: str, frame: Frame) -> None:
        message_id = self._open.pop(response_id, None)
        if frame["type"] == "done":
            saved = self._sky.watch_saved(str(self.session_id), response_id, "6: done, and not saved")
            if message_id is not None:
                heard = "".join(self._text.get(response_id, {}).values())
                holds(heard == saved.answer, f"7: heard {heard!r}, saved {saved.answer!r}")
        if message_id in self.asked:
            self.receipts[message_id] = frame


class Simulation:
    """``is_shared``: two processes over one log, as with Redis; else one process over a journal, as with SQLite."""

    def __init__(self, seed: int, loop: VirtualTimeLoop) -> None:
        self.chance = random.Random(seed)
        self.loop = loop
        self.weather = FAIR
        self.is_shared = self.chance.random() < 0.6
        self.journal = MemoryJournal()
        self.slots = SlotTable(self.journal, seconds)
        self.sessions = MemorySessionStore(lambda: START)
        self.audit = MemoryAuditLog(lambda: START)
        self.stream = MemoryEventStream()
        self.processes: list[Process] = []
        self.shoppers: list[Shopper] = []
        self.sessions_seen: set[str] = set()
        self.fences: dict[tuple[str, str], int] = {}
        self.broken: BrokenInvariantError | None = None
        self.audience: dict[tuple[str, int], str | None] = {}
        """Whose each frame was when it was appended."""
        self._contents: dict[tuple[str, int], bytes] = {}
        self._born = 0

    # ---- what happens

    def start_process(self) -> Process:
        self._born += 1
        if not self.is_shared:
            self.slots = SlotTable(self.journal, seconds)
        process = Process(f"p{self._born}", self, self.slots)
        self.processes.append(process)
        return process

    def kill_process(self) -> None:
        if self.processes:
            self.processes.pop(self.chance.randrange(len(self.processes))).die()

    def pause_process(self) -> None:
        if self.processes:
            self.loop.pause(self.chance.choice(self.processes).name, self.chance.choice((0.5, 3.0, 9.0, 20.0)))

    def lose_log(self) -> None:
        """The log begins anew under another epoch; with it go frames and numbers, and at times what waits as well."""
        if self.is_shared:
            self.journal.reboot(entries=self.chance.random() < 0.5)
            self.slots.forget_all()

    def connect(self, shopper: Shopper, slow_s: float = 0.0) -> None:
        if shopper.line is None and self.processes:
            shopper.connect(self.chance.choice(self.processes), slow_s)

    async def run(self) -> None:
        for _ in range(2 if self.is_shared else 1):
            self.start_process()
        self.shoppers = [Shopper(self, f"s{number}") for number in range(self.chance.randint(1, 3))]
        for _ in range(self.chance.randint(5, 30)):
            self._something_happens()
            await asyncio.sleep(self.chance.choice((0.0, 0.001, 0.03, 0.3, 1.0, 4.0)))
            self._watch()
        await self._heal()
        await self._watch_end()

    def _something_happens(self) -> None:
        shopper = self.chance.choice(self.shoppers)
        deeds: list[tuple[float, Callable[[], object]]] = [
            (8, lambda: self._talk(shopper)),
            (3, lambda: self.connect(shopper, self.chance.choice((0.0, 0.0, 0.01, 0.5)))),
            (2, shopper.stop),
            (2, lambda: shopper.line and shopper.line.hang_up()),
            (1, lambda: shopper.sign_in(self.chance.choice(CUSTOMERS))),
            (1, lambda: self._another_tab(shopper)),
            (1.5, self.kill_process),
            (2, lambda: len(self.processes) < (2 if self.is_shared else 1) and self.start_process()),
            (1.5, self.pause_process),
            (0.4, self.lose_log),
            (1.5, self._weather_changes),
        ]
        weights = [weight for weight, _ in deeds]
        self.chance.choices([deed for _, deed in deeds], weights)[0]()

    def _talk(self, shopper: Shopper) -> None:
        self.connect(shopper)
        words = self.chance.choices(WORDS, k=self.chance.randint(1, 6))
        shopper.ask(" ".join(words))

    def _another_tab(self, shopper: Shopper) -> None:
        if shopper.session_id is not None and len(self.shoppers) < 5:
            tab = Shopper(self, f"t{len(self.shoppers)}", shopper.session_id)
            tab.token = shopper.token
            self.shoppers.append(tab)
            self.connect(tab)

    def _weather_changes(self) -> None:
        bad = Weather(
            self.chance.uniform(0, 0.3), self.chance.uniform(0, 0.3), self.chance.choice((0.0, 0.01, 1.0, 3.0))
        )
        self.weather = self.chance.choice((FAIR, bad))

    async def _heal(self) -> None:
        """Everything works again: every message gets its receipt."""
        self.weather = FAIR
        while len(self.processes) < (2 if self.is_shared else 1):
            self.start_process()
        until = seconds() + HEALED_S
        while any(shopper.waiting for shopper in self.shoppers):
            self._watch()
            holds(seconds() < until, f"4, 11: no receipt for {[shopper.waiting for shopper in self.shoppers]}")
            for shopper in self.shoppers:
                shopper.stop()  # nobody waits for ever
                if shopper.line is not None and self.chance.random() < 0.3:
                    shopper.line.hang_up()
                self.connect(shopper)
            await asyncio.sleep(3)

    # ---- what must hold

    def watch_appended(self, lease: Lease, newest_fence: int, frames: tuple[bytes, ...]) -> None:
        try:
            holds(lease.fence >= newest_fence, "3: a superseded fence changed the log")
            for frame in frames:
                seq = json.loads(frame)["seq"]
                known = self._contents.setdefault((lease.session_id, seq), frame)
                holds(json.loads(known) == json.loads(frame), f"1: number {seq} has two contents")
        except BrokenInvariantError as broken:
            self.broken = self.broken or broken
            raise

    def watch_heard(self, session_id: str, frame: Frame, who: str | None) -> None:
        known = self._contents.setdefault((session_id, frame["seq"]), msgspec.json.encode(frame))
        holds(json.loads(known) == frame, f"1: number {frame['seq']} was heard with two contents")
        audience = self.audience.get((session_id, frame["seq"]))
        holds(audience in (None, who), f"9: {who} hears what is {audience}'s")

    def watch_saved(self, session_id: str, response_id: str, words: str) -> Any:
        turns = self.sessions.turns_of(session_id)
        saved = next((turn for turn in turns if turn.response_id == response_id), None)
        holds(saved is not None, words)
        return saved

    def _watch(self) -> None:
        if self.broken is not None:
            raise self.broken
        for session_id in self.sessions_seen:
            slot = self.slots.known(session_id, Origin())
            if slot is None:
                continue
            holds(len(slot.answered) <= KEPT_ANSWERS, "12: more answers are kept than promised")
            attempts = sum(entry.attempt for entry in slot.inbox[:1]) + KEPT_ANSWERS * 3
            kept = sum(len(batch.frames) for batch in slot.batches)
            holds(kept <= attempts * NUMBERS_AN_ATTEMPT, "12: more frames are kept than attempts can have made")

    async def _watch_end(self) -> None:
        corrected: defaultdict[str, int] = defaultdict(int)
        for entry in self.audit.kept:
            corrected[entry.response_id] += entry.kind == "wrong_price"
        for event in self.stream.events:
            if isinstance(event.what, Answered):
                is_saved = await self.sessions.session_of(event.what.response_id) is not None
                holds(is_saved, "6: counted as answered, and not saved")
        for session_id in self.sessions_seen:
            turns = self.sessions.turns_of(session_id)
            ids = [turn.message_id for turn in turns]
            holds(len(ids) == len(set(ids)), "5: a message was saved twice")
            for turn in turns:
                wanted = turn.metadata.corrections if turn.metadata else 0
                holds(corrected[turn.response_id] >= (wanted > 0), "6: saved, and its corrections not audited")


def run_seed(seed: int) -> None:
    """One history. Raises ``BrokenInvariantError`` when it breaks an invariant, and whatever else went wrong on the way."""
    loop = VirtualTimeLoop()
    try:
        loop.run_until_complete(Simulation(seed, loop).run())
    finally:
        loop.close()
