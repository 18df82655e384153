"""How many tokens the prompt of each intent takes, how much of its evidence a small budget keeps, and what building it costs."""

import time
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import convert, to_builtins
from msgspec.structs import replace

from benchmarks import evidence
from benchmarks.measuring import Row, at_most, percentile
from benchmarks.questions import QUESTIONS
from mangaassist.domain.intents import Intent
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.domain.writing import WritingTask
from mangaassist.models.profiles import PROMPT_TOKENS
from mangaassist.models.prompt_lines import evidence_lines
from mangaassist.models.prompts import Prompt, build_prompt
from mangaassist.models.tokens import estimated_tokens
from mangastore.data.store_facts import store_facts

SMALL: Final = 1_200
"""What the model on this machine may read (``models/local.py``)."""
BUDGETS: Final = (PROMPT_TOKENS, SMALL)
FACTS: Final = convert(to_builtins(store_facts("http://store.test")), StoreFacts)


def rows() -> list[Row]:
    asked = {intent: [_task(text, intent) for text in texts] for intent, texts in QUESTIONS.items()}
    tasks = [task for each in asked.values() for task in each]
    return [
        Row(what="rules and store", value=estimated_tokens(build_prompt(tasks[0]).prefix), unit="tokens"),
        *(row for intent, each in asked.items() for row in _of(intent, each)),
        *(
            at_most(
                f"within {most}, processor time of the longest", max(_spent(task, most) for task in tasks), "ms", 10
            )
            for most in BUDGETS
        ),
    ]


def _task(text: str, intent: Intent) -> WritingTask:
    task = evidence.typical(text, intent)
    return replace(task, evidence=replace(task.evidence, facts=FACTS))


def _of(intent: Intent, tasks: list[WritingTask]) -> Iterator[Row]:
    for name, told in (("median", _median), ("most", max)):
        yield Row(what=f"{intent}, {name}", value=told([build_prompt(task).tokens for task in tasks]), unit="tokens")
    kept = _median([_lines(build_prompt(task, SMALL)) / len(list(evidence_lines(task))) for task in tasks])
    yield Row(what=f"{intent}, lines kept within {SMALL}", value=100 * kept, unit="%")


def _lines(prompt: Prompt) -> int:
    return prompt.evidence.count("\n")


def _median(values: Sequence[float]) -> float:
    return percentile(values, 50)


def _spent(task: WritingTask, most: int) -> float:
    """Milliseconds of the processor, the best of three."""

    def once() -> float:
        began = time.thread_time()
        build_prompt(task, most)
        return (time.thread_time() - began) * 1000

    return min(once() for _ in range(3))
