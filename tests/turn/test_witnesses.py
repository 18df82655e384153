"""Whom a message is held against once it was read (M-2): the first who knows better decides, and nobody is asked after that."""

from typing import cast

from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.meaning import HeardAct, Meaning
from mangaassist.turn.witnesses import Hearing, Witness, witnessed
from tests.turn.asking import asks

NOTHING = cast(Hearing, None)


def knowing(asked: list[str], name: str, act: Act | None) -> Witness:
    async def tells(heard: Meaning, at: Hearing) -> Meaning:
        asked.append(name)
        return heard if act is None else replace(heard, acts=(HeardAct(act, 1.0, "model"),))

    return tells


async def test_the_first_who_knows_better_decides_and_nobody_is_asked_after_that() -> None:
    asked: list[str] = []
    witnesses = (
        knowing(asked, "silent", None),
        knowing(asked, "knows", Act.POLICY),
        knowing(asked, "late", Act.FIND),
    )
    told = await witnessed(asks(Act.DETAIL), NOTHING, witnesses)
    assert [one.act for one in told.acts] == [Act.POLICY]
    assert asked == ["silent", "knows"]


async def test_a_message_of_which_nobody_knows_better_stands_as_it_was_heard() -> None:
    heard, asked = asks(Act.DETAIL), list[str]()
    assert await witnessed(heard, NOTHING, (knowing(asked, "one", None), knowing(asked, "other", None))) is heard
    assert asked == ["one", "other"]
