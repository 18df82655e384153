"""Cuts documents into chunks of at most 512 tokens with 50 overlapping, at sentence ends where one is near (K-1)."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import chain

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.encoding import Spans
from mangaassist.domain.sentences import sentences_of
from mangaassist.knowledge.documents import MOST_ANSWERS, MOST_ASKS, Answer, Document
from mangaassist.knowledge.words import asked, stem

CHUNK_TOKENS = 512
OVERLAP_TOKENS = 50
SPECIAL_TOKENS = 2
"""The encoder puts one before and one after every text, and they count against its limit."""
TITLE_TOKENS = 64
NEAR = 0.25
"""A sentence end counts as near in the last quarter of a chunk."""

SECTION = 2
"""Pieces to either side among which a place is chosen at which a cut is always made: a page of forty pieces has about ten."""
AROUND = 32
"""Characters to either side of a place by which it is chosen."""

KNOWN_IDS = 32_768
"""What the same few hundred chunks stand for is asked of every search."""

NAMED_OFTEN = 3
"""Wordings of a page that share a word: it names what the page is about."""

Span = tuple[int, int]

QUOTED = frozenset({"faq", "policy"})
"""Types of pages of which single sentences answer."""

_OF_ANSWER = "#0="
_STANDS_FOR = re.compile(r"(?<=#0)(=\d+)?(?P<part>[?!]\d+)\Z")
_SENTENCE_END = re.compile(r"[.!?…]['\"”’)\]]*(?=\s)|[。！？](?:[」』）])?|\n")


def chunks_of(
    document: Document, spans: Spans, limit: int = CHUNK_TOKENS, overlap: int = OVERLAP_TOKENS
) -> list[Chunk]:
    """Cut a document. With its title before it no chunk has more than ``limit`` tokens, special ones included.

    A document without a body is one chunk: its title can still be found. Each of its answers is a chunk. Each wording of a question
    that a page or an answer answers, and each sentence of one that is quoted, is a chunk of no content, found by itself
    (``answering_chunk_id``).
    """
    room = limit - SPECIAL_TOKENS - min(len(spans(document.title)), TITLE_TOKENS)
    pieces = [document.body[start:end].strip() for start, end in cut(document.body, spans, room, overlap)]
    places = zip(_places(pieces), pieces, strict=True) if pieces else [("0", "")]
    own = [_chunk(document, place, document.title, piece) for place, piece in places]
    answers = [
        (_chunk(document, f"0={number}", document.title, answer.says), _standing_alone(document, answer))
        for number, answer in enumerate(document.answers)
    ]
    stand_for = (_standing_for(document, *one) for one in ((own[0], document.questions), *answers))
    return [*own, *(answer for answer, _ in answers), *chain.from_iterable(stand_for)]


def _places(pieces: Sequence[str]) -> Iterator[str]:
    """What a piece is called within its document: the first one 0, any other after what it says, so that it keeps its name when
    something is put in before it."""
    seen: Counter[str] = Counter()
    for number, piece in enumerate(pieces):
        name = blake2b(piece.encode("utf-8", "replace"), digest_size=8).hexdigest() if number else "0"
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}.{seen[name]}"


def _standing_alone(document: Document, answer: Answer) -> list[str]:
    """The wordings of an answer; one that names nothing of what its page is about ("how long is it good for") behind the title."""
    often = Counter(word for question in document.questions for word in _telling(question))
    names = _telling(document.title) | {word for word, times in often.items() if times >= NAMED_OFTEN}
    return [ask if _telling(ask) & names else f"{document.title} {ask}" for ask in answer.asks]


def _telling(text: str) -> frozenset[str]:
    return frozenset(map(stem, asked(text)))


def _standing_for(document: Document, chunk: Chunk, questions: Sequence[str]) -> Iterator[Chunk]:
    """What a chunk is found by beside itself: wordings of what it answers, and where it has any, its sentences."""
    place = chunk.chunk_id.removeprefix(f"{document.document_id}#")
    told = sentences_of(chunk.content, chunk.title) if chunk.source_type in QUOTED and questions else ()
    for mark, texts in (("?", questions), ("!", told)):
        for number, text in enumerate(texts):
            yield _chunk(document, f"{place}{mark}{number}", text, "")


def _chunk(document: Document, place: str, title: str, content: str) -> Chunk:
    return Chunk(
        chunk_id=f"{document.document_id}#{place}",
        document_id=document.document_id,
        title=title,
        content=content,
        source_type=document.source_type,
        category=document.category,
        asin=document.asin,
        last_updated=document.updated_at,
        version=document.version,
        language=document.language,
    )


@lru_cache(KNOWN_IDS)
def answering_chunk_id(chunk_id: str) -> str:
    """The chunk that is given to whoever finds this one: the first of the document for a wording or a sentence, else itself."""
    part = _STANDS_FOR.search(chunk_id)
    return chunk_id[: part.start("part")] if part else chunk_id


def page_chunk_id(chunk_id: str) -> str:
    """The first chunk of the document that an answer is of."""
    return f"{chunk_id.rpartition('#')[0]}#0"


def first_chunk_id(document_id: str) -> str:
    return f"{document_id}#0"


def is_answer(chunk_id: str) -> bool:
    return _OF_ANSWER in chunk_id


def answer_ids(page: Chunk) -> list[str]:
    """The chunks that the answers of a page may be kept as, in their order."""
    return [f"{page_chunk_id(page.chunk_id)}={number}" for number in range(MOST_ANSWERS)]


def asked_ids(answer: Chunk) -> list[str]:
    """The chunks that the wordings of an answer may be kept as."""
    return [f"{answer.chunk_id}?{number}" for number in range(MOST_ASKS)]


@lru_cache(KNOWN_IDS)
def is_sentence(chunk_id: str) -> bool:
    part = _STANDS_FOR.search(chunk_id)
    return part is not None and part["part"].startswith("!")


def sentence_ids(chunk: Chunk) -> list[str]:
    """The chunks that its sentences were kept as, in their order."""
    count = len(sentences_of(chunk.content, chunk.title)) if chunk.source_type in QUOTED else 0
    return [f"{chunk.chunk_id}!{number}" for number in range(count)]


def embedded_text(chunk: Chunk, spans: Spans) -> str:
    """What stands for a chunk in the encoder: its title, at most 64 tokens of it, then its content.

    A content that begins with its title stands for itself: to say it twice would only blur the rest.
    """
    title = chunk.title
    if chunk.content.startswith(title):
        return chunk.content
    if len(title) > TITLE_TOKENS and len(tokens := spans(title)) > TITLE_TOKENS:
        title = title[: tokens[TITLE_TOKENS - 1][1]]
    return f"{title}\n{chunk.content}" if chunk.content else title


def cut(text: str, spans: Spans, limit: int, overlap: int) -> list[Span]:
    """Where to cut a text, as (start, end) in characters, in order.

    Each piece has at most ``limit`` tokens, repeats up to ``overlap`` tokens of the one before, and together they cover
    every character from the first token on. Raises ``ValueError`` when ``overlap`` leaves no room to go on.
    """
    if not 0 <= overlap < limit * (1 - NEAR) - 1:
        raise ValueError(f"an overlap of {overlap} tokens does not fit chunks of {limit}")
    tokens = spans(text)
    if len(tokens) <= limit:
        return [(0, len(text))] if tokens else []
    return _cut_long(text, tokens, spans, limit, overlap)


def _cut_long(text: str, tokens: Sequence[Span], spans: Spans, limit: int, overlap: int) -> list[Span]:
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    stops = [*_anchors(text, tokens, ends, limit), len(tokens)]
    pieces: list[Span] = []
    first = 0
    for stop in stops:
        pieces += _cut_section(text, tokens, spans, ends, limit, overlap, first, stop)
        first = _word_start(text, tokens, max(0, stop - overlap), stop)
    return pieces


def _cut_section(
    text: str,
    tokens: Sequence[Span],
    spans: Spans,
    ends: Sequence[int],
    limit: int,
    overlap: int,
    first: int,
    stop: int,
) -> Iterator[Span]:
    while True:
        last = _last_token(text, tokens, ends, first, limit, stop)
        begin = 0 if first == 0 else tokens[first][0]
        end = len(text) if last == len(tokens) else tokens[last][0]
        while last - first > 1 and len(spans(text[begin:end])) > limit:
            # A cut inside a word can make it more tokens than it was: give the last one to the next piece.
            last -= 1
            end = tokens[last][0]
        yield begin, end
        if last == stop:
            return
        first = max(first + 1, _word_start(text, tokens, last - overlap, last))


def _anchors(text: str, tokens: Sequence[Span], ends: Sequence[int], limit: int) -> list[int]:
    """The tokens at which a cut is made whatever stands elsewhere on the page: after an edit, what lies behind the next of them is
    cut as before, and is embedded no second time.

    They are the sentence ends around which the text has the least digest of all within ``SECTION`` pieces to either side, and at
    least a piece away from both ends of the page.
    """
    reach = SECTION * limit
    places = {bisect_left(tokens, end, key=lambda span: span[0]): end for end in ends}
    marks = [(place, _digest(text, end)) for place, end in places.items() if limit <= place <= len(tokens) - limit]
    return [
        place
        for number, (place, digest) in enumerate(marks)
        if all(digest < other if away < 0 else digest <= other for away, other in _near(marks, number, reach))
    ]


def _near(marks: Sequence[tuple[int, bytes]], number: int, reach: int) -> Iterator[tuple[int, bytes]]:
    """The other marks within reach, those behind with how far they are, those before with less than 0."""
    place = marks[number][0]
    for before in reversed(marks[:number]):
        if place - before[0] > reach:
            break
        yield before[0] - place, before[1]
    for behind in marks[number + 1 :]:
        if behind[0] - place > reach:
            break
        yield behind[0] - place, behind[1]


def _digest(text: str, end: int) -> bytes:
    return blake2b(text[max(0, end - AROUND) : end + AROUND].encode("utf-8", "replace"), digest_size=8).digest()


def _last_token(text: str, tokens: Sequence[Span], ends: Sequence[int], first: int, limit: int, stop: int) -> int:
    """The token before which a piece that begins at ``first`` ends: after a sentence, else after a word, else anywhere."""
    last = first + limit
    if last >= stop:
        return stop
    near = first + int(limit * (1 - NEAR))
    place = bisect_left(ends, tokens[last][0] + 1) - 1
    if place >= 0 and ends[place] > tokens[near][0]:
        return bisect_left(tokens, ends[place], key=lambda span: span[0])
    for token in range(last, near, -1):
        if _begins_word(text, tokens, token):
            return token
    return last


def _word_start(text: str, tokens: Sequence[Span], first: int, last: int) -> int:
    """The first token at or after ``first`` that begins a word; ``first`` itself in a word without end."""
    return next((token for token in range(first, last) if _begins_word(text, tokens, token)), first)


def _begins_word(text: str, tokens: Sequence[Span], token: int) -> bool:
    start = tokens[token][0]
    return start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
