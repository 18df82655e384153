"""What a store can be told when it starts: addresses, the assistant it shows, the folder it keeps its state in."""

from __future__ import annotations

from pathlib import Path

import msgspec
from platformdirs import user_data_path


def default_state_dir() -> Path:
    """The user's data folder for the store, by the platform's custom."""
    return user_data_path("mangastore", appauthor=False)


class StoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one store process. Port 0 takes any free port."""

    host: str = "127.0.0.1"
    port: int = 8080
    grpc_port: int = 50051
    assistant_url: str = "http://127.0.0.1:8000"
    state_dir: Path = msgspec.field(default_factory=default_state_dir)
    public_url: str = ""
    """Where browsers and the assistant reach the store; empty means host and port. It is also the tokens' issuer."""
