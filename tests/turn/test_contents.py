"""T-5, T-11, T-12: what the store tells of a book's content decides wishes and answers; what it does not tell is not claimed."""

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.products import Product
from mangaassist.domain.store_facts import NO_FACTS, StoreFacts
from mangaassist.domain.wishes import Label, Wish
from mangaassist.turn.derived.contents import told
from mangaassist.turn.products.constraints import Constraints, constraints
from mangaassist.turn.products.lookups import taste_of
from mangaassist.turn.products.relaxation import relaxations

TELLS = StoreFacts(traits=("gore", "lead", "ending", "suicide", "tone", "romance"))
GORE = Label("mood", "gory", "gore")
GORY = Label("mood", "gory", "gory")
HAPPY = Label("mood", "happy ending", "happy ending")


def book(*traits: str, status: str = "finished", genres: tuple[str, ...] = ()) -> Product:
    return Product(
        asin="B000000001",
        title="A",
        series_id="a",
        series_title="A",
        traits=traits,
        series_status=status,
        genres=genres,
    )


def asked(wish: Wish, facts: StoreFacts = TELLS) -> Constraints:
    return constraints(wish, (), facts, taste_of)


def test_a_wish_is_filtered_at_the_catalog_by_what_it_tells() -> None:
    query = asked(Wish(wanted=(HAPPY,), unwanted=(GORE,))).query
    assert query.traits == ("ending:happy",)
    assert query.without_traits == ("gore:some|strong",)
    assert query.labels == ()


@pytest.mark.parametrize(("refused", "admits"), [(GORE, False), (GORY, True)])
def test_who_wants_it_not_gory_has_room_for_a_little_that_no_gore_has_not(refused: Label, admits: bool) -> None:
    wish = Wish(unwanted=(refused,))
    assert asked(wish).admits(book("gore:some")) is admits
    assert asked(wish).admits(book("gore:none"))
    assert not asked(wish).admits(book("gore:strong"))


def test_what_is_not_known_is_neither_wanted_nor_without_it() -> None:
    assert not asked(Wish(unwanted=(GORE,))).admits(book())
    assert not asked(Wish(wanted=(HAPPY,))).admits(book())


def test_a_store_that_tells_nothing_is_asked_for_nothing_and_nothing_suits() -> None:
    silent = asked(Wish(wanted=(HAPPY,)), NO_FACTS)
    assert silent.query.traits == ()
    assert not silent.admits(book("ending:happy"))


def test_a_book_with_nothing_of_it_comes_before_one_with_a_little() -> None:
    wish = asked(Wish(unwanted=(GORY,)))
    assert wish.harshness(book("gore:none")) < wish.harshness(book("gore:some"))


def test_no_gore_gives_way_to_a_little_and_no_suicide_gives_way_to_nothing() -> None:
    horror = Label("genre", "Horror", "horror")
    (milder, relaxed), *_ = relaxations(Wish(wanted=(horror,), unwanted=(GORE,)))
    assert [one.what for one in relaxed] == ["degree"]
    assert asked(milder).query.without_traits == ("gore:strong",)
    strict = Wish(wanted=(horror,), unwanted=(Label("mood", "suicide", "suicide"),))
    assert all(one.what != "degree" for _, given_up in relaxations(strict) for one in given_up)


def of_content(product: Product, *labels: Label) -> Meaning:
    wish = (Wish(wanted=labels),) if labels else ()
    guess = IntentGuess(intent=Intent.PRODUCT_QUESTION, confidence=1.0, stage="rules")
    return Meaning(text="", guess=guess, acts=(HeardAct(Act.CONTENT, 1.0, "rules"),), sought=wish)


def test_the_verdict_says_what_the_store_tells_of_what_was_asked() -> None:
    (fit,) = told(of_content(book(), HAPPY), TELLS, [book("ending:sad")]).fits
    assert (fit.has, fit.told) == (False, ("a sad ending",))
    (gory,) = told(of_content(book(), GORY), TELLS, [book("gore:some")]).fits
    assert (gory.has, gory.degree, gory.told) == (True, "some", ("some blood and gore",))


def test_nobody_says_what_the_store_leaves_open_nor_how_what_still_runs_will_end() -> None:
    (unknown,) = told(of_content(book(), GORY), TELLS, [book()]).fits
    assert (unknown.has, unknown.told) == (None, ())
    (running,) = told(of_content(book(), HAPPY), TELLS, [book(status="ongoing")]).fits
    assert running.too_early


def test_a_question_that_names_nothing_gets_all_the_notes_and_what_is_left_open() -> None:
    (notes,) = told(of_content(book()), TELLS, [book("gore:strong")]).notes
    assert notes.strong == ("gore",)
    assert notes.unknown == ("suicide or self-harm",)
