"""How products appear in an answer: as lines of a list, with their prices and ratings, or not at all."""

from collections.abc import Sequence
from typing import Final

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.products import Product, money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.extract import best_passage
from mangaassist.models.writers.offline.voice import (
    FORMAT_PLURALS,
    Voice,
    by_authors,
    joined,
    listed,
    name,
    opening_of,
    paragraphs,
    priced,
    sentence,
    series_name,
)

LISTED: Final = 3
"""Products that an answer says something about; their cards show more."""
PICKED: Final = 4
BRIEF: Final = 110
"""Letters that an entry of a list says of a book."""
MATURE: Final = "Mature"
ENOUGH_FIT: Final = 0.34
"""A passage that meets less of the question than this does not answer it."""
_WHAT_DO_YOU_LIKE: Final = (
    "Gladly! Tell me a series you loved, or the mood you're in (funny, dark, cozy, romantic), and I'll find something that fits.",
    "I'd love to. What have you enjoyed before, or which genre are you in the mood for? A budget helps as well.",
)
_CATALOG_DOWN: Final = "I can't reach our catalog at the moment, so I can't show you books or prices."


def kind_of(task: WritingTask) -> str:
    """ "horror in box sets", "shojo romance" in the shopper's own terms; empty when the message named none."""
    entities = task.meaning.entities
    genres = [genre if genre == "Sci-Fi" else genre.lower() for genre in entities.genres]
    theme = next((theme for theme in _themes_asked(task) if not genres or any(genre in theme for genre in genres)), "")
    words = [*entities.demographics, *filter(None, [theme]), *(genre for genre in genres if genre not in theme)]
    text = " ".join(words) + (" manga" if words else "")
    if entities.formats:
        plural = joined([FORMAT_PLURALS[form] for form in entities.formats], "or")
        text = f"{text} in {plural}" if text else plural
    if entities.authors:
        text = f"{text or 'manga'} by {joined(entities.authors[:2], 'or')}"
    return text


def _themes_asked(task: WritingTask) -> list[str]:
    """Themes of what was found that the message names, the longest first: "dark fantasy" says more than "fantasy"."""
    text = f" {task.meaning.text.lower()} "
    themes = {theme.lower() for known in task.evidence.products for theme in known.product.themes}
    refused = {*task.meaning.unwanted, "books", "manga", "comics", "series", "reading"}
    return sorted(
        (theme for theme in themes if f" {theme} " in text and theme not in refused),
        key=lambda theme: (-len(theme), theme),
    )


def up_to_limit(task: WritingTask) -> str:
    ceiling = task.evidence.ceiling
    if ceiling is None or task.evidence.failed("pricing"):
        return ""
    return f" up to {rounded(money(ceiling, 'USD'))}"


def rounded(amount: str) -> str:
    return amount.removesuffix(".00")


def entries(products: Sequence[ProductEvidence]) -> str:
    return listed(entry(known) for known in products)


def entry(known: ProductEvidence) -> str:
    """ "**Uzumaki** by Junji Ito: A town is haunted by spirals. {{price:…}}"."""
    product = known.product
    about = sentence(opening_of(product.description, BRIEF)) if product.description else ""
    price = f" {price_sentence(known)}" if known.price else ""
    return f"{entry_name(product)} {by_authors(product)}".rstrip() + (f": {about}" if about else ".") + price


def price_sentence(known: ProductEvidence) -> str:
    """A list names the series where it begins; the price is that of the first volume alone, and says so."""
    begins = known.product.volume == 1 and known.product.series_volumes != 1
    return f"Volume 1 is {priced(known)}." if begins else f"It's {priced(known)}."


def entry_name(product: Product) -> str:
    """The series where its beginning is meant, the product's own title where the volume or edition matters."""
    return series_name(product) if product.volume == 1 and product.series_volumes != 1 else name(product)


def rated(products: Sequence[ProductEvidence]) -> str:
    """Whoever suggests a mature title says so."""
    mature = [entry_name(known.product) for known in products if known.product.age_rating == MATURE]
    if not mature:
        return ""
    all_of_them = len(mature) == len(products) > 1
    return f"{'All of these' if all_of_them else joined(mature)} {'is' if len(mature) == 1 else 'are'} rated {MATURE}."


def about_series(product: Product) -> str:
    """ "Kentaro Miura's seinen series has 43 volumes so far." from what the catalog says."""
    total = product.series_volumes
    if not total:
        return ""
    if total == 1:
        return "It's complete in one volume."
    state = {
        "finished": "and is complete",
        "ongoing": "so far and is still running",
        "hiatus": "so far and is on hiatus",
    }
    return f"The series has {total} volumes {state.get(product.series_status, '')}".rstrip() + "."


def no_prices(task: WritingTask) -> str:
    """Said once, when the price service is down and the shopper would expect prices (S-1)."""
    if not task.evidence.failed("pricing"):
        return ""
    limit = " so I couldn't check them against your limit" if task.evidence.ceiling is not None else ""
    return f"I can't confirm prices right now{',' if limit else ''}{limit}: please check the product page for today's price."


def nothing(task: WritingTask, voice: Voice) -> str:
    """No product: say so, say what the pages know, offer what would help."""
    meaning = task.meaning
    if task.evidence.failed("catalog"):
        passage = best_passage(task.evidence.chunks, meaning.text, 60)
        known = (
            f"This is from our page “{passage.chunk.title}”: {passage.text}"
            if passage and passage.fit >= ENOUGH_FIT
            else ""
        )
        return paragraphs(_CATALOG_DOWN, known, "Please ask me again in a few minutes.")
    named = joined([f"**{mention.title}**" for mention in meaning.entities.series[:2]])
    kind = kind_of(task)
    if meaning.wish == "title":
        return denials.TITLE.said(task)
    if task.evidence.ceiling is not None:
        limit = rounded(money(task.evidence.ceiling, "USD"))
        return denials.WITHIN_LIMIT.said(task, sought=f" for {named or kind}" if named or kind else "", limit=limit)
    if named:
        return denials.NAMED.said(task, named=named)
    if meaning.intent is Intent.RECOMMENDATION and not meaning.wish:
        return voice.pick("ask back", _WHAT_DO_YOU_LIKE)
    return denials.MATCH.said(task, sought=f" for {kind}" if kind else "")
