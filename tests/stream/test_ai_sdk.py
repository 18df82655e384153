"""R-7: the AI SDK's own stream processor shows what we say: version 7 by ``reset-step``, version 6 by ``data-correction``."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.conversation.virtual import Process

Play = Callable[[str], Awaitable[Any]]


def knows_reset(sdk: str) -> bool:
    return "ai@7" in sdk


async def test_a_page_that_knows_nothing_but_the_address_holds_a_conversation(page: Play, process: Process) -> None:
    seen = await page("talk")
    first, second = seen["shown"]
    assert (seen["status"], first["text"], second["text"]) == ("ready", "one right ", "two ")
    assert [card["asin"] for card in first["products"]] == ["B0ABCDEFGH"]
    assert first["metadata"]["intent"] == "faq"
    assert first["metadata"]["session_id"] == second["metadata"]["session_id"]
    assert [len(session.turns) for session in process.answers.sessions] == [0, 1]


async def test_a_correction_takes_the_words_back_in_place(page: Play, sdk: str) -> None:
    states = (await page("read"))["states"]
    assert "one wrong " in [state["text"] for state in states]
    last = states[-1]
    assert last["text"] == "one right "
    if knows_reset(sdk):
        assert last["streamed"] == "one right "
        assert "data-correction" not in last["kinds"]
    else:
        assert last["streamed"] == "one wrong "
        assert last["kinds"].count("data-correction") == 1
    assert last["products"]


async def test_an_answer_that_is_wanted_again_takes_the_place_of_the_other(page: Play, process: Process) -> None:
    seen = await page("regenerate")
    (answer,) = seen["shown"]
    assert answer["text"] == "one "
    assert answer["id"] != seen["before"]
    assert [message.text for message in process.answers.asked] == ["one", "one"]


async def test_a_message_that_was_edited_is_answered(page: Play) -> None:
    (answer,) = (await page("edit"))["shown"]
    assert answer["text"] == "two "


async def test_an_answer_that_fails_is_an_error_in_words_for_the_shopper(page: Play) -> None:
    seen = await page("fail")
    assert (seen["status"], seen["error"]) == ("error", "Something went wrong on our side. Please ask again.")


async def test_a_message_that_is_refused_is_an_error_too(page: Play, process: Process) -> None:
    seen = await page("refused")
    assert seen["status"] == "error"
    assert "messages[0].parts" in seen["error"]
    assert not process.answers.asked


async def test_a_page_that_is_loaded_again_in_mid_answer_shows_all_of_it(page: Play, process: Process) -> None:
    seen = await page("reload")
    assert seen["left"]["status"] == "error"
    (answer,) = seen["shown"]
    assert (seen["status"], answer["text"]) == ("ready", "one right ")
    assert answer["products"]
    assert len(process.answers.asked) == 1


async def test_a_line_that_breaks_in_mid_answer_is_taken_up_again_by_the_same_page(
    page: Play, process: Process
) -> None:
    seen = await page("line")
    first, answer = seen["shown"]
    assert (seen["status"], first["text"], answer["text"]) == ("ready", "hello ", "one right ")
    assert answer["products"]
    assert len(process.answers.asked) == 2


async def test_what_an_answer_rests_on_and_does_without_is_shown_with_it(page: Play) -> None:
    (answer,) = (await page("rests"))["shown"]
    assert [source["sourceId"] for source in answer["sources"]] == ["c1"]
    assert answer["sources"][0]["title"] == "Returns"
    assert answer["text"] == "alone right "
    assert answer["kinds"].count("data-degraded") == 1


async def test_a_page_that_comes_back_when_nothing_runs_stays_as_it_is(page: Play) -> None:
    seen = await page("nothing")
    assert (seen["status"], [answer["text"] for answer in seen["shown"]]) == ("ready", ["one "])


async def test_conversations_of_many_pages_of_which_some_are_cut_are_not_mixed(page: Play) -> None:
    talks = (await page("crowd"))["talks"]
    assert [answer["text"] for seen in talks for answer in seen["shown"]] == [
        f"{number}a {number}b right {number}c " for number in range(12)
    ]
    assert all(seen["status"] == "ready" and seen["shown"][0]["products"] for seen in talks)
