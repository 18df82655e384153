"""The lexicon of the whole demo catalogue, built once."""

from functools import cache

from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.titles import SeriesTitle
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.utterance_reader import UtteranceReader
from mangastore.data.series import load_series


@cache
def demo_reader() -> UtteranceReader:
    series = load_series()
    titles = [SeriesTitle(one.id, one.title, tuple(one.other_names()), tuple(one.authors)) for one in series]
    return UtteranceReader(Lexicon.with_catalog(titles, {theme for one in series for theme in one.themes}))


def read(text: str) -> Utterance:
    return demo_reader().read(text)
