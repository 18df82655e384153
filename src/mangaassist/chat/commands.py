"""What a person may type: a question, the number of a suggestion, or a command."""

from collections.abc import Callable, Sequence
from re import compile as pattern
from typing import Final

from msgspec import Struct

from mangaassist.wire.frames import MAX_MESSAGE_CHARS
from mangaassist.wire.page import ASIN_PATTERN

HELP: Final = (
    ("/page ASIN", "be on this product's page; alone: on none"),
    ("/cart ASIN …", "have these in the cart; alone: an empty cart"),
    ("/signin USER PASSWORD", "sign in at the store (try: aiko aiko-demo)"),
    ("/again", "ask the last question again"),
    ("/stop", "stop the answer (Ctrl-C does it too)"),
    ("/new", "begin a new conversation"),
    ("/quit", "leave (Ctrl-D, or Ctrl-C at the prompt)"),
    ("1, 2, 3 …", "ask the suggested question with this number"),
)

_ASIN: Final = pattern(ASIN_PATTERN)


class Question(Struct, frozen=True):
    text: str


class Page(Struct, frozen=True):
    asin: str | None


class Cart(Struct, frozen=True):
    asins: tuple[str, ...]


class SignIn(Struct, frozen=True):
    username: str
    password: str


class Again(Struct, frozen=True):
    pass


class Stop(Struct, frozen=True):
    pass


class New(Struct, frozen=True):
    pass


class Quit(Struct, frozen=True):
    pass


class Help(Struct, frozen=True):
    pass


class Mistake(Struct, frozen=True):
    """The line asks for nothing that can be done; ``words`` say why."""

    words: str


Intention = Question | Page | Cart | SignIn | Again | Stop | New | Quit | Help | Mistake


def read(line: str, suggestions: Sequence[str] = ()) -> Intention | None:
    """What the line asks for; None for an empty one."""
    line = line.strip()
    if not line:
        return None
    if line.startswith("/"):
        name, *arguments = line.split()
        command = _COMMANDS.get(name.lower())
        return command(arguments) if command else Mistake(f"There is no {name}. Type /help for what there is.")
    if line.isascii() and line.isdigit() and 1 <= int(line[:4]) <= len(suggestions):
        return Question(suggestions[int(line) - 1])
    if len(line) > MAX_MESSAGE_CHARS:
        return Mistake(f"That is {len(line):,} characters; a message may have {MAX_MESSAGE_CHARS:,}.")
    return Question(line)


def _page(arguments: list[str]) -> Intention:
    if len(arguments) > 1:
        return Mistake("One product page at a time: /page B0ABCD1234")
    return _checked(arguments) or Page(arguments[0].upper() if arguments else None)


def _cart(arguments: list[str]) -> Intention:
    return _checked(arguments) or Cart(tuple(asin.upper() for asin in arguments[:50]))


def _checked(asins: list[str]) -> Mistake | None:
    wrong = next((asin for asin in asins if not _ASIN.match(asin.upper())), None)
    return Mistake(f"{wrong} is no ASIN. They look like B0ABCD1234.") if wrong else None


def _sign_in(arguments: list[str]) -> Intention:
    if len(arguments) != 2:
        return Mistake("Say who you are: /signin USER PASSWORD")
    return SignIn(*arguments)


_COMMANDS: Final[dict[str, Callable[[list[str]], Intention]]] = {
    "/help": lambda _: Help(),
    "/page": _page,
    "/cart": _cart,
    "/signin": _sign_in,
    "/again": lambda _: Again(),
    "/stop": lambda _: Stop(),
    "/new": lambda _: New(),
    "/quit": lambda _: Quit(),
    "/exit": lambda _: Quit(),
}
