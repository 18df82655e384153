"""M-10, M-11: what waits for the encoder, for how long, and what it is told when it has waited or worked too long."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from mangaassist.domain.encoding import Encoded
from mangaassist.errors import ModelFailure
from mangaassist.models.passes import BATCH_TEXTS, WORKERS, Passes, own_clock


class Runner:
    """A model whose passes can be held back, and that remembers them."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.passes: list[list[str]] = []
        self.failure: Exception | None = None

    def __call__(self, texts: Sequence[str], featured: bool, is_limited: bool) -> Encoded:
        assert self.open.wait(10)
        if self.failure is not None:
            raise self.failure
        self.passes.append(list(texts))
        vectors = np.array([[len(text)] for text in texts], np.float32)
        return Encoded(vectors, vectors if featured else None)

    @property
    def texts(self) -> list[str]:
        return sorted(text for one in self.passes for text in one)


@pytest.fixture
def runner() -> Runner:
    return Runner()


async def asked(passes: Passes, text: str, featured: bool = False) -> float:
    [encoded] = await passes.limited([text], featured)
    return float(encoded.vectors[0, 0])


async def busy(passes: Passes, runner: Runner) -> list["asyncio.Task[Encoded]"]:
    """Every worker holds a pass that nobody limits."""
    runner.open.clear()
    held = [asyncio.create_task(passes.unlimited([f"held {n}"])) for n in range(WORKERS)]
    await asyncio.sleep(0)
    return held


async def test_everybody_gets_what_belongs_to_their_texts(runner: Runner) -> None:
    passes = Passes(runner)
    texts = ["a" * n for n in range(1, 30)]
    assert await asyncio.gather(*(asked(passes, text) for text in texts)) == [float(n) for n in range(1, 30)]
    [encoded] = await passes.limited(["a", "bb"], featured=True)
    assert encoded.features is not None
    assert encoded.features.tolist() == [[1.0], [2.0]]
    await passes.close()


async def test_texts_that_wait_share_passes_of_their_kind(runner: Runner) -> None:
    passes = Passes(runner)
    held = await busy(passes, runner)
    waiting = [asyncio.create_task(asked(passes, f"text number {n}")) for n in range(2 * BATCH_TEXTS)]
    long = asyncio.create_task(asked(passes, "long " * 40))
    await asyncio.sleep(0)
    runner.open.set()
    await asyncio.gather(*held, *waiting, long)
    assert sorted(map(len, runner.passes)) == [1, 1, 1, BATCH_TEXTS, BATCH_TEXTS]
    await passes.close()


async def test_neither_a_wait_in_line_nor_one_for_a_core_is_part_of_a_limit(runner: Runner) -> None:
    computed_nothing = 0.0
    passes = Passes(runner, pass_limit_s=1e-6, own_clock=lambda: lambda: computed_nothing)
    held = await busy(passes, runner)
    waiting = asyncio.create_task(asked(passes, "patient"))
    await asyncio.sleep(0)
    runner.open.set()
    assert await waiting == len("patient")
    await asyncio.gather(*held)
    await passes.close()


async def test_who_waits_too_long_is_refused_and_told_to_try_again(runner: Runner) -> None:
    passes = Passes(runner, line_limit_s=0.0)
    held = await busy(passes, runner)
    with pytest.raises(ModelFailure, match="waited") as refused:
        await asked(passes, "late")
    assert refused.value.transient
    runner.open.set()
    await asyncio.gather(*held)
    assert runner.texts == ["held 0", "held 1"]
    await passes.close()


async def test_a_pass_that_takes_too_long_itself_has_failed(runner: Runner) -> None:
    passes = Passes(runner, pass_limit_s=0.02, own_clock=lambda: lambda: 0.03)
    runner.open.clear()
    with pytest.raises(ModelFailure, match="within 20 ms") as failed:
        await asked(passes, "slow")
    assert failed.value.transient
    runner.open.set()
    await passes.close()


async def test_an_index_that_is_built_has_no_limits(runner: Runner) -> None:
    passes = Passes(runner, pass_limit_s=0.0, line_limit_s=0.0)
    held = await busy(passes, runner)
    waiting = asyncio.create_task(passes.unlimited(["page"]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not waiting.done()
    runner.open.set()
    await asyncio.gather(*held, waiting)
    await passes.close()


async def test_a_full_line_refuses_and_says_that_a_second_try_may_help(runner: Runner) -> None:
    passes = Passes(runner, queue_limit=4)
    held = await busy(passes, runner)
    waiting = [asyncio.create_task(asked(passes, f"text {n}")) for n in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(ModelFailure) as refused:
        await asked(passes, "one too many")
    assert refused.value.transient
    runner.open.set()
    await asyncio.gather(*held, *waiting)
    await passes.close()


async def test_a_cancelled_caller_costs_no_pass(runner: Runner) -> None:
    passes = Passes(runner)
    held = await busy(passes, runner)
    waiting = asyncio.create_task(asked(passes, "nobody wants this"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    runner.open.set()
    await asyncio.gather(*held, asked(passes, "wanted"))
    assert runner.texts == ["held 0", "held 1", "wanted"]
    await passes.close()


async def test_a_failed_pass_is_a_model_failure_without_the_text(runner: Runner) -> None:
    passes = Passes(runner)
    runner.failure = RuntimeError("cannot run: my address is 1 Main Street")
    with pytest.raises(ModelFailure) as failed:
        await asked(passes, "my address is 1 Main Street")
    assert "Main Street" not in str(failed.value)
    runner.failure = None
    assert await asked(passes, "next") == 4
    await passes.close()


async def test_closed_passes_refuse_what_waits_and_what_comes(runner: Runner) -> None:
    passes = Passes(runner)
    held = await busy(passes, runner)
    waiting = asyncio.create_task(asked(passes, "waits"))
    await asyncio.sleep(0)
    closing = asyncio.create_task(passes.close())
    with pytest.raises(ModelFailure):
        await waiting
    runner.open.set()
    await asyncio.gather(*held, closing)
    with pytest.raises(ModelFailure):
        await asked(passes, "late")
    await passes.close()


def test_a_thread_is_charged_for_what_it_computes_and_not_for_its_waits() -> None:
    clocks: list[Callable[[], float]] = []
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        clocks.append(own_clock())
        begun.set()
        ended.wait(10)
        clocks.append(own_clock())

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(10)
    spent = time.thread_time() + 0.03
    while time.thread_time() < spent:  # this thread computes, and that one waits
        pass
    assert clocks[0]() < 0.02
    ended.set()
    thread.join()
