"""A question with its candidates, as ``gather.py`` keeps them and ``train.py`` reads them."""

from typing import NamedTuple

import numpy as np

from mangaassist.knowledge.answer_features import Features


class Question(NamedTuple):
    """``gold``: documents that answer, none where nothing does; ``sentence`` is of the first of them."""

    text: str
    gold: tuple[str, ...]
    sentence: int | None
    kind: str
    held: bool


class Group(NamedTuple):
    """A question with its candidates: documents, what speaks for them, and which of documents and sentences are right or the same.

    ``found`` is False where none of the right documents was among the candidates: such a question counts and does not train.
    """

    question: Question
    documents: tuple[str, ...]
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
