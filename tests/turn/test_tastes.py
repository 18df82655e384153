"""T-5, T-12: what a taste means in the catalog's words, and what of it is ruled out."""

from mangaassist.domain.products import Product
from mangaassist.domain.store_facts import NO_FACTS
from mangaassist.domain.wishes import Label, Wish
from mangaassist.turn.products.constraints import Constraints, constraints
from mangaassist.turn.products.lookups import taste_of


def book(series: str, genres: tuple[str, ...], themes: tuple[str, ...]) -> Product:
    return Product(asin="B000000001", title=series, series_id=series, series_title=series, genres=genres, themes=themes)


def asked(wish: Wish, *, is_strict: bool = True) -> Constraints:
    return constraints(wish, (), NO_FACTS, taste_of, is_strict=is_strict)


def test_of_two_themes_that_one_word_means_either_is_enough() -> None:
    dungeon = Wish(wanted=(Label("theme", "Dungeon crawling", "dungeon"), Label("theme", "Dungeons", "dungeon")))
    assert asked(dungeon).admits(book("crawl", ("Comedy",), ("Dungeon crawling",)))
    assert asked(dungeon).admits(book("labyrinth", ("Fantasy",), ("Dungeons",)))


def test_two_themes_that_are_named_apart_must_both_be_there() -> None:
    both = Wish(wanted=(Label("theme", "Fashion", "fashion"), Label("theme", "Cats", "cats")))
    assert not asked(both).admits(book("dress", ("Drama",), ("Fashion",)))
    assert asked(both).admits(book("catwalk", ("Drama",), ("Fashion", "Cats")))


def test_what_a_taste_mostly_goes_without_is_ruled_out_only_while_there_is_something_without_it() -> None:
    funny_zombies = Wish(wanted=(Label("theme", "Zombies", "zombies"), Label("mood", "funny", "funny")))
    bucket_list = book("zom", ("Comedy", "Horror"), ("Zombies",))
    assert not asked(funny_zombies).admits(bucket_list)
    assert asked(funny_zombies, is_strict=False).admits(bucket_list)
    assert not asked(funny_zombies, is_strict=False).admits(book("hero", ("Horror",), ("Zombies",)))


def test_something_scary_without_gore_may_still_be_horror() -> None:
    wish = Wish(wanted=(Label("mood", "scary", "scary"),), unwanted=(Label("mood", "gory", "gory"),))
    assert asked(wish).admits(book("haunted", ("Horror",), ("Ghosts",)))
    assert not asked(wish).admits(book("bloody", ("Horror",), ("Gore",)))


def test_what_is_refused_is_refused_in_all_its_kinds() -> None:
    wish = Wish(unwanted=(Label("theme", "Cooking", "cooking"),))
    assert not asked(wish).admits(book("duel", ("Gourmet",), ("Cooking duels",)))
    assert asked(wish).admits(book("farm", ("Gourmet",), ("Farming",)))
