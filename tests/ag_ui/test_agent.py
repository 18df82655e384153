"""R-10: AG-UI's own client, 1.0.0 of ``@ag-ui/client``, holds what we say, and warns of nothing that it had to pass over."""

from collections.abc import Awaitable, Callable
from typing import Any

from mangaassist import __version__
from tests.conversation.virtual import Process

Play = Callable[..., Awaitable[Any]]


def of(told: dict[str, Any], role: str) -> list[dict[str, Any]]:
    return [message for message in told["messages"] if message["role"] == role]


def texts(told: dict[str, Any]) -> list[str]:
    return [message["content"] for message in of(told, "assistant")]


async def test_a_conversation_is_streamed_corrected_in_place_and_shows_its_cards(play: Play, process: Process) -> None:
    told = await play("talk")
    assert texts(told) == ["one right ", "two "]
    assert "one wrong " in told["texts"], "what was said is seen before it is put right"
    (products,) = of(told, "activity")
    assert (products["activityType"], products["content"]["items"][0]["asin"]) == ("products", "B0ABCDEFGH")
    assert [message["role"] for message in told["messages"]] == ["user", "assistant", "activity", "user", "assistant"]
    assert (told["last"]["type"], told["last"]["outcome"]) == ("RUN_FINISHED", {"type": "success"})
    assert told["result"]["intent"] == "faq"
    assert told["warned"] == []
    assert [len(session.turns) for session in process.answers.sessions] == [0, 1]


async def test_another_run_of_the_same_message_is_another_answer(play: Play, process: Process) -> None:
    told = await play("regenerate")
    assert texts(told) == ["one "]
    assert [message.text for message in process.answers.asked] == ["one", "one"]


async def test_a_run_that_is_posted_again_is_told_again_and_answered_once(play: Play, process: Process) -> None:
    told = await play("again")
    assert told["again"]["messages"] == told["first"]["messages"]
    assert len(process.answers.asked) == 1


async def test_an_answer_that_fails_is_an_error_in_words_for_the_shopper(play: Play) -> None:
    last = (await play("fail"))["last"]
    assert (last["type"], last["code"]) == ("RUN_ERROR", "internal")
    assert last["message"] == "Something went wrong on our side. Please ask again."


async def test_what_is_refused_before_the_run_is_a_problem_that_names_the_field(play: Play) -> None:
    refused = await play("refused")
    assert refused["status"] == 400
    assert "threadId" in refused["payload"]


async def test_a_correction_keeps_what_a_client_holds_and_did_not_post(play: Play) -> None:
    told = await play("trimmed")
    assert [message["content"] for message in told["messages"]] == ["one", "one ", "two wrong", "two right "]


async def test_who_stops_a_run_hears_it_end_as_cancelled(play: Play, process: Process) -> None:
    told = await play("stop")
    assert (told["status"], texts(told)) == (204, ["one "])
    assert told["last"]["outcome"] == {"type": "cancelled"}
    assert process.answers.closed == 1


async def test_who_only_goes_away_ends_nothing_and_is_told_all_of_it_later(play: Play, process: Process) -> None:
    told = await play("abort")
    assert texts(told["left"]) == ["one "]
    assert texts(told) == ["one two "]
    assert len(process.answers.asked) == 1


async def test_a_run_whose_line_breaks_anywhere_goes_on_without_a_gap_and_nothing_twice(
    play: Play, process: Process
) -> None:
    whole, *broken = (told := await play("resume", "100000", "40", "333", "800", "1500"))["runs"]
    assert whole["asked"] == [None]
    assert texts(whole) == ["one right two three "]
    for run in broken:
        assert len(run["asked"]) > 1
        assert (run["kinds"], run["texts"]) == (whole["kinds"], whole["texts"])
    assert told["warned"] == []
    assert len(process.answers.asked) == 5


async def test_a_person_who_is_in_is_heard_and_their_words_stand_in_the_thread(play: Play, process: Process) -> None:
    async def somebody_comes(told: Any) -> None:
        ticket = told["ticket"]["ticket_id"]
        await process.desk.join(ticket, "oda", "Oda")
        await process.desk.write(ticket, "oda", "w1", "Hello, I am Oda.")

    told = await play("handoff", then=somebody_comes)
    assert [(message.get("name"), message["content"]) for message in of(told, "assistant")] == [
        (None, "one "), ("Oda", "Hello, I am Oda."),
    ]  # fmt: skip
    (handoff,) = [each for each in of(told, "activity") if each["activityType"] == "handoff"]
    assert (handoff["content"]["state"], handoff["content"]["name"]) == ("joined", "Oda")
    assert told["result"]["reason"] == "a person answers"
    assert told["warned"] == []


async def test_capabilities_are_those_that_the_protocol_names_and_say_that_runs_are_resumed(play: Play) -> None:
    told = await play("capabilities")
    assert told["transport"]["resumable"] is True
    assert told["identity"]["version"] == __version__
