"""Turns text into vectors in process: one pass serves the heads and search (M-3), on ONNX Runtime."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from mangaassist.domain.encoding import Encoded, Encoder, Vectors
from mangaassist.errors import StartFailed
from mangaassist.models.encoder_graph import FEATURES, IDS, MASK, READING_STATES, SEARCH_STATES, STATES, VECTORS
from mangaassist.models.passes import BATCH_TEXTS, LINE_LIMIT_S, PASS_LIMIT_S, Passes
from mangaassist.models.provisioning import ProvisionedEncoder
from mangaassist.models.risk_layer import are_cleared, joined, narrow_graph, wide_graph

PADDING = 8
"""Tokens of padding that cost as much as a run of their own: a whole message beside one of its clauses is padding for the most."""
SHOPPER_TOKENS = 256
"""A shopper's text is read so far: as far as the model was published to read, and within the time that a pass may take."""
BATCH_TOKENS = 1024
"""Padded tokens of one pass of ``encode_many``: about 0.15 s and 40 MiB of activations."""


class OnnxEncoder:
    """A sentence encoder in process. Use it from one event loop; ``close`` it when the process ends."""

    def __init__(self, model: ProvisionedEncoder, timeout_factor: float = 1.0) -> None:
        """A shopper's pass may take ``timeout_factor`` times as long as M-10 says."""
        self.dimensions = model.dimensions
        self.max_tokens = model.max_tokens
        self.digest = model.digest
        self.reads_intents = model.reader_path is not None
        self._tokenizer = _tokenizer(model)
        self._session = _session(model.path)
        self._reader = _session(model.reader_path) if model.reader_path else None
        self._narrow = _session(narrow_graph()) if model.reader_path else None
        self._wide = _session(wide_graph()) if model.reader_path else None
        self._passes = Passes(
            self._run, pass_limit_s=PASS_LIMIT_S * timeout_factor, line_limit_s=LINE_LIMIT_S * timeout_factor
        )

    @property
    def reader(self) -> Encoder:
        return self

    async def encode(self, texts: Sequence[str]) -> Vectors:
        return self._joined(await self._passes.limited(texts, featured=False)).vectors

    async def read(self, texts: Sequence[str]) -> Encoded:
        return self._joined(await self._passes.limited(texts, featured=self._reader is not None))

    async def encode_many(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Encode any number of texts for an index: float32 [texts, dimensions].

        ``progress`` gets (texts done, texts in all). Texts of like length go together and one pass is under way at a
        time, so memory is bounded and one worker stays free for shoppers. Raises ``ModelFailure``.
        """
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        start = 0
        while start < len(order):
            rows = order[start : start + self._fitting(texts, order[start:][: BATCH_TEXTS * 4])]
            vectors[rows] = (await self._passes.unlimited([texts[row] for row in rows])).vectors
            start += len(rows)
            if progress:
                progress(start, len(texts))
        return vectors

    def count_tokens(self, text: str) -> int:
        """Tokens of the whole text as the model counts them, without the two special ones and without truncation."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of the whole text stands, as (start, end) in characters, without the special ones."""
        return self._tokenizer.encode(text, add_special_tokens=False).offsets

    @property
    def tokenizer_json(self) -> str:
        """The tokenizer as its file, for who counts tokens elsewhere."""
        return self._tokenizer.to_str()

    async def warm_up(self) -> None:
        """Run a short and a long text once, so that the first shopper does not pay for the first allocation."""
        for text in ("warm up", "warm up " * self.max_tokens):
            await self._passes.unlimited([text], featured=self._reader is not None)

    async def close(self) -> None:
        """Refuse what waits, let what runs finish. Idempotent."""
        await self._passes.close()

    def _fitting(self, texts: Sequence[str], rows: Sequence[int]) -> int:
        """How many of the rows, shortest first, fit into one pass; four characters make about one token."""
        for count, row in enumerate(rows):
            if count and (count + 1) * min(self.max_tokens, len(texts[row]) // 4 + 2) > BATCH_TOKENS:
                return count
        return len(rows)

    def _joined(self, parts: Sequence[Encoded]) -> Encoded:
        if len(parts) == 1:
            return parts[0]
        none = np.zeros((0, self.dimensions), np.float32)
        features = [part.features for part in parts if part.features is not None]
        risks = [part.risks for part in parts if part.risks is not None]
        return Encoded(
            np.concatenate([none, *(part.vectors for part in parts)]),
            np.concatenate(features) if features else None,
            np.concatenate(risks) if risks else None,
        )

    def _run(self, texts: Sequence[str], featured: bool, is_limited: bool) -> Encoded:
        """On a worker's thread: both the tokenizer and the session release the interpreter lock."""
        most = min(SHOPPER_TOKENS, self.max_tokens) if is_limited else self.max_tokens
        tokens = [_cut(encoding.ids, most) for encoding in self._tokenizer.encode_batch_fast(texts)]
        groups = alike([len(ids) for ids in tokens])
        whole = self._joined([self._pass([tokens[row] for row in rows], featured) for rows in groups])
        if len(groups) == 1:
            return whole
        return whole.rows(np.argsort(np.concatenate(groups)))

    def _pass(self, tokens: Sequence[Sequence[int]], featured: bool) -> Encoded:
        ids, mask = _padded(tokens)
        wanted = [VECTORS, STATES, SEARCH_STATES] if featured else [VECTORS]
        vectors, *states = self._session.run(wanted, {IDS: ids, MASK: mask})
        if self._reader is None or self._narrow is None or self._wide is None or not states:
            return Encoded(vectors, None)
        shared = {STATES: states[0], MASK: mask}
        features, reading = self._reader.run([FEATURES, READING_STATES], shared)
        beside = {SEARCH_STATES: states[1], READING_STATES: reading, FEATURES: features, VECTORS: vectors}
        [risks] = self._narrow.run(["risks"], shared | beside)
        if not are_cleared(risks):
            [wide] = self._wide.run(["risks"], shared)
            risks = joined(risks, wide)
        return Encoded(vectors, features, risks)


def alike(lengths: Sequence[int]) -> list[list[int]]:
    """The places of the lengths in groups that are worth padding to their longest: within ``PADDING`` of their shortest."""
    groups: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if groups and lengths[place] - lengths[groups[-1][0]] <= PADDING:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [sorted(group) for group in groups]


def _cut(ids: Sequence[int], most: int) -> Sequence[int]:
    """The tokens of a text up to ``most``; the last one closes it either way."""
    return ids if len(ids) <= most else [*ids[: most - 1], ids[-1]]


def _padded(tokens: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Ids and mask, int32 [texts, longest]; zero is both the padding token and the mask's "nothing here"."""
    ids, mask = np.zeros((2, len(tokens), max(map(len, tokens))), np.int32)
    for row, given in enumerate(tokens):
        ids[row, : len(given)] = given
        mask[row, : len(given)] = 1
    return ids, mask


def _tokenizer(model: ProvisionedEncoder) -> Tokenizer:
    """The tokenizer without the padding and the cuts that its file asks for: pages are measured with it as well."""
    tokenizer = Tokenizer.from_file(str(model.tokenizer_path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _session(graph: Path | bytes) -> Any:
    """One thread per pass: two shoppers side by side beat one shopper on two cores. ``graph`` is a file, or what one holds."""
    runtime = cast(Any, onnxruntime)  # it ships no types
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        given = graph if isinstance(graph, bytes) else str(graph)
        return runtime.InferenceSession(given, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own errors share no base class
        where = "of the package" if isinstance(graph, bytes) else str(graph)
        raise StartFailed(f"The encoder {where} does not load ({error}): delete it and start again.") from error
