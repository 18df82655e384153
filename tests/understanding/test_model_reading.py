"""M-2, T-4, T-5: what a model reads of a message becomes a meaning of ours, and what it names has to be there."""

from decimal import Decimal
from typing import Any

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState, Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Format
from mangaassist.domain.wishes import Label, Range, Wish
from mangaassist.testing.scripted_reader import reading
from mangaassist.understanding.model_reading import Ungrounded
from mangaassist.understanding.scene import Scene
from tests.understanding.talks import ORDER, TITLES, card, reader

SHOWN = DialogueState(acts=(Act.RECOMMEND,), shown=(card("uzumaki"), card("pluto", 2)), orders=(ORDER,))
SCENE = Scene(page=Target(asin="B0AKIRA001", series_id="akira", title="Akira"), titles=TITLES)


def meant(text: str, *acts: str, state: DialogueState = SHOWN, scene: Scene = SCENE, **fields: Any) -> Meaning:
    return reader().by_model(reading(*acts, **fields), reader().heard(text), state, scene)


def test_a_reference_is_what_it_was_shown_as() -> None:
    meaning = meant("the robot one in a fancier binding?", "edition", about=("s2",), edition="hardcover")
    assert (meaning.act, meaning.intent, meaning.guess.stage) == (Act.EDITION, Intent.PRODUCT_QUESTION, "model")
    assert [(one.series_id, one.title, one.format) for one in meaning.targets] == [("pluto", "Pluto", Format.HARDCOVER)]
    assert meaning.is_follow_up


@pytest.mark.parametrize("name", ["page", "Akira", "AKIRA"])
def test_the_page_and_a_title_of_the_catalog_are_there(name: str) -> None:
    meaning = meant("whats it bout", "about", about=(name,), state=DialogueState())
    assert [one.series_id for one in meaning.targets] == ["akira"]
    assert not meaning.is_follow_up


def test_volumes_are_those_of_the_book_that_is_named() -> None:
    meaning = meant("volumes one n three of the ninja thing", "price", about=("Naruto",), volumes=(1, 3))
    assert [(one.series_id, one.volume) for one in meaning.targets] == [("naruto", 1), ("naruto", 3)]


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"about": ("The Silent Moon Chronicles",)}, "about"),
        ({"about": ("s3",)}, "about"),
        ({"about": ("f9",)}, "about"),
        ({"about": ("Narutoo",)}, "about"),
        ({"like": ("The Silent Moon Chronicles",)}, "like"),
        ({"orders": ("112-9999999-9999999",)}, "orders"),
        ({"orders": ("o2",)}, "orders"),
        ({"wanted": ("zymurgy",)}, "wanted"),
        ({"unwanted": ("binding",)}, "unwanted"),
        ({"least_price": 20.0, "most_price": 10.0}, "limits"),
    ],
)
def test_what_is_not_there_is_believed_of_nobody(fields: dict[str, Any], what: str) -> None:
    with pytest.raises(Ungrounded) as refused:
        meant("is there a fancier binding", "edition", **fields)
    assert refused.value.what == what
    assert not any(
        str(name) in str(refused.value) for value in fields.values() if isinstance(value, tuple) for name in value
    )


def test_a_move_that_no_model_may_hear_is_refused() -> None:
    with pytest.raises(Ungrounded, match="acts"):
        meant("yeah", "yes")


def test_an_order_is_one_that_was_typed_or_is_talked_of() -> None:
    typed = "112-2222222-2222222"
    assert meant(f"wheres {typed} at", "track", orders=(typed,)).orders == (typed,)
    assert meant("that box of mine", "track", orders=("o1",)).orders == (ORDER,)


def test_kinds_are_the_catalogs_and_words_the_shoppers_own() -> None:
    meaning = meant(
        "smth w/ zeppelins that gives me the creeps, no blood n guts, tenner tops",
        "find", wanted=("horror", "zeppelins"), unwanted=("gory",), most_price=10, finished=True, state=DialogueState(),
    )  # fmt: skip
    wish = meaning.seeks
    assert ("genre", "Horror") in {label.key for label in wish.wanted}
    assert "gory" in {label.value for label in wish.unwanted}
    assert wish.words == ("zeppelins",)
    assert (wish.price, wish.finished) == (Range(None, Decimal(10)), True)


def test_a_figure_that_our_own_rules_read_counts_before_the_models() -> None:
    assert meant("horror under $15", "find", wanted=("horror",), most_price=50).seeks.price.most < Decimal(16)


def test_what_goes_on_adds_to_the_wish_so_far() -> None:
    before = DialogueState(acts=(Act.FIND,), wish=Wish(wanted=(Label("genre", "Horror", "horror"),)))
    added = meant("n make it one that tickles me", "find", wanted=("funny",), goes_on=True, state=before)
    anew = meant("forget it, one that tickles me", "find", wanted=("funny",), state=before)
    assert {label.value for label in added.seeks.wanted} == {"Horror", "funny"}
    assert {label.value for label in anew.seeks.wanted} == {"funny"}
    assert added.is_follow_up
    assert not anew.is_follow_up


def test_words_that_the_model_has_read_are_left_over_of_nothing() -> None:
    text = "does the paper smell of uzumaki bother people"
    assert meant(text, "reviews", about=("Uzumaki",)).act is Act.REVIEWS
    assert meant(text, "detail", about=("Uzumaki",)).left_over
