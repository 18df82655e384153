"""Writes which words shoppers ask each act with: `lexica/act_words_en.toml`, read off the written messages of `acts/`.

    python training/act_words.py

A word of a message that asks one act counts for that act; words of many acts say nothing of any (``common``).
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mangaassist.domain.acts import ACTS, MOVES, Act
from mangaassist.understanding.analysis import analyse
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.titles import SeriesTitle
from mangaassist.understanding.utterance_reader import UtteranceReader
from mangaassist.understanding.vocabulary import language_named
from mangastore.data.series import load_series

HERE: Final = Path(__file__).parent
TARGET: Final = HERE.parent / "src/mangaassist/understanding/lexica/act_words_en.toml"
LEAST: Final = 2
"""Messages of an act that have to use a word: a single one may be about anything."""
OF_MANY: Final = 14
"""Acts whose messages use a word that tells none of them apart."""


def asked() -> Iterator[tuple[Act, str]]:
    for file in sorted((HERE / "acts").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if len(row["acts"]) == 1 and (act := Act(row["acts"][0])) not in MOVES:
                yield act, row["text"]


def words_of_acts() -> dict[Act, Counter[str]]:
    series = load_series()
    titles = [SeriesTitle(one.id, one.title, tuple(one.other_names()), tuple(one.authors)) for one in series]
    reader = UtteranceReader(Lexicon.with_catalog(titles, {theme for one in series for theme in one.themes}))
    in_titles = {
        token.stem for one in series for name in (one.title, *one.other_names()) for token in analyse(name).tokens
    }
    idle = language_named("en").stop | language_named("en").fillers
    counted: dict[Act, Counter[str]] = {}
    for act, text in asked():
        analysis = analyse(text)
        named = {place for m in reader.read(text).mentions for place in range(*analysis.at(m.start, m.end))}
        stems = {
            token.stem
            for place, token in enumerate(analysis.tokens)
            if place not in named and token.text not in idle and re.fullmatch(r"[a-z]{3,}", token.stem)
        }
        counted.setdefault(act, Counter()).update(stems)
    for act, counts in counted.items():
        for stem in [one for one in counts if one in in_titles and counts[one] < 2 * LEAST + 1]:
            del counted[act][stem]
    return counted


def main() -> None:
    counted = words_of_acts()
    spread = Counter(stem for counts in counted.values() for stem in counts)
    common = sorted(stem for stem, acts in spread.items() if acts >= OF_MANY)
    lines = [
        "# Written by training/act_words.py: stems that shoppers ask each act with, and those that tell none apart.",
        f'common = "{" ".join(common)}"',
        "[acts]",
    ]
    for act in (one for one in ACTS if one in counted):
        told = sorted(stem for stem, count in counted[act].items() if count >= LEAST and stem not in set(common))
        lines.append(f'{act} = "{" ".join(told)}"')
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
