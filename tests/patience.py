"""How many times as long as a shopper's machine a test's may take."""

from typing import Final

PATIENCE: Final = 40.0
