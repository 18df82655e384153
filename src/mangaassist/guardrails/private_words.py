"""Words that tell personal data from what merely looks so (G-1), read from the package once."""

import tomllib
from importlib.resources import files
from typing import Final, Self

import msgspec
from msgspec import Struct


class PrivateWords(Struct, frozen=True):
    """``data/personal.toml``, which explains the fields: words with spaces between them."""

    said_of_a_password: str
    counted: str
    mail_providers: str
    before_a_site: str
    states: str
    state_codes: str

    @classmethod
    def load(cls) -> Self:
        source = files("mangaassist.guardrails").joinpath("data/personal.toml").read_text("utf-8")
        return msgspec.convert(tomllib.loads(source), cls)


PRIVATE_WORDS: Final = PrivateWords.load()
