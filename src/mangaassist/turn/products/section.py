"""What the page stands for (T-6): the kind of manga before whose shelf the shopper stands, where they name nothing themselves."""

from functools import lru_cache

from msgspec import structs

from mangaassist.domain.meaning import Entities
from mangaassist.turn.products.lookups import Search, seeds_shown
from mangaassist.understanding.folding import fold_name
from mangaassist.understanding.subjects import Subjects, read_subjects


def before_the_shelf(search: Search) -> Search:
    """A message that names nothing to go by asks for what the page's section is of.

    "What's good here?" before the horror shelf asks for horror; "something about cooking" does not, nor does "under $10,
    please", which goes on from what was shown.
    """
    section, meaning = search.page.store_section, search.meaning
    if section is None or meaning.wish or meaning.subjects or _names_something(search.entities) or seeds_shown(search):
        return search
    shelf = _shelf(section)
    narrowed = structs.replace(
        search.entities, genres=shelf.genres, demographics=shelf.demographics, formats=shelf.formats
    )
    return structs.replace(search, entities=narrowed)


def _names_something(entities: Entities) -> bool:
    kind = entities.genres or entities.demographics or entities.formats
    return bool(kind or entities.series or entities.authors or entities.asins)


@lru_cache(maxsize=256)
def _shelf(section: str) -> Subjects:
    """Sections are called what the store likes: "Horror", "genre/slice-of-life", "manga > box_sets"."""
    name = fold_name(section)
    return read_subjects(name, name)
