"""T-5, T-12: each part of a wish is met by what is shown, or said not to be: conditions, alternatives, praise, guides."""

from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.customers import GUEST
from mangaassist.domain.products import Product
from mangaassist.domain.store_facts import NO_FACTS
from mangaassist.domain.wishes import Label, Wish
from mangaassist.testing.fake_store import FakeStore
from mangaassist.testing.store_data import STORE
from mangaassist.testing.virtual_time import in_virtual_time
from mangaassist.turn.products.constraints import Constraints, constraints
from mangaassist.turn.products.lookups import taste_of
from mangaassist.turn.products.praise import praised_for
from tests.turn.asking import (
    BERSERK,
    ONE_PIECE,
    UZUMAKI,
    Encoded,
    Knowledge,
    asks,
    chunk,
    gathered,
    genre,
    titles,
    wish,
)

TOLD = replace(NO_FACTS, traits=("beginners", "tone"))
SOCCER, GAMES = Label("theme", "Soccer", "soccer"), Label("medium", "Minecraft", "minecraft")
FIRST = Label("mood", "beginner", "never read a manga")
REALISTIC = Label("mood", "realistic", "realistic")


def book(series: str, *themes: str, traits: tuple[str, ...] = (), genres: tuple[str, ...] = ()) -> Product:
    place = sum(map(ord, series)) % 10**7
    return Product(
        asin=f"B0{place:08d}", title=series, series_id=series, series_title=series, themes=themes, traits=traits,
        genres=genres, age_rating="Teen",
    )  # fmt: skip


def asked(sought: Wish, *, is_strict: bool = True) -> Constraints:
    return constraints(sought, (), TOLD, taste_of, is_strict=is_strict)


def test_what_is_a_condition_is_no_alternative() -> None:
    likes = asked(Wish(wanted=(SOCCER, FIRST), either=True))
    assert likes.admits(book("goal", "Soccer", traits=("beginners:yes",)))
    assert not likes.admits(book("league", "Soccer", traits=("beginners:no",)))
    assert not likes.admits(book("quilt", "Sewing", traits=("beginners:yes",)))


def test_a_condition_is_asked_of_the_catalog_though_the_rest_are_alternatives() -> None:
    assert asked(Wish(wanted=(SOCCER, FIRST), either=True)).query.traits == ("beginners:yes",)


def test_what_only_says_what_is_not_in_a_book_is_never_loosened() -> None:
    for is_strict in (True, False):
        samurai = asked(Wish(wanted=(Label("theme", "Samurai"), REALISTIC)), is_strict=is_strict)
        assert samurai.admits(book("sword", "Samurai", genres=("Historical",)))
        assert not samurai.admits(book("saucer", "Samurai", genres=("Sci-Fi",)))


def test_each_alternative_is_shown_before_one_of_them_comes_again() -> None:
    likes = asked(Wish(wanted=(SOCCER, GAMES), either=True))
    known = [book("goal", "Soccer"), book("league", "Soccer"), book("cave", "Survival")]
    assert [one.series_id for one in likes.by_alternatives(known)] == ["goal", "cave", "league"]


def test_what_meets_both_alternatives_comes_first() -> None:
    likes = asked(Wish(wanted=(SOCCER, GAMES), either=True))
    known = [book("goal", "Soccer"), book("cave", "Survival"), book("stranded team", "Soccer", "Survival")]
    assert likes.by_alternatives(known)[0].series_id == "stranded team"


def review(series: str, told: str) -> ScoredChunk:
    page = chunk("", told, "reviews")
    return replace(page, chunk=replace(page.chunk, category=series))


REVIEWS = (
    review(UZUMAKI, "Readers shiver.\nPraised: slow dread, intricate artwork.\nCriticised: thin lead."),
    review(BERSERK, "Readers agree.\nPraised: bold heroes.\nCriticised: busy art."),
    review(ONE_PIECE, "Readers laugh.\nPraised: rough early art, jokes."),
)


@in_virtual_time
async def test_how_well_a_book_is_drawn_is_told_by_what_readers_praise_alone() -> None:
    services = FakeStore().services.for_turn(GUEST)
    told = await praised_for(("art", "artwork"), Knowledge(*REVIEWS), Encoded(), services)
    assert told == {UZUMAKI: "intricate artwork"}


@in_virtual_time
async def test_of_horror_that_is_well_drawn_only_the_praised_is_shown_with_the_readers_words() -> None:
    drawn = Label("mood", "beautifully drawn", "good art")
    found = await gathered(asks(Act.FIND, sought=wish(genre("Horror"), drawn)), Knowledge(*REVIEWS))
    assert titles(found) == ["Uzumaki"]
    assert ("intricate artwork",) in {label.by for label in found.products[0].fits if label.by_readers}


@in_virtual_time
async def test_who_liked_a_series_is_shown_what_the_guide_for_its_readers_suggests() -> None:
    guide = chunk("", "**Uzumaki** by Junji Ito goes on from there in broad daylight.", "editorial")
    guide = replace(guide, chunk=replace(guide.chunk, title="Horror after Berserk"))
    named = {"Horror after Berserk": (BERSERK,), "Uzumaki": (UZUMAKI,)}
    found = await gathered(
        asks(Act.SIMILAR, sought=Wish(like=(BERSERK,))), Knowledge(guide), series_in=lambda text: named.get(text, ())
    )
    assert titles(found)[0] == "Uzumaki"
    assert found.products[0].reason == "From our guide “Horror after Berserk”"
    assert found.products[0].told == "goes on from there in broad daylight."


@in_virtual_time
async def test_more_of_a_list_begins_with_what_was_not_on_it() -> None:
    sought = wish(genre("Horror"))
    assert titles(await gathered(asks(Act.MORE, sought=sought, seen=(UZUMAKI,))))[-1] == "Uzumaki"
    assert titles(await gathered(asks(Act.MORE, sought=sought, seen=(BERSERK,))))[-1] == "Berserk, Vol. 1"


@in_virtual_time
async def test_others_than_the_makers_of_what_was_liked_are_shown() -> None:
    maker = next(one.authors for one in STORE.products if one.series_id == BERSERK)
    sold = tuple(replace(one, authors=maker) if one.series_id == UZUMAKI else one for one in STORE.products)
    store = FakeStore(data=replace(STORE, products=sold))
    anybody = await gathered(asks(Act.FIND, sought=Wish(like=(BERSERK,))), store=store)
    others = await gathered(asks(Act.FIND, sought=Wish(like=(BERSERK,), other_makers=True)), store=store)
    assert "Uzumaki" in titles(anybody)
    assert "Uzumaki" not in titles(others)
