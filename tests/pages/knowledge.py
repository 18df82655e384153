"""What is searched for what, and what is near enough (``turn/searches.py``, ``knowledge/floors.py``): for ``docs/knowledge.md``."""

from typing import Final

from mangaassist.knowledge.floors import FLOORS
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.turn.searches import SEARCHES
from tests.pages.markdown import names, table

CHOSEN: Final = {"precision": "the best, in the reranker's order", "mmr": "good ones that are unlike each other"}


def searches() -> str:
    head = ("search", "looks at", "candidates", "gives", "chooses")
    return table(head, ((purpose, *_row(plan)) for purpose, plan in SEARCHES.items()))


def _row(plan: RetrievalPlan) -> tuple[str, ...]:
    return names(plan.source_types), str(plan.candidates), f"{plan.k} at most", CHOSEN[plan.ranker]


def floors() -> str:
    return table(
        ("source", "used from a cosine of"), ((f"`{source}`", f"{floor:.2f}") for source, floor in FLOORS.items())
    )


BLOCKS: Final = {"searches": searches, "floors": floors}
