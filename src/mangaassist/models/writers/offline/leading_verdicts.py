"""The yes or no that an answer about an order begins with, as the question takes it: turned round, or left out."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import AskedAs
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.shelf_notes import capital

_LEAD: Final = re.compile(r"^(Yes|No|I'm afraid not)([,:]) ")
_TURNED: Final = {"Yes": "No", "No": "Yes", "I'm afraid not": "I'm afraid so"}
_OF_ORDERS: Final = frozenset({Intent.ORDER_TRACKING, Intent.RETURN_REQUEST})
_STILL_POSSIBLE: Final = (Act.CANCEL_ORDER, Act.CHANGE_ORDER, Act.RETURN, Act.RETURN_WINDOW, Act.EXCHANGE)
"""What is told to be possible or not, which "is it too late" asks the other way round."""


def led(told: str, intent: Intent, task: WritingTask) -> str:
    """``told`` with the verdict that fits how the message asks; as it is where it has none, or is about no order."""
    lead = _LEAD.match(told)
    change = _CHANGES.get(task.meaning.asked_as)
    return told if lead is None or change is None or intent not in _OF_ORDERS else change(told, lead, task)


def _turned(told: str, lead: re.Match[str], task: WritingTask) -> str:
    if not task.meaning.asks(*_STILL_POSSIBLE):
        return told
    return f"{_TURNED[lead[1]]}{lead[2]} {told[lead.end() :]}"


def _left_out(told: str, lead: re.Match[str], task: WritingTask) -> str:
    """A day that is named ("when is it here, before friday?") is asked about for yes or no all the same."""
    return told if task.meaning.day is not None or lead[1] not in ("Yes", "No") else capital(told[lead.end() :])


_CHANGES: Final[Mapping[AskedAs, Callable[[str, re.Match[str], WritingTask], str]]] = {
    "turned": _turned,
    "open": _left_out,
    "choice": _left_out,
}
