"""Cuts documents into chunks of at most 512 tokens with 50 overlapping, at sentence ends where one is near (K-1)."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.encoding import Spans
from mangaassist.domain.sentences import sentences_of
from mangaassist.knowledge.documents import Document

CHUNK_TOKENS = 512
OVERLAP_TOKENS = 50
SPECIAL_TOKENS = 2
"""The encoder puts one before and one after every text, and they count against its limit."""
TITLE_TOKENS = 64
NEAR = 0.25
"""A sentence end counts as near in the last quarter of a chunk."""

Span = tuple[int, int]

QUOTED = frozenset({"faq", "policy"})
"""Types of pages of which single sentences answer."""

_STANDS_FOR = re.compile(r"(?<=#0)[?!]\d+\Z")
_SENTENCE_END = re.compile(r"[.!?…]['\"”’)\]]*(?=\s)|[。！？](?:[」』）])?|\n")


def chunks_of(
    document: Document, spans: Spans, limit: int = CHUNK_TOKENS, overlap: int = OVERLAP_TOKENS
) -> list[Chunk]:
    """Cut a document. With its title before it no chunk has more than ``limit`` tokens, special ones included.

    A document without a body is one chunk: its title can still be found. Each wording of a question that it answers, and each
    sentence of a page that is quoted, is a chunk of no content, found by itself (``answering_chunk_id``).
    """
    room = limit - SPECIAL_TOKENS - min(len(spans(document.title)), TITLE_TOKENS)
    pieces = [document.body[start:end].strip() for start, end in cut(document.body, spans, room, overlap)]
    own = [_chunk(document, str(number), document.title, piece) for number, piece in enumerate(pieces or [""])]
    asked = (_chunk(document, f"0?{number}", wording, "") for number, wording in enumerate(document.questions))
    return [*own, *asked, *_sentences(document, own[0])]


def _sentences(document: Document, first: Chunk) -> list[Chunk]:
    if document.source_type not in QUOTED or not document.questions:
        return []
    told = sentences_of(first.content, first.title)
    return [_chunk(document, f"0!{number}", sentence, "") for number, sentence in enumerate(told)]


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


def answering_chunk_id(chunk_id: str) -> str:
    """The chunk that is given to whoever finds this one: the first of the document for a wording or a sentence, else itself."""
    part = _STANDS_FOR.search(chunk_id)
    return chunk_id[: part.start()] if part else chunk_id


def is_sentence(chunk_id: str) -> bool:
    part = _STANDS_FOR.search(chunk_id)
    return part is not None and part[0].startswith("!")


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
    pieces: list[Span] = []
    first = 0
    while True:
        last = _last_token(text, tokens, ends, first, limit)
        begin = 0 if first == 0 else tokens[first][0]
        end = len(text) if last == len(tokens) else tokens[last][0]
        while last - first > 1 and len(spans(text[begin:end])) > limit:
            # A cut inside a word can make it more tokens than it was: give the last one to the next piece.
            last -= 1
            end = tokens[last][0]
        pieces.append((begin, end))
        if last == len(tokens):
            return pieces
        first = max(first + 1, _word_start(text, tokens, last - overlap, last))


def _last_token(text: str, tokens: Sequence[Span], ends: Sequence[int], first: int, limit: int) -> int:
    """The token before which a piece that begins at ``first`` ends: after a sentence, else after a word, else anywhere."""
    last = first + limit
    if last >= len(tokens):
        return len(tokens)
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
