"""W-3, W-4, W-9, W-10, W-14, T-8, T-13: one process answers what is said in its conversations."""

import asyncio
from typing import Any

import pytest

from mangaassist.conversation.log import LOG
from mangaassist.conversation.worker import FORGOTTEN_S
from mangaassist.errors import ServiceFailure
from mangaassist.guardrails.audit import opened
from mangaassist.testing.scripted_answers import CARD
from mangaassist.wire.frames import Correction, Done, Failed, Products, Start, Token
from tests.conversation.virtual import AIKO, Process, World, seconds


async def test_an_answer_begins_is_told_and_ends_in_one_receipt_with_numbers_without_a_gap(
    process: Process, join: Any
) -> None:
    shopper = await join(process)
    await shopper.ask("one two three card")
    assert shopper.kinds == ["start", "token", "token", "products", "done"]
    assert shopper.seqs == [1, 2, 3, 4, 5]
    start = shopper.frames[0]
    assert (start.in_reply_to, start.attempt) == ("m1", 1)
    assert "".join(token.content for token in shopper.of(Token)) == "one two three "


async def test_numbers_go_on_over_the_answers_of_a_session(process: Process, join: Any) -> None:
    shopper = await join(process)
    for message_id in "abc":
        await shopper.ask("one two", message_id)
    assert shopper.seqs == list(range(1, len(shopper.seqs) + 1))


async def test_the_first_piece_leaves_at_once_and_the_next_ones_together(process: Process, join: Any) -> None:
    shopper = await join(process)
    await shopper.ask("one two three pause four five")
    assert [token.content for token in shopper.of(Token)] == ["one ", "two three ", "four five "]


async def test_an_answer_uses_at_most_256_numbers_however_long_it_is(process: Process, join: Any) -> None:
    shopper = await join(process)
    await shopper.ask("wrong pause " * 900)
    assert len(shopper.frames) <= 256
    assert "".join(token.content for token in shopper.of(Token)) == "wrong " * 900
    assert shopper.transcript(shopper.frames[0].response_id).text == "right " * 900


async def test_a_saved_turn_is_what_the_shopper_saw(process: Process, world: World, join: Any) -> None:
    shopper = await join(process)
    await shopper.ask("one wrong card")
    saved = await world.sessions.load(shopper.conversation.session_id)
    assert saved is not None
    (turn,) = saved.turns
    assert (turn.message, turn.answer) == ("one wrong card", "one right ")
    assert turn.products == (CARD,)
    assert (turn.attempt, turn.intent, turn.stopped) == (1, "faq", False)
    assert turn.last_seq == shopper.frames[-1].seq
    assert turn.metadata == shopper.of(Done)[0].metadata


async def test_the_audit_knows_whose_answer_it_was_and_what_it_showed(
    process: Process, world: World, join: Any
) -> None:
    shopper = await join(process, None, AIKO)
    answer = await shopper.ask("wrong card")
    for entry in world.audit.kept:
        assert (entry.session_id, entry.response_id) == (shopper.conversation.session_id, answer.response_id)
        assert (entry.customer_id, entry.asins, entry.seq) == ("aiko", (CARD.asin,), 2)
    assert [entry.stage for entry in world.audit.kept] == ["prices", "shown"]
    assert world.audit.kept[1].replacement == f"{CARD.asin} {CARD.price}"


async def test_an_answer_that_showed_no_price_and_needed_no_guardrail_leaves_nothing_in_the_audit(
    process: Process, world: World, join: Any
) -> None:
    await (await join(process)).ask("one two")
    assert world.audit.kept == []


# ---- resends: W-3


async def test_a_message_is_answered_once_however_often_it_is_sent(process: Process, join: Any) -> None:
    shopper = await join(process)
    assert (await shopper.say("one pause two")).verdict == "taken"
    assert (await shopper.say("one pause two")).verdict == "repeated"
    await shopper.answer()
    assert (await shopper.say("one pause two")).verdict == "repeated"
    await shopper.ask("next", "m2")
    assert len(process.answers.asked) == 2


async def test_a_resend_after_many_turns_is_told_again_from_what_was_saved(process: Process, join: Any) -> None:
    shopper = await join(process)
    first = await shopper.ask("one wrong card", "m0")
    for number in range(1, 14):
        await shopper.ask("other", f"m{number}")
    again = await shopper.ask("one wrong card", "m0")
    assert len(process.answers.asked) == 14
    assert again.response_id == first.response_id
    assert (again.text, again.products, again.metadata) == (first.text, first.products, first.metadata)
    assert shopper.of(Start)[-1].in_reply_to == "m0"


async def test_an_old_id_with_other_words_is_refused_and_the_old_answer_stands(process: Process, join: Any) -> None:
    shopper = await join(process)
    first = await shopper.ask("one", "m0")
    for number in range(1, 5):
        await shopper.ask("other", f"m{number}")
    refused = await shopper.ask("quite another thing", "m0")
    assert refused.problem is not None
    assert refused.problem.code == "id_reused"
    assert refused.response_id != first.response_id
    assert len(process.answers.asked) == 5


async def test_what_waits_is_answered_right_behind_the_answer_before_it(process: Process, join: Any) -> None:
    shopper = await join(process)
    await shopper.say("one pause", "m0")
    await shopper.say("two", "m1")
    await shopper.answer()
    over = asyncio.get_running_loop().time()
    await shopper.answer()
    assert asyncio.get_running_loop().time() - over < 0.5  # and not when somebody sweeps


async def test_a_fourth_message_that_waits_is_refused(process: Process, join: Any) -> None:
    shopper = await join(process)
    await shopper.say("one pause", "m0")
    verdicts = [(await shopper.say("next", f"m{number}")).verdict for number in range(1, 5)]
    assert verdicts == ["taken", "taken", "taken", "busy"]
    for _ in range(4):
        await shopper.answer()
    assert [start.in_reply_to for start in shopper.of(Start)] == ["m0", "m1", "m2", "m3"]


# ---- stop: T-8, W-14


async def test_a_stop_reaches_what_the_writer_waits_for_at_once_and_what_was_said_is_saved(
    process: Process, world: World, join: Any
) -> None:
    shopper = await join(process)
    await shopper.say("one two card forever three")
    await shopper.hears(Token, 2)
    began = asyncio.get_running_loop().time()
    await shopper.conversation.stop()
    answer = await shopper.answer()
    assert asyncio.get_running_loop().time() - began < 0.001
    assert process.answers.closed == 1
    assert (answer.text, answer.products) == ("one two ", ())
    assert answer.metadata is not None
    assert answer.metadata.stopped
    saved = await world.sessions.load(shopper.conversation.session_id)
    assert saved is not None
    assert (saved.turns[0].answer, saved.turns[0].stopped) == ("one two ", True)


async def test_a_stop_right_behind_its_message_is_honoured(process: Process, join: Any) -> None:
    for number in range(20):
        shopper = await join(process)
        await shopper.say("forever")
        for _ in range(number):
            await asyncio.sleep(0)
        await shopper.conversation.stop()
        answer = await shopper.answer()
        assert answer.metadata is not None
        assert answer.metadata.stopped


async def test_a_message_that_is_stopped_while_it_waits_is_never_answered(process: Process, join: Any) -> None:
    shopper = await join(process)
    await shopper.say("one pause", "m0")
    await shopper.say("two", "m1")
    await shopper.conversation.stop("m1")
    first, second = await shopper.answer(), await shopper.answer()
    assert first.text == "one "
    assert second.text == ""
    assert second.metadata is not None
    assert second.metadata.stopped
    assert [message.message_id for message in process.answers.asked] == ["m0"]


async def test_a_stop_ends_one_answer_and_not_the_next(process: Process, join: Any) -> None:
    shopper = await join(process)
    await shopper.say("forever", "m0")
    await shopper.say("two", "m1")
    await shopper.conversation.stop()
    await shopper.answer()
    assert (await shopper.answer()).text == "two "


# ---- when something fails


async def test_an_answer_that_breaks_ends_visibly_without_internals_and_the_next_one_is_answered(
    process: Process, join: Any
) -> None:
    shopper = await join(process)
    broken = await shopper.ask("one boom", "m0")
    assert broken.problem is not None
    assert broken.problem.code == "internal"
    assert "purpose" not in broken.problem.detail
    assert (await shopper.ask("two", "m1")).text == "two "


async def test_who_is_turned_away_is_told_in_words_and_may_ask_the_same_again(process: Process, join: Any) -> None:
    shopper = await join(process)
    turned_away = await shopper.ask("crowd", "m0")
    assert turned_away.problem is not None
    assert (turned_away.problem.status, turned_away.problem.code) == (503, "overloaded")
    assert "busy" in turned_away.problem.detail


class Away:
    """A port that is away as long as it is told to be. ``methods``: those that are asked in vain, between spaces."""

    def __init__(self, port: Any, methods: str, service: str) -> None:
        self._port, self._methods, self._service = port, methods.split(), service
        self.is_away = True

    def __getattr__(self, name: str) -> Any:
        if name not in self._methods:
            return getattr(self._port, name)

        async def tried(*given: Any, **more: Any) -> Any:
            if self.is_away:
                raise ServiceFailure(self._service, "unreachable")
            return await getattr(self._port, name)(*given, **more)

        return tried


def lay_between(process: Process, **ports: Any) -> None:
    """Put something between a process and its ports."""
    from msgspec.structs import replace

    process.dispatcher._shared = replace(process.shared, **ports)


async def test_what_cannot_be_saved_is_not_called_done_and_shows_no_cards(
    process: Process, world: World, join: Any
) -> None:
    lay_between(process, sessions=Away(world.sessions, "commit", "sessions"))
    shopper = await join(process)
    answer = await shopper.ask("one wrong card")
    assert answer.problem is not None
    assert answer.problem.code == "unsaved"
    assert not shopper.of(Done)
    assert not shopper.of(Products)
    assert [entry.stage for entry in world.audit.kept] == ["prices", "shown"]
    assert answer.text == "one right "


async def test_a_store_that_comes_back_in_time_costs_patience_and_nothing_else(
    process: Process, world: World, join: Any
) -> None:
    away = Away(world.sessions, "commit", "sessions")
    lay_between(process, sessions=away)
    shopper = await join(process)
    await shopper.say("one card")
    await asyncio.sleep(8)
    assert not shopper.of(Done)
    away.is_away = False
    assert (await shopper.answer()).products == (CARD,)


async def test_what_cannot_be_audited_is_not_called_done_but_put_right_all_the_same(
    process: Process, world: World, join: Any
) -> None:
    lay_between(process, audit=Away(world.audit, "append", "audit"))
    shopper = await join(process)
    answer = await shopper.ask("one wrong")
    assert answer.problem is not None
    assert answer.text == "one right "
    assert (await world.sessions.load(shopper.conversation.session_id)).turns == ()


LOG_AWAY_S = 20


@pytest.fixture
async def away(process: Process) -> Away:
    """The log of a process, which is away while an answer is written; what is offered still reaches it at first."""
    log = Away(process.log, "offer claim append renew", LOG)
    lay_between(process, log=log)
    return log


async def test_a_message_that_the_log_has_forgotten_when_it_is_back_is_offered_to_it_again(
    process: Process, world: World, join: Any, away: Away
) -> None:
    shopper = await join(process)
    await shopper.say("one card")
    await asyncio.sleep(LOG_AWAY_S)
    world.journal.reboot(entries=False)
    world.slots.forget_all()
    away.is_away = False
    answer = await shopper.answer()
    assert (answer.text, answer.products) == ("one ", (CARD,))
    assert len(shopper.receipts) == 1
    assert [start.attempt for start in shopper.of(Start)] == [2]


async def test_a_message_that_the_log_has_kept_is_answered_once_when_it_is_back(
    process: Process, join: Any, away: Away
) -> None:
    shopper = await join(process)
    await shopper.say("one card")
    await asyncio.sleep(LOG_AWAY_S)
    away.is_away = False
    assert (await shopper.answer()).text == "one "
    await asyncio.sleep(60)
    assert len(shopper.receipts) == 1


async def test_who_waits_for_a_log_that_is_away_does_not_hold_up_the_leaving(
    process: Process, join: Any, away: Away
) -> None:
    shopper = await join(process)
    await shopper.say("one")
    await asyncio.sleep(LOG_AWAY_S)
    began = seconds()
    await process.does(process.dispatcher.drain(60))
    assert seconds() - began < 3


async def test_a_message_is_not_offered_for_ever_to_a_log_that_stays_away(
    process: Process, join: Any, away: Away
) -> None:
    shopper = await join(process)
    await shopper.say("one")
    await asyncio.sleep(LOG_AWAY_S)
    assert process.dispatcher.at_work
    await asyncio.sleep(FORGOTTEN_S)
    assert not process.dispatcher.at_work


class Noted:
    """A port whose calls are noted in the order in which they are over."""

    def __init__(self, port: Any, notes: list[str], method: str, note: str) -> None:
        self._port, self._notes, self._method, self._note = port, notes, method, note

    def __getattr__(self, name: str) -> Any:
        if name != self._method:
            return getattr(self._port, name)

        async def noted(*given: Any) -> Any:
            done = await getattr(self._port, name)(*given)
            self._notes.append(self._note)
            return done

        return noted


async def test_audit_then_corrections_then_the_save_then_cards_and_done_in_one_step(
    process: Process, world: World, join: Any
) -> None:
    notes: list[str] = []
    log = process.log

    class Appends(Noted):
        async def append(self, lease: Any, frames: tuple[bytes, ...], ack: str | None = None) -> Any:
            notes.append("+".join(frame.split(b'"')[3].decode() for frame in frames) + (" ack" if ack else ""))
            return await log.append(lease, frames, ack)

    lay_between(
        process,
        log=Appends(log, notes, "", ""),
        sessions=Noted(world.sessions, notes, "commit", "saved"),
        audit=Noted(world.audit, notes, "append", "audited"),
    )
    shopper = await join(process)
    await shopper.ask("one wrong card")
    assert notes == ["start+token", "token", "audited", "correction", "saved", "products+done ack"]


async def test_a_store_that_is_away_before_anything_was_said_is_told_as_one_answer_that_failed(
    process: Process, world: World, join: Any
) -> None:
    lay_between(process, sessions=Away(world.sessions, "turn", "sessions"))
    shopper = await join(process)
    for number in range(11):
        await shopper.ask("one", f"m{number}")
    failed = await shopper.ask("two", "m11")
    assert failed.problem is not None
    assert failed.problem.code == "unsaved"
    assert [frame.in_reply_to for frame in shopper.of(Start)][-1] == "m11"
    assert shopper.kinds[-2:] == ["start", "failed"]
    assert shopper.of(Start)[-1].response_id == failed.response_id


async def test_an_answer_goes_on_when_nobody_listens_and_is_there_for_the_return(process: Process, join: Any) -> None:
    shopper = await join(process)
    await shopper.say("one pause two")
    await shopper.hears(Start)
    await shopper.hang_up()
    await asyncio.sleep(5)
    back = await join(process, shopper.conversation.session_id, after=1)
    assert back.resumed
    answer = await back.answer()
    assert "".join(token.content for token in back.of(Token)) == "one two "
    assert answer.metadata is not None


async def test_a_correction_takes_back_the_words_that_were_wrong(process: Process, join: Any) -> None:
    shopper = await join(process)
    answer = await shopper.ask("so wrong pause it was")
    (correction,) = shopper.of(Correction)
    assert correction.stage == "prices"
    assert answer.text == "so right it was "
    assert answer.metadata is not None
    assert answer.metadata.corrections == 1


async def test_three_corrected_answers_of_a_session_raise_an_alarm(process: Process, join: Any) -> None:
    shopper = await join(process)
    for number in range(3):
        await shopper.ask("so wrong it was", f"m{number}")
    alarms = process.shared.metrics.registry.get_sample_value("mangaassist_session_alarms_total")
    assert alarms == 1


async def test_personal_data_reaches_neither_inbox_nor_store_nor_orchestrator(
    process: Process, world: World, join: Any
) -> None:
    shopper = await join(process)
    await shopper.say("pause write to bob@example.com")
    kept = world.journal.load(shopper.conversation.session_id)
    assert kept is not None
    assert b"bob@example" not in kept.inbox[0].body
    answer = await shopper.answer()
    assert "[REDACTED]" in answer.text
    assert "bob@example" not in process.answers.asked[0].text
    saved = await world.sessions.load(shopper.conversation.session_id)
    assert "bob@example" not in saved.turns[0].message
    (entry,) = world.audit.kept
    assert entry.original == "[EMAIL]"
    assert opened(entry, world.audit.seal).original == "bob@example.com"


async def test_a_receipt_empties_the_inbox(process: Process, world: World, join: Any) -> None:
    shopper = await join(process)
    await shopper.ask("one")
    kept = world.journal.load(shopper.conversation.session_id)
    assert kept is not None
    assert kept.inbox == ()


@pytest.mark.parametrize("text", ["boom", "crowd"])
async def test_every_start_has_one_receipt(process: Process, join: Any, text: str) -> None:
    shopper = await join(process)
    await shopper.ask(text)
    assert len(shopper.of(Start)) == len(shopper.of(Failed)) == 1
