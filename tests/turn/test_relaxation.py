"""T-12: in which order constraints are given up, and which never are."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mangaassist.domain.wishes import Label, Range, Reader, Wish
from mangaassist.turn.products.relaxation import by_kin, relaxations, restored
from mangaassist.understanding.lexicon import families

EVERYTHING = Wish(
    wanted=(
        Label("genre", "Horror"),
        Label("demographic", "seinen"),
        Label("author", "Junji Ito"),
        Label("theme", "Ghosts"),
        Label("mood", "cosy"),
        Label("medium", "Studio Ghibli"),
        Label("format", "omnibus"),
    ),
    unwanted=(Label("theme", "Vampires"),),
    price=Range(None, Decimal(10)),
    volumes=Range(None, Decimal(5)),
    year=Range(Decimal(1990), None),
    finished=True,
    in_stock=True,
    reader=Reader("my niece", 9, is_child=True, is_self=False),
    words=("rainy", "afternoon"),
)


def test_each_constraint_is_given_up_alone_before_two_are_given_up_together() -> None:
    given_up = [tuple(one.what for one in relaxed) for _, relaxed in relaxations(EVERYTHING)]
    order = ["words", "in_stock", "year", "volumes", "price", "finished", "format", "label", "label", "label"]
    assert given_up[: len(order)] == [(one,) for one in order]
    assert given_up[len(order) :] == [tuple(order[:many]) for many in range(2, len(order) + 1)]


def test_of_tastes_the_medium_goes_before_the_mood_and_the_theme_last() -> None:
    (_, relaxed) = list(relaxations(EVERYTHING))[-1]
    assert [one.label.value for one in relaxed if one.what == "label" and one.label] == [
        "Studio Ghibli",
        "cosy",
        "Ghosts",
    ]


def test_of_what_nothing_suits_a_child_what_does_is_left() -> None:
    scary = Wish(wanted=(Label("mood", "scary"),), reader=Reader(age=9, is_child=True))
    assert [wish.wanted for wish, _ in relaxations(scary)] == [()]
    grown = Wish(wanted=(Label("mood", "scary"),), reader=Reader(age=30))
    assert list(relaxations(grown)) == []


def test_where_a_bound_is_given_up_what_comes_nearest_to_it_comes_first() -> None:
    horror = (Label("genre", "Horror"),)
    (cheap, _), *_ = relaxations(Wish(wanted=horror, price=Range(None, Decimal(5))))
    (dear, _), *_ = relaxations(Wish(wanted=horror, price=Range(Decimal(500), None)))
    (short, _), *_ = relaxations(Wish(wanted=horror, volumes=Range(None, Decimal(2))))
    assert (cheap.ordering, dear.ordering, short.ordering) == ("cheapest", "dearest", "shortest")


def test_a_wish_of_which_nothing_would_be_left_is_not_relaxed() -> None:
    assert list(relaxations(Wish(words=("talking", "cat")))) == []
    assert list(relaxations(Wish(words=("talking", "cat"), unwanted=(Label("genre", "Horror"),)))) == []
    assert list(relaxations(Wish(wanted=(Label("theme", "Pirates"),)))) == []


@given(st.lists(st.sampled_from(EVERYTHING.wanted), unique=True), st.booleans())
def test_genre_readership_author_age_and_what_was_refused_are_in_every_relaxed_wish(
    wanted: list[Label], in_stock: bool
) -> None:
    wish = Wish(
        wanted=tuple(wanted),
        unwanted=EVERYTHING.unwanted,
        reader=EVERYTHING.reader,
        in_stock=in_stock,
        words=("a", "b"),
    )
    kept = {label for label in wanted if label.kind in ("genre", "demographic", "author")}
    for lesser, relaxed in relaxations(wish):
        assert relaxed
        assert kept <= set(lesser.wanted)
        assert (lesser.unwanted, lesser.reader) == (wish.unwanted, wish.reader)


def test_of_a_family_any_label_will_do_where_several_of_it_are_named() -> None:
    both = Wish(wanted=(Label("genre", "Psychological", "psychological"), Label("genre", "Thriller", "thriller")))
    near, named = by_kin(both, families())
    assert named == both.wanted
    assert {"Psychological", "Thriller", "Crime"} <= set(near.values("theme"))
    assert {one.said for one in near.wanted} == {"psychological thriller"}


def test_a_genre_alone_is_no_other_genre() -> None:
    alone = Wish(wanted=(Label("genre", "Thriller", "thriller"),))
    assert by_kin(alone, families()) == (alone, ())


def test_each_constraint_that_may_have_been_given_up_in_vain_is_asked_for_again_but_the_last() -> None:
    wish = Wish(wanted=(Label("mood", "countryside"), Label("theme", "Time travel")), volumes=Range(None, Decimal(10)))
    given_up = next(given_up for _, given_up in relaxations(wish) if len(given_up) == 2)
    again = list(restored(wish, given_up))
    assert [(lesser.wanted, lesser.volumes) for lesser, _ in again] == [
        ((Label("theme", "Time travel"),), Range(None, Decimal(10)))
    ]
    assert [[one.what for one in rest] for _, rest in again] == [["label"]]
