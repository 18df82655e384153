"""The assistant as it is, watched for calls that block its event loop: ``python -m tests.system.unblocked``.

Once it serves, whatever blocks is told on standard error as ``BLOCKED`` with its call stack, and fails. What is meant to be done
on the loop, because it takes less than handing it to a thread, is in ``ON_PURPOSE``.
"""

import asyncio
import sys
import traceback
from typing import Any, Final

import uvloop
from blockbuster import BlockBuster, BlockingError
from rich.console import Console

from mangaassist import serving
from mangaassist.settings import load

ON_PURPOSE: Final = (
    ("sqlite/journal.py", ("load", "write", "stop", "waiting", "ping")),
    ("sqlite/sessions.py", ("turn",)),
)
"""A row is read or written in less time than a thread takes to wake up."""


def watched() -> None:
    blocked = BlockBuster()
    for name, function in blocked.functions.items():
        if name.startswith("sqlite3."):
            for file, functions in ON_PURPOSE:
                function.can_block_in(file, functions)
    blocked.activate()


class _Told:
    """What a blocking call raises is told before anything catches it."""

    def __init__(self) -> None:
        self._made = BlockingError.__init__

    def __call__(self, error: BlockingError, *told: Any) -> None:
        self._made(error, *told)
        stack = "".join(traceback.format_stack()[:-2])
        print(f"BLOCKED {told}\n{stack}", file=sys.stderr, flush=True)


def main() -> None:
    tell = _Told()
    BlockingError.__init__ = lambda self, *told: tell(self, *told)
    welcome = serving._welcome

    def welcomed(*about: Any) -> None:
        welcome(*about)
        watched()

    serving._welcome = welcomed
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serving.serve_assistant(load(), Console(stderr=True)))


if __name__ == "__main__":
    main()
