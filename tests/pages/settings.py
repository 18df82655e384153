"""Every setting, with its default and what it is for, as ``settings.py`` says it: for ``docs/settings.md``."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, cast, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from mangaassist import settings
from mangaassist.settings import Settings
from tests.pages.markdown import names, table

MORE: Final = {
    "server": "[Who may call, and by which name](operating.md#who-may-call-and-by-which-name).",
    "store": "[What a store must answer](store.md).",
    "identity": "[Identity](operating.md#identity), with an example for Cognito.",
    "knowledge": "[Knowledge](knowledge.md); [one indexes, any number serve](operating.md#one-indexes-any-number-serve).",
    "understanding": "[A model that reads](models.md#a-model-that-reads).",
    "models.small": "[Models](models.md#what-else-may-be-said-of-a-model). `[models.large]` has the same settings.",
    "models.encoder": "[The encoder elsewhere](operating.md#the-encoder-elsewhere).",
    "guardrails": "[Stages of the review that a service does](operating.md#stages-of-the-review-that-a-service-does).",
    "limits": "[Limits](operating.md#limits).",
    "agents": "[For other agents](protocol.md#for-other-agents).",
    "redis": "[Redis](engines.md#redis).",
    "dynamodb": "[DynamoDB](engines.md#dynamodb).",
    "kinesis": "[Analytics](analytics.md); [changes over Kinesis](knowledge.md#changes-over-kinesis).",
    "api_gateway": "[Behind an API Gateway](deploying.md#behind-an-api-gateway).",
    "opensearch": "[OpenSearch](engines.md#opensearch).",
    "personalize": "[Personalize](engines.md#personalize).",
    "audit": "[The audit trail](operating.md#the-audit-trail).",
    "desk": "[Another desk](desk.md#another-desk).",
    "console": "[Faults on purpose](desk.md#faults-on-purpose).",
    "costs": "[What it costs](desk.md#the-console).",
    "telemetry": "[Traces](watching.md#traces).",
    "logs": "[Watching](watching.md).",
}
"""By section: where more is said of it."""
HEAD: Final = ("setting", "default", "what it is for")
SAME: Final = ("models.large",)
"""Sections that are another one again."""
_CLAUSES: Final = re.compile(r" \([A-Z]-\d+(?:, [A-Z]-\d+)*\)")
_SOURCE: Final = ast.parse(Path(settings.__file__).read_text(encoding="utf-8"))


def all_settings() -> str:
    """A table for those that stand alone, then one for each section."""
    return "\n".join(_section(path, kind) for path, kind in sections(Settings))


def sections(kind: type[Struct], path: str = "") -> Iterator[tuple[str, type[Struct]]]:
    yield path, kind
    for field in msgspec.structs.fields(kind):
        inner = f"{path}.{field.name}".lstrip(".")
        if isinstance(field.default, Struct) and inner not in SAME:
            yield from sections(type(field.default), inner)


def _section(path: str, kind: type[Struct]) -> str:
    rows = [(f"`{path}.{name}`" if path else f"`{name}`", default, words) for name, default, words in rows_of(kind)]
    if not rows:
        return ""
    head = f"### `[{path}]`\n\n" if path else ""
    said = _plain(kind.__doc__) if path and kind.__doc__ and not kind.__doc__.startswith("Settings") else ""
    before = " ".join(part for part in (said, MORE.get(path, "")) if part)
    return f"{head}{before}\n\n{table(('setting', 'default', ''), rows)}" if before else head + table(HEAD, rows)


def rows_of(kind: type[Struct]) -> Iterator[tuple[str, str, str]]:
    """Of each setting that is no section: its name, default and other choices, and what it is for."""
    said, hints = docstrings(kind.__name__), get_type_hints(kind)
    for field in msgspec.structs.fields(kind):
        if not isinstance(field.default, Struct):
            yield field.name, _default(field.default, hints[field.name]), _plain(said.get(field.name, ""))


def docstrings(name: str) -> dict[str, str]:
    """What the source says below each field of a struct."""
    (kind,) = (node for node in _SOURCE.body if isinstance(node, ast.ClassDef) and node.name == name)
    found: dict[str, str] = {}
    for field, below in zip(kind.body, kind.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            found[field.target.id] = ast.literal_eval(below.value)
    return found


def _default(value: object, kind: object) -> str:
    others = [one for one in get_args(kind) if one != value] if get_origin(kind) is Literal else []
    return f"{_shown(value)}; or {names(_text(one) for one in others)}" if others else _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return names(_text(one) for one in cast(tuple[object, ...], value)) or "none"
    return "none" if value is None or value == "" else f"`{_text(value)}`"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.8f}".rstrip("0") if isinstance(value, float) and 0 < value < 0.001 else str(value)


def _plain(words: str) -> str:
    return re.sub(r"\s+", " ", _CLAUSES.sub("", words).replace("``", "`")).strip()
