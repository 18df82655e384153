"""The heading over a list claims nothing that a book under it does not keep, whatever was asked and found (T-12)."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mangaassist.domain.derived import Relaxed
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.keeping import Part, Whole, kept_by_all, parts
from mangaassist.domain.products import Format, Price, Product
from mangaassist.domain.store_facts import NO_FACTS
from mangaassist.domain.wishes import Label, Range, Wish
from mangaassist.turn.products.constraints import constraints
from mangaassist.turn.products.keeping import held_to, keeping, truly_given_up
from mangaassist.turn.products.lookups import Found, taste_of

NOW = datetime(2026, 11, 26, tzinfo=UTC)
THEMES = ("Ghosts", "Cooking", "Revenge")
GENRES = ("Horror", "Romance")


def _price(asin: str, amount: int) -> Price:
    return Price(asin=asin, currency="USD", current=Decimal(amount), as_of=NOW)


books = st.builds(
    lambda place, genres, themes, volumes, status, year, price, whole: ProductEvidence(
        product=Product(
            asin=f"B0{place:08d}",
            title=f"Book {place}, Vol. 1",
            series_id=f"s{place}",
            series_title=f"Book {place}",
            volume=1,
            genres=tuple(genres),
            themes=tuple(themes),
            series_volumes=volumes,
            series_status=status,
            first_published=year,
        ),
        price=None if price is None else _price(f"B0{place:08d}", price),
        whole=None if whole is None else Whole(amount=Decimal(whole), currency="USD", asins=("x",), volumes=volumes),
    ),
    st.integers(0, 999),
    st.sets(st.sampled_from(GENRES)),
    st.sets(st.sampled_from(THEMES)),
    st.integers(0, 60),
    st.sampled_from(("finished", "ongoing", "hiatus", "")),
    st.sampled_from((0, 1989, 2016)),
    st.none() | st.integers(1, 60),
    st.none() | st.integers(1, 600),
)
labels = st.sampled_from(
    (*(Label("theme", one, one.lower()) for one in THEMES), *(Label("genre", one, one.lower()) for one in GENRES))
)
wishes = st.builds(
    Wish,
    wanted=st.lists(labels, max_size=2, unique=True).map(tuple),
    unwanted=st.lists(labels, max_size=2, unique=True).map(tuple),
    price=st.sampled_from((Range(), Range(None, Decimal(20)), Range(Decimal(30), None))),
    in_full=st.booleans(),
    volumes=st.sampled_from((Range(), Range(None, Decimal(8)), Range(None, Decimal(1)), Range(Decimal(20), None))),
    year=st.sampled_from((Range(), Range(None, Decimal(1999)))),
    finished=st.sampled_from((None, True, False)),
    unnamed=st.sampled_from(((), ("harem",))),
)


def _checked(wish: Wish, known: ProductEvidence) -> ProductEvidence:
    return replace(known, keeps=keeping(known, constraints(wish, (), NO_FACTS, taste_of, is_strict=False)))


@given(wishes, st.lists(books, min_size=1, max_size=4))
def test_what_a_heading_may_say_is_true_of_every_book_under_it(wish: Wish, found: list[ProductEvidence]) -> None:
    said = kept_by_all(wish, (dict(_checked(wish, known).keeps) for known in found))
    for known in found:
        product, labelled = known.product, {*known.product.genres, *known.product.themes}
        assert all(label.value in labelled for label in said.wanted)
        assert not any(label.value in labelled for label in said.unwanted)
        assert said.year.is_open or said.year.holds(product.first_published)
        assert said.finished is None or said.finished is (product.series_status == "finished")
        assert said.volumes.is_open or said.volumes.holds(product.series_volumes)
        assert not said.unnamed
        if not said.price.is_open:
            amount = known.whole.amount if known.whole and said.in_full else known.price and known.price.current
            assert amount is not None
            assert said.price.holds(amount)
            assert not said.in_full or known.whole or product.series_volumes == 1


@given(wishes, st.lists(books, max_size=4))
def test_nothing_stays_on_a_list_that_breaks_what_nobody_gave_up(wish: Wish, found: list[ProductEvidence]) -> None:
    checked = [_checked(wish, known) for known in found]
    relaxed = (Relaxed(what="price", bounds=wish.price),)
    listed = held_to(Found(relaxed=relaxed, wishes={one.asin: 0 for one in checked}), checked)
    broken = {part.what for known in listed for part, how in known.keeps if how == "broken"}
    assert broken <= {"price"}


def test_what_everything_on_the_list_keeps_was_not_given_up() -> None:
    kept = ProductEvidence(product=_product(), keeps=((Part("price"), "kept"),))
    assert truly_given_up((Relaxed(what="price"),), (kept,)) == ()


def test_an_omnibus_of_all_of_it_is_a_series_in_one_book() -> None:
    omnibus = replace(_product(), format=Format.OMNIBUS, volume=None, volume_from=1, volume_to=3, series_volumes=3)
    wish = Wish(volumes=Range(None, Decimal(1)))
    assert dict(_checked(wish, ProductEvidence(product=omnibus)).keeps)[Part("volumes")] == "kept"
    first = replace(_product(), series_volumes=3)
    assert dict(_checked(wish, ProductEvidence(product=first)).keeps)[Part("volumes")] == "broken"


def test_every_part_of_a_wish_is_held_against_a_book() -> None:
    wish = Wish(wanted=(Label("theme", "Ghosts"),), finished=True, in_stock=True, unnamed=("harem",))
    held = _checked(wish, ProductEvidence(product=_product())).keeps
    assert {part for part, _ in held} == set(parts(wish))


def _product() -> Product:
    return Product(asin="B000000001", title="Uzumaki, Vol. 1", series_id="uzumaki", series_title="Uzumaki", volume=1)
