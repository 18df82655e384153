"""Little conversations for the tests of understanding: a small catalog, and what an answer shows."""

from collections.abc import Sequence
from functools import cache

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import NEW_DIALOGUE, DialogueState, Shown
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.writing import NO_NOTES, WritingNotes
from mangaassist.understanding.dialogue_after import after
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.reader import MeaningReader
from mangaassist.understanding.scene import NO_SCENE, Scene
from mangaassist.understanding.titles import SeriesTitle

SERIES = {
    "akira": ("Akira", "Katsuhiro Otomo"),
    "berserk": ("Berserk", "Kentaro Miura"),
    "dungeon": ("Delicious in Dungeon", "Ryoko Kui"),
    "haikyu": ("Haikyu!!", "Haruichi Furudate"),
    "monster": ("Monster", "Naoki Urasawa"),
    "naruto": ("Naruto", "Masashi Kishimoto"),
    "one-piece": ("One Piece", "Eiichiro Oda"),
    "pluto": ("Pluto", "Naoki Urasawa"),
    "uzumaki": ("Uzumaki", "Junji Ito"),
    "vagabond": ("Vagabond", "Takehiko Inoue"),
    "vinland": ("Vinland Saga", "Makoto Yukimura"),
    "yotsuba": ("Yotsuba&!", "Kiyohiko Azuma"),
}
TITLES = {series_id: title for series_id, (title, _) in SERIES.items()}
LISTED = ("uzumaki", "monster", "dungeon", "pluto", "yotsuba")
ORDER = "112-1111111-1111111"


@cache
def reader() -> MeaningReader:
    return MeaningReader(
        Lexicon.with_catalog(
            SeriesTitle(series_id, title, authors=(author,)) for series_id, (title, author) in SERIES.items()
        )
    )


def card(series_id: str, volume: int = 1) -> Shown:
    place = list(SERIES).index(series_id)
    title = TITLES[series_id]
    asin = f"B0{place:04d}{volume:04d}"
    return Shown(asin=asin, series_id=series_id, title=f"{title}, Vol. {volume}", series_title=title, volume=volume)


def cards_of(meaning: Meaning) -> tuple[Shown, ...]:
    """What an answer would show: three suggestions, or what was asked about."""
    acts = {heard.act for heard in meaning.acts}
    if meaning.targets:
        return tuple(card(one.series_id, one.volume or 1) for one in meaning.targets if one.series_id)[:5]
    if any(ACTS[act].topic == "shelf" or act is Act.SIMILAR for act in acts):
        return tuple(card(one) for one in LISTED if one not in meaning.avoid)[:3]
    return ()


class Talk:
    """A conversation without a model: what rules and dialogue make of each message."""

    def __init__(self, scene: Scene = NO_SCENE, state: DialogueState = NEW_DIALOGUE) -> None:
        self.scene = scene
        self.state = state

    def say(self, text: str, notes: WritingNotes = NO_NOTES, page: str = "The page") -> Meaning:
        """The message's meaning; the dialogue goes on as if it had been answered."""
        meaning = reader().without_model(reader().heard(text), self.state, self.scene)
        topics = {ACTS[heard.act].topic for heard in meaning.acts}
        orders = (ORDER,) if "order" in topics else ()
        title = page if "page" in topics else ""
        self.state = after(self.state, meaning, cards_of(meaning), orders, title, notes)
        return meaning


def last_of(messages: Sequence[str], scene: Scene = NO_SCENE) -> Meaning:
    """The meaning of the last of several messages."""
    talk = Talk(scene)
    return [talk.say(message) for message in messages][-1]
