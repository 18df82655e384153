"""Whether any page answers a question at all (K-2): what the whole search looks like, read by a trained head.

A page that is near is not yet one that answers: among 160 help pages some page is near to anything. What tells the two apart is how
far the best stands before the rest, and whether the words that make the question are said anywhere.
"""

from collections.abc import Sequence
from importlib import resources
from typing import Final

import numpy as np
from msgspec import Struct

from mangaassist.domain.encoding import Vector
from mangaassist.knowledge.answer_features import PAGE_FEATURES, Features, Floats, Passage, stems_of
from mangaassist.knowledge.index import IndexHit
from mangaassist.knowledge.perceptron import Perceptron
from mangaassist.knowledge.words import asked, function_share, stem

WEIGHTS: Final = "weights/answerable.npz"
ANSWERABLE_FEATURES: Final = (
    *("best", "before_second", "before_third", "found", "before_ten", "before_thirty"),
    *(
        f"of_best_{name}"
        for name in ("cosine", "best_sentence", "lexical", "met", "best_met", "title_met", "met_by_title")
    ),
    *(f"of_any_{name}" for name in ("best_sentence", "lexical", "met", "best_met", "best_alike")),
    *("unknown", "unknown_count", "unmet_by_best", "unmet_by_three", "telling", "grammar", "kind"),
)
FAR: Final = 6.0
"""How far a page that is not there stands behind the best one."""
MOST_WORDS: Final = 12


class Search(Struct, frozen=True, eq=False):
    """A question with its pages: their numbers and scores, float32 [pages], and all that was found beside them."""

    text: str
    vector: Vector
    passages: Sequence[Passage]
    features: Features
    ranks: Floats
    hits: Sequence[IndexHit]


class AnswerableHead(Struct, frozen=True, eq=False):
    """``probe``: the direction, float32 [dimensions], in which the shipped encoder puts what shops' help pages are asked.

    ``plain``: stems that shoppers say without asking for them, so that no page need hold them.
    """

    network: Perceptron
    probe: Floats
    probe_bias: float
    plain: frozenset[str]

    @classmethod
    def load(cls) -> "AnswerableHead":
        """The head that the package ships."""
        with resources.files("mangaassist.knowledge").joinpath(WEIGHTS).open("rb") as file, np.load(file) as kept:
            network = Perceptron.of(kept, "network")
            plain = frozenset(str(kept["plain"]).split())
            return cls(network, kept["probe"], float(kept["probe_bias"]), plain)

    def logit(self, search: Search) -> float:
        """Of the probability that one of the pages answers."""
        numbers = whole_of(search, self.plain)
        return float(self.network.score(np.append(numbers, self.kind(search.vector))[None, :])[0])

    def kind(self, vector: Vector) -> float:
        """Whether it is the kind of question that help pages answer; 0 where the vector is of another encoder."""
        return float(vector @ self.probe) + self.probe_bias if vector.shape == self.probe.shape else 0.0


def whole_of(search: Search, plain: frozenset[str]) -> Floats:
    """What the search looks like as a whole: ``ANSWERABLE_FEATURES`` but the last, float32."""
    ranks, pages = search.ranks, search.features.pages
    order: list[int] = np.argsort(-ranks, kind="stable").tolist()
    scores = np.append(ranks[order], np.full(2, ranks.max() - FAR))
    cosines = np.sort(np.array([hit.cosine for hit in search.hits], np.float32))[::-1]
    best, places = pages[order[0]], PAGE_FEATURES.index
    telling = frozenset(map(stem, asked(search.text))) - plain
    of_pages = [stems_of(search.passages[place].chunk) for place in order[:3]]
    held = [*of_pages, *(stems_of(hit.stored.chunk) for hit in search.hits)]
    return np.array(
        [
            *(scores[0], scores[0] - scores[1], scores[0] - scores[2]),
            *(cosines[0], cosines[0] - cosines[1:10].mean() if len(cosines) > 1 else FAR / 10),
            cosines[0] - cosines[10:30].mean() if len(cosines) > 10 else FAR / 10,
            *(best[places(name)] for name in _OF_BEST),
            *(pages[:, places(name)].max() for name in _OF_ANY),
            *(_lacking(telling, held), min(4, len(telling - frozenset[str]().union(*held))) / 4),
            *(_lacking(telling, of_pages[:1]), _lacking(telling, of_pages)),
            *(min(MOST_WORDS, len(telling)) / MOST_WORDS, function_share(search.text)),
        ],
        np.float32,
    )


_OF_BEST: Final = ("cosine", "best_sentence", "lexical", "met", "best_met", "title_met", "met_by_title")
_OF_ANY: Final = ("best_sentence", "lexical", "met", "best_met", "best_alike")


def _lacking(words: frozenset[str], texts: Sequence[frozenset[str]]) -> float:
    """The share of the words that none of the texts holds."""
    return len(words - frozenset[str]().union(*texts)) / len(words) if words else 0.0
