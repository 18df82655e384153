"""The floors under which nothing is used: "I don't know" beats a wrong policy (K-2)."""

from typing import Final

from mangaassist.domain.chunks import Chunk, SourceType
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.knowledge.words import asked, coverage

FLOORS: Final[dict[SourceType, float]] = {
    "faq": 0.4,
    "policy": 0.4,
    "product": 0.28,
    "editorial": 0.28,
    "reviews": 0.28,
}
"""The least cosine at which a chunk is used.

Those of pages, and the three below, are 0.02 above what was measured: the layers of search put what shoppers ask that much
nearer to all pages (training/search/DATACARD.md). Measured with the shipped encoder on 65 questions that the store's pages
answer and 40 that they do not: at 0.38 it keeps 97 % of the first and 7 % of the second. A guide or a product that fits badly
does less harm than a wrong policy, and descriptions of taste ("something cosy with food") are less like what they mean.
"""
ASKED_FLOOR: Final = 0.57
"""The least cosine to one of the wordings that a page answers, at which the page is used: two short questions are soon alike.

Measured on 44 questions in the words of shoppers that the store's pages answer, and 42 that they do not (among them "do you
sell bicycles"), none of them one of the wordings: by cosines to pages alone 22 are answered and pages are used for 6 of the
others; with wordings at 0.50 it is 37 and 15, at 0.55 32 and 9, at 0.60 30 and 8. Through the whole search, words included:
33 and 10 with wordings, 20 and 7 without.
"""
SAYS_FLOOR, ANSWER_ASKED_FLOOR = 0.5, 0.6
"""The same for what an answer says, a sentence or two, and for its wordings, of which a page has dozens.

With these as many of 585 questions that nothing answers come near to a page as did before pages had answers (0.14 reach 0.5, 0.12
before; 0.22 without), and of those about a sentence of a page more than did (0.79; 0.69 before)."""
UNDER_FLOOR: Final = 0.3
COVERED: Final = 0.75
TELLING_WORDS: Final = 2
"""A page under its floor is used all the same if it holds three quarters of the telling words of a question that has at least
two. On the same questions that answers one more and is wrong in no other; at 0.6 two more of the others were answered."""
NAMED: Final = 0.5
"""A guide whose title holds half of the telling words ("where do i begin with clamp")."""
SAID: Final = 0.38
"""A guide is used whose meaning and words together come to this: names and moods say more by their words ("urasawa first")."""
MAY_ANSWER: Final = 0.3
"""A page of help that was judged is used from this probability on, however its cosine stands (K-2)."""
COVERAGE_FLOOR = 0.5
"""Without a vector: half of the question's telling words must occur in a chunk."""


def floor_of(chunk: Chunk, plan: RetrievalPlan) -> float:
    """The least cosine at which a chunk is used."""
    return FLOORS[chunk.source_type] if plan.floor is None else plan.floor


def is_covered(chunk: Chunk, cosine: float, text: str, plan: RetrievalPlan) -> bool:
    """Whether a chunk says what is asked, word for word, though its meaning is not quite like the question: of a page of help all
    that it says counts, of a guide its title, which names whose it is."""
    if plan.floor is not None or len(asked(text)) < TELLING_WORDS:
        return False
    match chunk.source_type:
        case "faq" | "policy":
            return cosine >= UNDER_FLOOR and coverage(text, f"{chunk.title} {chunk.content}") >= COVERED
        case "editorial":
            return coverage(text, chunk.title) >= NAMED
        case _:
            return False
