"""Where a process keeps what must not be lost (O-7)."""

from pathlib import Path

from mangaassist.errors import StartFailed
from mangaassist.settings import Settings
from mangaassist.stores.sqlite.relocation import bring_over


def durable_folder(settings: Settings) -> Path:
    """The folder of what must not be lost, made for its user alone; an earlier version's databases are brought there (O-7)."""
    folder = settings.data
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartFailed(
            f"{folder} cannot hold the assistant's data ({error.strerror}): name another folder in MANGAASSIST_DATA_DIR."
        ) from error
    bring_over(settings.cache, folder)
    return folder
