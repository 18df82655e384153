"""Configuration: defaults, then a TOML file, then the environment; checked at start, every mistake named at once (O-2)."""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta, Struct
from platformdirs import user_cache_path, user_data_path

from mangaassist.errors import SettingsInvalid

APP = "mangaassist"
PREFIX = "MANGAASSIST_"

Port = Annotated[int, Meta(ge=1, le=65535)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s/]+(/[^\s]*)?$")]
RedisUrl = Annotated[str, Meta(pattern=r"^$|^rediss?://[^\s/]+(/\d*)?(\?[^\s]*)?$")]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Page = Annotated[str, Meta(pattern=r"^https?://([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?/?$")]
HostName = Annotated[str, Meta(pattern=r"^(\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\])$")]


class Server(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: str = "127.0.0.1"
    port: Port = 8000
    allowed_origins: tuple[Page, ...] = ("http://127.0.0.1:8080", "http://localhost:8080")
    """Pages that may open the socket or call REST from a browser (W-1, R-9); the server's own pages always may."""
    allowed_hosts: Annotated[tuple[HostName, ...], Meta(min_length=1)] = ("127.0.0.1", "localhost", "[::1]")
    """Names under which the assistant may be called, without ports, beside the ``host`` that it listens on; ``*.example.com``
    for all within a domain, ``*`` for any. A page that has its own name point here is none of them."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of the proxies before the assistant: they alone may say who called and by which scheme."""
    drain_s: Seconds = 60

    def __post_init__(self) -> None:
        for proxy in self.proxies:
            try:
                ip_network(proxy)
            except ValueError as error:
                raise ValueError(f"proxies: {error}; give an address, or a network such as 10.0.0.0/8") from None


class Store(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: Url = "http://127.0.0.1:8080"
    grpc: Annotated[str, Meta(pattern=r"^[^\s:]+:\d+$")] = "127.0.0.1:50051"


class Identity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any provider of OpenID Connect."""

    issuer: Url = "http://127.0.0.1:8080"
    audience: Annotated[tuple[str, ...], Meta(min_length=1)] = ("mangaassist",)
    """A token for one of these is one for us."""
    jwks_url: Url | None = None
    """Where the provider's keys are. None: where ``/.well-known/openid-configuration`` of the issuer says."""
    customer_claim: Annotated[str, Meta(min_length=1)] = "sub"
    """The claim that names the customer to the store's services."""
    clock_skew_s: Annotated[float, Meta(ge=0, le=300)] = 30
    """How far the provider's clock and ours may be apart."""


class Knowledge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    folder: str | None = None
    """A folder of Markdown pages (``faq/``, ``policy/``, ``editorial/``) beside what the store itself publishes."""

    @property
    def pages(self) -> Path | None:
        return Path(self.folder).expanduser() if self.folder else None


class Encoder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What turns text into vectors (M-3). ``titan`` searches with Titan's vectors, and still reads intents in process."""

    provider: Literal["onnx", "http", "sagemaker", "titan"] = "onnx"
    directory: str | None = None
    """``onnx``: a folder with another encoder's ``model.safetensors`` and ``tokenizer.json``. None: the packaged one."""
    url: Url | None = None
    """``http``: where ``mangaassist models serve`` listens."""
    endpoint: Annotated[str, Meta(pattern=r"^([A-Za-z0-9-]{1,63})?$")] = ""
    """``sagemaker``: the endpoint's name."""
    model: str = "amazon.titan-embed-text-v2:0"
    dimensions: Literal[256, 512, 1024] = 512
    """``titan``: of its vectors."""
    region: str | None = None
    endpoint_url: Url | None = None

    def __post_init__(self) -> None:
        needed = {"http": ("url", self.url), "sagemaker": ("endpoint", self.endpoint)}
        field, given = needed.get(self.provider, ("", "given"))
        if not given:
            raise ValueError(f"encoder: the provider {self.provider} needs {field}")

    @property
    def folder(self) -> Path | None:
        return Path(self.directory).expanduser() if self.directory else None


class Models(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    encoder: Encoder = Encoder()
    session_budget_usd: Annotated[float, Meta(ge=0)] = 0.50
    day_budget_usd: Annotated[float, Meta(ge=0)] = 50.0


class Socket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    heartbeat_s: Seconds = 30
    idle_timeout_s: Seconds = 600


PerMinute = Annotated[int, Meta(ge=1, le=1_000_000)]


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of each a minute, and at once (R-5)."""

    customer_per_minute: PerMinute = 30
    """Messages of a signed-in customer, on all connections together."""
    guest_per_minute: PerMinute = 10
    """Messages in a guest's session."""
    new_sessions_per_minute: PerMinute = 20
    """Guests' sessions that begin at one address."""
    connects_per_minute: PerMinute = 60
    """Sockets that open at one address."""
    model_calls_per_minute: PerMinute = 600
    """Calls of models by everybody together: over it the offline writer answers."""


class Redis(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: RedisUrl = ""
    """The Redis 7 in which several serving processes share conversations, counters and cache (W-12). Empty: one process keeps
    its own."""


class DynamoDB(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Credentials are no setting: they come as AWS's own tools find them."""

    table: Annotated[str, Meta(pattern=r"^([A-Za-z0-9_.-]{3,255})?$")] = ""
    """Where several processes keep the sessions, feedback and tickets that they share. Empty: in SQLite, for one process."""
    region: str | None = None
    """None: the one that AWS's own settings name."""
    endpoint_url: Url | None = None
    """Of a server that speaks DynamoDB. None: AWS."""


class Kinesis(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    analytics_stream: Annotated[str, Meta(pattern=r"^([A-Za-z0-9_.-]{1,128})?$")] = ""
    """The stream that what happened in the sessions goes into (O-5). Empty: into SQLite."""
    region: str | None = None
    endpoint_url: Url | None = None


class Logs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "json"


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    data_dir: str = ""
    """Where what must not be lost is kept: sessions, the audit trail, keys (O-7). Empty: the user's data directory."""
    cache_dir: str = ""
    """Where what can be made anew is kept: models, the knowledge index, the names of the series. Empty: ``cache`` within the
    ``data_dir`` that is set, else the user's cache directory."""
    sealing_key_file: str = ""
    """The key that waiting messages' sign-ins are sealed with, one for all processes of a Redis; made when there is none. Empty:
    ``sealing.key`` in the data directory."""
    timeout_factor: Annotated[float, Meta(ge=1, le=1000)] = 1.0
    """Makes every time limit of a turn this many times as long: for a machine that is slower than a store's should be."""
    server: Server = Server()
    store: Store = Store()
    identity: Identity = Identity()
    knowledge: Knowledge = Knowledge()
    models: Models = Models()
    socket: Socket = Socket()
    limits: Limits = Limits()
    redis: Redis = Redis()
    dynamodb: DynamoDB = DynamoDB()
    kinesis: Kinesis = Kinesis()
    logs: Logs = Logs()

    @property
    def data(self) -> Path:
        return Path(self.data_dir).expanduser() if self.data_dir else user_data_path(APP, appauthor=False)

    @property
    def cache(self) -> Path:
        if self.cache_dir:
            return Path(self.cache_dir).expanduser()
        return self.data / "cache" if self.data_dir else user_cache_path(APP, appauthor=False)

    @property
    def sealing_key(self) -> Path:
        return Path(self.sealing_key_file).expanduser() if self.sealing_key_file else self.data / "sealing.key"


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from a TOML file and ``MANGAASSIST_SECTION__FIELD`` variables.

    Raises ``SettingsInvalid`` with every mistake of both, each naming where it stands.
    """
    mistakes: list[str] = []
    given = [*_from_file(file, mistakes), *_from_environment(os.environ if environment is None else environment)]
    settings = _checked(given, mistakes)
    if settings.redis.url and not settings.dynamodb.table:
        mistakes.append("redis.url: processes that share their conversations share their sessions: name dynamodb.table")
    if mistakes:
        raise SettingsInvalid(mistakes)
    return settings


class _Given(Struct, frozen=True):
    value: Any
    where: str


def _from_file(file: Path | None, mistakes: list[str]) -> Iterator[tuple[tuple[str, ...], _Given]]:
    if file is None:
        return
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        mistakes.append(f"{file}: there is no such file")
        return
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        mistakes.append(f"{file}: cannot be read as TOML ({error})")
        return
    for name, value in document.items():
        if isinstance(value, dict):
            for field, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
                yield (name, str(field)), _Given(inner, f"{file.name}: {name}.{field}")  # pyright: ignore[reportUnknownArgumentType]
        else:
            yield (name,), _Given(value, f"{file.name}: {name}")


def _from_environment(environment: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], _Given]]:
    for variable, value in environment.items():
        if variable.startswith(PREFIX):
            path = tuple(variable.removeprefix(PREFIX).lower().split("__"))
            yield path, _Given(value, variable)


def _checked(given: Sequence[tuple[tuple[str, ...], _Given]], mistakes: list[str]) -> Settings:
    known = dict(_fields(Settings))
    sections: dict[str, dict[str, Any]] = {}
    for path, setting in given:
        if path not in known:
            mistakes.append(f"{setting.where}: there is no such setting{_meant(path, known)}")
            continue
        try:
            value = _converted(setting, known[path])
        except msgspec.ValidationError as error:
            mistakes.append(f"{setting.where} = {setting.value!r}: {error}")
            continue
        *section, name = path
        sections.setdefault(".".join(section), {})[name] = value
    top = sections.pop("", {})
    sections_of: dict[str, Any] = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    made: dict[str, Any] = {}
    for name, values in sections.items():
        try:
            made[name] = sections_of[name](**values)
        except ValueError as error:
            mistakes.append(f"{name}.{error}")
    return Settings(**top, **made)


def _fields(struct: type[Struct], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for field in msgspec.structs.fields(struct):
        kind: Any = field.type
        if isinstance(kind, type) and issubclass(kind, Struct):
            yield from _fields(kind, (*path, field.name))
        else:
            yield (*path, field.name), kind


def _converted(setting: _Given, kind: Any) -> Any:
    """Environment variables are text: numbers are read from it, lists are split at commas."""
    if isinstance(setting.value, str) and _is_list(kind):
        return msgspec.convert([part.strip() for part in setting.value.split(",") if part.strip()], kind)
    return msgspec.convert(setting.value, kind, strict=not setting.where.startswith(PREFIX))


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is tuple or any(get_origin(inner) is tuple for inner in get_args(kind))


def _meant(path: tuple[str, ...], known: Mapping[tuple[str, ...], Any]) -> str:
    names = {".".join(candidate): candidate for candidate in known}
    close = difflib.get_close_matches(".".join(path), names, n=1)
    return f"; did you mean {close[0]}?" if close else ""
