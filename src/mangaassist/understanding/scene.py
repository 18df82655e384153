"""Where a message was written, and what is known of that place without asking anybody (T-6)."""

from collections.abc import Mapping

from msgspec import Struct, field

from mangaassist.domain.dialogue import DialogueState, Target
from mangaassist.domain.store_facts import NO_FACTS, StoreFacts


class Scene(Struct, frozen=True, kw_only=True):
    """``page`` is the product of the page as far as anybody knows it: at least its ASIN. ``titles`` are series by id."""

    page: Target | None = None
    section: str = ""
    cart: tuple[str, ...] = ()
    is_guest: bool = True
    typed_secret: bool = False
    """The intake took a card's number, a password or the like out of the message (G-1)."""
    titles: Mapping[str, str] = field(default_factory=dict[str, str])
    store: StoreFacts = NO_FACTS
    """Whose words stand in what is searched for."""

    @property
    def here(self) -> str:
        return (self.page.asin if self.page else None) or ""

    def is_new_to(self, state: DialogueState) -> bool:
        """Whether the shopper has gone to another product since the last message: "it" is then what they look at."""
        return bool(self.here) and self.here != state.here

    def title(self, series_id: str) -> str:
        return self.titles.get(series_id, "")


NO_SCENE = Scene()
