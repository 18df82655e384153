"""Configuration: defaults, then a TOML file, then the environment; checked at start, every mistake named at once (O-2)."""

import os
import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct
from platformdirs import user_cache_path, user_data_path

from mangaassist.errors import SettingsInvalid
from mangaassist.settings_sources import from_environment, from_file, made

APP = "mangaassist"
PREFIX = "MANGAASSIST_"

Port = Annotated[int, Meta(ge=1, le=65535)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s/]+(/[^\s]*)?$")]
RedisUrl = Annotated[str, Meta(pattern=r"^$|^rediss?://[^\s/]+(/\d*)?(\?[^\s]*)?$")]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Page = Annotated[str, Meta(pattern=r"^https?://([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?/?$")]
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
HostName = Annotated[str, Meta(pattern=r"^(\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\])$")]


class Server(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: str = "127.0.0.1"
    """The address that is listened on. ``0.0.0.0`` listens on all of them, and then ``allowed_hosts`` needs the names."""
    port: Port = 8000
    """The port that is listened on."""
    allowed_origins: tuple[Page, ...] = ("http://127.0.0.1:8080", "http://localhost:8080")
    """Pages that may open the socket or call REST from a browser (W-1, R-9); the server's own pages always may."""
    allowed_hosts: Annotated[tuple[HostName, ...], Meta(min_length=1)] = ("127.0.0.1", "localhost", "[::1]")
    """Names under which the assistant may be called, without ports, beside the ``host`` that it listens on; ``*.example.com``
    for all within a domain, ``*`` for any. A page that has its own name point here is none of them."""
    proxies: tuple[str, ...] = ()
    """Addresses or networks of the proxies before the assistant: they alone may say who called and by which scheme."""
    drain_s: Seconds = 60
    """Seconds that answers have to end once the process is told to leave."""

    def __post_init__(self) -> None:
        for proxy in self.proxies:
            try:
                ip_network(proxy)
            except ValueError as error:
                raise ValueError(f"proxies: {error}; give an address, or a network such as 10.0.0.0/8") from None


class Store(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: Url = "http://127.0.0.1:8080"
    """Where the store's services answer over REST."""
    grpc: Annotated[str, Meta(pattern=r"^[^\s:]+:\d+$")] = "127.0.0.1:50051"
    """Host and port of its catalog, over gRPC."""


class Identity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any provider of OpenID Connect."""

    issuer: Url = "http://127.0.0.1:8080"
    """Exactly as its tokens say it."""
    audience: Annotated[tuple[str, ...], Meta(min_length=1)] = ("mangaassist",)
    """A token for one of these is one for us."""
    audience_claim: Literal["aud", "client_id"] = "aud"
    """The claim that names the audience: Cognito's access tokens have ``client_id`` alone, the app that was signed in to."""
    token_use: Literal["", "access", "id"] = ""
    """What a token must say that it is for (Cognito's ``token_use``). Empty: whatever it says, if anything."""
    jwks_url: Url | None = None
    """Where the provider's keys are. None: where ``/.well-known/openid-configuration`` of the issuer says."""
    customer_claim: Annotated[str, Meta(min_length=1)] = "sub"
    """The claim that names the customer to the store's services."""
    role_claim: Annotated[str, Meta(min_length=1)] = "roles"
    """The claim that tells what its bearer may do, one role or a list of them (Cognito: ``cognito:groups``)."""
    operator_role: Annotated[str, Meta(min_length=1)] = "operator"
    """The role of who may look into the audit trail."""
    clock_skew_s: Annotated[float, Meta(ge=0, le=300)] = 30
    """How far the provider's clock and ours may be apart."""


class Knowledge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    folder: str | None = None
    """A folder of Markdown pages (``faq/``, ``policy/``, ``editorial/``) beside what the store itself publishes."""
    index: Literal["embedded", "opensearch"] = "embedded"
    """Where chunks and their vectors are kept (K-3): on this machine's disk for one process, or for all in an OpenSearch."""
    indexed_by: Literal["serve", "index"] = "serve"
    """Who fills the index in ``cache_dir``: ``serve`` does so itself, alone in that folder; or ``mangaassist index`` does, and any
    number of processes serve beside it (O-7)."""
    webhook_key_file: str | None = None
    """The file with the key by which the editorial system signs what it pushes. None: nothing is pushed here."""

    @property
    def pages(self) -> Path | None:
        return Path(self.folder).expanduser() if self.folder else None


class Encoder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What turns text into vectors (M-3). ``titan`` searches with Titan's vectors, and still reads intents in process."""

    provider: Literal["onnx", "http", "sagemaker", "titan"] = "onnx"
    """``onnx``: in this process. ``http``: ``mangaassist models serve``. ``sagemaker``: an endpoint. ``titan``: Bedrock."""
    directory: str | None = None
    """``onnx``: a folder with another encoder's ``model.safetensors`` and ``tokenizer.json``. None: the packaged one."""
    url: Url | None = None
    """``http``: where ``mangaassist models serve`` listens."""
    endpoint: Annotated[str, Meta(pattern=r"^([A-Za-z0-9-]{1,63})?$")] = ""
    """``sagemaker``: the endpoint's name."""
    model: str = "amazon.titan-embed-text-v2:0"
    """``titan``: the model, as Bedrock calls it."""
    dimensions: Literal[256, 512, 1024] = 512
    """``titan``: of its vectors."""
    region: str | None = None
    """``sagemaker``, ``titan``. None: the one that AWS's own settings name."""
    endpoint_url: Url | None = None
    """Of a server that speaks like SageMaker or Bedrock. None: AWS."""
    speculate: bool = True
    """Over a network: a message is sent to it, and its pages are searched, before anybody knows whether that is needed (M-9)."""

    @property
    def reads_ahead(self) -> bool:
        return self.speculate and self.provider != "onnx"

    def mistakes(self) -> Iterator[str]:
        """What is wrong with it as a whole."""
        if self.provider == "http" and not self.url:
            yield "url: name where the models are served"
        if self.provider == "sagemaker" and not self.endpoint:
            yield "endpoint: name the endpoint of SageMaker"

    @property
    def folder(self) -> Path | None:
        return Path(self.directory).expanduser() if self.directory else None


Usd = Annotated[float, Meta(ge=0, le=10)]
Tokens = Annotated[int, Meta(ge=1, le=10_000_000)]


class Model(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The model of a tier, ``[models.small]`` or ``[models.large]``: provider, url, model and key_env are enough (M-6).

    What is None is known of the model (``models/profiles.py``).
    """

    provider: Literal["offline", "openai", "bedrock"] = "offline"
    """``openai``: whatever speaks its chat completions, such as vLLM, Ollama or llama.cpp. ``offline``: no model."""
    url: Url | None = None
    """None: the provider's own."""
    model: str = ""
    """As its provider calls it."""
    key_env: str = ""
    """The environment variable that holds the key. Empty: none is needed."""
    region: str | None = None
    """Of Bedrock. None: the one that AWS's own settings name."""
    targets: tuple[str, ...] = ()
    """Other ids of the same model, tried before ``model`` in this order: provisioned throughput, say."""
    prompt_cache: bool = True
    """Whether Bedrock is told how far the prompt is the same for all answers; not every model it serves takes that."""
    guardrail: str = ""
    """Id or ARN of a guardrail of Bedrock's that reads each answer too. Empty: none."""
    guardrail_version: str = "DRAFT"
    """Of that guardrail."""
    usd_per_1k_in: Usd | None = None
    """US dollars for a thousand tokens read. None: the published price; nothing on a server that is called by ``http:``."""
    usd_per_1k_out: Usd | None = None
    """The same of tokens written."""
    usd_per_1k_cache_read: Usd | None = None
    """The same of tokens that its provider had read before."""
    usd_per_1k_cache_write: Usd | None = None
    """The same of tokens that its provider keeps read."""
    provisioned_usd_per_hour: Annotated[float, Meta(ge=0, le=100_000)] | None = None
    """What the provisioned throughput among ``targets`` costs an hour, all of it together. None: the console does not compare."""
    context_tokens: Tokens | None = None
    """What the model can hold at all. None: 32 000."""
    prompt_tokens: Tokens | None = None
    """What a prompt may take. None: 6 000."""
    answer_tokens: Tokens | None = None
    """Where an answer is cut off. None: 600."""
    first_token_s: Seconds | None = None
    """Seconds until its first piece. None: its share of the turn's budget."""
    between_tokens_s: Seconds | None = None
    """Seconds between two pieces. None: 10."""

    def mistakes(self, environment: Mapping[str, str]) -> Iterator[str]:
        """What is wrong with it as a whole. Never shows what stands where a variable's name should: it may be the key."""
        if self.provider == "offline":
            if self != Model():
                yield "provider: a model is named and nobody who serves it: openai or bedrock"
            return
        if not self.model:
            yield "model: name the model as its provider calls it"
        if self.key_env and not VARIABLE.fullmatch(self.key_env):
            yield "key_env: names the environment variable that holds the key; the key itself never stands in settings"
        elif self.key_env and not environment.get(self.key_env):
            yield f"key_env: the environment has no {self.key_env}"
        for price, other in (("usd_per_1k_in", "usd_per_1k_out"), ("usd_per_1k_out", "usd_per_1k_in")):
            if getattr(self, price) is None and getattr(self, other) is not None:
                yield f"{price}: is missing beside {other}"
        if self.provisioned_usd_per_hour is not None and not self.provisioned:
            yield "provisioned_usd_per_hour: is the price of targets, and there are none"

    @property
    def provisioned(self) -> tuple[str, ...]:
        """Its targets that are paid by the hour."""
        return tuple(target for target in self.targets if target != self.model)


class Understanding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reader: Literal["own", "model"] = "own"
    """``model``: what our own reading is unsure of, the model of ``[models.small]`` reads, if it does so within 400 ms."""


class Models(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    small: Model = Model()
    large: Model = Model()
    encoder: Encoder = Encoder()
    session_budget_usd: Annotated[float, Meta(ge=0)] = 0.50
    """What models may cost in one session, in US dollars; over it answers step down to a cheaper writer."""
    day_budget_usd: Annotated[float, Meta(ge=0)] = 50.0
    """What models may cost in a day, of all sessions together."""

    @property
    def provisioned(self) -> frozenset[str]:
        """Every target of a tier that is paid by the hour (O-9)."""
        return frozenset((*self.small.provisioned, *self.large.provisioned))


class Guardrails(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stages of the review that a service does, of answers that a model wrote (G-9). What is away is done here."""

    pii: Literal["local", "comprehend"] = "local"
    """``comprehend``: what Amazon Comprehend finds is taken out too."""
    language: Literal["en", "es"] = "en"
    """``comprehend``: of the answers."""
    comprehend_url: Url | None = None
    """Of a server that speaks like Comprehend. None: AWS."""
    toxicity: Literal["local", "bedrock"] = "local"
    """``bedrock``: a guardrail of Bedrock's judges in the place of our own stage."""
    scope: Literal["own", "model"] = "own"
    """``model``: where our own head alone finds that an answer strays, the model of ``[models.small]`` may excuse it."""
    guardrail: str = ""
    """``bedrock``: its id or ARN."""
    guardrail_version: str = "DRAFT"
    """Of that guardrail."""
    bedrock_url: Url | None = None
    """Of a server that speaks like Bedrock. None: AWS."""
    region: str | None = None
    """None: the one that AWS's own settings name."""

    def mistakes(self) -> Iterator[str]:
        if self.toxicity == "bedrock" and not self.guardrail:
            yield "guardrail: name the guardrail of Bedrock that judges toxicity"


class Socket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    heartbeat_s: Seconds = 30
    """Seconds between two pings; a line that leaves two unanswered is dropped."""
    idle_timeout_s: Seconds = 600
    """Seconds without a frame other than ping and typing, after which a connection is closed. The session goes on."""


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
    agent_calls_per_minute: PerMinute = 120
    """Messages of another agent on behalf of a customer, or of the guests at one address; a question counts as theirs as well."""
    model_calls_per_minute: PerMinute = 600
    """Calls of models by everybody together: over it the offline writer answers."""
    sockets: Annotated[int, Meta(ge=1)] = 10_000
    """Open sockets that a process is meant for. Nobody is refused for it: at 90 % an alarm says that it is time for another one."""


class Agents(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other agents, at ``/mcp`` (R-11)."""

    served: bool = True
    """Whether there is an MCP server at ``/mcp``."""
    address: Url | None = None
    """Under which they reach the assistant: what its profile tells. None: the name and scheme that each of them called."""


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


class ApiGateway(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An API Gateway WebSocket API in front of the assistant (W-13)."""

    endpoint_url: Url | None = None
    """Of its management API: ``https://{api}.execute-api.{region}.amazonaws.com/{stage}``. None: there is no gateway."""
    region: str | None = None
    """None: the one that AWS's own settings name."""
    key_file: str = ""
    """Holds what the gateway's HTTP integrations show. Empty: a function takes what the gateway says, and not this process."""

    def mistakes(self) -> Iterator[str]:
        """What is wrong with it as a whole."""
        if self.key_file and self.endpoint_url is None:
            yield "endpoint_url: is missing beside key_file"


class Kinesis(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    analytics_stream: Annotated[str, Meta(pattern=r"^([A-Za-z0-9_.-]{1,128})?$")] = ""
    """The stream that what happened in the sessions goes into (O-5). Empty: into SQLite."""
    changes_stream: Annotated[str, Meta(pattern=r"^([A-Za-z0-9_.-]{1,128})?$")] = ""
    """The stream that the catalog's changes come from once the catalog was read (K-5). Empty: they come from the catalog itself."""
    region: str | None = None
    """None: the one that AWS's own settings name."""
    endpoint_url: Url | None = None
    """Of a server that speaks Kinesis. None: AWS."""


Arn = Annotated[str, Meta(pattern=r"^(arn:[a-z0-9-]+:personalize:\S{1,230})?$")]


class Personalize(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Amazon Personalize in the place of the store's recommendations. Its items are ASINs, its users the customers' ids."""

    campaign_arn: Arn = ""
    """The campaign that knows what a shopper would like. Empty: the store recommends."""
    similar_campaign_arn: Arn = ""
    """The campaign that knows what is like an item."""
    filter_arn: Arn = ""
    """The filter by genre; its expression has the parameter ``$GENRES``."""
    context: tuple[Annotated[str, Meta(pattern=r"^[A-Za-z0-9_]{1,150}=.{1,1000}$")], ...] = ()
    """Of every request, by the names of the interactions' schema: ``DEVICE=chat``."""
    region: str | None = None
    """None: the one that AWS's own settings name."""
    endpoint_url: Url | None = None
    """Of a server that speaks like Personalize. None: AWS."""

    def mistakes(self) -> Iterator[str]:
        """What is wrong with it as a whole."""
        if self.campaign_arn:
            for name in ("similar_campaign_arn", "filter_arn"):
                if not getattr(self, name):
                    yield f"{name}: is missing beside campaign_arn"


class OpenSearch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The OpenSearch of ``knowledge.index``, 2.4 or later with its k-NN plugin (O-5)."""

    url: Annotated[str, Meta(pattern=r"^$|^https?://[^\s/]+(/[^\s]*)?$")] = ""
    """Where it is. The login never stands in it."""
    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")] = "mangaassist"
    """How the names of its indexes and aliases begin: one for each store that keeps its knowledge there."""
    login_env: str = ""
    """The environment variable that holds ``user:password``. Empty: the engine asks for none."""
    shards: Annotated[int, Meta(ge=1, le=64)] = 1
    """Of an index that is made from now on. One holds some millions of chunks."""
    replicas: Annotated[int, Meta(ge=0, le=16)] = 1
    """Copies of each shard, of an index that is made from now on."""

    def mistakes(self, environment: Mapping[str, str], *, is_used: bool) -> Iterator[str]:
        """What is wrong with it as a whole. Never shows an address with a password in it, or what stands where a variable's
        name should."""
        if is_used and not self.url:
            yield "url: name the OpenSearch that knowledge.index says"
        if "@" in self.url.partition("//")[2].partition("/")[0]:
            yield "url: holds a login; name the environment variable that holds it in login_env instead"
        if self.login_env and not VARIABLE.fullmatch(self.login_env):
            yield "login_env: names the environment variable that holds the login; the login itself never stands in settings"
        elif self.login_env and ":" not in environment.get(self.login_env, ""):
            yield f"login_env: the environment has no {self.login_env} that reads user:password"


class Audit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The audit trail (G-7). Its keys are 32 bytes each in base64, the newest first: that one seals, and all of them open."""

    keep_days: Annotated[int, Meta(ge=1, le=36_500)] = 365
    """What is older is dropped."""
    key_env: str = ""
    """The environment variable that holds the keys. Empty: ``key_file``."""
    key_file: str = ""
    """Empty: ``audit.key`` in the data directory, which is made when there is none."""

    def mistakes(self, environment: Mapping[str, str]) -> Iterator[str]:
        if self.key_env and self.key_file:
            yield "key_env: keys come from the environment or from key_file, and not from both"
        if self.key_env and not VARIABLE.fullmatch(self.key_env):
            yield "key_env: names the environment variable that holds the keys; the keys themselves never stand in settings"
        elif self.key_env and not environment.get(self.key_env):
            yield f"key_env: the environment has no {self.key_env}"


class Telemetry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    otlp_url: Url | Literal[""] = ""
    """The base address of an OpenTelemetry collector that takes OTLP over HTTP. Empty: nobody collects, and spans are not made."""
    trace_ids: Literal["random", "xray"] = "random"
    """``xray``: ids that AWS X-Ray takes, which begin with the time."""
    traced_share: Annotated[float, Meta(ge=0, le=1)] = 1.0
    """Of the turns that begin a trace of their own, how many are traced. Whoever calls with a trace has decided."""


class Logs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    level: Literal["debug", "info", "warning", "error"] = "info"
    """What is logged of ours. Libraries log from warnings on, whatever it is."""
    format: Literal["text", "json"] = "json"
    """``json``: one event a line. ``text``: for people."""


class Desk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another desk that takes over from ours (O-6): what it is sent goes to ``webhook_url``, and both sides sign with one key."""

    webhook_url: Url | None = None
    """Where another desk is told what happens. None: the desk is ours."""
    webhook_key_file: str = ""
    """The file with the key, 32 bytes or more."""

    def mistakes(self) -> Iterator[str]:
        if self.webhook_url is not None and not self.webhook_key_file:
            yield "webhook_key_file: what another desk is sent is signed; name the file with the key"


class Console(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What operators may do in the console beside looking (O-6)."""

    faults: bool = False
    """Whether they may make the demo store's services slow, failing or wrong for a while: never where shoppers are.
    ``mangaassist run``, beside the demo store, has it on."""


class Costs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    usd_per_connection_minute: Usd = 0.000_000_25
    """What a gateway takes for a minute of an open socket, in US dollars. 0 where there is none."""


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
    understanding: Understanding = Understanding()
    models: Models = Models()
    guardrails: Guardrails = Guardrails()
    socket: Socket = Socket()
    limits: Limits = Limits()
    agents: Agents = Agents()
    redis: Redis = Redis()
    dynamodb: DynamoDB = DynamoDB()
    kinesis: Kinesis = Kinesis()
    api_gateway: ApiGateway = ApiGateway()
    opensearch: OpenSearch = OpenSearch()
    personalize: Personalize = Personalize()
    audit: Audit = Audit()
    desk: Desk = Desk()
    console: Console = Console()
    costs: Costs = Costs()
    telemetry: Telemetry = Telemetry()
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
    def audit_keys(self) -> Path:
        return Path(self.audit.key_file).expanduser() if self.audit.key_file else self.data / "audit.key"

    @property
    def sealing_key(self) -> Path:
        return Path(self.sealing_key_file).expanduser() if self.sealing_key_file else self.data / "sealing.key"


def load(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from a TOML file and ``MANGAASSIST_SECTION__FIELD`` variables.

    Raises ``SettingsInvalid`` with every mistake of both, each naming where it stands.
    """
    mistakes: list[str] = []
    known = os.environ if environment is None else environment
    given = [*from_file(file, mistakes), *from_environment(known, PREFIX)]
    settings = made(Settings, given, mistakes)
    if settings.redis.url and not settings.dynamodb.table:
        mistakes.append("redis.url: processes that share their conversations share their sessions: name dynamodb.table")
    for tier, model in (("small", settings.models.small), ("large", settings.models.large)):
        mistakes.extend(f"models.{tier}.{mistake}" for mistake in model.mistakes(known))
    mistakes.extend(f"guardrails.{mistake}" for mistake in settings.guardrails.mistakes())
    mistakes.extend(f"audit.{mistake}" for mistake in settings.audit.mistakes(known))
    mistakes.extend(f"personalize.{mistake}" for mistake in settings.personalize.mistakes())
    mistakes.extend(f"api_gateway.{mistake}" for mistake in settings.api_gateway.mistakes())
    mistakes.extend(f"desk.{mistake}" for mistake in settings.desk.mistakes())
    uses_opensearch = settings.knowledge.index == "opensearch"
    mistakes.extend(f"opensearch.{one}" for one in settings.opensearch.mistakes(known, is_used=uses_opensearch))
    mistakes.extend(f"models.encoder.{mistake}" for mistake in settings.models.encoder.mistakes())
    if settings.understanding.reader == "model" and settings.models.small.provider == "offline":
        mistakes.append("understanding.reader: a model reads where there is one: name it in [models.small]")
    if settings.guardrails.scope == "model" and settings.models.small.provider == "offline":
        mistakes.append("guardrails.scope: a model judges where there is one: name it in [models.small]")
    if mistakes:
        raise SettingsInvalid(mistakes)
    return settings
