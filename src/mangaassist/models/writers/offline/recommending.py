"""What to read next, and why."""

from collections.abc import Sequence
from typing import Final

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Product
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.entries import (
    BRIEF,
    LISTED,
    PICKED,
    entry_name,
    kind_of,
    no_prices,
    nothing,
    price_sentence,
    rated,
)
from mangaassist.models.writers.offline.extract import stems
from mangaassist.models.writers.offline.finding import too_dear
from mangaassist.models.writers.offline.voice import (
    Voice,
    by_authors,
    count_of,
    joined,
    listed,
    opening_of,
    paragraphs,
    sentence,
    theme_words,
)

FITTING: Final = 0.45
"""The cosine from which a guide is on the subject, and not merely near it."""

_TASTE: Final = (
    "Shall I look for something lighter, darker or shorter?",
    "Tell me which one appeals to you and I'll say more about it.",
    "Want more like the first one, or a different direction?",
)


def recommendation(task: WritingTask, voice: Voice) -> str:
    products = task.evidence.products
    if not products:
        return nothing(task, voice)
    if task.evidence.over_limit:
        return too_dear(task, voice)
    wanted = min(task.meaning.entities.count or LISTED, PICKED)
    picks = products[:wanted]
    intro = _liked_intro(task, voice, len(picks))
    return paragraphs(
        f"{intro}\n{_picks(picks, task)}",
        rated(picks),
        no_prices(task),
        _guide(task) or voice.pick("taste", _TASTE),
    )


def _liked_intro(task: WritingTask, voice: Voice, number: int) -> str:
    liked = joined([f"**{mention.title}**" for mention in task.meaning.entities.series[:2]])
    kind = kind_of(task)
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


def _picks(picks: Sequence[ProductEvidence], task: WritingTask) -> str:
    """Each pick with why it was chosen; a reason that several share is told once."""
    told: set[str] = set()
    lines: list[str] = []
    for known in picks:
        reason = "" if known.reason.startswith(_GUIDE) else _short(known.reason, task)
        why = sentence(reason) if reason and reason not in told else "" if reason else _shared(known.product, task)
        told.add(reason)
        lines.append(_pick(known, why, task))
    return listed(lines)


def _short(reason: str, task: WritingTask) -> str:
    """ "Shares revenge with Berserk" without what the sentence above has just named."""
    for mention in task.meaning.entities.series[:2]:
        reason = reason.removesuffix(f" with {mention.title}")
    return reason


def _pick(known: ProductEvidence, why: str, task: WritingTask) -> str:
    product = known.product
    about = sentence(opening_of(product.description, BRIEF)) if product.description else ""
    price = price_sentence(known) if known.price and task.meaning.cheaper else ""
    said = " ".join(part for part in (about, why, price) if part)
    return f"{entry_name(product)}: {said}" if said else f"{entry_name(product)} {by_authors(product)}".rstrip() + "."


def _shared(product: Product, task: WritingTask) -> str:
    """Without a reason from the recommender: what the product has that the message asked for, else its themes."""
    asked = [genre.lower() for genre in task.meaning.entities.genres if genre in product.genres]
    if len(asked) > 1:
        return sentence(f"{joined(asked)} in one")
    return (
        sentence(f"Themes: {', '.join(theme_words(theme) for theme in product.themes[:2])}") if product.themes else ""
    )


def _guide(task: WritingTask) -> str:
    """The store's own reading guide on the subject, when the knowledge base found one."""
    guides = [scored for scored in task.evidence.chunks if scored.chunk.source_type == "editorial"]
    best = max(guides, key=lambda scored: scored.score, default=None)
    told = any(known.reason.startswith(_GUIDE) for known in task.evidence.products)
    fits = best is not None and (told or (best.score >= FITTING and _speaks_of(best.chunk, task)))
    return f"Our guide “{best.chunk.title}” has more along these lines." if best and fits else ""


_GUIDE: Final = "From our guide"
_EVERY_GUIDE: Final = stems(
    "manga series read reading start book books good best first something like recommend new any"
)


def _speaks_of(guide: Chunk, task: WritingTask) -> bool:
    """Two thirds of what the message says is in the guide, and some of it in its title."""
    asked = stems(task.meaning.text) - _EVERY_GUIDE
    said = asked & stems(f"{guide.title} {guide.content}")
    return bool(asked & stems(guide.title)) and 3 * len(said) >= 2 * len(asked)
