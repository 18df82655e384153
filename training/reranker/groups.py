"""A question with its candidates, as ``gather.py`` keeps them and ``train.py`` reads them."""

from typing import NamedTuple

import numpy as np

from mangaassist.knowledge.answer_features import Features


class Question(NamedTuple):
    """``gold``: chunks that answer, none where nothing does; ``sentence`` is of the first of them."""

    text: str
    gold: tuple[str, ...]
    sentence: int | None
    kind: str
    held: bool

    @property
    def is_of_answer(self) -> bool:
        """Whether it is a wording of an answer: many are fragments, which without their page could be asked of anything."""
        return self.kind in ("ask", "joined ask")

    @property
    def is_of_page(self) -> bool:
        """Whether a page is asked for as a whole: its own answers are no wrong ones then."""
        return self.kind.partition(", ")[0] in ("page", "title", "wording")


class Group(NamedTuple):
    """A question with its candidates: chunks, what speaks for them, and which of chunks and sentences are right or the same.

    ``found`` is False where none of the right chunks was among the candidates: such a question counts and does not train.
    """

    question: Question
    chunks: tuple[str, ...]
    features: Features
    same_page: np.ndarray
    right: np.ndarray
    same: np.ndarray
    found: bool


class Row(NamedTuple):
    """What a search looked like. ``numbers``: ``whole_of`` it. ``lacking``: the same question without the pages that answer it."""

    text: str
    kind: str
    vector: np.ndarray
    numbers: np.ndarray
    answered: bool
    lacking: bool
    held: bool
