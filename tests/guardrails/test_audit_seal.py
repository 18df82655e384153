"""G-7: the audit's keys: where they come from, and that an old one still opens what it sealed."""

import base64
from pathlib import Path

import pytest

from mangaassist.errors import StartFailed
from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.sealing import KEY_BYTES, fresh_key

OLD, NEW = b"o" * KEY_BYTES, b"n" * KEY_BYTES


def in_base64(*keys: bytes) -> str:
    return "\n".join(base64.b64encode(key).decode() for key in keys)


def test_after_a_change_the_new_key_seals_and_the_old_one_still_opens() -> None:
    before, after = AuditSeal([OLD]), AuditSeal.of_text(in_base64(NEW, OLD), "keys")
    sealed = before.sealed("415-555-2671", "s1 r1")
    assert after.opened(sealed, "s1 r1") == "415-555-2671"
    assert after.sealed("x", "c").partition(".")[0] == after.key_id != before.key_id
    assert AuditSeal([NEW]).opened(sealed, "s1 r1") is None
    assert after.opened(sealed, "s1 r2") is None
    assert after.confirms(b"head", before.mark(b"head"))
    assert not AuditSeal([NEW]).confirms(b"head", before.mark(b"head"))


@pytest.mark.parametrize("damaged", ["", "nonsense", "x.y", "."])
def test_what_is_no_seal_is_not_opened(damaged: str) -> None:
    seal = AuditSeal([OLD])
    assert seal.opened(damaged, "c") is None
    assert seal.opened(f"{seal.key_id}.{damaged}", "c") is None


def test_a_file_of_keys_is_made_once_for_its_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "audit.key"
    sealed = AuditSeal.kept_in(file).sealed("it", "c")
    assert AuditSeal.kept_in(file).opened(sealed, "c") == "it"
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text(in_base64(fresh_key()) + "\n" + file.read_text())
    assert AuditSeal.kept_in(file).opened(sealed, "c") == "it"


@pytest.mark.parametrize("text", ["", "short", in_base64(b"k" * 31), in_base64(OLD) + " !"])
def test_what_holds_no_keys_is_named_and_not_shown(text: str) -> None:
    with pytest.raises(StartFailed, match="AUDIT_KEYS holds no keys") as refused:
        AuditSeal.of_text(text, "AUDIT_KEYS")
    assert not text or text not in str(refused.value)
