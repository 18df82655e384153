"""The chat in a terminal: asks, follows the answer while it streams, obeys commands."""

import asyncio
import contextlib
import signal
import uuid
from collections.abc import Generator, Sequence
from typing import Final

from msgspec import structs
from rich.console import Console
from rich.live import Live
from rich.text import Text

from mangaassist.chat import commands, paint
from mangaassist.chat.answer import Answer
from mangaassist.chat.keyboard import Keyboard, Standard, terminal_kept
from mangaassist.chat.line import Event, Line, Lost, Parted, Refused
from mangaassist.chat.sign_in import SignInFailed, fetch_token
from mangaassist.errors import StartFailed
from mangaassist.wire.frames import (
    AnswerFrame,
    Authenticate,
    Done,
    ErrorFrame,
    Failed,
    Gap,
    Handoff,
    HumanMessage,
    Navigate,
    SendMessage,
    SessionOpened,
    SessionTurn,
    Start,
    Stop,
)
from mangaassist.wire.page import NOWHERE, PageContext

SILENCE_S: Final = 60.0
"""An answer of which nothing has been heard for this long will not come."""
PROMPT: Final = "› "
_THINKING: Final = "thinking…"
_WRITING: Final = "writing… Ctrl-C stops"
_RESTARTED: Final = "writing it again… Ctrl-C stops"


async def chat(
    url: str,
    store_url: str,
    token: str | None,
    session_id: str | None,
    console: Console,
    keyboard: Keyboard | None = None,
) -> int:
    """Chat until the person leaves. Gives the exit code: 0, or 1 with one line of why when there is no assistant."""
    with terminal_kept():
        try:
            async with Line(url, token, session_id) as line:
                return await Terminal(line, store_url, console, keyboard or Standard()).run()
        except StartFailed as failed:
            console.print(Text(str(failed), "red3"))
            return 1


async def ask(url: str, message: str, token: str | None, session_id: str | None, console: Console) -> int:
    """Ask one thing and show the answer. Gives the exit code: 0 when it was answered, else 1."""
    asked = commands.read(message.strip().lstrip("/"))
    if not isinstance(asked, commands.Question):
        console.print(Text(asked.words if isinstance(asked, commands.Mistake) else "There is nothing to ask.", "red3"))
        return 1
    try:
        async with Line(url, token, session_id) as line:
            terminal = Terminal(line, "", console, Standard())
            with terminal.interruptible():
                return 0 if await terminal.ask(asked.text) else 1
    except StartFailed as failed:
        console.print(Text(str(failed), "red3"))
        return 1


class Terminal:
    """One chat. ``ask`` follows one answer to its end; ``run`` does so until the person leaves."""

    def __init__(self, line: Line, store_url: str, console: Console, keyboard: Keyboard) -> None:
        self._line = line
        self._store_url = store_url.rstrip("/")
        self._console = console
        self._keyboard = keyboard
        self._page = NOWHERE
        self._suggestions: tuple[str, ...] = ()
        self._greeted = False
        self._asked = SendMessage("", "…")
        """The last question."""
        self._shown: set[str] = set()
        """The answers that are on the screen."""
        self._leaving = asyncio.Event()
        self._interrupts = 0
        self._answering = False
        self._stopping: asyncio.Future[None] | None = None

    async def run(self) -> int:
        with self.interruptible():
            self._welcome()
            while not self._leaving.is_set():
                typed = await self._typed()
                if typed is None:
                    break
                await self._obey(commands.read(typed, self._suggestions))
        self._say(f"Go on later with: mangaassist chat --session {self._line.session_id}", paint.QUIET)
        return 0

    # ---- the prompt

    async def _typed(self) -> str | None:
        """The next line, or None to leave. What the server says meanwhile is shown at once."""
        line = asyncio.create_task(self._keyboard.line(PROMPT))
        leaving = asyncio.create_task(self._leaving.wait())
        try:
            while True:
                event = asyncio.create_task(self._line.events.get())
                try:
                    await asyncio.wait({line, leaving, event}, return_when=asyncio.FIRST_COMPLETED)
                    if event.done():
                        with self._keyboard.aside(PROMPT):
                            self._show_stray(event.result())
                        continue
                    return line.result() if line.done() else None
                finally:
                    event.cancel()
        finally:
            line.cancel()
            leaving.cancel()

    async def _obey(self, intention: commands.Intention | None) -> None:
        match intention:
            case None:
                pass
            case commands.Question():
                await self._converse(intention.text)
            case commands.Again() if self._asked.id:
                await self._converse(self._asked.message)
            case commands.Again():
                self._say("Nothing was asked yet.", paint.QUIET)
            case commands.Page():
                await self._go(structs.replace(self._page, current_asin=intention.asin))
            case commands.Cart():
                await self._go(structs.replace(self._page, cart_asins=intention.asins))
            case commands.SignIn():
                await self._sign_in(intention)
            case commands.New():
                await self._line.renew()
                self._greeted = False  # what greets us next is no news
                self._suggestions = ()
                self._say("A new conversation.", paint.QUIET)
            case commands.Quit():
                self._leaving.set()
            case commands.Help():
                self._console.print(paint.commands())
            case commands.Stop():
                self._say("Nothing is being written.", paint.QUIET)
            case commands.Mistake():
                self._say(intention.words, "yellow")

    async def _go(self, page: PageContext) -> None:
        self._page = page
        await self._line.say(Navigate(page))
        where = f"on the page of {page.current_asin}" if page.current_asin else "on no product's page"
        self._say(f"You are {where}, with {len(page.cart_asins) or 'nothing'} in the cart.", paint.QUIET)

    async def _sign_in(self, who: commands.SignIn) -> None:
        token = await fetch_token(self._store_url, who.username, who.password)
        if isinstance(token, SignInFailed):
            self._say(token.words, "yellow")
            return
        await self._line.say(Authenticate(token))
        self._say(f"Signed in as {who.username}.", "green")

    # ---- one answer

    async def _converse(self, text: str) -> None:
        if not await self.ask(text) and not self._leaving.is_set():
            self._say("/again asks it once more.", paint.QUIET)

    async def ask(self, text: str) -> bool:
        """Send a message and follow its answer to the end; whether it was answered."""
        message = self._asked = SendMessage(uuid.uuid4().hex, text, None if self._page == NOWHERE else self._page)
        await self._line.say(message)
        self._answering, self._interrupts = True, 0
        growing = paint.Growing(Answer())
        try:
            with self._live(growing) as live, self._keyboard.overhear(self._overheard):
                answered = await self._follow(message.id, growing, live)
        finally:
            self._answering = False
            self._line.settled(message.id)
        shown = growing.shown
        if shown.pieces or shown.seen.problem or answered:
            self._console.print(paint.answer(shown))
            self._console.print()
            self._suggestions = shown.seen.suggestions
            self._shown.add(shown.seen.response_id)
        return answered

    async def _follow(self, message_id: str, growing: paint.Growing, live: Live | None) -> bool:
        """Feed the frames of the answer to ``message_id`` into the picture until it is whole."""
        while not self._leaving.is_set():
            shown = growing.shown
            try:
                async with asyncio.timeout(SILENCE_S):
                    event = await self._heard_or_leaving()
            except TimeoutError:
                self._say("No answer came. Please ask again.", "yellow")
                return False
            match event:
                case Start(in_reply_to=asked):
                    if asked == message_id:
                        growing.status = _RESTARTED if shown.seen.response_id else _WRITING
                        shown.apply(event)
                case AnswerFrame():
                    if event.response_id == shown.seen.response_id:
                        shown.apply(event)
                        if isinstance(event, Done | Failed):
                            return isinstance(event, Done)
                case Gap():
                    self._show_turns([turn for turn in event.turns if turn.in_reply_to != message_id], event.more)
                    if answer := next((turn for turn in event.turns if turn.in_reply_to == message_id), None):
                        growing.shown = Answer.remembered(answer)
                        return answer.problem is None
                case ErrorFrame(in_reply_to=asked) if asked == message_id:
                    self._say(event.problem.detail, "yellow")
                    return False
                case Lost():
                    growing.status = event.why
                case SessionOpened():
                    growing.status = _WRITING if shown.pieces else _THINKING
                    if not event.resumed:
                        self._show_session(event)
                case None:
                    break
                case _:
                    self._show_stray(event)
            if live is not None:
                live.update(growing)
        return False

    async def _heard_or_leaving(self) -> Event | None:
        """The next event; None once the person wants to leave."""
        heard = asyncio.create_task(self._line.events.get())
        leaving = asyncio.create_task(self._leaving.wait())
        try:
            await asyncio.wait({heard, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return heard.result() if heard.done() else None
        finally:
            heard.cancel()
            leaving.cancel()

    def _overheard(self, typed: str) -> None:
        match commands.read(typed):
            case commands.Stop():
                self._stop()
            case commands.Quit():
                self._leaving.set()
            case _:
                pass

    @contextlib.contextmanager
    def _live(self, growing: paint.Growing) -> Generator[Live | None]:
        """A picture that repaints itself and is gone at the end; nothing where the output is no terminal."""
        if not self._console.is_terminal:
            yield None
            return
        with Live(growing, console=self._console, refresh_per_second=20, transient=True) as live:
            yield live

    # ---- interruptions

    @contextlib.contextmanager
    def interruptible(self) -> Generator[None]:
        """Let Ctrl-C end the answer first and the chat second."""
        loop = asyncio.get_running_loop()
        try:
            loop.add_signal_handler(signal.SIGINT, self.interrupt)
        except (NotImplementedError, RuntimeError, ValueError):
            yield  # no signals here (Windows, or not the main thread): Ctrl-C ends the program
            return
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    def interrupt(self) -> None:
        """Ctrl-C: first it stops the answer, then it leaves."""
        self._interrupts += 1
        if self._answering and self._interrupts == 1:
            self._stop()
        else:
            self._leaving.set()

    def _stop(self) -> None:
        self._stopping = asyncio.ensure_future(self._line.say(Stop(self._asked.id)))

    # ---- the screen

    def _welcome(self) -> None:
        self._console.print(
            Text().append("MangaAssist", paint.ACCENT).append("  ask anything; /help for commands", paint.QUIET)
        )

    def _show_stray(self, event: Event) -> None:
        """What the server says outside of an answer."""
        match event:
            case SessionOpened():
                self._show_session(event)
            case Gap():
                self._show_turns(event.turns, event.more)
            case ErrorFrame():
                self._say(event.problem.detail, "yellow")
            case HumanMessage():
                self._console.print(
                    Text().append(f"{paint.plain(event.name)}: ", "bold").append(paint.plain(event.content))
                )
            case Handoff():
                self._say(_HANDOFFS[event.state], paint.QUIET)
            case Refused():
                self._say(event.why, "red3")
                self._leaving.set()
            case Parted():
                self._greeted = False  # what greets us next is no news
                self._suggestions = ()
                self._say(event.why, "yellow")
            case Lost():
                self._say(event.why, paint.QUIET)
            case _:
                pass

    def _show_session(self, session: SessionOpened) -> None:
        if self._greeted:
            is_another = self._shown and not session.resumed
            self._say("This is a new conversation." if is_another else "Connected again.", paint.QUIET)
            return
        self._greeted = True
        self._show_turns(session.turns)

    def _show_turns(self, turns: Sequence[SessionTurn], more: bool = False) -> None:
        """What the server remembers, in order; what is on the screen already is not shown again."""
        if more and not any(turn.response_id in self._shown for turn in turns):
            self._say("What was said before this is not shown.", paint.QUIET)
        for turn in turns:
            if turn.response_id not in self._shown:
                self._console.print(paint.past(turn))
                self._shown.add(turn.response_id)

    def _say(self, words: str, style: str) -> None:
        self._console.print(Text(paint.plain(words), style))


_HANDOFFS: Final = {
    "requested": "A person was called.",
    "joined": "A person has joined.",
    "left": "The person has left.",
}
