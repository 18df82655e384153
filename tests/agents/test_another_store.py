"""S-8: what the bookshop's shoppers, agents and operators read of us by itself names neither manga nor the demo store."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from mangaassist.cli import app
from mangaassist.domain.acts import ACTS
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.edge.agents.tools import TOOLS
from mangaassist.edge.web_files import FILES
from mangaassist.models.prompts import rules_of
from mangaassist.models.reading_prompt import rules as reading_rules
from mangaassist.models.writers.offline.phrasing import PHRASES
from mangaassist.understanding.scene import Scene
from mangaassist.understanding.vocabulary import LANGUAGES, questions_of_store
from mangaassist.wire.problems import CODES
from tests.agents.conftest import Shop, calling
from tests.understanding.talks import last_of

_FACTS = (Path(__file__).parents[2] / "examples/bookshop/data/store_facts.json").read_text(encoding="utf-8")
BOOKSHOP = msgspec.json.decode(_FACTS.replace("{store}", "https://ash.example"), type=StoreFacts)
DEMO = re.compile(
    r"manga(?!-?assist|store|proto)|tankobon|sh[oō]nen|sh[oō]jo|seinen|josei|inkwell|vinland|berserk|127\.0\.0\.1:8080|マンガ|漫画",
    re.IGNORECASE,
)
"""Our own name and the names of our packages aside."""


def found(texts: dict[str, str]) -> dict[str, list[str]]:
    """Where the demo store's words stand, and which."""
    return {name: DEMO.findall(text) for name, text in texts.items() if DEMO.search(text)}


@pytest.fixture
def bookshop(shop: Shop) -> Shop:
    shop.store.services.facts = BOOKSHOP
    return shop


async def test_agents_are_told_whose_assistant_it_is_and_what_is_sold_there(bookshop: Shop) -> None:
    async with bookshop.agent() as agent:
        tools = {tool.name: tool for tool in (await agent.list_tools()).tools}
        resources = (await agent.list_resources()).resources
        instructions, title = agent.instructions or "", agent.server_info.title or ""
    assert title == "The assistant of Ash & Ladder Books"
    assert "Ash & Ladder Books, which sells books" in instructions
    assert "Finds books by" in (tools["search_catalog"].description or "")
    told = {name: tool.model_dump_json() for name, tool in tools.items()}
    told |= {"title": title, "instructions": instructions, "resources": str(resources)}
    assert found(told) == {}


async def test_what_agents_find_by_themselves_is_the_stores_own(bookshop: Shop) -> None:
    paths = (
        *("/.well-known/ucp", "/.well-known/oauth-protected-resource", "/ag-ui", "/"),
        *("/docs", "/schema/openapi.json", "/schema/asyncapi.json"),
    )
    told = {path: (await bookshop.gets(path)).text for path in paths}
    assert "The assistant of Ash & Ladder Books" in told["/.well-known/oauth-protected-resource"]
    assert "The assistant of Ash & Ladder Books" in told["/ag-ui"]
    assert found(told) == {}


async def test_the_assistants_own_page_leads_to_the_store_that_it_speaks_for(bookshop: Shop) -> None:
    assert '<a href="https://ash.example/">Ash &amp; Ladder Books</a>' in (await bookshop.gets("/")).text
    bookshop.store.services.facts = StoreFacts()
    assert "the store that it speaks for" not in (await bookshop.gets("/")).text


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_refused_call_is_worded_for_any_store(bookshop: Shop, tool: str) -> None:
    asked: list[dict[str, Any]] = [
        {},
        {"id": "1"},
        {"catalog": {"id": "B0NOTHING1"}},
        {"catalog": {"ids": ["B0NOTHING1"]}},
    ]
    told = {str(one): (await bookshop.posts(calling(tool, **one))).text for one in asked}
    assert found(told) == {}


def test_what_browsers_load_of_us_suits_any_store() -> None:
    assert found({path: file.body.decode() for path, file in FILES.items()}) == {}


def test_the_words_that_we_have_ready_suit_any_store_once_its_own_are_put_in() -> None:
    told = {
        **{f"phrase {key}": BOOKSHOP.worded(" ".join(said)) for key, said in PHRASES.items()},
        **{f"question {code}": BOOKSHOP.worded(" ".join(questions_of_store(code).values())) for code in LANGUAGES},
        **{f"problem {code}": detail for code, detail in CODES.items()},
        **{f"act {act}": f"{row.words} {row.example}" for act, row in ACTS.items()},
        "rules for models": rules_of(BOOKSHOP),
        "rules for reading": reading_rules(),
        "replies": (files("mangaassist.desk") / "data" / "replies.toml").read_text(encoding="utf-8"),
    }
    assert found(told) == {}


def test_a_question_made_self_contained_names_what_the_store_sells() -> None:
    """It is searched for, and models are asked it."""
    scene = Scene(store=BOOKSHOP)
    asked = [
        last_of(["something with horror please", "not too long tho"], scene).question,
        last_of(["do you have ebooks"], scene).question,
        last_of(["is the membership worth it"], scene).question,
    ]
    assert "horror books" in asked[0]
    assert found({str(place): question for place, question in enumerate(asked)}) == {}


def command_names(command: typer.core.TyperGroup) -> Iterator[tuple[str, ...]]:
    yield ()
    for name, one in command.commands.items():
        if isinstance(one, typer.core.TyperGroup):
            yield from ((name, *rest) for rest in command_names(one))
        else:
            yield (name,)


def test_the_commands_help_suits_any_store() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    told = {
        " ".join(words): CliRunner().invoke(app, [*words, "--help"]).output
        for words in command_names(group)
        if words != ("store",)  # the demo store's own
    }
    assert len(told) > 15
    assert found(told) == {}
