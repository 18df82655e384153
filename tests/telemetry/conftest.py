"""Everything here happens in virtual time."""

from tests.conversation.virtual import pytest_asyncio_loop_factories

__all__ = ["pytest_asyncio_loop_factories"]
