"""What the layers of search learn from: texts that ask for the same answer, and texts whose vectors are to stay what they are.

Of the wordings that pages keep every fourth one is left out, and of those another hand wrote one in each kind: with them the
reranker is trained, and what search finds is scored (``Text.is_left_out``).
"""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mangaassist.domain.sentences import sentences_of

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))
sys.path.append(str(HERE.parent / "reranker"))
sys.path.append(str(HERE.parent / "talk"))

from conversations import conversations  # noqa: E402 - the scripts of a data set stand beside it, and are no package
from gather import FOURTH, HELD_CATEGORIES, answers_of, page_files  # noqa: E402 - the same
from train_care import is_held  # noqa: E402 - the same

LABELLED = ("bitext", "clinc150")
OTHERS = ("hint3/curekart", "hint3/sofmattress")
"""Never trained on: shops whose messages are held against each other."""
QUERIES = ("wands_query", "snips", "esci_us_query")
SERIES = HERE.parents[1] / "src" / "mangastore" / "data" / "series"
GUIDES = HERE.parents[1] / "src" / "mangastore" / "content" / "editorial"
MESSAGES = 3000
WHOLE_PAGE = -1

Group = tuple[str, int | str]


class Text(NamedTuple):
    """``group``: what it asks for or says, a page's answer by its number or a label of a source; None: its vector is kept."""

    kind: str
    group: Group | None
    text: str
    is_left_out: bool = False
    is_of_held_page: bool = False


def texts(public: Path) -> list[Text]:
    return [*of_pages(), *by_others(), *labelled(public), *caring(), *kept()]


def of_pages() -> Iterator[Text]:
    for name, page in page_files().items():
        held = page["category"] in HELD_CATEGORIES
        yield Text("title", (name, WHOLE_PAGE), page["title"], False, held)
        yield Text("body", (name, WHOLE_PAGE), f"{page['title']}\n{page['body']}", False, held)
        yield from (Text("sentence", None, one, False, held) for one in sentences_of(page["body"], page["title"]))
        for place, question in enumerate(page.get("questions") or ()):
            yield Text("ask", (name, WHOLE_PAGE), question, _is_fourth(place), held)
        for number, answer in enumerate(answers_of(page)):
            yield Text("says", (name, number), answer["says"], False, held)
            for place, ask in enumerate(answer["asks"]):
                yield Text("ask", (name, number), ask, _is_fourth(place), held)
                yield Text("joined", (name, number), behind(page["title"], ask), _is_fourth(place), held)


def by_others() -> Iterator[Text]:
    pages = page_files()
    for line in (HERE / "asks.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        page, group = pages[row["page"]], (row["page"], row["answer"])
        held = page["category"] in HELD_CATEGORIES
        for place, text in enumerate(row["alone"], 1):
            yield Text("told", group, text, place == len(row["alone"]), held)
        for place, text in enumerate(row["follow"], 1):
            yield Text("fragment", group, text, place == len(row["follow"]), held)
            yield Text("joined", group, behind(page["title"], text), place == len(row["follow"]), held)


def labelled(public: Path) -> Iterator[Text]:
    known: set[str] = set()
    for line in public.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["source"] in (*LABELLED, *OTHERS) and row["text"] not in known:
            known.add(row["text"])
            yield Text("labelled", (row["source"], row["native"]), row["text"], row["source"] in OTHERS)
        elif row["source"] in QUERIES:
            yield Text("message", None, row["text"])


def caring() -> Iterator[Text]:
    """Messages that call for care, and those that sound like it: the head for them reads the same vector (``train_care.py``)."""
    for line in (HERE.parent / "safety" / "care.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        yield Text("care", ("care", row["care"]), row["text"], is_held(row["text"]))


def kept() -> Iterator[Text]:
    """Books and guides as they are searched for, and messages of conversations: what of them is near to what stays as it is."""
    for file in sorted(SERIES.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            series = json.loads(line)
            yield Text("book", None, f"{series['title']}, Vol. 1\n{series['synopsis']}")
    for file in sorted(GUIDES.glob("*.md")):
        yield Text("book", None, file.read_text("utf-8").split("\n---", 1)[-1].strip())
    said = sorted({turn.text for one in conversations() for turn in one.turns})
    yield from (Text("message", None, text) for text in random.Random(0).sample(said, MESSAGES))


def behind(title: str, text: str) -> str:
    """As a fragment is searched for once the page was told."""
    return f"{title.rstrip(' ?.')}: {text}"


def _is_fourth(place: int) -> bool:
    return place % FOURTH == FOURTH - 1
