"""M-5, M-10, O-2: one table of models, made of four lines of settings and what is published of the model."""

import pytest
from msgspec import structs

from mangaassist.domain.writing import Tier, Usage
from mangaassist.errors import SettingsInvalid
from mangaassist.models.profiles import OFFLINE, ModelProfile, Prices, profiles
from mangaassist.settings import Settings, load

HAIKU = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"


def chosen(tier: str = "large", **settings: str) -> Settings:
    environment = {f"MANGAASSIST_MODELS__{tier.upper()}__{name.upper()}": value for name, value in settings.items()}
    return load(environment={**environment, "THE_KEY": "sk-secret"})


def large(**settings: str) -> ModelProfile:
    return profiles(chosen(**settings))[Tier.LARGE]


def test_without_settings_the_offline_writer_stands_behind_every_tier() -> None:
    assert set(profiles(load(environment={})).items()) == {(tier, OFFLINE) for tier in Tier}


def test_four_lines_are_enough_and_the_rest_is_known_of_the_model() -> None:
    profile = large(provider="openai", url="https://api.example/v1", model="gpt-4o-mini-2024-07-18", key_env="THE_KEY")
    assert (profile.name, profile.targets) == ("gpt-4o-mini-2024-07-18", ("gpt-4o-mini-2024-07-18",))
    assert (profile.prices.usd_per_1k_in, profile.prices.usd_per_1k_out) == (0.00015, 0.0006)
    assert profile.first_token_s is None


@pytest.mark.parametrize(
    ("model", "usd_in"),
    [
        (HAIKU, 0.001),
        ("anthropic.claude-3-haiku-20240307-v1:0:48k", 0.00025),
        ("us.amazon.nova-lite-v1:0", 0.00006),
        ("gpt-4.1-mini", 0.0004),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0", 0.003),
    ],
)
def test_an_id_is_priced_whatever_region_vendor_and_version_stand_around_its_name(model: str, usd_in: float) -> None:
    assert large(provider="bedrock", model=model).prices.usd_per_1k_in == usd_in


@pytest.mark.parametrize("model", ["gpt-5-pro", "gpt-4", "my-gpt-5", "claude-opus-9"])
def test_a_hosted_model_whose_price_nobody_knows_is_named_at_start(model: str) -> None:
    with pytest.raises(SettingsInvalid, match=f"models.large.model: no price of {model} is known: name usd_per_1k_in"):
        large(provider="openai", model=model, key_env="THE_KEY")


def test_both_tiers_mistakes_are_named_at_once() -> None:
    small = chosen("small", provider="bedrock", model="x").models.small
    settings = structs.replace(
        load(environment={}), models=structs.replace(Settings().models, small=small, large=small)
    )
    with pytest.raises(SettingsInvalid) as refused:
        profiles(settings)
    assert len(refused.value.mistakes) == 2


def test_a_server_of_ones_own_costs_nothing_by_the_token_whatever_its_model_is_called() -> None:
    assert large(provider="openai", url="http://vllm.internal:8000/v1", model="gpt-4o").most_usd == 0


def test_a_contracts_prices_take_the_place_of_the_published_ones() -> None:
    prices = large(provider="bedrock", model=HAIKU, usd_per_1k_in="0.5", usd_per_1k_out="0.7").prices
    assert prices == Prices(
        usd_per_1k_in=0.5, usd_per_1k_out=0.7, usd_per_1k_cache_read=0.5, usd_per_1k_cache_write=0.5
    )


def test_one_model_has_several_targets_and_its_own_id_is_the_last() -> None:
    profile = large(provider="bedrock", model=HAIKU, targets="arn:aws:bedrock:eu-west-1:1:provisioned-model/abc")
    assert profile.targets == ("arn:aws:bedrock:eu-west-1:1:provisioned-model/abc", HAIKU)
    assert (profile.name, profile.model_id) == (HAIKU, HAIKU)


def test_a_tier_without_a_model_of_its_own_is_the_next_cheaper_ones() -> None:
    alone = profiles(chosen("small", provider="openai", url="http://127.0.0.1:1/v1", model="tiny"))
    assert [alone[tier].name for tier in Tier] == ["offline", "tiny", "tiny"]
    other = profiles(chosen("large", provider="openai", url="http://127.0.0.1:1/v1", model="huge"))
    assert [other[tier].name for tier in Tier] == ["offline", "offline", "huge"]


def test_limits_and_tokens_are_those_of_the_settings() -> None:
    profile = large(
        provider="openai", url="http://127.0.0.1:1/v1", model="m", first_token_s="30", between_tokens_s="4",
        prompt_tokens="800", answer_tokens="200", context_tokens="2048",
    )  # fmt: skip
    assert (profile.first_token_s, profile.between_tokens_s) == (30, 4)
    assert (profile.prompt_tokens, profile.answer_tokens, profile.context_tokens) == (800, 200, 2048)


def test_tokens_of_the_prompt_cache_have_prices_of_their_own() -> None:
    prices = Prices(usd_per_1k_in=1, usd_per_1k_out=5, usd_per_1k_cache_read=0.1, usd_per_1k_cache_write=1.25)
    profile = ModelProfile(name="m", prices=prices)
    assert profile.cost(2000, 100) == pytest.approx(2.5)
    assert profile.priced(Usage("m", 2000, 100, cache_read=1000, cache_write=400)) == pytest.approx(1.7)


def test_a_person_is_told_who_writes_and_what_it_may_cost() -> None:
    assert OFFLINE.words == "offline"
    assert large(provider="bedrock", model=HAIKU).words == f"{HAIKU} by bedrock, at most $0.0090 an answer"


def test_what_an_answer_may_cost_at_most_is_its_whole_prompt_and_its_longest_answer() -> None:
    profile = ModelProfile(
        name="m", prices=Prices(usd_per_1k_in=1, usd_per_1k_out=5), prompt_tokens=3000, answer_tokens=200
    )
    assert profile.most_usd == pytest.approx(4.0)
