"""The ``mangaassist`` command (O-4). Each command imports what it needs when it runs, so that ``--help`` is quick."""

import asyncio
import gc
import os
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from mangaassist.errors import AssistantError
from mangaassist.settings import Settings, load

T = TypeVar("T")

app = typer.Typer(
    name="mangaassist",
    help="A shopping assistant for an online store.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
knowledge = typer.Typer(help="What the assistant knows: pages, guides, products, reviews.", no_args_is_help=True)
app.add_typer(knowledge, name="knowledge")
models = typer.Typer()
app.add_typer(models, name="models")
audit = typer.Typer()
app.add_typer(audit, name="audit")

err = Console(stderr=True)
out = Console()

SettingsFile = Annotated[Path | None, typer.Option("--settings", "-s", help="A TOML file with settings.")]
PortOption = Annotated[int | None, typer.Option(help="The assistant's port, instead of the settings'.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def main() -> None:
    """Run the command. What went wrong is told in one sentence, without a stack trace."""
    os.umask(0o077)  # O-7: what is written is the user's alone
    os.environ.setdefault(
        "GRPC_VERBOSITY", "NONE"
    )  # read when grpc is imported; its failures reach us as errors anyway
    try:
        app()
    except asyncio.CancelledError:
        sys.exit(130)
    except AssistantError as error:
        err.print(f"[bold red]mangaassist:[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(1)


def _run(work: Coroutine[Any, Any, T]) -> T:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _loaded(file: Path | None, port: int | None = None) -> Settings:
    environment = None if port is None else {**os.environ, "MANGAASSIST_SERVER__PORT": str(port)}
    return load(file, environment)


@app.command()
def run(
    settings: SettingsFile = None,
    port: PortOption = None,
    model: Annotated[
        bool, typer.Option("--local-model", help="A small model on this machine writes the answers.")
    ] = False,
) -> None:
    """The demo store and the assistant, on this machine: the quickest way to see it."""
    gc.disable()  # until everything is there: a sixth of a start looks for garbage and finds none
    from mangaassist.demo_store import begun

    chosen = _loaded(settings, port)
    with begun(chosen) as store:
        from mangaassist.serving import run_with_model, run_with_store

        _run(run_with_model(chosen, err, store) if model else run_with_store(chosen, err, store))


@app.command()
def serve(settings: SettingsFile = None, port: PortOption = None) -> None:
    """The assistant alone, beside a store that runs elsewhere."""
    gc.disable()
    from mangaassist.serving import serve_assistant

    _run(serve_assistant(_loaded(settings, port), err))


@app.command()
def index(
    settings: SettingsFile = None,
    port: Annotated[int, typer.Option(help="Where it says how it is; 0 for any free port.")] = 8091,
) -> None:
    """Fill the knowledge and keep it in step, beside processes that serve ([knowledge] indexed_by = "index")."""
    from mangaassist.indexing import index_knowledge

    _run(index_knowledge(_loaded(settings), port, err))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def store(context: typer.Context) -> None:
    """The demo store alone; everything behind it goes to ``mangastore`` (try: store --help)."""
    import subprocess

    arguments = context.args or ["serve"]
    raise typer.Exit(subprocess.call([sys.executable, "-m", "mangastore", *arguments]))  # noqa: S603 - our own package


@app.command("new-store")
def new_store(
    folder: Annotated[Path, typer.Argument(help="A folder that is new or empty.")],
    data: Annotated[
        Path | None, typer.Option(help="A folder with what it sells and tells, e.g. examples/bookshop/data.")
    ] = None,
) -> None:
    """Write a store that runs, ten services with small answers, to put your own in its place."""
    from mangaassist.new_store.writing import write

    for path in write(folder, data):
        out.print(f"  {path}", highlight=False, soft_wrap=True)
    out.print(
        f"A store stands in {folder}. Begin with its README.md, or: cd {folder} && python -m store",
        highlight=False,
        soft_wrap=True,
    )


@app.command("check-store")
def check_store(
    url: Annotated[str | None, typer.Argument(help="The store's address; none: the settings'.")] = None,
    grpc: Annotated[
        str | None, typer.Option(help="The catalog's HOST:PORT; none: port 50051 of the same host.")
    ] = None,
    shopper: Annotated[
        str, typer.Option(help="Sign in as this customer (password: STORE_PASSWORD, or asked for).")
    ] = "",
    token: Annotated[str, typer.Option(envvar="MANGAASSIST_TOKEN", help="Ask as whose token this is.")] = "",
    json: JsonOption = False,
    settings: SettingsFile = None,
) -> None:
    """Hold a store against what the assistant asks: what is there, missing or wrong. Nothing is changed in it."""
    from mangaassist import check_store_command as command

    password = ""
    if shopper and not token:
        password = os.environ.get("STORE_PASSWORD") or typer.prompt(f"Password of {shopper}", hide_input=True, err=True)
    chosen = command.addressed(load(settings), url, grpc)
    raise typer.Exit(_run(command.check_store(chosen, command.Shopper(shopper, password, token), json, out, err)))


@app.command()
def chat(
    ask: Annotated[str | None, typer.Option(help="Ask one thing, print the answer, and leave.")] = None,
    url: Annotated[str | None, typer.Option(help="The assistant's address, e.g. http://127.0.0.1:8000.")] = None,
    token: Annotated[str | None, typer.Option(envvar="MANGAASSIST_TOKEN", help="Chat as this customer.")] = None,
    session: Annotated[str | None, typer.Option(help="Go on with this session.")] = None,
    settings: SettingsFile = None,
) -> None:
    """Talk to a running assistant in the terminal."""
    from mangaassist.chat import terminal

    chosen = load(settings)
    address = url or f"http://{chosen.server.host}:{chosen.server.port}"
    talk = (
        terminal.chat(address, chosen.store.url, token, session, out)
        if ask is None
        else terminal.ask(address, ask, token, session, out)
    )
    raise typer.Exit(asyncio.run(talk))


@app.command()
def classify(text: str, json: JsonOption = False, settings: SettingsFile = None) -> None:
    """What a message wants, who decided, and how sure they are."""
    from mangaassist import diagnostics

    _run(diagnostics.classify(load(settings), text, json, out, err))


@app.command()
def search(
    text: str,
    k: Annotated[int, typer.Option("-k", "--top", min=1, max=50, help="How many are used.")] = 5,
    source: Annotated[
        list[str] | None, typer.Option(help="Of faq, policy, editorial, product, reviews. Repeat it; none: of all.")
    ] = None,
    asin: Annotated[str | None, typer.Option(help="Of this product alone.")] = None,
    series: Annotated[str | None, typer.Option(help="Of this series alone, by its id.")] = None,
    language: Annotated[str | None, typer.Option(help="Of the store in this language, and of every store.")] = None,
    by_words: Annotated[bool, typer.Option("--by-words", help="As while the encoder is away.")] = False,
    json: JsonOption = False,
    settings: SettingsFile = None,
) -> None:
    """What the knowledge base finds for a question, and why each passage came."""
    from mangaassist import search_command
    from mangaassist.knowledge.index import ChunkFilter

    only = ChunkFilter(asin=asin, series_id=series, language=language)
    asked = search_command.Asked(text, search_command.planned(source or (), k, only), by_words)
    _run(search_command.search(load(settings), asked, json, out, err))


@app.command()
def guard(
    text: Annotated[str | None, typer.Argument(help="The text; none: of a file or of standard input.")] = None,
    file: Annotated[Path | None, typer.Option(help="A file that holds the text.")] = None,
    by_store: Annotated[
        bool, typer.Option("--by-store", help="As an answer of the store's own writer, and not of a model.")
    ] = False,
    by_patterns: Annotated[
        bool, typer.Option("--by-patterns", help="By patterns and lexicon alone, without the heads that a model has.")
    ] = False,
    json: JsonOption = False,
    settings: SettingsFile = None,
) -> None:
    """What each guardrail and head makes of a text, and why: as a shopper's message, and as an answer about nothing."""
    from mangaassist import guard_command

    given = guard_command.text_from(text, file, sys.stdin)
    _run(guard_command.guard(given, load(settings), not by_store, by_patterns, json, out))


@app.command(name="eval")
def evaluate(
    kind: Annotated[
        str, typer.Argument(help="intents, injections, toxicity, pii, competitors, retrieval or dialogues")
    ],
    path: Path,
    tier: Annotated[
        list[str] | None,
        typer.Option(help="Dialogues: the model of this tier writes: small, large or offline. Repeat it."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Dialogues: leave out encoder, classifier, model or reader. Repeat it."),
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Dialogues: play so many of them, of each category its share.")
    ] = None,
    local_model: Annotated[
        bool, typer.Option("--local-model", help="Dialogues: the small model on this machine, where a tier has none.")
    ] = False,
    json: JsonOption = False,
    settings: SettingsFile = None,
) -> None:
    """Score what is installed on your own labelled data (formats: docs/evaluation.md); several tiers or parts are compared."""
    from mangaassist import diagnostics

    chosen = diagnostics.Chosen(tier or (), without or (), sample, local_model)
    _run(diagnostics.evaluate(load(settings), kind, path, chosen, json, out, err))


@audit.callback(invoke_without_command=True)
def audit_checked(context: typer.Context, settings: SettingsFile = None, json: JsonOption = False) -> None:
    """The audit trail: by itself, check that it is whole and count what it holds."""
    if context.invoked_subcommand is None:
        audit_verify(settings=settings, json=json)


@audit.command("verify")
def audit_verify(
    head: Annotated[
        list[str] | None, typer.Option(help="A head that was noted earlier and must still be there. Repeat it.")
    ] = None,
    settings: SettingsFile = None,
    json: JsonOption = False,
) -> None:
    """Follow every chain to its head: nothing was changed, left out, put in or cut off."""
    from mangaassist import audit_commands

    _run(audit_commands.verify(load(settings), head or (), json, out))


@audit.command("search")
def audit_search(
    customer: Annotated[str | None, typer.Option(help="Answers to this customer.")] = None,
    asin: Annotated[str | None, typer.Option(help="Answers that showed this product.")] = None,
    text: Annotated[str | None, typer.Option(help="Three characters or more of what was found or shown.")] = None,
    session: Annotated[str | None, typer.Option(help="Of this conversation.")] = None,
    response: Annotated[str | None, typer.Option(help="Of this answer.")] = None,
    stage: Annotated[str | None, typer.Option(help="Of this stage; shown: which prices were shown.")] = None,
    since: Annotated[datetime | None, typer.Option(help="From this moment on; UTC without an offset.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this moment; UTC without an offset.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 50,
    opened: Annotated[bool, typer.Option("--open", help="Open sealed originals, and search them.")] = False,
    settings: SettingsFile = None,
    json: JsonOption = False,
) -> None:
    """What the guardrails did and which prices were shown. That you looked is in the trail from then on."""
    from mangaassist import audit_commands
    from mangaassist.guardrails.audit import AuditQuery

    query = AuditQuery(
        customer_id=customer,
        session_id=session,
        response_id=response,
        asin=asin,
        stage=stage,
        text=text,
        since=since and _in_utc(since),
        until=until and _in_utc(until),
        limit=limit,
    )
    _run(audit_commands.search(load(settings), query, opened, json, out))


def _in_utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@audit.command("export")
def audit_export(
    file: Annotated[Path | None, typer.Argument(help="A file that is not there yet; none: standard output.")] = None,
    opened: Annotated[bool, typer.Option("--open", help="Open sealed originals.")] = False,
    settings: SettingsFile = None,
) -> None:
    """All that is kept, one JSON object a line."""
    from mangaassist import audit_commands

    _run(audit_commands.export(load(settings), file, opened, err))


@models.callback(invoke_without_command=True)
def models_told(context: typer.Context, settings: SettingsFile = None, json: JsonOption = False) -> None:
    """Make the models ready, and say which are used."""
    if context.invoked_subcommand is None:
        from mangaassist import diagnostics

        _run(diagnostics.models(load(settings), json, out, err))


@models.command("serve")
def models_serve(
    settings: SettingsFile = None,
    port: Annotated[int, typer.Option(help="Where it listens; 0 for any free port.")] = 8090,
) -> None:
    """Encoder and heads for other processes, as a SageMaker container: GET /ping, POST /invocations."""
    from mangaassist.model_server import serve_models

    _run(serve_models(load(settings), port, err))


@knowledge.command("stats")
def knowledge_stats(settings: SettingsFile = None, json: JsonOption = False) -> None:
    """How much is known, by kind, and how much could not be taken in."""
    from mangaassist import knowledge_commands

    _run(knowledge_commands.stats(load(settings), json, out))


@knowledge.command("errors")
def knowledge_errors(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, those that failed last first.")] = 20,
    settings: SettingsFile = None,
    json: JsonOption = False,
) -> None:
    """The events that could not be applied and are set aside, with the reason; --json shows them whole."""
    from mangaassist import knowledge_commands

    _run(knowledge_commands.errors(load(settings), limit, json, out))


@knowledge.command("retry")
def knowledge_retry(
    events: Annotated[list[str] | None, typer.Argument(help="Their ids, as errors shows them; none: all.")] = None,
    settings: SettingsFile = None,
) -> None:
    """Try again what was set aside: the process that indexes does, or this command where there is none."""
    from mangaassist import knowledge_commands

    _run(knowledge_commands.retry(load(settings), events or (), out))


@knowledge.command("ingest")
def knowledge_ingest(
    path: Annotated[Path, typer.Argument(help="A Markdown page, a folder of them, or events, one JSON object a line.")],
    settings: SettingsFile = None,
) -> None:
    """Take pages in now, here or by the process that indexes; a newer version of the same page takes its place."""
    from mangaassist import ingest_command

    _run(ingest_command.ingest(load(settings), path, err))


@knowledge.command("build")
def knowledge_build(
    folder: Annotated[Path | None, typer.Option(help="Also read the Markdown pages of this folder.")] = None,
    settings: SettingsFile = None,
) -> None:
    """Read everything from the store (and a folder) now. What is known already is not read again."""
    from mangaassist import knowledge_commands

    _run(knowledge_commands.build(load(settings), folder, err))


@knowledge.command("reindex")
def knowledge_reindex(settings: SettingsFile = None) -> None:
    """Embed everything anew beside what answers, then go over to it, in all processes and without a pause."""
    from mangaassist import knowledge_commands

    _run(knowledge_commands.reindex(load(settings), out, err))


@knowledge.command("rollback")
def knowledge_rollback(settings: SettingsFile = None) -> None:
    """Go back to what answered before the last reindex; told again, forth."""
    from mangaassist import knowledge_commands

    _run(knowledge_commands.rollback(load(settings), out))
