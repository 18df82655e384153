"""What single acts need beyond their intent's plan, or less than it (T-10): one row an act that differs."""

from typing import Final, Literal

from msgspec import Struct, structs

from mangaassist.domain.acts import Act
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.turn import buttons
from mangaassist.turn.buttons import ButtonMaker
from mangaassist.turn.searches import GUIDES, OF_A_BOOK, OPINIONS, PRECISE_POLICY, READERS

Finder = Literal["none", "targets", "wish", "promoted"]
"""How products are found: what is talked of, what is looked for, or what the offers cover."""


class Needs(Struct, frozen=True, kw_only=True):
    """None is "as its intent". ``no_knowledge`` takes the intent's pages away: the services' facts are the answer.

    ``shelf``: everything that is sold of the series that is talked of, with its prices; ``editions``: one book
    of each of its editions among the products; ``franchise``: the series that belong to it; ``purchases``: what the shopper bought.
    """

    finder: Finder | None = None
    cards: int | None = None
    knowledge: RetrievalPlan | None = None
    no_knowledge: bool = False
    orders: bool | None = None
    shipments: bool | None = None
    returns: bool | None = None
    promotions: bool | None = None
    profile: bool | None = None
    cart: bool | None = None
    needs_account: bool | None = None
    shelf: bool = False
    editions: bool = False
    franchise: bool = False
    purchases: bool = False
    guides: bool = False
    """The store's own guides, for what they say of the series that is talked of."""
    buttons: ButtonMaker | None = None


AS_INTENT: Final = Needs()
_FACTS_ALONE: Final = Needs(no_knowledge=True)
_MONEY: Final = Needs(no_knowledge=True, profile=True)
_CART: Final = Needs(finder="none", cards=0, no_knowledge=True, cart=True, profile=True, buttons=buttons.for_cart)
_PAGE_ALONE: Final = Needs(finder="none", cards=0, cart=False, buttons=buttons.for_faq)

ACT_NEEDS: Final[dict[Act, Needs]] = {
    Act.CARRIES: Needs(finder="targets", cards=5),
    Act.CHEAPEST: _FACTS_ALONE,
    Act.DEAREST: _FACTS_ALONE,
    Act.BEST_RATED: _FACTS_ALONE,
    Act.LONGEST: _FACTS_ALONE,
    Act.SHORTEST: _FACTS_ALONE,
    Act.NEW_RELEASES: _FACTS_ALONE,
    Act.PREORDERS: _FACTS_ALONE,
    Act.BY_SAME_AUTHOR: _FACTS_ALONE,
    Act.PRICE: Needs(no_knowledge=True, profile=True, promotions=True, cards=4),
    Act.STOCK: Needs(no_knowledge=True, cards=4),
    Act.RESTOCK: Needs(knowledge=PRECISE_POLICY),
    Act.NOTIFY: Needs(knowledge=PRECISE_POLICY),
    Act.VOLUMES: _FACTS_ALONE,
    Act.LATEST: _FACTS_ALONE,
    Act.WHICH_VOLUME: _FACTS_ALONE,
    Act.UPCOMING: Needs(no_knowledge=True, purchases=True),
    Act.NEXT_VOLUME: Needs(no_knowledge=True, purchases=True),
    Act.START: Needs(knowledge=GUIDES, franchise=True, guides=True),
    Act.READING_ORDER: Needs(knowledge=GUIDES, franchise=True, cards=4, guides=True),
    Act.FINISHED: _FACTS_ALONE,
    Act.AGE_FIT: Needs(knowledge=PRECISE_POLICY),
    Act.AUTHOR: Needs(no_knowledge=True, guides=True),
    Act.PUBLISHER: _FACTS_ALONE,
    Act.YEAR: _FACTS_ALONE,
    Act.PAGES: _FACTS_ALONE,
    Act.ISBN: _FACTS_ALONE,
    Act.GENRE: Needs(no_knowledge=True, guides=True),
    Act.ADAPTATION: Needs(guides=True),
    Act.TRANSLATOR: _FACTS_ALONE,
    Act.LANGUAGE: Needs(knowledge=PRECISE_POLICY),
    Act.EDITION: Needs(guides=True, shelf=True, editions=True, cards=4),
    Act.SET_OR_SINGLES: Needs(no_knowledge=True, shelf=True, editions=True, profile=True, cards=3),
    Act.TOTAL: Needs(no_knowledge=True, shelf=True, profile=True, cards=4),
    Act.CONTENT: Needs(knowledge=OPINIONS),
    Act.COMPARE: Needs(knowledge=OPINIONS, guides=True, shelf=True, editions=True, cards=6),
    Act.REVIEWS: Needs(knowledge=READERS),
    Act.HAVE_READ: Needs(knowledge=OPINIONS),
    Act.WAIT: Needs(knowledge=PRECISE_POLICY, buttons=buttons.for_help),
    Act.DETAIL: Needs(knowledge=OF_A_BOOK, guides=True, buttons=buttons.for_details),
    Act.WORTH_IT: Needs(knowledge=OPINIONS),
    Act.ABOUT: Needs(knowledge=OPINIONS),
    Act.FROM_PURCHASES: Needs(purchases=True, orders=True, needs_account=True),
    Act.WHY: Needs(finder="targets", no_knowledge=True),
    Act.SIMILAR: Needs(cards=4),
    Act.SURPRISE: Needs(cards=1),
    Act.TRACK: Needs(knowledge=PRECISE_POLICY, returns=False),
    Act.LATE: Needs(knowledge=PRECISE_POLICY, buttons=buttons.for_lost_parcels),
    Act.NOT_RECEIVED: Needs(knowledge=PRECISE_POLICY, buttons=buttons.for_lost_parcels),
    Act.ORDER_CONTENTS: Needs(purchases=True),
    Act.MISSING_ITEM: Needs(shipments=True),
    Act.CHANGE_ORDER: Needs(knowledge=PRECISE_POLICY, shipments=False, buttons=buttons.for_changes),
    Act.CANCEL_ORDER: Needs(knowledge=PRECISE_POLICY, shipments=False, buttons=buttons.for_changes),
    Act.OFFERS: Needs(finder="promoted"),
    Act.OFFER_ON: Needs(finder="targets", cart=True),
    Act.CODE: Needs(finder="targets", cart=True),
    Act.ADD_TO_CART: Needs(finder="targets", cards=3, no_knowledge=True, buttons=buttons.for_adding),
    Act.REMOVE_FROM_CART: _CART,
    Act.CART_CONTENTS: _CART,
    Act.CART_TOTAL: structs.replace(_CART, finder="targets", promotions=True),
    Act.FREE_SHIPPING: Needs(finder="targets", cards=0, cart=True, profile=True, buttons=buttons.for_cart),
    Act.CHECKOUT_PROBLEM: Needs(finder="none", cards=0, cart=False, buttons=buttons.for_help),
    Act.PAYMENT_METHOD: _PAGE_ALONE,
    Act.DELIVERY_TIME: Needs(profile=True),
    Act.SHIPPING_COST: Needs(profile=True, cart=True),
    Act.MEMBERSHIP: Needs(profile=True),
    Act.MY_ACCOUNT: Needs(profile=True, needs_account=True),
    Act.CONTACT: Needs(buttons=buttons.for_help),
    Act.CALLBACK: Needs(knowledge=PRECISE_POLICY, buttons=buttons.for_help),
    Act.COMPLAINT: Needs(orders=True, shipments=True, buttons=buttons.for_help),
}
"""Acts without a row need what their intent needs."""


def needs_of(act: Act) -> Needs:
    return ACT_NEEDS.get(act, AS_INTENT)
