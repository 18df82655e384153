"""M-5, M-6: the settings' models, opened."""

import sys

import pytest

from mangaassist.domain.writing import Tier
from mangaassist.errors import StartFailed
from mangaassist.models.installed import installed_models
from mangaassist.settings import Settings, load
from mangaassist.testing.openai_server import OpenAiServer
from tests.contracts.model_reader import TASK as READING_TASK
from tests.contracts.writer import TASK, said
from tests.patience import PATIENCE


def settings(**large: str) -> Settings:
    return load(environment={f"MANGAASSIST_MODELS__LARGE__{name.upper()}": value for name, value in large.items()})


async def test_without_settings_no_tier_calls_a_model() -> None:
    async with installed_models(load(environment={})) as models:
        assert models.writers == {}
        assert {profile.name for profile in models.profiles.values()} == {"offline"}


async def test_a_model_of_the_settings_writes_with_the_key_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_KEY", "sk-of-the-store")
    async with OpenAiServer() as server:
        chosen = {
            "MANGAASSIST_MODELS__LARGE__PROVIDER": "openai",
            "MANGAASSIST_MODELS__LARGE__URL": server.url,
            "MANGAASSIST_MODELS__LARGE__MODEL": "huge",
            "MANGAASSIST_MODELS__LARGE__KEY_ENV": "STORE_KEY",
            "MANGAASSIST_MODELS__LARGE__FIRST_TOKEN_S": str(PATIENCE),
        }
        async with installed_models(load(environment={**chosen, "STORE_KEY": "sk-of-the-store"})) as models:
            assert set(models.writers) == {Tier.LARGE}
            draft = models.writers[Tier.LARGE].write(TASK)
            assert await said(draft) == "Read Uzumaki first."
            assert draft.usage.model == "huge"
        assert server.headers[0]["authorization"] == "Bearer sk-of-the-store"


async def test_a_client_that_is_not_installed_is_named_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    monkeypatch.delitem(sys.modules, "mangaassist.models.writers.openai_compatible", raising=False)
    with pytest.raises(StartFailed, match=r"install mangaassist\[openai\]"):
        async with installed_models(settings(provider="openai", url="http://127.0.0.1:1/v1", model="m")):
            pass


async def test_the_small_model_reads_and_judges_only_where_that_is_wished_for() -> None:
    """M-2, G-3."""
    async with OpenAiServer() as server:
        chosen = {
            "MANGAASSIST_MODELS__SMALL__PROVIDER": "openai",
            "MANGAASSIST_MODELS__SMALL__URL": server.url,
            "MANGAASSIST_MODELS__SMALL__MODEL": "tiny",
        }
        async with installed_models(load(environment=chosen)) as models:
            assert models.reader is None
        async with installed_models(
            load(environment={**chosen, "MANGAASSIST_UNDERSTANDING__READER": "model"})
        ) as models:
            assert models.reader is not None
            assert models.reader.asked(READING_TASK).usage.model == "tiny"
            assert models.judge is None
        async with installed_models(load(environment={**chosen, "MANGAASSIST_GUARDRAILS__SCOPE": "model"})) as models:
            assert models.reader is None
            assert models.judge is not None
            assert models.judge.asked("Fine.").usage.model == "tiny"
