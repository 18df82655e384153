"""O-2: defaults, then the file, then the environment; every mistake at once."""

from pathlib import Path

import pytest
from platformdirs import user_cache_path, user_data_path

from mangaassist.errors import SettingsInvalid
from mangaassist.settings import load


def test_the_defaults_are_the_addresses_that_the_readme_names() -> None:
    settings = load(environment={})
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8000)
    assert (settings.store.url, settings.store.grpc) == ("http://127.0.0.1:8080", "127.0.0.1:50051")


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "mangaassist.toml"
    file.write_text('[server]\nport = 9000\nhost = "127.0.0.2"\n', encoding="utf-8")
    settings = load(file, {"MANGAASSIST_SERVER__PORT": "9001"})
    assert (settings.server.host, settings.server.port) == ("127.0.0.2", 9001)


def test_three_mistakes_in_a_file_are_all_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "mangaassist.toml"
    file.write_text('[server]\nport = 99999\nhots = "x"\n[logs]\nlevel = "loud"\n', encoding="utf-8")
    with pytest.raises(SettingsInvalid) as refused:
        load(file, {})
    worded = str(refused.value)
    assert worded.startswith("The settings have 3 mistakes:")
    for expected in (
        "server.port = 99999",
        "server.hots: there is no such setting; did you mean server.host?",
        "logs.level",
    ):
        assert expected in worded


def test_a_mistake_in_the_file_is_named_even_when_the_environment_overrides_it(tmp_path: Path) -> None:
    file = tmp_path / "mangaassist.toml"
    file.write_text("[server]\nport = 0\n", encoding="utf-8")
    with pytest.raises(SettingsInvalid):
        load(file, {"MANGAASSIST_SERVER__PORT": "8001"})


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[server", b"server = 3\n"])
def test_a_file_that_is_no_settings_file_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsInvalid, match=r"broken\.toml"):
        load(file, {})


def test_lists_in_the_environment_are_split_at_commas() -> None:
    settings = load(environment={"MANGAASSIST_SERVER__ALLOWED_ORIGINS": "http://a.example, http://b.example"})
    assert settings.server.allowed_origins == ("http://a.example", "http://b.example")


def test_durable_data_and_derived_data_have_the_users_own_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    settings = load(environment={})
    assert settings.data == user_data_path("mangaassist", appauthor=False)
    assert settings.cache == user_cache_path("mangaassist", appauthor=False)
    assert settings.data not in (settings.cache, *settings.cache.parents)


def test_a_data_folder_alone_holds_everything_and_keeps_the_cache_apart() -> None:
    settings = load(environment={"MANGAASSIST_DATA_DIR": "/srv/assistant"})
    assert (settings.data, settings.cache) == (Path("/srv/assistant"), Path("/srv/assistant/cache"))


def test_a_cache_folder_that_is_named_is_used() -> None:
    settings = load(environment={"MANGAASSIST_DATA_DIR": "/srv/assistant", "MANGAASSIST_CACHE_DIR": "/var/cache/a"})
    assert (settings.data, settings.cache) == (Path("/srv/assistant"), Path("/var/cache/a"))
    assert load(environment={"MANGAASSIST_CACHE_DIR": "~/c"}).cache == Path.home() / "c"


@pytest.mark.parametrize(
    "url", ["", "redis://127.0.0.1:6379/0", "rediss://assistant:secret@redis.example:6380?health_check_interval=5"]
)
def test_the_conversation_log_is_in_a_redis_or_nowhere_else(url: str) -> None:
    shared = {"MANGAASSIST_REDIS__URL": url, "MANGAASSIST_DYNAMODB__TABLE": "sessions"}
    assert load(environment=shared).redis.url == url


def test_whoever_shares_conversations_shares_sessions() -> None:
    with pytest.raises(SettingsInvalid, match=r"name dynamodb\.table"):
        load(environment={"MANGAASSIST_REDIS__URL": "redis://127.0.0.1:6379/0"})


@pytest.mark.parametrize("url", ["http://127.0.0.1:6379", "redis://", "127.0.0.1:6379"])
def test_what_is_no_address_of_a_redis_is_named(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="MANGAASSIST_REDIS__URL"):
        load(environment={"MANGAASSIST_REDIS__URL": url})


OPENSEARCH = {
    "MANGAASSIST_KNOWLEDGE__INDEX": "opensearch",
    "MANGAASSIST_OPENSEARCH__URL": "https://search.example:9200",
}


def test_knowledge_is_on_this_machine_or_in_the_opensearch_that_is_named() -> None:
    assert load(environment={}).knowledge.index == "embedded"
    login = {"MANGAASSIST_OPENSEARCH__LOGIN_ENV": "SEARCH_LOGIN", "SEARCH_LOGIN": "writer:secret"}
    settings = load(environment=OPENSEARCH | login)
    assert (settings.knowledge.index, settings.opensearch.url) == ("opensearch", "https://search.example:9200")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"MANGAASSIST_OPENSEARCH__URL": ""}, r"opensearch\.url: name the OpenSearch"),
        ({"MANGAASSIST_OPENSEARCH__URL": "search.example:9200"}, "OPENSEARCH__URL"),
        ({"MANGAASSIST_OPENSEARCH__URL": "https://writer:secret@search.example"}, r"opensearch\.url: holds a login"),
        (
            {"MANGAASSIST_OPENSEARCH__LOGIN_ENV": "writer:secret"},
            r"opensearch\.login_env: names the environment variable",
        ),
        ({"MANGAASSIST_OPENSEARCH__LOGIN_ENV": "SEARCH_LOGIN"}, "the environment has no SEARCH_LOGIN"),
        ({"MANGAASSIST_OPENSEARCH__LOGIN_ENV": "SEARCH_LOGIN", "SEARCH_LOGIN": "secret"}, "that reads user:password"),
        ({"MANGAASSIST_OPENSEARCH__NAME": "Shop*"}, "OPENSEARCH__NAME"),
        ({"MANGAASSIST_OPENSEARCH__SHARDS": "0"}, "OPENSEARCH__SHARDS"),
        ({"MANGAASSIST_KNOWLEDGE__INDEX": "elastic"}, "KNOWLEDGE__INDEX"),
    ],
)
def test_what_is_wrong_about_an_opensearch_is_said_at_the_start_and_shows_no_login(
    given: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsInvalid, match=said) as caught:
        load(environment=OPENSEARCH | given)
    assert "secret" not in str(caught.value)


def test_the_sealing_key_is_in_the_data_folder_unless_a_file_is_named() -> None:
    alone = load(environment={"MANGAASSIST_DATA_DIR": "/srv/assistant"})
    shared = load(
        environment={"MANGAASSIST_DATA_DIR": "/srv/assistant", "MANGAASSIST_SEALING_KEY_FILE": "~/shared.key"}
    )
    assert alone.sealing_key == Path("/srv/assistant/sealing.key")
    assert shared.sealing_key == Path.home() / "shared.key"


@pytest.mark.parametrize("name", ["chat.example", "*.chat.example", "*", "[::1]", "10.0.0.1", "my_service"])
def test_a_host_is_a_name_an_address_or_all_of_a_domain(name: str) -> None:
    assert load(environment={"MANGAASSIST_SERVER__ALLOWED_HOSTS": f"localhost,{name}"}).server.allowed_hosts[1] == name


@pytest.mark.parametrize(
    "name", ["chat.example:8000", "https://chat.example", "*chat.example", "a.*.example", "::1", "a b", ""]
)
def test_what_is_no_host_is_named(name: str) -> None:
    with pytest.raises(SettingsInvalid, match="SERVER__ALLOWED_HOSTS"):
        load(environment={"MANGAASSIST_SERVER__ALLOWED_HOSTS": name})


@pytest.mark.parametrize(
    "page", ["https://shop.example/store", "https://user@shop.example", "shop.example", "*", "null"]
)
def test_what_is_no_origin_is_named(page: str) -> None:
    with pytest.raises(SettingsInvalid, match="SERVER__ALLOWED_ORIGINS"):
        load(environment={"MANGAASSIST_SERVER__ALLOWED_ORIGINS": page})


def test_proxies_are_addresses_and_networks() -> None:
    given = {"MANGAASSIST_SERVER__PROXIES": "10.0.0.0/8, 192.0.2.1, fd00::/8"}
    assert load(environment=given).server.proxies == ("10.0.0.0/8", "192.0.2.1", "fd00::/8")


@pytest.mark.parametrize("proxy", ["*", "10.0.0.1/8", "proxy.example", "10.0.0.0/99"])
def test_a_proxy_that_nothing_would_ever_match_is_named_beside_the_other_mistakes(proxy: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load(environment={"MANGAASSIST_SERVER__PROXIES": proxy, "MANGAASSIST_LOGS__LEVEL": "loud"})
    assert len(refused.value.mistakes) == 2
    assert any(m.startswith("server.proxies: ") and proxy in m for m in refused.value.mistakes)


def test_a_model_is_named_in_its_section_or_by_variables(tmp_path: Path) -> None:
    file = tmp_path / "mangaassist.toml"
    file.write_text(
        '[models]\nday_budget_usd = 3\n[models.large]\nprovider = "openai"\nmodel = "a"\nkey_env = "THE_KEY"\n',
        encoding="utf-8",
    )
    models = load(file, {"MANGAASSIST_MODELS__LARGE__MODEL": "b", "THE_KEY": "sk-secret"}).models
    assert (models.day_budget_usd, models.large.provider, models.large.model) == (3, "openai", "b")
    assert models.small.provider == "offline"


def test_every_mistake_about_a_model_is_named_at_once_by_where_it_stands() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load(
            environment={
                "MANGAASSIST_MODELS__SMALL__MODEL": "forgot who serves it",
                "MANGAASSIST_MODELS__LARGE__PROVIDER": "openai",
                "MANGAASSIST_MODELS__LARGE__KEY_ENV": "OPENAI_API_KEY",
                "MANGAASSIST_MODELS__LARGE__USD_PER_1K_IN": "1",
            }
        )
    said = [mistake.partition(": ")[0] for mistake in refused.value.mistakes]
    assert said == [
        "models.small.provider", "models.large.model", "models.large.key_env", "models.large.usd_per_1k_out",
    ]  # fmt: skip


@pytest.mark.parametrize("setting", ["key_env", "key"])
def test_a_key_that_stands_in_the_settings_is_refused_and_never_shown(setting: str, tmp_path: Path) -> None:
    file = tmp_path / "mangaassist.toml"
    file.write_text(f'[models.large]\nprovider = "openai"\nmodel = "a"\n{setting} = "sk-proj-abc"\n', encoding="utf-8")
    with pytest.raises(SettingsInvalid, match=rf"models\.large\.{setting}: ") as refused:
        load(file, {})
    assert "sk-proj" not in str(refused.value)


def test_a_model_that_shall_judge_has_to_be_there() -> None:
    """G-3."""
    with pytest.raises(SettingsInvalid, match=r"guardrails\.scope: .*\[models\.small\]"):
        load(environment={"MANGAASSIST_GUARDRAILS__SCOPE": "model"})


def test_a_model_that_shall_read_has_to_be_there() -> None:
    """M-2."""
    with pytest.raises(SettingsInvalid, match=r"understanding\.reader: .*\[models\.small\]"):
        load(environment={"MANGAASSIST_UNDERSTANDING__READER": "model"})


@pytest.mark.parametrize(
    ("audit", "mistake"),
    [
        ({"KEY_ENV": "no name"}, "audit.key_env: names the environment variable"),
        ({"KEY_ENV": "NOT_THERE"}, "audit.key_env: the environment has no NOT_THERE"),
        ({"KEY_ENV": "HOME", "KEY_FILE": "x"}, "audit.key_env: keys come from the environment or from key_file"),
        ({"KEEP_DAYS": "0"}, "AUDIT__KEEP_DAYS = '0': Expected `int` >= 1"),
    ],
)
def test_mistakes_about_the_audits_keys_are_named(audit: dict[str, str], mistake: str) -> None:
    """G-7, O-2."""
    environment = {"HOME": "/"} | {f"MANGAASSIST_AUDIT__{name}": value for name, value in audit.items()}
    with pytest.raises(SettingsInvalid) as refused:
        load(None, environment)
    assert mistake in str(refused.value)


def test_personalize_is_named_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "assistant.toml"
    file.write_text(
        '[personalize]\ncampaign_arn = "arn:aws:personalize:eu-central-1:1:campaign/a"\ncontext = ["DEVICE=chat"]\n',
        encoding="utf-8",
    )
    with pytest.raises(SettingsInvalid) as refused:
        load(file, {})
    assert [mistake.partition(":")[0] for mistake in refused.value.mistakes] == [
        "personalize.similar_campaign_arn",
        "personalize.filter_arn",
    ]


def test_operators_inject_no_faults_unless_the_settings_say_so() -> None:
    assert load(environment={}).console.faults is False
    assert load(environment={"MANGAASSIST_CONSOLE__FAULTS": "true"}).console.faults is True


def test_an_hours_price_is_that_of_targets_that_are_named() -> None:
    model = {"PROVIDER": "bedrock", "MODEL": "a", "PROVISIONED_USD_PER_HOUR": "20"}
    given = {f"MANGAASSIST_MODELS__LARGE__{name}": value for name, value in model.items()}
    with pytest.raises(SettingsInvalid, match=r"models\.large\.provisioned_usd_per_hour"):
        load(environment=given)
    priced = load(environment={**given, "MANGAASSIST_MODELS__LARGE__TARGETS": "arn:b,a"})
    assert priced.models.provisioned == {"arn:b"}
