"""M-6, T-12: what to read next, for whom and why, tied to what was liked, bought or asked for."""

from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.evidence import Degradation, Evidence, ProductEvidence
from mangaassist.domain.wishes import Label, Reader, Wish, WrittenFor
from mangaassist.models.writers.offline.phrasing import Phrasing
from tests.writing.hand_built import GHOSTS, HORROR, answer, composed, shown, target, task


@pytest.fixture(scope="session")
def pluto(shelf: SimpleNamespace) -> ProductEvidence:
    return shelf.product("pluto")


@pytest.fixture(scope="session")
def uzumaki(shelf: SimpleNamespace) -> ProductEvidence:
    return shelf.product("uzumaki")


def test_without_anything_to_go_on_it_asks_for_a_taste() -> None:
    asked = task(Act.RECOMMEND)
    phrasing = Phrasing(asked)
    composed(asked, phrasing)
    assert phrasing.notes.asked_for == "taste"


def test_a_pick_goes_by_what_was_liked_and_says_why(pluto: ProductEvidence, uzumaki: ProductEvidence) -> None:
    pick = replace(uzumaki, reason="Readers of Pluto also bought it")
    wish = Wish(like=(pluto.product.series_id,))
    said = answer(Act.SIMILAR, Evidence(products=(pick,)), [target(pluto)], wish)
    assert "**Pluto: Urasawa x Tezuka**" in said.partition("\n")[0]
    assert "Readers of Pluto also bought it." in said


def test_a_reason_that_all_share_is_given_once(pluto: ProductEvidence, uzumaki: ProductEvidence) -> None:
    picks = tuple(replace(one, reason="Readers of Monster also bought it") for one in (pluto, uzumaki))
    assert answer(Act.RECOMMEND, Evidence(products=picks)).count("also bought it") == 1


def test_as_many_as_were_asked_for(shelf: SimpleNamespace) -> None:
    picks = tuple(shelf.product(name) for name in ("vagabond", "pluto", "uzumaki", "berserk"))
    assert answer(Act.RECOMMEND, Evidence(products=picks), (), Wish(count=2)).count("\n- ") == 2


def test_a_gift_names_whom_it_is_for(pluto: ProductEvidence) -> None:
    wish = Wish(
        wanted=(Label("theme", "Robots", "robots"),), reader=Reader("my nephew", 10, is_child=True, is_self=False)
    )
    head = answer(Act.GIFT, Evidence(products=(pluto,)), (), wish).partition("\n")[0]
    assert "your nephew, 10" in head
    assert "books with robots" in head


def test_a_refusal_is_heard(pluto: ProductEvidence) -> None:
    plain = answer(Act.RECOMMEND, Evidence(products=(pluto,)), (), Wish(wanted=(HORROR,)))
    refused = answer([Act.RECOMMEND, Act.REJECT], Evidence(products=(pluto,)), (), Wish(wanted=(HORROR,)))
    assert refused != plain
    assert refused.endswith(plain.partition("\n")[2])


def test_what_is_known_already_is_named(pluto: ProductEvidence, uzumaki: ProductEvidence) -> None:
    said = answer(
        Act.RECOMMEND, Evidence(products=(uzumaki,)), read=(pluto.product.series_id,), is_follow_up=True,
        state=DialogueState(shown=shown(pluto)),
    )  # fmt: skip
    assert pluto.product.title in said.partition("\n")[0]


def test_a_surprise_is_one_pick(pluto: ProductEvidence, uzumaki: ProductEvidence) -> None:
    said = answer(Act.SURPRISE, Evidence(products=(pluto, uzumaki)))
    assert "**Pluto: Urasawa x Tezuka**" in said
    assert "Uzumaki" not in said


def test_purchases_are_named(shelf: SimpleNamespace, pluto: ProductEvidence) -> None:
    orders = shelf.orders()[:2]
    bought = orders[0].order.items[0].title.split(", Vol.")[0]
    pick = replace(pluto, reason=f"Readers of {bought} also bought it")
    assert f"**{bought}**" in answer(Act.FROM_PURCHASES, Evidence(products=(pick,), orders=orders)).partition("\n")[0]


def test_purchases_that_could_not_be_looked_up_are_neither_named_nor_denied(pluto: ProductEvidence) -> None:
    away = Degradation("orders", "answered without")
    said = answer(Act.FROM_PURCHASES, Evidence(products=(pluto,), degraded=(away,)))
    assert "bought" not in said
    assert "**Pluto" in said


def test_who_has_bought_nothing_is_told_so_beside_what_others_love(pluto: ProductEvidence) -> None:
    said = answer(Act.FROM_PURCHASES, Evidence(products=(pluto,)))
    assert "bought on your account yet" in said.partition("\n")[0]
    assert "**Pluto" in said


def test_a_guest_is_told_to_sign_in_for_purchases() -> None:
    assert "ign in" in answer(Act.FROM_PURCHASES, Evidence(sign_in_needed=True))


def test_why_gives_what_it_has_of_the_wish(uzumaki: ProductEvidence) -> None:
    state = DialogueState(shown=shown(uzumaki), wish=Wish(wanted=(GHOSTS,)))
    said = answer(Act.WHY, Evidence(products=(replace(uzumaki, fits=(GHOSTS,)),)), state=state)
    assert "it has the ghosts you asked for" in said


def test_why_gives_the_reason_it_was_shown_with(uzumaki: ProductEvidence) -> None:
    state = DialogueState(shown=shown(uzumaki, reason="Readers of Monster also bought it"))
    assert "readers of Monster also bought it" in answer(Act.WHY, Evidence(products=(uzumaki,)), state=state)


def test_an_entry_is_read_at_a_glance(shelf: SimpleNamespace) -> None:
    picks = tuple(shelf.product(name) for name in ("vagabond", "pluto", "uzumaki"))
    lines = answer(Act.RECOMMEND, Evidence(products=picks)).splitlines()[1:4]
    assert max(len(line.split()) for line in lines) <= 28


def test_why_those_gives_each_its_reason(pluto: ProductEvidence, uzumaki: ProductEvidence) -> None:
    wanted = Evidence(products=(replace(pluto, reason="Readers of Monster like it"), replace(uzumaki, fits=(GHOSTS,))))
    said = answer(Act.WHY, wanted, [target(pluto), target(uzumaki)])
    assert said.count("- **") == 2
    assert "the ghosts you asked for" in said


LATE = "From our guide “Late at night”"


def test_what_a_guide_is_written_for_is_headed_by_it_and_told_in_its_words(uzumaki: ProductEvidence) -> None:
    """T-5: "is for late nights" goes on from the name; whatever begins otherwise stands behind a colon."""
    wish = Wish(wanted=(HORROR,), guide=WrittenFor("Late at night", (HORROR.key,)))
    picks = (replace(uzumaki, reason=LATE, told="is for late nights. Lock the door."),)
    said = answer(Act.RECOMMEND, Evidence(products=picks), (), wish)
    assert "“Late at night”" in said.partition("\n")[0]
    assert "**Uzumaki** by Junji Ito is for late nights. Lock the door." in said
    assert said.count("Late at night") == 1
    told = replace(picks[0], told="A town and its spirals.")
    assert "by Junji Ito: A town and its spirals." in answer(Act.RECOMMEND, Evidence(products=(told,)), (), wish)


def test_why_gives_what_the_guide_says_of_it_and_no_rating(uzumaki: ProductEvidence) -> None:
    state = DialogueState(shown=shown(uzumaki, reason=f"{LATE}: is for late nights. Lock the door."))
    said = answer(Act.WHY, Evidence(products=(uzumaki,)), state=state)
    assert "our guide “Late at night” says it is for late nights" in said
    assert "out of 5" not in said
