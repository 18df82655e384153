"""What a store can be told when it starts: addresses, the assistant it shows, the folder it keeps its state in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec


def default_state_dir() -> Path:
    """The user's cache folder for the store, by the platform's custom."""
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "mangastore"


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one store process. Port 0 takes any free port."""

    host: str = "127.0.0.1"
    port: int = 8080
    grpc_port: int = 50051
    assistant_url: str = "http://127.0.0.1:8000"
    state_dir: Path = msgspec.field(default_factory=default_state_dir)
    public_url: str = ""
    """Where browsers and the assistant reach the store; empty means host and port. It is also the tokens' issuer."""
