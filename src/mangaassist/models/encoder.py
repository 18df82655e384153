"""Turns text into vectors: one pass serves intent head and search (M-3), off the event loop, behind a bounded queue."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime
from msgspec import Struct
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from mangaassist.errors import ModelFailure, StartFailed
from mangaassist.models.provisioning import ProvisionedEncoder

Vectors = NDArray[np.float32]


class Reading(Struct, frozen=True):
    """Two views of the same texts from one pass: ``vectors`` to search with, ``features`` to tell intents by.

    Both float32 [texts, dimensions] with rows of length 1. ``features`` is None when the encoder is not the packaged one.
    """

    vectors: Vectors
    features: Vectors | None


WORKERS = 2
QUEUE_LIMIT = 256
"""Texts that may wait. At a millisecond each this is a quarter of a second: whoever comes later would be too late."""
BATCH_TEXTS = 8
"""Past this a pass is not cheaper per text, and those behind it wait longer."""
BATCH_TOKENS = 1024
"""Padded tokens of one pass of ``encode_many``: about 0.15 s and 40 MiB of activations."""
LENGTH_STEP = 48
"""Texts share a pass when their lengths fall in the same step of characters: padding costs as much as text."""


class _Job(Struct, eq=False):
    """Texts that wait for one pass, and who waits for them."""

    texts: Sequence[str]
    featured: bool
    done: "asyncio.Future[Reading]"

    @property
    def kind(self) -> tuple[bool, int]:
        """Jobs of the same kind can share a pass."""
        return self.featured, max(map(len, self.texts)) // LENGTH_STEP


class Encoder:
    """A sentence encoder in process. Use it from one event loop; ``close`` it when the process ends.

    ``queue_limit`` is the number of texts that may wait for a worker; past it ``encode`` refuses.
    """

    def __init__(self, model: ProvisionedEncoder, queue_limit: int = QUEUE_LIMIT) -> None:
        self.dimensions = model.dimensions
        self.max_tokens = model.max_tokens
        self.digest = model.digest
        self._tokenizer = _tokenizer(model, truncating=True)
        self._measure = _tokenizer(model, truncating=False)
        self._session = _session(model.path)
        self._reader = _session(model.reader_path) if model.reader_path else None
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="encoder")
        self._idle = WORKERS
        self._queue_limit = queue_limit
        self._waiting: deque[_Job] = deque()
        self._running: set[asyncio.Future[Reading]] = set()
        self._closed = False

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector per text: float32 [texts, dimensions]. Texts past ``max_tokens`` are cut there.

        A caller that is cancelled while its text waits costs nothing (M-9).
        Raises ``ModelFailure``, transient when the queue is full.
        """
        parts = await self._answered(texts, featured=False)
        return np.concatenate([part.vectors for part in parts]) if parts else self._none()

    async def read(self, texts: Sequence[str]) -> Reading:
        """Return vectors and features of the texts from one pass, otherwise as ``encode`` does."""
        parts = await self._answered(texts, featured=self._reader is not None)
        vectors = np.concatenate([part.vectors for part in parts]) if parts else self._none()
        features = [part.features for part in parts if part.features is not None]
        return Reading(vectors, np.concatenate(features) if features else None)

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
            vectors[rows] = (await self._queued([texts[row] for row in rows], featured=False)).vectors
            start += len(rows)
            if progress:
                progress(start, len(texts))
        return vectors

    def count_tokens(self, text: str) -> int:
        """Tokens of the whole text as the model counts them, without the two special ones and without truncation."""
        return len(self._measure.encode(text, add_special_tokens=False).ids)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each token of the whole text stands, as (start, end) in characters, without the special ones."""
        return self._measure.encode(text, add_special_tokens=False).offsets

    async def warm_up(self) -> None:
        """Run a short and a long text once, so that the first shopper does not pay for the first allocation."""
        for text in ("warm up", "warm up " * self.max_tokens):
            await self.read([text])

    async def close(self) -> None:
        """Refuse what waits, let what runs finish. Idempotent."""
        self._closed = True
        while self._waiting:
            job = self._waiting.popleft()
            if not job.done.done():
                job.done.set_exception(ModelFailure("encoder", "it is shutting down"))
        if self._running:
            await asyncio.wait(self._running)
        self._threads.shutdown(wait=False)

    def _fitting(self, texts: Sequence[str], rows: Sequence[int]) -> int:
        """How many of the rows, shortest first, fit into one pass; four characters make about one token."""
        for count, row in enumerate(rows):
            if count and (count + 1) * min(self.max_tokens, len(texts[row]) // 4 + 2) > BATCH_TOKENS:
                return count
        return len(rows)

    def _none(self) -> Vectors:
        return np.zeros((0, self.dimensions), np.float32)

    async def _answered(self, texts: Sequence[str], featured: bool) -> list[Reading]:
        parts = [texts[start : start + BATCH_TEXTS] for start in range(0, len(texts), BATCH_TEXTS)]
        if len(texts) + sum(len(job.texts) for job in self._waiting) > self._queue_limit:
            raise ModelFailure("encoder", f"more than {self._queue_limit} texts would wait", transient=True)
        return await asyncio.gather(*(self._queued(part, featured) for part in parts))

    def _queued(self, texts: Sequence[str], featured: bool) -> "asyncio.Future[Reading]":
        if self._closed:
            raise ModelFailure("encoder", "it is shut down")
        job = _Job(texts, featured, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._dispatch()
        return job.done

    def _dispatch(self) -> None:
        """Give every idle worker a pass, as long as something waits."""
        loop = asyncio.get_running_loop()
        while self._idle and (jobs := self._next_jobs()):
            texts = [text for job in jobs for text in job.texts]
            self._idle -= 1
            running = loop.run_in_executor(self._threads, self._run, texts, jobs[0].featured)
            self._running.add(running)
            running.add_done_callback(lambda finished, jobs=jobs: self._finish(finished, jobs))

    def _next_jobs(self) -> list[_Job]:
        """The oldest job that is still wanted, and those behind it that are of like length and fit the same pass."""
        jobs: list[_Job] = []
        room = BATCH_TEXTS
        skipped: deque[_Job] = deque()
        while self._waiting and (room > 0 or not jobs):
            job = self._waiting.popleft()
            if job.done.done():
                continue
            if jobs and (len(job.texts) > room or job.kind != jobs[0].kind):
                skipped.append(job)
                continue
            jobs.append(job)
            room -= len(job.texts)
        skipped.extend(self._waiting)
        self._waiting = skipped
        return jobs

    def _run(self, texts: list[str], featured: bool) -> Reading:
        """On a worker thread: both the tokenizer and the session release the interpreter lock."""
        encodings = self._tokenizer.encode_batch_fast(texts) if len(texts) > 1 else [self._tokenizer.encode(texts[0])]
        ids, mask = _padded(encodings)
        wanted = ["vectors", "states"] if featured else ["vectors"]
        vectors, *states = self._session.run(wanted, {"input_ids": ids, "attention_mask": mask})
        if self._reader is None or not states:
            return Reading(vectors, None)
        [features] = self._reader.run(["features"], {"states": states[0], "attention_mask": mask})
        return Reading(vectors, features)

    def _finish(self, finished: "asyncio.Future[Reading]", jobs: list[_Job]) -> None:
        self._idle += 1
        self._running.discard(finished)
        failure = finished.exception()
        start = 0
        for job in jobs:
            rows = slice(start, start := start + len(job.texts))
            if job.done.done():
                continue
            if failure:
                job.done.set_exception(ModelFailure("encoder", f"{type(failure).__name__} while running"))
            else:
                whole = finished.result()
                job.done.set_result(
                    Reading(whole.vectors[rows], None if whole.features is None else whole.features[rows])
                )
        if not self._closed:
            self._dispatch()


def _padded(encodings: Sequence[Encoding]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Ids and mask, int32 [texts, longest]; zero is both the padding token and the mask's "nothing here"."""
    longest = max(len(encoding.ids) for encoding in encodings)
    ids, mask = np.zeros((2, len(encodings), longest), np.int32)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = encoding.ids
        mask[row, : len(encoding.ids)] = 1
    return ids, mask


def _tokenizer(model: ProvisionedEncoder, truncating: bool) -> Tokenizer:
    """The tokenizer without the padding that its file asks for; it cuts at the model's own limit or nowhere."""
    tokenizer = Tokenizer.from_file(str(model.tokenizer_path))
    tokenizer.no_padding()
    if truncating:
        tokenizer.enable_truncation(model.max_tokens)  # pyright: ignore[reportUnknownMemberType]: its stub is open
    else:
        tokenizer.no_truncation()
    return tokenizer


def _session(path: Path) -> Any:
    """One thread per pass: two shoppers side by side beat one shopper on two cores."""
    runtime = cast(Any, onnxruntime)  # it ships no types
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own errors share no base class
        raise StartFailed(f"The encoder {path} does not load ({error}): delete it and start again.") from error
