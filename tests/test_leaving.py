"""W-7, W-10: the order in which a server leaves."""

from types import SimpleNamespace
from typing import Any

from mangaassist import serving
from mangaassist.telemetry.analytics import LEAVE_S


class Noted:
    """Notes every call of anything by name, in order."""

    def __init__(self, calls: list[tuple[Any, ...]], name: str) -> None:
        self._calls, self._name = calls, name

    def __getattr__(self, deed: str) -> Any:
        async def later() -> None: ...

        def call(*given: Any) -> Any:
            self._calls.append((f"{self._name}.{deed}", *given))
            return later() if self._name not in ("app", "server") else None

        return call


async def test_what_happened_is_written_once_every_answer_is_over_and_before_anybody_is_sent_away() -> None:
    calls: list[tuple[Any, ...]] = []
    parts = {name: Noted(calls, name) for name in ("app", "socket", "dispatcher", "analytics")}
    await serving._leave(Noted(calls, "server"), SimpleNamespace(**parts), 60)
    assert calls == [
        ("app.drain",),
        ("server.stop_listening",),
        ("socket.drain",),
        ("dispatcher.drain", 60),
        ("analytics.flush", LEAVE_S),
        ("socket.close",),
        ("server.finish",),
    ]
