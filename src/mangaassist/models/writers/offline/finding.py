"""Answers that put manga in front of the shopper: what a search found, and what to read next."""

from collections.abc import Sequence
from typing import Final

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.products import Product, money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.extract import best_passage
from mangaassist.models.writers.offline.voice import (
    FORMAT_PLURALS,
    FORMAT_WORDS,
    Voice,
    by_authors,
    count_of,
    in_stock_words,
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
MATURE: Final = "Mature"
EDITIONS: Final = 4
ENOUGH_FIT: Final = 0.34
"""A passage that meets less of the question than this does not answer it."""

_WHAT_DO_YOU_LIKE: Final = (
    "Gladly! Tell me a series you loved, or the mood you're in (funny, dark, cozy, romantic), and I'll find something that fits.",
    "I'd love to. What have you enjoyed before, or which genre are you in the mood for? A budget helps as well.",
)
_CATALOG_DOWN: Final = "I can't reach our catalog at the moment, so I can't show you books or prices."


def discovery(task: WritingTask, voice: Voice) -> str:
    products = task.evidence.products
    if not products:
        return _nothing(task, voice)
    series = {known.product.series_id for known in products}
    if len(series) == 1:
        return _one_series(task, voice)
    return paragraphs(
        f"{_found_intro(task, voice)}\n{_list(products[:LISTED])}",
        " ".join(filter(None, (_rated(products[:LISTED]), _also(products[LISTED:PICKED])))),
        _no_prices(task),
        _more(task, voice, "narrow"),
    )


def _rated(products: Sequence[ProductEvidence]) -> str:
    """Whoever suggests a mature title says so."""
    mature = [_entry_name(known.product) for known in products if known.product.age_rating == MATURE]
    if not mature:
        return ""
    all_of_them = len(mature) == len(products) > 1
    return f"{'All of these' if all_of_them else joined(mature)} {'is' if len(mature) == 1 else 'are'} rated {MATURE}."


def _also(products: Sequence[ProductEvidence]) -> str:
    return f"Also worth a look: {joined(_entry_name(known.product) for known in products)}." if products else ""


def recommendation(task: WritingTask, voice: Voice) -> str:
    products = task.evidence.products
    if not products:
        return _nothing(task, voice)
    wanted = min(task.meaning.entities.count or LISTED, PICKED)
    picks = products[:wanted]
    intro = _liked_intro(task, voice, len(picks))
    return paragraphs(
        f"{intro}\n{_picks(picks, task)}",
        _rated(picks),
        _no_prices(task),
        _guide(task) or _more(task, voice, "taste"),
    )


def _liked_intro(task: WritingTask, voice: Voice, number: int) -> str:
    liked = joined([f"**{mention.title}**" for mention in task.meaning.entities.series[:2]])
    kind = _kind(task)
    if task.meaning.cheaper and not liked:
        return "These are easier on the wallet, the least expensive first:"
    if liked:
        options = (
            f"If you liked {liked}, I'd try {'this' if number == 1 else 'these'} next:",
            f"With {liked} in mind, here {'is' if number == 1 else 'are'} {count_of(number, 'suggestion')}:",
            f"Going by {liked}, I think you'd enjoy:",
        )
    elif kind:
        options = (
            f"For {kind}, I'd start here:",
            f"Good places to begin with {kind}:",
            f"Here's what I'd pick for {kind}:",
        )
    else:
        options = ("Here's what I'd hand you:", "I'd start with one of these:", "A few I think you'd enjoy:")
    return voice.pick("liked", options)


def _found_intro(task: WritingTask, voice: Voice) -> str:
    kind, limit = _kind(task), _limit(task)
    subject = f"{kind}{limit}" if kind else f"what you describe{limit}"
    if task.meaning.cheaper:
        return "Here's what costs less, the least expensive first:"
    return voice.pick(
        "found",
        (
            f"I found these for {subject}:",
            f"Here's what we have for {subject}:",
            f"For {subject}, have a look at these:",
        ),
    )


def _kind(task: WritingTask) -> str:
    """ "horror in box sets", "shojo romance" in the shopper's own terms; empty when the message named none."""
    entities = task.meaning.entities
    words = [*entities.demographics, *(genre if genre == "Sci-Fi" else genre.lower() for genre in entities.genres)]
    text = " ".join(words) + (" manga" if words else "")
    if entities.formats:
        plural = joined([FORMAT_PLURALS[form] for form in entities.formats], "or")
        text = f"{text} in {plural}" if text else plural
    if entities.authors:
        text = f"{text or 'manga'} by {joined(entities.authors[:2], 'or')}"
    return text


def _limit(task: WritingTask) -> str:
    ceiling = task.evidence.ceiling
    if ceiling is None or task.evidence.failed("pricing"):
        return ""
    return f" up to {_round(money(ceiling, 'USD'))}"


def _round(amount: str) -> str:
    return amount.removesuffix(".00")


def _list(products: Sequence[ProductEvidence]) -> str:
    return listed(_entry(known) for known in products)


def _entry(known: ProductEvidence) -> str:
    """ "**Uzumaki** by Junji Ito: A town is haunted by spirals. {{price:…}}"."""
    product = known.product
    about = sentence(opening_of(product.description)) if product.description else ""
    price = f" {_price_sentence(known)}" if known.price else ""
    return f"{_entry_name(product)} {by_authors(product)}".rstrip() + (f": {about}" if about else ".") + price


def _price_sentence(known: ProductEvidence) -> str:
    where = "" if known.product.volume in (None, 1) else " for this volume"
    return f"{priced(known)}{where}."


def _entry_name(product: Product) -> str:
    """The series where its beginning is meant, the product's own title where the volume or edition matters."""
    return series_name(product) if product.volume == 1 and product.series_volumes != 1 else name(product)


def _picks(picks: Sequence[ProductEvidence], task: WritingTask) -> str:
    """Each pick with why it was chosen; a reason that several share is told once."""
    told: set[str] = set()
    lines: list[str] = []
    for known in picks:
        reason = known.reason if known.reason not in told else ""
        told.add(known.reason)
        lines.append(_pick(known, sentence(reason) if reason else _shared(known.product, task), task))
    return listed(lines)


def _pick(known: ProductEvidence, why: str, task: WritingTask) -> str:
    product = known.product
    about = sentence(opening_of(product.description)) if product.description else ""
    price = _price_sentence(known) if known.price and task.meaning.cheaper else ""
    said = " ".join(part for part in (about, why, price) if part)
    return f"{_entry_name(product)} {by_authors(product)}".rstrip() + (f": {said}" if said else ".")


def _shared(product: Product, task: WritingTask) -> str:
    """Without a reason from the recommender: what the product has that the message asked for, else its themes."""
    asked = [genre.lower() for genre in task.meaning.entities.genres if genre in product.genres]
    if len(asked) > 1:
        return sentence(f"{joined(asked)} in one")
    return sentence(f"Themes: {joined(theme.lower() for theme in product.themes[:2])}") if product.themes else ""


def _one_series(task: WritingTask, voice: Voice) -> str:
    """The shopper named a series: what it is and which editions there are."""
    products = task.evidence.products
    first = products[0].product
    wanted = task.meaning.entities.volumes
    about = about_series(first)
    if wanted and not any(_holds(known.product, wanted[0]) for known in products):
        intro = _no_such_volume(first, wanted[0])
        about = "" if wanted[0] > first.series_volumes > 0 else about
    elif len(products) == 1:
        return paragraphs(_single(products[0], voice), _no_prices(task), "" if wanted else about_series(first))
    else:
        intro = voice.pick("carry", (f"Yes, we sell {series_name(first)}.", f"We do carry {series_name(first)}."))
    lines = [f"{name(known.product)}: {_terse(known)}" for known in products[:EDITIONS]]
    return paragraphs(f"{intro} {about}", listed(lines), _no_prices(task))


def _single(known: ProductEvidence, voice: Voice) -> str:
    product = known.product
    intro = voice.pick("single", ("Yes, we sell", "Yes:", "Found it:"))
    if product.volume in (None, 1):
        about = sentence(opening_of(product.description)) if product.description else ""
    else:
        pages = f" of {product.pages:,} pages" if product.pages else ""
        about = f"It's a {FORMAT_WORDS[product.format]}{pages}."
    return " ".join(
        filter(None, (f"{intro} {name(product)} {by_authors(product)}".rstrip() + ".", about, _facts(known)))
    )


def _facts(known: ProductEvidence) -> str:
    price = f"It costs {priced(known)}" if known.price else ""
    stock = in_stock_words(known.stock) if known.stock else ""
    if price and stock:
        return f"{price} and is {stock}."
    return f"{price}." if price else f"It's {stock}." if stock else ""


def _terse(known: ProductEvidence) -> str:
    parts = [priced(known) if known.price else "", in_stock_words(known.stock) if known.stock else ""]
    return ", ".join(part for part in parts if part) or "details on the product page"


def _holds(product: Product, volume: int) -> bool:
    if product.volume is not None:
        return product.volume == volume
    if product.volume_from is not None and product.volume_to is not None:
        return product.volume_from <= volume <= product.volume_to
    return product.series_volumes == 1 and volume == 1


def _no_such_volume(product: Product, volume: int) -> str:
    total = product.series_volumes
    if total and volume > total:
        return f"There's no volume {volume} of {series_name(product)} in our catalog: it lists {count_of(total, 'volume')}."
    return f"I don't find volume {volume} of {series_name(product)} in our catalog."


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


def _no_prices(task: WritingTask) -> str:
    """Said once, when the price service is down and the shopper would expect prices (S-1)."""
    if not task.evidence.failed("pricing"):
        return ""
    limit = " so I couldn't check them against your limit" if task.evidence.ceiling is not None else ""
    return f"I can't confirm prices right now{',' if limit else ''}{limit}: please check the product page for today's price."


def _guide(task: WritingTask) -> str:
    """The store's own reading guide on the subject, when the knowledge base found one."""
    guide = next((scored.chunk for scored in task.evidence.chunks if scored.chunk.source_type == "editorial"), None)
    return f"Our guide “{guide.title}” has more along these lines." if guide else ""


def _more(task: WritingTask, voice: Voice, key: str) -> str:
    entities = task.meaning.entities
    if key == "narrow":
        if entities.price_ceiling is None and not task.evidence.failed("pricing"):
            return voice.pick("narrow", ("Tell me a budget or a mood and I'll narrow it down.", ""))
        return ""
    options = (
        "Shall I look for something lighter, darker or shorter?",
        "Tell me which one appeals to you and I'll say more about it.",
        "Want more like the first one, or a different direction?",
    )
    return voice.pick("taste", options)


def _nothing(task: WritingTask, voice: Voice) -> str:
    """No product: say so, say what the pages know, offer what would help."""
    if task.evidence.failed("catalog"):
        passage = best_passage(task.evidence.chunks, task.meaning.text, 60)
        known = (
            f"This is from our page “{passage.chunk.title}”: {passage.text}"
            if passage and passage.fit >= ENOUGH_FIT
            else ""
        )
        return paragraphs(_CATALOG_DOWN, known, "Please ask me again in a few minutes.")
    named = joined([f"**{mention.title}**" for mention in task.meaning.entities.series[:2]])
    kind = _kind(task)
    if task.evidence.ceiling is not None:
        limit = _round(money(task.evidence.ceiling, "USD"))
        sought = f" for {named or kind}" if named or kind else ""
        return f"I found nothing{sought} up to {limit}. Shall I look a little higher, or in another direction?"
    if named:
        return f"I couldn't find {named} the way you describe it. Shall I look for single volumes, or for something similar?"
    if task.meaning.intent is Intent.RECOMMENDATION:
        return voice.pick("ask back", _WHAT_DO_YOU_LIKE)
    sought = f" for {kind}" if kind else ""
    return voice.pick(
        "nothing",
        (
            f"I couldn't find anything{sought} in our catalog. Give me a title, an author or a series you loved to go on.",
            f"My search{sought} came back empty. A title, a genre or a series you enjoyed would give me something to go on.",
        ),
    )
