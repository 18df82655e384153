"""W-12, G-1: what waits in an inbox can be answered by every process of the store, and be read by nobody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from mangaassist.conversation.entries import KEY_BYTES, Sealer, digest_of, entry_of, message_of
from mangaassist.domain.customers import Identity
from mangaassist.errors import StartFailed
from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.turn.stages import Message
from mangaassist.wire.page import PageContext

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
PHONE = Finding(stage="pii", verdict=Verdict.CHANGE, kind="PHONE", original="415-555-2671", replacement="[REDACTED]")
WORD = Finding(stage="toxicity", verdict=Verdict.CHANGE, kind="insult", original="idiot", replacement="")
MESSAGE = Message(
    message_id="m1",
    response_id="r1",
    text="where is my order?",
    identity=Identity("aiko", "a token", datetime(2026, 11, 25, 13, tzinfo=UTC)),
    page=PageContext(current_asin="B0BERSERK1"),
    at=AT,
    digest=digest_of("where is my order?"),
    findings=(WORD,),
    blocked="injection",
    traceparent="00-trace",
)


def sealer(letter: bytes = b"k") -> Sealer:
    return Sealer(letter * KEY_BYTES)


def test_a_message_that_waited_is_the_one_that_was_said() -> None:
    entry = entry_of(MESSAGE, sealer())
    assert message_of(entry, sealer()) == MESSAGE
    assert (entry.message_id, entry.response_id, entry.asker, entry.digest) == ("m1", "r1", "aiko", MESSAGE.digest)
    assert message_of(entry, sealer()).identity.expires_at == datetime(2026, 11, 25, 13, tzinfo=UTC)


def test_a_guests_message_waits_without_a_token() -> None:
    guest = Message(message_id="m", response_id="r", text="hi", identity=Identity(), page=PageContext(), at=AT)
    assert message_of(entry_of(guest, sealer()), sealer()) == guest


def test_no_token_can_be_read_where_it_waits_nor_opened_by_others_or_for_another_answer() -> None:
    entry = entry_of(MESSAGE, sealer())
    assert b"a token" not in entry.body
    assert message_of(entry, sealer(b"x")).identity == Identity("aiko", None, MESSAGE.identity.expires_at)
    one = sealer()
    sealed = one.sealed("a token", "r1")
    assert one.opened(sealed, "r1") == "a token"
    assert one.opened(sealed, "r2") is None
    assert sealed != one.sealed("a token", "r1")


def test_of_personal_findings_nothing_but_the_kind_waits_in_clear() -> None:
    entry = entry_of(replace(MESSAGE, findings=(PHONE, WORD)), sealer())
    assert b"415-555" not in entry.body
    assert [finding.original for finding in message_of(entry, sealer(b"x")).findings] == ["[PHONE]", "idiot"]
    assert message_of(entry, sealer()).findings == (PHONE, WORD)


def test_a_key_is_made_once_is_nobody_elses_to_read_and_is_found_again(tmp_path: Path) -> None:
    file = tmp_path / "data" / "sealing.key"
    sealed = Sealer.kept_in(file).sealed("a token", "r1")
    assert len(file.read_bytes()) == KEY_BYTES
    assert file.stat().st_mode & 0o777 == 0o600
    assert Sealer.kept_in(file).opened(sealed, "r1") == "a token"
    assert Sealer.kept_in(tmp_path / "other.key").opened(sealed, "r1") is None


def test_a_key_that_is_damaged_or_cannot_be_written_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "sealing.key"
    damaged.write_bytes(b"too short")
    with pytest.raises(StartFailed, match=rf"{damaged} is damaged"):
        Sealer.kept_in(damaged)
    with pytest.raises(StartFailed, match="cannot be read or written"):
        Sealer.kept_in(damaged / "below" / "a file")


def test_processes_that_begin_at_once_share_the_key_that_the_first_of_them_makes(tmp_path: Path) -> None:
    file = tmp_path / "data" / "sealing.key"
    with ThreadPoolExecutor(8) as threads:
        sealers = list(threads.map(Sealer.kept_in, [file] * 64))
    assert len({made.key_id for made in sealers}) == 1
    assert [kept.name for kept in file.parent.iterdir()] == ["sealing.key"]


def test_a_pseudonym_is_the_same_in_every_process_and_says_nothing_to_who_has_not_the_key() -> None:
    pseudonym = sealer().pseudonym("session", "s_guest")
    assert pseudonym == sealer().pseudonym("session", "s_guest")
    others = (
        sealer(b"x").pseudonym("session", "s_guest"),
        sealer().pseudonym("customer", "s_guest"),
        sealer().pseudonym("session", "s_guess"),
    )
    assert pseudonym not in others
    assert "s_guest" not in pseudonym
