"""The one table of models: what each costs, how much it reads and writes, and how long it is waited for (M-5, M-10).

Router, writers, the turn's budget and the prompt read the same profile. It is made of the settings' ``[models.small]`` and
``[models.large]``; what those leave open comes from ``data/prices.toml`` and the usual figures here.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final, Literal

from msgspec import Struct, convert

from mangaassist.domain.writing import Tier, Usage
from mangaassist.errors import SettingsInvalid
from mangaassist.settings import Model, Settings

Provider = Literal["offline", "openai", "bedrock"]

FIRST_TOKEN_S: Final = 0.8
"""All models together have this long for a first piece; it leaves the offline writer room within the 900 ms of M-10."""
BETWEEN_TOKENS_S: Final = 10.0
"""A model that says nothing for this long after its first piece has failed."""
CONTEXT_TOKENS: Final = 32_000
PROMPT_TOKENS: Final = 6_000
ANSWER_TOKENS: Final = 600


class Prices(Struct, frozen=True, kw_only=True):
    """US dollars per 1 000 tokens."""

    usd_per_1k_in: float = 0.0
    usd_per_1k_out: float = 0.0
    usd_per_1k_cache_read: float = 0.0
    usd_per_1k_cache_write: float = 0.0


FREE: Final = Prices()
_ID: Final = r"(?:.*[./])?{}(?:[-@]\d{{4}}-?\d\d-?\d\d)?(?:-v\d+)?(?::\w+)*(?:-latest)?"


class ModelProfile(Struct, frozen=True, kw_only=True):
    """A model as the rooms know it. ``name`` is what answers and figures call it."""

    name: str
    provider: Provider = "offline"
    targets: tuple[str, ...] = ()
    """Ids of the same model as its provider calls them, tried in order while the one before is throttled: provisioned throughput
    first, then on demand. The last is the model's own id."""
    prices: Prices = FREE
    provisioned_usd_per_hour: float | None = None
    """What all targets before the model's own id cost an hour together. None: nobody says."""
    context_tokens: int = CONTEXT_TOKENS
    """Prompt and answer together never take more."""
    prompt_tokens: int = PROMPT_TOKENS
    """What a prompt may take: the least valuable evidence is left out first."""
    answer_tokens: int = ANSWER_TOKENS
    """Where the provider cuts an answer off."""
    first_token_s: float | None = None
    """How long a first piece may take. None: its share of the turn's budget (``FIRST_TOKEN_S``, M-10)."""
    between_tokens_s: float = BETWEEN_TOKENS_S

    @property
    def model_id(self) -> str:
        """What its provider calls it."""
        return self.targets[-1] if self.targets else self.name

    @property
    def words(self) -> str:
        """For a person: who it is, who serves it, and what it may cost."""
        if self.provider == "offline":
            return self.name
        return f"{self.name} by {self.provider}, at most ${self.most_usd:.4f} an answer"

    @property
    def most_usd(self) -> float:
        """What one answer may cost: a tier is chosen only while the budgets hold that much."""
        return self.cost(self.prompt_tokens, self.answer_tokens)

    def cost(self, tokens_in: int, tokens_out: int, cache_read: int = 0, cache_write: int = 0) -> float:
        """US dollars. ``tokens_in`` are all that were read; of them ``cache_read`` and ``cache_write`` have prices of their own."""
        prices = self.prices
        return (
            max(0, tokens_in - cache_read - cache_write) * prices.usd_per_1k_in
            + cache_read * prices.usd_per_1k_cache_read
            + cache_write * prices.usd_per_1k_cache_write
            + tokens_out * prices.usd_per_1k_out
        ) / 1000

    def priced(self, usage: Usage) -> float:
        """What the usage costs at these prices, in US dollars."""
        return self.cost(usage.tokens_in, usage.tokens_out, usage.cache_read, usage.cache_write)


OFFLINE: Final = ModelProfile(name="offline")
OFFLINE_ALONE: Final[Mapping[Tier, ModelProfile]] = MappingProxyType(dict.fromkeys(Tier, OFFLINE))
"""Without settings the offline writer stands behind every tier and costs nothing."""


def profiles(settings: Settings) -> Mapping[Tier, ModelProfile]:
    """The model of each tier. What has none of its own is written by the next cheaper one.

    Raises ``SettingsInvalid`` for a model that costs money nobody knows of.
    """
    mistakes: list[str] = []
    small = _profile("small", settings.models.small, mistakes) or OFFLINE
    large = _profile("large", settings.models.large, mistakes) or small
    if mistakes:
        raise SettingsInvalid(mistakes)
    return MappingProxyType({Tier.TEMPLATE: OFFLINE, Tier.SMALL: small, Tier.LARGE: large})


def _profile(section: str, chosen: Model, mistakes: list[str]) -> ModelProfile | None:
    if chosen.provider == "offline":
        return None
    prices = _prices(chosen)
    if prices is None:
        mistakes.append(
            f"models.{section}.model: no price of {chosen.model} is known: name usd_per_1k_in and usd_per_1k_out"
            " (0 where it costs nothing by the token)"
        )
        return None
    usual = ModelProfile(name=chosen.model)
    return ModelProfile(
        name=chosen.model,
        provider=chosen.provider,
        targets=(*chosen.provisioned, chosen.model),
        prices=prices,
        provisioned_usd_per_hour=chosen.provisioned_usd_per_hour,
        context_tokens=chosen.context_tokens or usual.context_tokens,
        prompt_tokens=chosen.prompt_tokens or usual.prompt_tokens,
        answer_tokens=chosen.answer_tokens or usual.answer_tokens,
        first_token_s=chosen.first_token_s,
        between_tokens_s=chosen.between_tokens_s or usual.between_tokens_s,
    )


def _prices(chosen: Model) -> Prices | None:
    """Those that the settings name, else the published ones; a server of one's own costs nothing by the token. None: unknown."""
    published = _published(chosen.model) if _is_hosted(chosen) else FREE
    if chosen.usd_per_1k_in is None or chosen.usd_per_1k_out is None:
        if published is None:
            return None
        read, written = published.usd_per_1k_cache_read, published.usd_per_1k_cache_write
    else:  # a cache that no price is given for is no bargain
        read, written = chosen.usd_per_1k_in, chosen.usd_per_1k_in
    base = published or FREE
    return Prices(
        usd_per_1k_in=_first(chosen.usd_per_1k_in, base.usd_per_1k_in),
        usd_per_1k_out=_first(chosen.usd_per_1k_out, base.usd_per_1k_out),
        usd_per_1k_cache_read=_first(chosen.usd_per_1k_cache_read, read),
        usd_per_1k_cache_write=_first(chosen.usd_per_1k_cache_write, written),
    )


def _first(given: float | None, otherwise: float) -> float:
    return otherwise if given is None else given


def _is_hosted(chosen: Model) -> bool:
    """Whether somebody else's meter runs: at AWS, at OpenAI, and at whoever is called over TLS."""
    return chosen.provider == "bedrock" or chosen.url is None or chosen.url.startswith("https:")


def _published(model: str) -> Prices | None:
    """The row of that name; before it an id may have a region and a vendor, behind it a date and a version."""
    found = (row for name, row in _price_table().items() if re.fullmatch(_ID.format(re.escape(name)), model))
    return next(found, None)


@cache
def _price_table() -> Mapping[str, Prices]:
    text = resources.files("mangaassist.models").joinpath("data/prices.toml").read_text(encoding="utf-8")
    return {name: convert(row, Prices) for name, row in tomllib.loads(text).items()}
