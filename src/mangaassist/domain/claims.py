"""What somebody takes to be so of a series, for the catalog to say yes or no to."""

from typing import Final

from msgspec import Struct

from mangaassist.domain.wishes import ANY_RANGE, Label, Range


class Claim(Struct, frozen=True, kw_only=True):
    """Of the first series that a message speaks of. Empty fields claim nothing."""

    makers: tuple[str, ...] = ()
    """Authors, one of whom shall have made it."""
    shares_maker: bool = False
    """It shall be by whoever made the other series that is named."""
    kinds: tuple[Label, ...] = ()
    """Genres, themes or demographics that it shall have."""
    volumes: Range = ANY_RANGE
    """How many volumes it shall have, or where it shall have ended."""


NO_CLAIM: Final = Claim()
