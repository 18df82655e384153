"""Which role a mention plays by the words around it: wanted or not, read, owned, "like X", or only spoken of."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from mangaassist.understanding.analysis import Analysis, Sentence
from mangaassist.understanding.refused_clauses import RefusedClauses
from mangaassist.understanding.role_cues import REFUSING, cues_of
from mangaassist.understanding.utterance import MentionKind, Role
from mangaassist.understanding.vocabulary import language_named

MEASURES: Final = frozenset(("series", "author"))
"""What something may be like."""
LABELS: Final = frozenset(("genre", "theme", "mood", "medium", "demographic", "format", "author"))
_READER: Final = 4
"""So many tokens after a title "i already read it" may begin."""
_OPENING: Final = 3
"""So many tokens may open a question that misses something: "do you have nothing with"."""
_COMPARED: Final = 7
"""So many tokens before a title the first "as" of "as messed up as" may stand."""
_STRANGE: Final = 2
"""So many unknown words may stand between a refusal and the "or" that goes on with it."""


class Place(Struct, frozen=True):
    """A mention by the tokens ``first:last`` that it takes."""

    kind: MentionKind
    first: int
    last: int


_OF_WHICH: Final = frozenset(("genre", "demographic"))
"""Kinds that are still wanted where what is usual of them is not: "not the typical isekai with a harem"."""


class RoleReader:
    """Gives each mention of one sentence its role; the places come in their order and do not overlap."""

    def __init__(self, analysis: Analysis, sentence: Sentence, places: Sequence[Place]) -> None:
        self._cues = cues_of(analysis.language)
        self._language = analysis.language
        self._tokens = analysis.tokens
        self._stems = [token.stem for token in analysis.tokens]
        self._sentence = sentence
        self._places = places
        self._ending = {place.last: number for number, place in enumerate(places)}
        self._starting = {place.first: number for number, place in enumerate(places)}
        self._roles: list[Role] = []
        self._usual: set[Place] = set()
        """What is called usual, and is not wanted so."""
        seeking = self._cues.seeking
        self._seeks = any(stem in seeking for stem in self._stems[sentence.first : sentence.last])
        begins = {place.last: place.first for place in places}
        labels = frozenset(place.last for place in places if place.kind in LABELS)
        between, idle = self._cues.between, self._cues.beside_refusal
        self._clauses = RefusedClauses(analysis, sentence, begins, labels, between, idle, self._refuses)

    def read(self) -> list[Role]:
        for place in self._places:
            self._roles.append(self._role(place))
        return self._roles

    def _role(self, place: Place) -> Role:
        if place.kind not in MEASURES and place.kind not in LABELS:
            return "named"
        if self._is_description(place):
            return "unwanted" if self._before(place) == "unwanted" else "named"
        after = self._after(place)
        if after is not None and (place.kind == "series" or after == "unwanted"):
            return after
        if place.kind in LABELS and (
            self._is_lesser(place) or self._is_mistaken(place) or self._clauses.hold(place.first)
        ):
            return "unwanted"
        if self._is_measure(place):
            return "like"
        role = self._before(place)
        return "like" if role == "named" and self._is_changed(place) else role

    def _is_measure(self, place: Place) -> bool:
        """ "Anything as dark as tokyo ghoul"; "is vagabond as dark as berserk" and "is it as dark" ask of something."""
        first, cues = self._sentence.first, self._cues
        if place.kind != "series" or place.first - 3 < first or self._stems[place.first - 1] != "as":
            return False
        opened = range(max(first, place.first - _COMPARED), place.first - 2)
        begun = next((token for token in reversed(opened) if self._stems[token] == "as"), None)
        if begun is None or self._stems[begun + 1] in cues.as_apart:
            return False
        held = any(other.kind == "series" and other.last <= place.first for other in self._places)
        opening = self._stems[first]
        return not held and (self._seeks or opening not in cues.auxiliary | cues.definite | {"it"})

    def _is_changed(self, place: Place) -> bool:
        """ "Haikyuu but basketball", "one piece but shorter": the title is what something shall be like, with a difference."""
        at = place.last
        opening = self._stems[self._sentence.first]
        if place.kind != "series" or at + 1 >= self._sentence.last or opening in self._cues.auxiliary:
            return False
        if self._stems[at] not in self._cues.changes:
            return False
        following = next((one for one in self._places if one.first > at), None)
        between = range(at + 1, following.first) if following else range(0)
        labelled = following is not None and following.kind in LABELS - {"format", "author"}
        plain = all(self._stems[token] in self._cues.between | self._cues.changed_by for token in between)
        near = self._stems[at + 1 : min(at + 1 + _STRANGE, self._sentence.last)]
        return (labelled and len(between) <= _STRANGE and plain) or not self._cues.changed_by.isdisjoint(near)

    def _is_description(self, place: Place) -> bool:
        """ "the monster one", "with the sports deal": the word tells which one."""
        if place.kind == "series" or place.last >= self._sentence.last:
            return False
        if self._stems[place.last] not in self._cues.describing:
            return False
        return place.first > self._sentence.first and self._stems[place.first - 1] in self._cues.definite

    def _after(self, place: Place) -> Role | None:
        """ "jjk i already read it": what follows says it, and nothing else is named between."""
        for first in range(place.last, min(place.last + _READER, self._sentence.last)):
            if first in self._starting:
                return None
            for length in range(self._cues.longest, 0, -1):
                said = tuple(self._stems[first : first + length])
                role = self._cues.after.get(said)
                if place.kind == "series" and said in self._cues.after_kind:
                    continue
                if role and first + length <= self._sentence.last and first + length not in self._starting:
                    return role
        return None

    def _before(self, place: Place) -> Role:
        end = place.first
        if (
            place.kind == "series"
            and end == self._sentence.first + 1
            and (known := self._cues.opening.get(self._stems[end - 1]))
        ):
            return known  # "read hellsing already"
        while end > self._sentence.first:
            cue, start = self._cue(end)
            if cue == "wanted" and self._is_denied(start):
                return "unwanted" if place.kind != "series" else "named"
            if cue and not (place.kind == "series" and self._asks(start, end)):
                return self._as_usual(place) if self._is_of_usual(cue, start) else self._by_cue(place, cue, start)
            if (number := self._ending.get(end)) is not None:
                return self._beside(place, number)
            if self._stems[end - 1] in self._cues.joins and (number := self._ending.get(end - 1)) is not None:
                return self._joined(place, number)
            if self._tokens[end].breaks if end < len(self._tokens) else False:
                break
            if self._goes_on_refusing(end) or self._is_refused_with(place, end):
                return "unwanted"
            if self._stems[end - 1] not in self._cues.between and not self._stems[end - 1][0].isdigit():
                break
            end -= 1
        return self._unsaid(place)

    def _is_denied(self, start: int) -> bool:
        """ "Can't read anything with nudity": a denied deed with anything that has it."""
        before = self._stems[self._sentence.first : start]
        return before[-1:] == [self._clauses.any] and self._clauses.is_denied_deed(start)

    def _refuses(self, end: int) -> tuple[bool | None, int]:
        cue, start = self._cue(end)
        if cue in ("", "undone"):
            return None, end
        if cue == "dropped":
            return True, start
        if cue == "unwanted":
            return not self._misses(start), start
        return cue == "shown" and self._complains(start), start

    def _misses(self, start: int) -> bool:
        """ "Is there nothing with vampires", "have you nothing by urasawa": who misses it asks for it."""
        opening = self._stems[self._sentence.first : start]
        asks = bool(opening) and opening[0] in self._cues.auxiliary and len(opening) <= _OPENING
        unbroken = not any(self._tokens[token].breaks for token in range(self._sentence.first + 1, start + 1))
        return asks and unbroken and self._tokens[start].text in self._cues.missing

    def _complains(self, start: int) -> bool:
        """ "Everything is isekai": what is said of all that was shown opens the sentence, and is said of no title."""
        before = self._stems[self._sentence.first : start]
        titles = any(place.kind == "series" for place in self._places)
        opens = start < len(self._tokens) and self._tokens[start].breaks
        return not titles and (opens or all(word in self._cues.exclaimed for word in before))

    def _is_mistaken(self, place: Place) -> bool:
        """ "That is horror, i said comedy"."""
        before = self._stems[self._sentence.first : place.first]
        following = next((one for one in self._places if one.first > place.last), None)
        if following is None or following.kind not in LABELS:
            return False
        between = tuple(self._stems[place.last : following.first])
        other = self._stems[place.first : place.last] != self._stems[following.first : following.last]
        return other and between in self._cues.said and all(word in self._cues.mistaken for word in before)

    def _goes_on_refusing(self, end: int) -> bool:
        """ "nothing with bugs or body horror": what is refused first need not be known for the "or" to go on with it."""
        joint = end - 1
        if self._stems[joint] not in ("or", "nor") or self._tokens[end].breaks:
            return False
        for strange in range(joint - 1, max(self._sentence.first, joint - 1 - _STRANGE), -1):
            if self._tokens[strange].breaks or strange + 1 in self._ending:
                return False
            if self._cue(strange)[0] in REFUSING:
                return True
        return False

    def _is_refused_with(self, place: Place, end: int) -> bool:
        """ "Not japanese school": a strange word right behind the refusal says of which kind the refused thing is."""
        strange = self._tokens[end - 1]
        spoken = language_named(self._language)
        idle = spoken.stop | spoken.fillers | spoken.pronouns | self._cues.beside_refusal
        if place.kind == "series" or end != place.first or strange.text in idle or not strange.text.isalpha():
            return False
        return not strange.breaks and self._cue(end - 1)[0] in REFUSING

    def _is_lesser(self, place: Place) -> bool:
        """ "Mysteries more than horror": what stands right behind the comparison is wanted less, where nothing is asked."""
        if self._stems[self._sentence.first] in self._cues.auxiliary or self._sentence.is_question:
            return False
        before = tuple(self._stems[max(self._sentence.first, place.first - 2) : place.first])
        liked = any(other.last < place.first and other.kind in LABELS for other in self._places)
        return liked and before in self._cues.lesser

    def _unsaid(self, place: Place) -> Role:
        return "named" if self._is_asked_of_a_series(place) else _default(place.kind)

    def _is_asked_of_a_series(self, place: Place) -> bool:
        """ "does berserk have any nudity": a question about a title that stands before it."""
        opening = self._stems[self._sentence.first]
        before = any(other.kind == "series" and other.last <= place.first for other in self._places)
        return before and opening in self._cues.auxiliary and not self._seeks and place.kind not in ("format", "author")

    def _cue(self, end: int) -> tuple[str, int]:
        """The longest cue that ends before token ``end``; none reaches into a mention or over a comma."""
        if end < self._sentence.last and self._tokens[end].breaks:
            return "", end
        for length in range(min(self._cues.longest, end - self._sentence.first), 0, -1):
            start = end - length
            inner = range(start + 1, end)
            if any(self._tokens[place].breaks for place in inner) or any(place in self._ending for place in inner):
                continue
            if cue := self._cues.before.get(tuple(self._stems[start:end])):
                return cue, start
        return "", end

    def _asks(self, start: int, end: int) -> bool:
        """ "has vagabond arrived", "isn't akira finished": an auxiliary that opens a question says nothing of the title."""
        auxiliary = self._cues.auxiliary
        words = self._stems[start:end]
        if not all(word in auxiliary or word == "not" for word in words):
            return False
        opening = self._stems[self._sentence.first]
        return (
            words[0] in auxiliary
            if start == self._sentence.first
            else opening in auxiliary and start == self._sentence.first + 1
        )

    def _by_cue(self, place: Place, cue: str, start: int) -> Role:
        measures = place.kind in MEASURES
        match cue:
            case "atypical":
                return self._as_usual(place)
            case "unwanted" if self._misses(start):
                return self._unsaid(place)
            case "dropped":
                return "unwanted" if place.kind in LABELS else self._unsaid(place)
            case "unwanted":
                return "named" if place.kind == "series" and self._is_of_others(start) else "unwanted"
            case "shown":
                return (
                    "named"
                    if self._is_checked(place)
                    else "unwanted"
                    if self._complains(start)
                    else self._unsaid(place)
                )
            case "done":
                return "read" if place.kind == "series" else "unwanted"
            case "unlike":
                return "unlike" if measures else "unwanted"
            case "like":
                return "named" if self._asks_of_liking(place, start) else "like" if measures else "wanted"
            case "read" | "owned" if place.kind == "series":
                return "read" if cue == "read" else "owned"
            case "read" | "owned" if place.kind == "author":
                return "unwanted"
            case "ask_before":
                return "named" if not self._seeks or measures else "wanted"
            case _:
                return self._unsaid(place)

    def _is_checked(self, place: Place) -> bool:
        """ "These are all romance?" asks."""
        return self._sentence.is_question and place.last == self._sentence.last

    def _asks_of_liking(self, place: Place, start: int) -> bool:
        """ "Would my friend like vinland saga": nobody likes it yet."""
        if place.kind != "series" or start == self._sentence.first:
            return False
        whoever = self._stems[self._sentence.first : start]
        return whoever[0] in self._cues.supposing and self._cues.seeking.isdisjoint(whoever)

    def _is_of_usual(self, cue: str, start: int) -> bool:
        """ "The typical isekai with a harem": what the usual one is with."""
        number = self._ending.get(start)
        return cue == "wanted" and number is not None and self._places[number] in self._usual

    def _as_usual(self, place: Place) -> Role:
        self._usual.add(place)
        return "wanted" if place.kind in _OF_WHICH else "unwanted"

    def _is_of_others(self, start: int) -> bool:
        """ "What do people hate about naruto" asks; it turns nothing down."""
        return start > self._sentence.first and self._stems[start - 1] in self._cues.others

    def _beside(self, place: Place, number: int) -> Role:
        """Right after another mention: "is berserk scary" asks; "a scary ghost story" and "jjk, naruto" go on alike."""
        other = self._places[number]
        if other in self._usual and place.kind in LABELS:
            return self._as_usual(place)
        before = self._stems[other.first - 1] if other.first > self._sentence.first else ""
        if other.kind == "series" and place.kind != "series":
            return "named" if before in self._cues.auxiliary and not self._seeks else _default(place.kind)
        if not any(self._tokens[token].breaks for token in range(other.last, place.first + 1)):
            return self._inherited(place, self._roles[number])
        listed = self._roles[number] in ("like", "read", "owned") or self._list_goes_on(place)
        return self._inherited(place, self._roles[number]) if listed else _default(place.kind)

    def _joined(self, place: Place, number: int) -> Role:
        if self._places[number] in self._usual and place.kind in LABELS:
            return self._as_usual(place)
        return self._inherited(place, self._roles[number])

    def _list_goes_on(self, place: Place) -> bool:
        """ "no gore, romance or school": the "or" makes one list of it."""
        return place.last < self._sentence.last and self._stems[place.last] in ("or", "nor", "o", "ni")

    def _inherited(self, place: Place, role: Role) -> Role:
        if role in ("unwanted", "unlike"):
            return role if place.kind in MEASURES or role == "unwanted" else "unwanted"
        if place.kind == "series":
            return role if role in ("like", "read", "owned") else "named"
        if role in ("read", "owned"):
            return _default(place.kind)
        return role if role == "named" or (role == "like" and place.kind in MEASURES) else "wanted"


def _default(kind: MentionKind) -> Role:
    return "wanted" if kind in LABELS else "named"
