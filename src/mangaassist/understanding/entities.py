"""Everything that a message names by itself: order numbers, ASINs, series, volumes, genres, limits, formats, authors (T-5)."""

import re
from collections.abc import Iterable
from typing import Final

from mangaassist.domain.meaning import Entities, SeriesMention
from mangaassist.understanding import quantities
from mangaassist.understanding.folding import fold, lower
from mangaassist.understanding.subjects import read_subjects
from mangaassist.understanding.title_spans import blanked, title_spans
from mangaassist.understanding.titles import Span, TitleLexicon

MAX_NAMED: Final = 10
"""A message that names more orders, products or series than this is cut off there."""

_ORDER: Final = re.compile(r"(?<![\d-])(\d{3})[\s-]?(\d{7})[\s-]?(\d{7})(?![\d-])")
_ASIN: Final = re.compile(r"(?<![A-Za-z0-9])B0[A-Z0-9]{8}(?![A-Za-z0-9])", re.IGNORECASE)


class EntityReader:
    """Reads what a message names. Holds nothing but the lexicon, so a new catalog is a new reader."""

    def __init__(self, lexicon: TitleLexicon) -> None:
        self._lexicon = lexicon

    def read(self, text: str) -> Entities:
        """Never raises, whatever the text; at most 2000 characters are expected and read in about a millisecond."""
        order_ids = tuple(dict.fromkeys("-".join(found.groups()) for found in _ORDER.finditer(_plain_dashes(text))))
        asins = tuple(dict.fromkeys(found[0].upper() for found in _ASIN.finditer(text)))
        folded = fold(_ASIN.sub(" ", _ORDER.sub(" ", _plain_dashes(text))))
        small = lower(folded)
        spans = title_spans(self._lexicon, folded, small)
        untitled = blanked(small, spans)
        subjects = read_subjects(small, untitled)
        floor, ceiling = quantities.price_limits(text)
        return Entities(
            asins=asins[:MAX_NAMED],
            order_ids=order_ids[:MAX_NAMED],
            series=self._mentions(spans),
            authors=self._lexicon.authors.find(folded, untitled)[:MAX_NAMED],
            volumes=quantities.volumes(untitled),
            genres=subjects.genres,
            demographics=subjects.demographics,
            formats=subjects.formats,
            price_ceiling=ceiling,
            price_floor=floor,
            count=quantities.count(untitled),
        )

    def _mentions(self, spans: Iterable[Span]) -> tuple[SeriesMention, ...]:
        mentions: dict[str, SeriesMention] = {}
        for span in sorted(spans, key=lambda span: span.start):
            for series_id in span.name.series:
                mention = SeriesMention(series_id, self._lexicon.titles[series_id], span.score)
                mentions.setdefault(series_id, mention)
        return tuple(mentions.values())[:MAX_NAMED]


def _plain_dashes(text: str) -> str:
    return text.translate({ord(dash): "-" for dash in "‐‑–—−"})
