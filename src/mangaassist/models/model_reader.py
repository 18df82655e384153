"""A small model as a reader of messages: one short answer of one form, decoded strictly (M-2, T-5)."""

from typing import Final

import msgspec

from mangaassist.domain.reading import ModelReading, ReadingTask
from mangaassist.domain.writing import Usage
from mangaassist.models.clients import UNWATCHED, CallWatcher, ModelClient
from mangaassist.models.exchange import CalledModel, Exchange
from mangaassist.models.profiles import ModelProfile
from mangaassist.models.reading_prompt import reading_form, reading_prompt, rules

ANSWER_TOKENS: Final = 300
"""Where a reading is cut off: all of its fields, with a few names each."""
LONGEST: Final = 8_000
"""Characters of an answer that is none."""

_decoder: Final = msgspec.json.Decoder(ModelReading)


class SmallModelReader:
    """A ``ModelReader``. Lives as long as the process."""

    def __init__(
        self, profile: ModelProfile, client: ModelClient, factor: float = 1.0, watcher: CallWatcher = UNWATCHED
    ) -> None:
        """As ``CalledModel`` says."""
        self._model = CalledModel(profile, client, factor, watcher)
        rules()  # made now, as the form is: no message waits for them
        self._form = reading_form()

    @property
    def most_usd(self) -> float:
        profile = self._model.profile
        return profile.cost(profile.prompt_tokens, ANSWER_TOKENS)

    def asked(self, task: ReadingTask) -> "SmallModelReading":
        return SmallModelReading(self._model.asked(reading_prompt(task), ANSWER_TOKENS, self._form))


class SmallModelReading:
    """A ``ReadingCall``."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    @property
    def usage(self) -> Usage:
        return self._exchange.usage

    async def read(self) -> ModelReading | None:
        return await self._exchange.formed(_decoder, LONGEST)
