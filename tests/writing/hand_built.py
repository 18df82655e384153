"""Writing tasks put together by hand: what was understood, and what the evidence holds."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from mangaassist.domain.acts import Act, intent_of
from mangaassist.domain.dialogue import NEW_DIALOGUE, DialogueState, Shown, Target
from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.keeping import parts
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.products import Format
from mangaassist.domain.wishes import Label, Wish
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import product_discovery, product_question, recommendation
from mangaassist.models.writers.offline.phrasing import Phrasing

ROOMS = {
    Intent.PRODUCT_DISCOVERY: product_discovery,
    Intent.PRODUCT_QUESTION: product_question,
    Intent.RECOMMENDATION: recommendation,
}
GHOSTS = Label("theme", "Ghosts", "ghost")
HORROR = Label("genre", "Horror", "scary")
GORE = Label("theme", "Body horror", "gore")


def task(
    acts: Act | Iterable[Act],
    evidence: Evidence = Evidence(),  # noqa: B008
    targets: Iterable[Target] = (),
    *wishes: Wish,
    state: DialogueState = NEW_DIALOGUE,
    text: str = "x",
    **understood: Any,
) -> WritingTask:
    heard = (acts,) if isinstance(acts, Act) else tuple(acts)
    evidence = replace(evidence, products=tuple(_kept(known, wishes) for known in evidence.products))
    return WritingTask(
        meaning=Meaning(
            text=text,
            guess=IntentGuess(intent_of(heard[0]), 0.9, "rules"),
            acts=tuple(HeardAct(act) for act in heard),
            targets=tuple(targets),
            sought=wishes,
            **understood,
        ),
        evidence=evidence,
        state=state,
    )


def _kept(known: ProductEvidence, wishes: tuple[Wish, ...]) -> ProductEvidence:
    """A product that keeps all of its wish, unless a test says how far it does."""
    if known.keeps or known.wish >= len(wishes):
        return known
    return replace(known, keeps=tuple((part, "kept") for part in parts(wishes[known.wish])))


def composed(asked: WritingTask, phrasing: Phrasing | None = None) -> str:
    return ROOMS[asked.meaning.intent].compose(asked, phrasing or Phrasing(asked))


def hook(asked: WritingTask, phrasing: Phrasing | None = None) -> str:
    """What is offered after the answer was composed."""
    phrasing = phrasing or Phrasing(asked)
    composed(asked, phrasing)
    return ROOMS[asked.meaning.intent].offer_next(asked, phrasing)


def answer(acts: Act | Iterable[Act], *rest: Any, **more: Any) -> str:
    return composed(task(acts, *rest, **more))


def target(known: ProductEvidence, volume: int | None = None, form: Format | None = None) -> Target:
    product = known.product
    return Target(series_id=product.series_id, title=product.series_title, volume=volume, format=form)


def shown(*products: ProductEvidence, reason: str = "") -> tuple[Shown, ...]:
    return tuple(
        Shown(asin=one.asin, series_id=one.product.series_id, title=one.product.title, reason=reason)
        for one in products
    )
