"""What comes first for whom: a gift for a mother is no body horror, one for a boy no love story of grown-ups."""

from mangaassist.domain.products import Product
from mangaassist.domain.wishes import Label, Reader, Wish
from mangaassist.turn.products.audiences import audience, suited_first


def _book(title: str, demographic: str, *genres: str, rating: str = "Teen", volumes: int = 8) -> Product:
    return Product(
        asin=f"B0{abs(hash(title)) % 10**8:08d}",
        title=title,
        series_id=title,
        series_title=title,
        demographic=demographic,
        genres=genres,
        age_rating=rating,
        series_volumes=volumes,
    )


SHONEN, JOSEI = _book("A", "shonen", "Action"), _book("B", "josei", "Drama")
SCARY, LONG = _book("C", "seinen", "Horror"), _book("D", "josei", "Drama", volumes=40)


def _for(said: str, age: int | None = None, **more: object) -> Wish:
    return Wish(reader=Reader(said, age, is_self=False), **more)


def test_a_mother_gets_the_short_way_in_first() -> None:
    assert suited_first(_for("mother"), (SHONEN, SCARY, LONG, JOSEI))[:2] == (JOSEI, LONG)


def test_horror_that_is_asked_for_is_no_misfit() -> None:
    wish = _for("mother", wanted=(Label("genre", "Horror"),))
    assert suited_first(wish, (SCARY, SHONEN))[0] is SCARY


def test_a_boy_gets_what_boys_read_first() -> None:
    assert suited_first(_for("a boy", 12), (JOSEI, SHONEN))[0] is SHONEN


def test_who_asks_for_an_order_has_said_what_comes_first() -> None:
    assert suited_first(_for("mother", ordering="best"), (SHONEN, JOSEI)) == (SHONEN, JOSEI)


def test_nobody_is_put_into_a_drawer_for_their_own_wish() -> None:
    assert audience(Reader("", 30, is_self=True)) is None
