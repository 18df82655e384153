"""The terminal client against a server on a real socket."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from rich.console import Console

from mangaassist.chat import paint, terminal
from mangaassist.chat.answer import Answer
from mangaassist.chat.line import Backoff
from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.frames import (
    Actions,
    Authenticate,
    Correction,
    Degraded,
    ErrorFrame,
    HumanMessage,
    Navigate,
    Products,
    SessionTurn,
    Stop,
    Suggestions,
    Token,
)
from mangaassist.wire.metadata import Source
from mangaassist.wire.page import PageContext
from mangaassist.wire.problems import problem

CARD = ProductCard(
    asin="B0AAAA0001", title="Vinland Saga, Vol. 1", author="Makoto Yukimura", format="Hardcover", price="$19.79",
    currency="USD", list_price="$21.99", availability="In stock", rating=4.8, review_count=2314, image_url="",
    url="http://shop.test/p/B0AAAA0001", reason="Slow and grounded.",
)  # fmt: skip


def text_of(screen: Console) -> str:
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


async def reads(screen: Console, words: str) -> None:
    """Wait until the words are on the screen."""
    async with asyncio.timeout(60):
        while words not in text_of(screen):
            await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def chatting(assistant: Any, typist: Any, screen: Console) -> AsyncIterator[asyncio.Task[int]]:
    task = asyncio.create_task(terminal.chat(assistant.url, "http://127.0.0.1:9", None, None, screen, typist))
    await assistant.is_connected()
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_one_question_is_answered_and_the_exit_code_says_so(assistant: Any, screen: Console) -> None:
    asking = asyncio.create_task(terminal.ask(assistant.url, "When do you ship?", None, None, screen))
    asked = await assistant.answers("Within ", "two days.")
    assert await asking == 0
    assert asked.message == "When do you ship?"
    assert "Within two days." in text_of(screen)
    assert "faq · small · first token 12 ms · 31 ms in all" in text_of(screen)


async def test_no_server_is_one_clear_line_and_exit_code_one(screen: Console, unused_tcp_port: int) -> None:
    code = await terminal.ask(f"http://127.0.0.1:{unused_tcp_port}", "Hello?", None, None, screen)
    assert code == 1
    said = " ".join(text_of(screen).split())
    assert said == f"No assistant answers at http://127.0.0.1:{unused_tcp_port}. Start one with: mangaassist run"


async def test_a_refused_token_is_one_clear_line(assistant: Any, screen: Console) -> None:
    assistant.refuse_with = 401
    assert await terminal.ask(assistant.url, "Hello?", "stale", None, screen) == 1
    assert "does not accept this token" in text_of(screen)
    assert assistant.tokens == ["Bearer stale"]


async def test_an_answer_that_fails_is_worded_and_exits_with_one(assistant: Any, screen: Console) -> None:
    asking = asyncio.create_task(terminal.ask(assistant.url, "Hello?", None, None, screen))
    asked = await assistant.hears()
    await assistant.tells(ErrorFrame(problem=problem(500, "internal", "Please ask again."), in_reply_to=asked.id))
    assert await asking == 1
    assert "Please ask again." in text_of(screen)


@pytest.mark.usefixtures("chatting")
async def test_what_a_correction_takes_back_is_shown_beside_what_replaces_it(
    assistant: Any, typist: Any, screen: Console
) -> None:
    await typist.types("How much is it?")
    await assistant.begins(await assistant.hears())
    await assistant.writes("It costs ", "$9.", "99", " today.")
    await assistant.says(Correction(response_id="r1", replace_seq=3, through_seq=4, content="$12.49", stage="price"))
    await assistant.ends(corrections=1)
    await typist.sees_prompt()
    assert "It costs $9.99 $12.49 today." in text_of(screen)
    assert "1 corrected" in text_of(screen)


@pytest.mark.usefixtures("chatting")
async def test_cards_buttons_sources_and_notices_drop_in_after_the_text(
    assistant: Any, typist: Any, screen: Console
) -> None:
    await typist.types("Something like Vagabond?")
    await assistant.begins(await assistant.hears())
    await assistant.says(Degraded(response_id="r1", service="reviews", fallback="ratings are left out"))
    await assistant.writes("Try **this**.")
    await assistant.says(Products(response_id="r1", items=(CARD,)))
    await assistant.says(Actions(response_id="r1", buttons=(Button(label="Talk to a person", type="talk_to_human"),)))
    source = Source(chunk_id="c", title="Quiet epics", source_type="editorial", score=1)
    await assistant.ends(sources=(source, source))
    await typist.sees_prompt()
    shown = text_of(screen)
    for expected in ("Ratings are missing", "Try this.", "Vinland Saga, Vol. 1", "$19.79", "$21.99", "In stock"):
        assert expected in shown
    for expected in ("Slow and grounded.", "B0AAAA0001", "4.8", "2,314", "Talk to a person"):
        assert expected in shown
    assert shown.count("Quiet epics (editorial)") == 1
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.usefixtures("chatting")
async def test_the_number_of_a_suggestion_asks_it(assistant: Any, typist: Any) -> None:
    await typist.types("Hello")
    await assistant.begins(await assistant.hears())
    await assistant.writes("Hi.")
    await assistant.says(Suggestions(response_id="r1", items=("What's new?", "Where is my order?")))
    await assistant.ends()
    await typist.types("2")
    assert (await assistant.hears()).message == "Where is my order?"


@pytest.mark.usefixtures("chatting")
async def test_page_and_cart_are_told_at_once_and_go_with_every_message(assistant: Any, typist: Any) -> None:
    await typist.types("/page b0aaaa0001")
    assert await assistant.hears(Navigate) == Navigate(PageContext(current_asin="B0AAAA0001"))
    await typist.types("/cart B0AAAA0002 B0AAAA0003")
    await assistant.hears(Navigate)
    await typist.types("Is it in stock?")
    everything = PageContext(current_asin="B0AAAA0001", cart_asins=("B0AAAA0002", "B0AAAA0003"))
    assert (await assistant.hears()).page_context == everything


@pytest.mark.usefixtures("chatting")
async def test_a_lost_line_is_resumed_and_the_answer_goes_on(assistant: Any, typist: Any, screen: Console) -> None:
    await typist.types("Tell me a story")
    asked = await assistant.hears()
    await assistant.begins(asked)
    await assistant.writes("Once upon ")
    await assistant.drops()
    await assistant.writes("a time.")
    await assistant.ends()
    await assistant.is_connected()
    await typist.sees_prompt()
    assert assistant.queries[1] == {"session_id": "s_first", "last_seq": "2", "epoch": "e1"}
    assert "Once upon a time." in text_of(screen)


@pytest.mark.usefixtures("chatting")
async def test_an_unanswered_message_is_sent_again_under_its_id(assistant: Any, typist: Any) -> None:
    await typist.types("Are you there?")
    first = await assistant.hears()
    await assistant.drops()
    assert await assistant.hears() == first


@pytest.mark.usefixtures("chatting")
async def test_an_answered_message_is_not_sent_again(assistant: Any, typist: Any) -> None:
    await typist.types("Are you there?")
    await assistant.answers("Yes.")
    await typist.sees_prompt()
    await assistant.drops()
    await assistant.is_connected()
    await typist.types("/page")
    assert isinstance(await assistant.hears(object), Navigate)


@pytest.mark.usefixtures("chatting")
async def test_a_failed_answer_is_a_receipt_too(assistant: Any, typist: Any) -> None:
    await typist.types("Are you there?")
    await assistant.begins(await assistant.hears())
    await assistant.fails("I could not.")
    await typist.sees_prompt()
    await assistant.drops()
    await assistant.is_connected()
    await typist.types("/page")
    assert isinstance(await assistant.hears(object), Navigate)


@pytest.mark.usefixtures("chatting")
async def test_an_answer_that_begins_again_leaves_nothing_of_what_it_had_said(
    assistant: Any, typist: Any, screen: Console
) -> None:
    await typist.types("How much is it?")
    asked = await assistant.hears()
    await assistant.begins(asked)
    await assistant.says(Degraded(response_id="r1", service="pricing", fallback="x"))
    await assistant.writes("It costs $9.99.")
    await assistant.begins(asked, attempt=2)
    await assistant.writes("It costs ", "$12.49.")
    await assistant.ends()
    await typist.sees_prompt()
    shown = text_of(screen)
    assert "It costs $12.49." in shown
    assert "$9.99" not in shown
    assert "could not be confirmed" not in shown


@pytest.mark.usefixtures("chatting")
async def test_a_failed_answer_says_why_and_can_be_asked_again_under_a_new_id(
    assistant: Any, typist: Any, screen: Console
) -> None:
    await typist.types("How much is it?")
    first = await assistant.hears()
    await assistant.begins(first)
    await assistant.writes("It costs ")
    await assistant.fails("I couldn't save this answer.")
    await typist.sees_prompt()
    assert "I couldn't save this answer." in text_of(screen)
    assert "/again asks it once more." in text_of(screen)
    await typist.types("/again")
    second = await assistant.answers("$9.99.", response_id="r2")
    assert second.message == first.message
    assert second.id != first.id
    await typist.sees_prompt()
    assert "$9.99." in text_of(screen)


async def test_one_question_that_fails_is_worded_and_exits_with_one(assistant: Any, screen: Console) -> None:
    asking = asyncio.create_task(terminal.ask(assistant.url, "Hello?", None, None, screen))
    await assistant.begins(await assistant.hears())
    await assistant.fails("I couldn't save this answer.")
    assert await asking == 1
    assert text_of(screen).count("I couldn't save this answer.") == 1


@pytest.mark.usefixtures("chatting")
async def test_a_gap_is_shown_in_order_without_what_is_on_the_screen_already(
    assistant: Any, typist: Any, screen: Console
) -> None:
    await typist.types("Hello")
    asked = await assistant.answers("Good evening.", response_id="r1")
    await typist.sees_prompt()
    assistant.turns = (
        SessionTurn(response_id="r1", in_reply_to=asked.id, message="Hello", answer="Good evening."),
        SessionTurn(response_id="r2", in_reply_to="m2", message="Any news?", answer="Three volumes."),
        SessionTurn(
            response_id="r3", in_reply_to="m3", message="Which?", answer="", problem=problem(500, "x", "Failed.")
        ),
    )
    assistant.forgets()
    await assistant.drops()
    await reads(screen, "Failed.")
    shown = text_of(screen)
    assert shown.count("Good evening.") == 1
    assert shown.index("Any news?") < shown.index("Three volumes.") < shown.index("Which?") < shown.index("Failed.")
    await assistant.drops()
    await assistant.is_connected()
    assert assistant.queries[-1]["last_seq"] == str(assistant.forgotten_through)


@pytest.mark.usefixtures("chatting")
async def test_a_gap_that_holds_the_answer_that_is_waited_for_ends_the_wait(
    assistant: Any, typist: Any, screen: Console
) -> None:
    await typist.types("Tell me a story")
    asked = await assistant.hears()
    await assistant.begins(asked)
    await assistant.writes("Once upon ")
    assistant.turns = (
        SessionTurn(
            response_id="r1", in_reply_to=asked.id, message=asked.message, answer="A whole story.", products=(CARD,)
        ),
    )
    assistant.epoch = "e2"
    assistant.forgets()
    await assistant.drops()
    await typist.sees_prompt()
    shown = text_of(screen)
    assert "A whole story." in shown
    assert "Vinland Saga, Vol. 1" in shown
    assert "Once upon" not in shown
    await typist.types("/page")
    assert isinstance(await assistant.hears(object), Navigate)  # and nothing was sent again
    await assistant.drops()
    await assistant.is_connected()
    assert assistant.queries[-1]["epoch"] == "e2"


@pytest.mark.usefixtures("chatting")
async def test_a_gap_that_is_lost_is_asked_for_again(assistant: Any, typist: Any, screen: Console) -> None:
    await typist.types("Hello")
    asked = await assistant.answers("Good evening.", response_id="r1")
    await typist.sees_prompt()
    assistant.turns = (
        SessionTurn(response_id="r1", in_reply_to=asked.id, message="Hello", answer="Good evening."),
        SessionTurn(response_id="r2", in_reply_to="m2", message="Any news?", answer="Three volumes."),
    )
    assistant.forgets()
    assistant.epoch, assistant.dies_before_gap = "e2", True
    await assistant.drops()
    await reads(screen, "Three volumes.")
    place = {"session_id": "s_first", "last_seq": "3", "epoch": "e1"}
    assert assistant.queries[1:] == [place, place]


@pytest.mark.usefixtures("chatting")
async def test_a_stop_that_the_line_lost_is_sent_again_after_its_message(assistant: Any, typist: Any) -> None:
    await typist.types("Tell me everything")
    asked = await assistant.hears()
    await assistant.begins(asked)
    await assistant.writes("First, ")
    typist.hears_typing("/stop")
    await assistant.hears(Stop)
    await assistant.drops()
    assert await assistant.hears(object) == asked
    assert await assistant.hears(object) == Stop(asked.id)


@pytest.mark.usefixtures("chatting")
async def test_a_conversation_that_became_somebody_elses_is_left_for_a_new_one(
    assistant: Any, typist: Any, screen: Console
) -> None:
    await typist.types("Hello")
    await assistant.answers("Good evening.")
    await typist.sees_prompt()
    assistant.session_id, assistant.kept, assistant.last_seq = "s_other", [], 0
    await assistant.drops(4403)
    await reads(screen, "You are in a new one.")
    await assistant.is_connected()
    assert assistant.queries[1] == {}
    await typist.types("Still there?")
    await assistant.answers("Yes.", response_id="r2")
    await typist.sees_prompt()
    shown = text_of(screen)
    assert "now belongs to somebody who signed in" in shown
    assert shown.count("new conversation") == 0
    assert "Yes." in shown


@pytest.mark.usefixtures("chatting")
async def test_an_unanswered_message_moves_along_into_the_new_conversation(assistant: Any, typist: Any) -> None:
    await typist.types("Are you there?")
    asked = await assistant.hears()
    assistant.session_id = "s_other"
    await assistant.drops(4403)
    assert await assistant.hears() == asked


@pytest.mark.parametrize("code", [1012, 1013])
@pytest.mark.usefixtures("chatting")
async def test_a_server_that_goes_away_is_sought_again(assistant: Any, typist: Any, code: int) -> None:
    await assistant.drops(code)
    await assistant.is_connected()
    await typist.types("Are you there?")
    await assistant.answers("Yes.")
    await typist.sees_prompt()


def test_each_try_that_comes_to_nothing_is_followed_by_a_longer_wait() -> None:
    backoff = Backoff(jitter=lambda: 1.0)
    waits = [backoff.after(lasted_s=0.1) for _ in range(9)]
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]
    assert backoff.after(lasted_s=60.0) == 0.25
    assert backoff.after(lasted_s=0.1) == 0.5


def test_the_server_says_when_to_come_back_and_chance_keeps_clients_apart() -> None:
    assert Backoff(jitter=lambda: 1.0).after(lasted_s=60.0, comeback_s=3.0) == 3.0
    assert Backoff(jitter=lambda: 0.5).after(lasted_s=60.0, comeback_s=3.0) == 1.5
    assert Backoff(jitter=lambda: 1.5).after(lasted_s=0.0) == 0.375


async def test_ctrl_c_stops_the_answer_first_and_leaves_second(assistant: Any, typist: Any, screen: Console) -> None:
    chatting = asyncio.create_task(terminal.chat(assistant.url, "", None, None, screen, typist))
    await typist.types("Tell me everything")
    await assistant.begins(await assistant.hears())
    await assistant.writes("First, ")
    os.kill(os.getpid(), signal.SIGINT)
    await assistant.hears(Stop)
    await assistant.ends(stopped=True)
    await typist.sees_prompt()
    os.kill(os.getpid(), signal.SIGINT)
    assert await asyncio.wait_for(chatting, 60) == 0
    assert "stopped" in text_of(screen)
    assert "mangaassist chat --session s_first" in text_of(screen)


@pytest.mark.usefixtures("chatting")
async def test_stop_can_be_typed_while_the_answer_is_written(assistant: Any, typist: Any) -> None:
    await typist.types("Tell me everything")
    asked = await assistant.hears()
    await assistant.begins(asked)
    typist.hears_typing("/stop")
    assert await assistant.hears(Stop) == Stop(asked.id)


@pytest.mark.usefixtures("chatting")
async def test_new_leaves_the_session_behind_and_says_so_once(assistant: Any, typist: Any, screen: Console) -> None:
    await assistant.is_connected()
    assistant.connected.clear()
    await typist.types("/new")
    await assistant.is_connected()
    assert assistant.paths[-1] == "/ws"
    await typist.types("Hello")
    await assistant.answers("Hi.")
    await typist.sees_prompt()
    assert text_of(screen).count("new conversation") == 1


async def test_a_conversation_that_is_taken_up_again_is_shown(assistant: Any, typist: Any, screen: Console) -> None:
    assistant.turns = (SessionTurn(response_id="r0", in_reply_to="m0", message="Hello", answer="Good evening."),)
    chatting = asyncio.create_task(terminal.chat(assistant.url, "", None, "s_first", screen, typist))
    await typist.types("/quit")
    await chatting
    assert assistant.queries == [{"session_id": "s_first"}]
    assert "Good evening." in text_of(screen)


@pytest.mark.usefixtures("chatting")
async def test_a_person_who_writes_is_heard_at_the_prompt(assistant: Any, typist: Any, screen: Console) -> None:
    await assistant.says(HumanMessage(name="Mina", content="I can help."))
    await typist.types("/help")
    await typist.sees_prompt()
    assert "Mina: I can help." in text_of(screen)


@pytest.mark.usefixtures("chatting")
async def test_what_comes_over_the_network_cannot_steer_the_terminal(
    assistant: Any, typist: Any, screen: Console
) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202e[bold]safe[/bold]"
    await typist.types("Hello")
    await assistant.begins(await assistant.hears())
    await assistant.writes(evil)
    hostile = ProductCard(
        asin=evil, title=evil, author=evil, format=evil, price=evil, currency=evil, image_url=evil, url=evil, reason=evil,
        list_price=evil, availability=evil,
    )  # fmt: skip
    await assistant.says(
        Products(response_id="r1", items=(hostile,)),
        Actions(response_id="r1", buttons=(Button(label=evil, type="open_url", url=evil),)),
        Suggestions(response_id="r1", items=(evil,)),
        Degraded(response_id="r1", service=evil, fallback=evil),
    )
    await assistant.ends(sources=(Source(chunk_id="c", title=evil, source_type=evil, score=1),), tier=evil)
    await typist.sees_prompt()
    shown = text_of(screen)
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "\u202e" not in shown
    assert "[bold]safe[/bold]" in shown


@pytest_asyncio.fixture
async def store() -> AsyncIterator[str]:
    """The store's identity provider: knows aiko."""

    async def token(request: web.Request) -> web.Response:
        asked = await request.json()
        known = asked == {"username": "aiko", "password": "aiko-demo"}
        return (
            web.json_response({"access_token": "t-aiko", "token_type": "Bearer"}) if known else web.Response(status=401)
        )

    app = web.Application()
    app.router.add_post("/auth/token", token)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_signing_in_takes_the_conversation_along(
    assistant: Any, typist: Any, screen: Console, store: str
) -> None:
    chatting = asyncio.create_task(terminal.chat(assistant.url, store, None, None, screen, typist))
    await typist.types("/signin aiko wrong")
    await typist.types("/signin aiko aiko-demo")
    assert await assistant.hears(Authenticate) == Authenticate("t-aiko")
    await assistant.drops()
    await assistant.is_connected()
    assert assistant.tokens == [None, "Bearer t-aiko"]
    await typist.types(None)
    assert await chatting == 0
    assert "does not know this user" in text_of(screen)


def test_a_growing_answer_never_outgrows_the_screen_that_repaints_it() -> None:
    screen = Console(file=io.StringIO(), width=80, height=24)
    growing = paint.Growing(Answer())
    growing.shown.apply(Token(response_id="r1", seq=1, content="\n".join(f"Line {n}." for n in range(200))))
    lines = ["".join(segment.text for segment in line) for line in screen.render_lines(growing)]
    assert len(lines) < 24
    assert "Line 199." in lines[-2]


async def test_a_blank_question_is_refused_before_anybody_is_called(assistant: Any, screen: Console) -> None:
    assert await terminal.ask(assistant.url, "   ", None, None, screen) == 1
    assert assistant.paths == []
