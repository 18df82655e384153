"""The models that the settings name, opened for the process: what is known of each tier's, and who writes with it (M-5, M-6)."""

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import Struct

from mangaassist.domain.opinions import ScopeJudge
from mangaassist.domain.reading import ModelReader
from mangaassist.domain.writing import Tier, Writer
from mangaassist.errors import StartFailed
from mangaassist.models.clients import UNWATCHED, CallWatcher, ModelClient
from mangaassist.models.model_reader import SmallModelReader
from mangaassist.models.profiles import ModelProfile, profiles
from mangaassist.models.scope_judge import SmallScopeJudge
from mangaassist.models.writers.model_writer import ModelWriter
from mangaassist.settings import Model, Settings


class InstalledModels(Struct, frozen=True):
    """Every tier has a profile; ``writers`` holds those of them that call a model."""

    profiles: Mapping[Tier, ModelProfile]
    writers: Mapping[Tier, Writer]
    reader: ModelReader | None = None
    """Who reads what our own reading is unsure of, where that is wished for."""
    judge: ScopeJudge | None = None
    """Who is asked whether an answer strays from the store's matters, where that is wished for."""


@asynccontextmanager
async def installed_models(settings: Settings, watcher: CallWatcher = UNWATCHED) -> AsyncGenerator[InstalledModels]:
    """``watcher`` hears of every call. Raises ``SettingsInvalid`` and ``StartFailed``."""
    known, writers, reader, judge = profiles(settings), dict[Tier, Writer](), None, None
    async with AsyncExitStack() as exits:
        for tier, chosen in ((Tier.SMALL, settings.models.small), (Tier.LARGE, settings.models.large)):
            if chosen.provider != "offline":
                client = await _client(chosen, known[tier])
                exits.push_async_callback(client.close)
                writers[tier] = ModelWriter(known[tier], client, settings.timeout_factor, watcher)
                if tier is Tier.SMALL and settings.understanding.reader == "model":
                    reader = SmallModelReader(known[tier], client, settings.timeout_factor, watcher)
                if tier is Tier.SMALL and settings.guardrails.scope == "model":
                    judge = SmallScopeJudge(known[tier], client, settings.timeout_factor, watcher)
        yield InstalledModels(known, writers, reader, judge)


async def _client(chosen: Model, profile: ModelProfile) -> ModelClient:
    if chosen.provider == "bedrock":
        return await _bedrock(chosen)
    return _openai(chosen, profile)


def _openai(chosen: Model, profile: ModelProfile) -> ModelClient:
    """The key is read from the environment here, and kept by the client alone."""
    try:
        from mangaassist.models.writers.openai_compatible import OpenAiClient
    except ImportError as error:
        raise StartFailed(f"{profile.name} needs OpenAI's client: install mangaassist[openai].") from error
    return OpenAiClient(profile.name, chosen.url, os.environ.get(chosen.key_env, ""))


async def _bedrock(chosen: Model) -> ModelClient:
    try:
        from mangaassist.models.writers.bedrock import BedrockClient, Guardrail
    except ImportError as error:
        raise StartFailed("A model on Bedrock needs AWS's client: install mangaassist[aws].") from error
    guardrail = Guardrail(chosen.guardrail, chosen.guardrail_version) if chosen.guardrail else None
    return await BedrockClient.open(chosen.region, chosen.url, guardrail, chosen.prompt_cache)
