"""Toxic language in a text (G-3 stage 3): a lexicon of words and of sentences in which harmless words attack somebody.

Identity words alone say nothing: "manga with trans characters" is a wish, "I hate trans people" is not. Titles say nothing either:
nobody is hurt by "Assassination Classroom".
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final, Self

import msgspec
from ahocorasick_rs import AhoCorasick
from msgspec import Struct
from msgspec.structs import asdict

from mangaassist.guardrails.folding import plain, unleeted


class WordLists(Struct, frozen=True):
    """``data/toxicity.toml``, which explains the fields."""

    always: tuple[str, ...]
    insults: tuple[str, ...]
    groups: tuple[str, ...]
    harms: tuple[str, ...]
    harmless: tuple[str, ...]


class Toxic(Struct, frozen=True):
    """What was found and in which reading of the text: ``slur``, ``insult``, ``hatred``, ``violence``.

    ``tone``: found by the model alone.
    """

    kind: str
    reading: str
    words: str


class ToxicPattern(Struct, frozen=True):
    """A way to be toxic; ``needs`` names the list of which every text that holds the shape holds a word."""

    kind: str
    needs: str
    shape: re.Pattern[str]


RISK_NEEDED: Final = {"slur": 0.2, "insult": 0.3, "hatred": 0.3, "violence": 0.3}
"""The risk from which the model agrees with what the lexicon found: below it, it knows better, as of words that are quoted."""
RISK_ALONE: Final = 0.7
"""The risk from which a sentence is toxic without any word of the lexicon. Both by training/safety/DATACARD.md."""


def is_toxic(found: Toxic | None, risk: float | None) -> bool:
    """What lexicon and model, 0 to 1 or None where it is away, say of one sentence together (G-3)."""
    if risk is None:
        return found is not None
    return risk >= (RISK_ALONE if found is None else RISK_NEEDED[found.kind])


_plain_name: Final = lru_cache(4096)(plain)
"""Names come again with every answer that is about them."""


class Stems:
    """A quick look at a text: of which lists it may hold a word. One pass, however long the lists are."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        rows = [(_stem(word), name) for name, words in lists.items() for word in words]
        self._names = [name for _, name in rows]
        self._automaton = AhoCorasick([stem for stem, _ in rows])

    def lists_in(self, text: str) -> set[str]:
        return {
            self._names[index]
            for index, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True)
            if not start or not text[start - 1].isalnum()
        }


def _stem(word: str) -> str:
    """The longest part of a word or phrase that is spelt out."""
    return max(re.split(r"[ *]", plain(word)), key=len)


class ToxicityLexicon:
    """Compiled once per process; ``toxic`` is pure."""

    def __init__(self, lists: WordLists) -> None:
        self._stems = Stems(_needed(lists))
        self._harmless = _any(lists.harmless)
        self._patterns = _patterns(lists)
        self._always = self._patterns[0].shape

    @classmethod
    def load(cls) -> Self:
        source = files("mangaassist.guardrails").joinpath("data/toxicity.toml").read_text("utf-8")
        return cls(msgspec.convert(tomllib.loads(source), WordLists))

    def toxic(self, text: str, titles: Iterable[str] = ()) -> Toxic | None:
        """The first toxic thing in the text, or None. ``titles`` are names of products, which may say anything."""
        written = plain(text)
        for name in filter(None, map(_plain_name, titles)):
            if name in written:
                written = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", written)
        held = self._stems.lists_in(written)
        if "harmless" in held:
            written = self._harmless.sub(" ", written)
        for pattern in self._patterns:
            for found in pattern.shape.finditer(written) if pattern.needs in held else ():
                if not _is_taken_back(written, found):
                    return Toxic(pattern.kind, "plain", found[0])
        return self._disguised(written)

    def _disguised(self, written: str) -> Toxic | None:
        """Words of the lexicon alone, behind leet (``b1tch``), stars and dots (``f.u.c.k``) and repeated letters (``biiitch``)."""
        readings = (
            ("leet", unleeted(written) if _LEET.search(written) else ""),
            (
                "spaced",
                _SPACED.sub(lambda found: re.sub(r"[\W_]", "", found[0]), written) if _SPACED.search(written) else "",
            ),
            ("repeated", _REPEATED.sub(r"\1", written) if _REPEATED.search(written) else ""),
        )
        for reading, text in readings:
            found = self._always.search(self._harmless.sub(" ", text)) if text else None
            if found:
                return Toxic("slur", reading, found[0])
        return None


# b1tch, @ss, bi@: it begins with the sign and looks back from behind it, so that the search runs from sign to pattern.
_LEET: Final = re.compile(
    r"[0134578@$!|+](?:(?<=[a-z].)[0134578@$!|+]*[a-z]|(?<=\b[0134578@$])[0134578@$]*[a-z]{2}|(?<=[a-z]{2}[@$!13])\b)"
)
_SPACED: Final = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,2}[^\W_](?![^\W_])){3,}")
_REPEATED: Final = re.compile(r"([a-z])\1{2,}")
_TAKEN_BACK: Final = re.compile(
    r"(?:\bnot|n't|\bnever|\bno one|\bnobody|\bwithout|\bstop|\bwhoever|\banyone who|\bthose who|\bpeople who"
    r"|\bif you|\bsaying|\bsays?|\bsaid|\bcalled|\bcalling|\bcall|\bterm"
    r"|\bword|\bphrase|\blike|\bis it|\bdoes|\bwhy do|\bhow dare|\bthe villain|\bcharacter|\btitled"
    r"|\babout)\W+(?:\w+\W+){0,3}$"
)


def _is_taken_back(text: str, found: re.Match[str]) -> bool:
    """What was said is denied, quoted or asked about: only a slur stands whatever is around it."""
    return found.re.groups > 0 and _TAKEN_BACK.search(text[max(0, found.start() - 40) : found.start()]) is not None


def _needed(lists: WordLists) -> dict[str, tuple[str, ...]]:
    """The lists that ``ToxicPattern.needs`` names: the lexicon's own, and the words that some shapes spell out."""
    return asdict(lists) | {
        "groups, country": (*lists.groups, "country"),
        "disgust": ("fuck", "hell", "disgust", "sick", "puke", "vomit", "place", "right", "soul"),
        "ends": (*lists.harms, "die", "rot", "burn", "suffer"),
        "wishes": ("die", "dead", "cancer", "suffer", "burn", "rot", "choke", "killed", "hit", "raped", "hurt"),
        "scorn": (
            *("fucking", "stupid", "dumb", "ugly", "fat", "little"),
            *("worthless", "pathetic", "disgusting", "absolute"),
        ),
    }


def _patterns(lists: WordLists) -> tuple[ToxicPattern, ...]:
    group, insult, harm = (f"(?:{_words(words)})" for words in (lists.groups, lists.insults, lists.harms))
    people = (
        rf"(?:(?:all |any |every |those |these |the |most |some |fucking |damn |stupid |filthy "
        rf"|dirty )*{group})(?: (?:people|person|folks?|men|women|man|woman|boys|girls|guys|scum|kids))?"
    )
    degree = (
        r"(?:(?:so|such|just|all|a|an|the|nothing but|really|very|fucking|absolute|complete|total|bunch of"
        r"|basically|like|no better than|more than|only|total|worse than|mentally|bloody|damn|as|full of|pretty"
        r"|little|kind of|utter|disgusting|stupid|dumb|fat|ugly|filthy|dirty|are|is)\s)*"
    )
    return tuple(
        ToxicPattern(kind, needs, re.compile(shape))
        for kind, needs, shape in (
            ("slur", "always", rf"(?<!\w)(?:{_words(lists.always)})(?!\w)"),
            (
                "hatred",
                "groups",
                rf"\b(hate|hating|despise|loathe|detest|can'?t stand|cannot stand|disgusted by|sick of|fuck"
                rf"|screw|damn|want nothing to do with|never trust|don'?t trust|down with|death to"
                rf"|no respect for) {people}\b(?! (?:characters?|manga|books?|covers?|protagonists?|leads?"
                rf"|stories|arcs?|villains?|cats?|clothes|dress(?:es)?|shoes|shirts?|jeans))",
            ),
            (
                "hatred",
                "insults",
                rf"\b({people}) (?:are|is|aren'?t|should be|were|have|deserve|must be|need to be) {degree}{insult}\b",
            ),
            (
                "hatred",
                "groups",
                rf"\b({people}) (?:\w+ ){{0,2}}?(?:should(?: all| be| just|n'?t| not)*|must|need to|ought to"
                rf"|deserve to|have to|belong)(?: \w+){{0,3}}? (?:die|dead|killed|shot|gassed|hanged|hung"
                rf"|deported|wiped out|exterminated|burn\w*|raped|beaten|punished|hell|locked up|eradicated"
                rf"|suffer|exist|vote|kitchen|cage\w*|zoo|get out|leave|banned|attacked|removed|sterili[sz]ed"
                rf"|lynched|executed)\b",
            ),
            (
                "hatred",
                "groups",
                rf"\b(?:(?:stupid|filthy|dirty|fucking|disgusting|ugly|dumb|damn"
                rf"|goddamn) )({group})\b(?! (?:dress|shoes?|cover|shirt|jeans))",
            ),
            (
                "hatred",
                "groups, country",
                rf"\b(no (?:place|room) for|get rid of|rid (?:the world|us|this country) of"
                rf"|world would be (?:a )?better (?:place )?without|ban all|kick out|go back to (?:your"
                rf"|their)) (?:\w+ ){{0,2}}?(?:{group}|country)\b",
            ),
            (
                "hatred",
                "groups",
                rf"\b({people}) lives (?:are|do|should|will|mean|have)\b(?: \w+){{0,4}}? (?:nothing|not|no"
                rf"|worthless|less|never)\b|\b{people} (?:don'?t|do not|doesn'?t) (?:deserve|belong|matter"
                rf"|have (?:any |the )?(?:right|place))",
            ),
            (
                "hatred",
                "groups",
                rf"\b(?:hat(?:e|red|ing)|disgust|contempt|loathing)(?: \w+){{0,3}}? (?:for|of|towards?"
                rf"|against) (you )?{people}\b",
            ),
            (
                "hatred",
                "groups",
                rf"\b(only|typical of|isn'?t it (?:typical|just like)|leave it to|just like) {people} (?:can"
                rf"|could|would|to be) (?:be )?(?:so|that|this) \w+",
            ),
            (
                "hatred",
                "groups",
                rf"\bif i (?:was|were|woke up as|had been born) (?:a|an) ({group})\b.{{0,30}}\b(?:kill|suicide"
                rf"|ashamed|die|hate)",
            ),
            (
                "hatred",
                "disgust",
                rf"\b({people}|you|they|them|you people)(?: \w+){{0,3}}? (?:get the (?:fuck|hell) out|go fuck"
                rf"|fuck (?:themselves|yourselves|off)|disgust(?:s|ing)? (?:me|us|everyone|people)"
                rf"|make(?:s)? me (?:sick|puke|vomit)|have no (?:place|rights?|soul))",
            ),
            (
                "hatred",
                "groups",
                rf"\b(?:like you|those kinds? of|you and all (?:the )?other"
                rf"|you) ({group})\b(?: people)?(?: \w+){{0,4}}? (?:deserve|should|ought|must|are (?:a |an |all "
                rf"|so |just )*{insult})",
            ),
            (
                "violence",
                "harms",
                rf"\b((?:i|we|someone|somebody|everyone|they|let'?s|please|should|must|gonna|wanna|want to"
                rf"|going to|will|'ll|to|would|could)\W+(?:just |all |really |love to |like to |go "
                rf"|please )*{harm}) (?:you|u|ya|yourself|your|{people})\b(?! (?:characters?"
                rf"|with (?:the |these )?prices))",
            ),
            ("violence", "harms", rf"^\W*({harm}) (?:all |every |the |those )*{people}\b"),
            (
                "violence",
                "ends",
                rf"\byou (?:deserve|need|ought|should|must)(?: to)? (?:be )?({harm}\w*|die|rot|burn|suffer)\b",
            ),
            (
                "violence",
                "wishes",
                r"\b(?:i hope|hope|wish) (?:that )?(you|they|he|she|all of you"
                r"|your family)\b(?: \w+){0,3}? (?:die|dies|dead|cancer|suffer|burn|rot|choke|killed|hit by"
                r"|raped|get hurt)",
            ),
            (
                "insult",
                "insults",
                rf"\b(you|u|ur|your mom|your mother|y'?all|youre)(?:'?re| are| r"
                rf"|) {degree}{insult}\b(?! (?:price|prices|cover|fast|shipping|of the|good|cheap))(?<!your)",
            ),
            (
                "insult",
                "scorn",
                rf"\byou (?:fucking |stupid |dumb |ugly |fat |little |worthless |pathetic |disgusting "
                rf"|absolute )+({insult}|person|man|woman|boy|girl|fuck|shit|piece|cow|bot)\b",
            ),
            (
                "insult",
                "insults",
                rf"\b(he|she|they|this (?:guy|girl|bot|person)|that (?:guy|girl|person))(?:'s|'re| is"
                rf"| are) (?:such |just |a |an |so |fucking |nothing but )+{insult}\b",
            ),
        )
    )


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_words(words)})(?!\w)")


def _words(words: Iterable[str]) -> str:
    """Alternatives, longest first; a trailing star stands for any ending, a space for any gap."""
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(plain(word)).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]+") for word in ordered)
