"""Everything here happens in virtual time."""

from tests.conversation.virtual import join, process, pytest_asyncio_loop_factories, world

__all__ = ["join", "process", "pytest_asyncio_loop_factories", "world"]
