"""The percentage that a message names: "the 30% code", "15 percent off"."""

import re
from typing import Final

from mangaassist.understanding.analysis import Analysis

_PERCENT: Final = re.compile(r"(?<![\d.,])(\d{1,2}) ?(?:%|percent\b|pct\b)", re.IGNORECASE)


def percent_in(analysis: Analysis) -> int | None:
    """The only one; None where none or several are named."""
    found = {int(one[1]) for one in _PERCENT.finditer(analysis.folded)}
    return found.pop() if len(found) == 1 else None
