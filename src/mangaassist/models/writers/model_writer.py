"""A model as a writer: its prompt is made of the evidence, and of its answer neither its marks nor its thoughts are shown (M-6)."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from mangaassist.domain.writing import Draft, Usage, WritingNotes, WritingTask
from mangaassist.models.clients import UNWATCHED, CallWatcher, ModelClient
from mangaassist.models.exchange import CalledModel, Exchange
from mangaassist.models.profiles import ModelProfile
from mangaassist.models.prompts import build_prompt
from mangaassist.models.writers.citations import Citations
from mangaassist.models.writers.thoughts import Thoughts

CUT: Final = " …"
"""Shown where a model reached its limit in mid-sentence: the shopper sees that more was to come."""


class ModelWriter:
    """Writes with the profile's model. Lives as long as the process."""

    def __init__(
        self, profile: ModelProfile, client: ModelClient, factor: float = 1.0, watcher: CallWatcher = UNWATCHED
    ) -> None:
        """As ``CalledModel`` says."""
        self._model = CalledModel(profile, client, factor, watcher)

    def write(self, task: WritingTask) -> Draft:
        profile = self._model.profile
        prompt = build_prompt(task, profile.prompt_tokens)
        return ModelDraft(self._model.asked(prompt, profile.answer_tokens), Citations(prompt.cited_by))


class ModelDraft:
    """One answer of a model as shoppers see it."""

    def __init__(self, exchange: Exchange, citations: Citations) -> None:
        self._exchange = exchange
        self._citations = citations
        self._thoughts = Thoughts()

    @property
    def notes(self) -> WritingNotes:
        """What it cited so far."""
        cited = self._citations.cited
        return WritingNotes(cited=cited.chunk_ids, miscited=cited.unknown)

    @property
    def usage(self) -> Usage:
        return self._exchange.usage

    async def __aiter__(self) -> AsyncGenerator[str]:
        async with aclosing(aiter(self._exchange)) as pieces:
            async for piece in pieces:
                if shown := self._citations.feed(self._thoughts.feed(piece)):
                    yield shown
        if rest := self._citations.feed(self._thoughts.finish()) + self._citations.finish():
            yield rest
        if self._exchange.stop == "length":
            yield CUT
