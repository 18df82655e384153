"""Which orders, what of them, which codes and which offers a message is about (T-4)."""

from typing import Final

from msgspec import Struct

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import OrderAspect
from mangaassist.domain.meaning import ANY_ORDER, OrderSelection
from mangaassist.understanding.hearing import OF_ORDERS, Hearing
from mangaassist.understanding.utterance import Utterance

OF_OFFERS: Final = frozenset({Act.OFFERS, Act.OFFER_ON, Act.CODE})
MOST_IN_FOCUS: Final = 5
"""Of a longer list none is in focus: what is asked next chooses anew."""


def orders_meant(hearing: Hearing, acts: tuple[Act, ...]) -> tuple[str, ...]:
    """Named, or in focus for what is asked of an order; "the other one" is the one after that in focus."""
    named = values_named(hearing.utterance, "order")
    if named or not any(act in OF_ORDERS for act in acts):
        return named
    goes_on = hearing.order_topic in ASPECTS["refund_when"].topics and bool(hearing.state.orders)
    anew = Act.REFUND_STATUS in acts and not goes_on
    if not hearing.utterance.selection.is_open or (anew and not hearing.utterance.pointers):
        return ()  # whatever is on its way back, which need not be what was talked of
    if "add_items" in hearing.utterance.aspects and not hearing.points("last_order"):
        return hearing.state.orders[:1] if hearing.order_topic else ()
    told = hearing.state.orders if len(hearing.state.orders) <= MOST_IN_FOCUS else ()
    if Act.ORDER_LIST in hearing.state.acts and hearing.utterance.pointers and not hearing.utterance.stems:
        return hearing.state.orders[:1]  # "which one" of what comes first
    if placed := _placed(hearing, hearing.state.orders):
        return placed
    of_list = Act.ORDER_LIST in hearing.state.acts and hearing.utterance.pointers
    if Act.ORDER_LIST in acts or of_list or hearing.utterance.targets or hearing.points("last_order"):
        return ()
    return told[1:] if hearing.points("other") else told


def selection_meant(hearing: Hearing, acts: tuple[Act, ...]) -> OrderSelection:
    """By age, state, kind or day, where no order is named and something of an order is asked."""
    of_orders = any(act in OF_ORDERS for act in acts) and not values_named(hearing.utterance, "order")
    return hearing.utterance.selection if of_orders else ANY_ORDER


def aspects_meant(hearing: Hearing, acts: tuple[Act, ...]) -> tuple[OrderAspect, ...]:
    """What of an order is asked for by itself, as far as it is asked of what is talked of."""
    if goes_ahead(hearing) and hearing.last in acts:
        return ("go_ahead",)
    if "money_back" in hearing.utterance.aspects and acts == (Act.NOT_RECEIVED,):
        return ("money_back",)
    if acts == (Act.DELIVERY_TIME,):
        return ("faster",) if "faster" in hearing.utterance.aspects else ()
    if not any(act in OF_ORDERS for act in acts):
        of_orders = hearing.order_topic or any(one.act in OF_ORDERS for one in hearing.own)
        return tuple(
            one for one in hearing.utterance.aspects if of_orders and ASPECTS[one].act is acts[0] is Act.POLICY
        )
    fitting: list[OrderAspect] = [aspect for aspect in hearing.utterance.aspects if fits_talk(aspect, hearing, acts)]
    if "money_back" in fitting and any(aspect.startswith("refund") for aspect in fitting):
        fitting.remove("money_back")  # "how long till i get the money back" says when
    return tuple(fitting)


def fits_talk(aspect: OrderAspect, hearing: Hearing, acts: tuple[Act, ...] = ()) -> bool:
    """Whether it can be asked of what is talked of: "how much" after a refund is its amount, after a delivery it is not."""
    topics = ASPECTS[aspect].topics
    if aspect == "go_ahead":
        return goes_ahead(hearing)
    asked = {*acts, *(heard.act for heard in hearing.own), hearing.order_topic}
    if hearing.order_topic and hearing.state.problem:
        asked.add(hearing.state.problem)
    if told_of_refunds(hearing):
        asked.add(Act.REFUND_STATUS)
    return not topics or bool(topics & asked)


def goes_ahead(hearing: Hearing) -> bool:
    """ "Yes", "do it for me" after an answer about what only the shopper can do: cancelling, changing, sending back."""
    topics = ASPECTS["go_ahead"].topics
    thanks = any(heard.act is Act.THANKS for heard in hearing.own)
    agrees = (hearing.moves(Act.YES) and not thanks) or "go_ahead" in hearing.utterance.aspects
    return hearing.last in topics and agrees and {heard.act for heard in hearing.ruled} <= topics


def told_of_refunds(hearing: Hearing) -> bool:
    """Whether a page on refunds was told last."""
    return hearing.last is Act.POLICY and "refund" in hearing.state.question.lower()


class AspectRow(Struct, frozen=True):
    """``act`` is asked of the order then; None for what was asked before. ``topics``: of what it can be asked; empty for all."""

    act: Act | None = None
    topics: frozenset[Act] = frozenset()


_FAULTS: Final = frozenset({Act.DAMAGED, Act.WRONG_ITEM, Act.MISSING_ITEM})
_MONEY_BACK: Final = frozenset(
    {Act.REFUND_STATUS, Act.RETURN, Act.RETURN_WINDOW, Act.CANCEL_ORDER, Act.EXCHANGE, Act.LATE, *_FAULTS}
)
_MOVING: Final = frozenset({Act.TRACK, Act.ARRIVAL, Act.LATE, Act.NOT_RECEIVED})
ASPECTS: Final[dict[OrderAspect, AspectRow]] = {
    "others_too": AspectRow(None, frozenset({Act.CANCEL_ORDER, Act.CHANGE_ORDER, Act.RETURN, Act.RETURN_WINDOW})),
    "carrier": AspectRow(Act.TRACK),
    "number": AspectRow(Act.TRACK),
    "never_comes": AspectRow(Act.LATE, _MOVING),
    "release": AspectRow(Act.ARRIVAL),
    "add_items": AspectRow(Act.CHANGE_ORDER),
    "discount": AspectRow(Act.ORDER_CONTENTS),
    "paid": AspectRow(Act.ORDER_CONTENTS),
    "paid_with": AspectRow(Act.ORDER_CONTENTS),
    "refund_where": AspectRow(Act.REFUND_STATUS, _MONEY_BACK),
    "refund_card": AspectRow(Act.REFUND_STATUS, _MONEY_BACK),
    "refund_gift_card": AspectRow(Act.REFUND_STATUS, _MONEY_BACK),
    "how_long": AspectRow(Act.ARRIVAL, _MOVING),
    "refund_when": AspectRow(Act.REFUND_STATUS, _MONEY_BACK - {Act.LATE}),
    "refund_amount": AspectRow(Act.REFUND_STATUS, frozenset({Act.REFUND_STATUS})),
    "send_back": AspectRow(None, _FAULTS | {Act.EXCHANGE, Act.RETURN}),
    "deadline": AspectRow(None, _FAULTS | {Act.RETURN, Act.RETURN_WINDOW, Act.EXCHANGE, Act.CANCEL_ORDER}),
    "elsewhere": AspectRow(),
    "lost_number": AspectRow(),
    "not_listed": AspectRow(Act.TRACK),
    "was_read": AspectRow(None, _FAULTS | {Act.RETURN, Act.RETURN_WINDOW, Act.EXCHANGE}),
    "contents": AspectRow(Act.ORDER_CONTENTS),
    "owned": AspectRow(Act.ORDER_CONTENTS),
    "spent": AspectRow(Act.ORDER_LIST),
    "receipt": AspectRow(Act.POLICY, frozenset({Act.RETURN, Act.RETURN_WINDOW, Act.EXCHANGE, Act.REFUND_STATUS})),
    "change_payment": AspectRow(Act.POLICY),
    "next_step": AspectRow(),
    "money_back": AspectRow(Act.NOT_RECEIVED, frozenset({Act.NOT_RECEIVED, Act.CANCEL_ORDER, Act.ORDER_CONTENTS})),
    "address": AspectRow(Act.CHANGE_ORDER, frozenset({Act.CHANGE_ORDER})),
    "charge": AspectRow(Act.CANCEL_ORDER, frozenset({Act.CANCEL_ORDER})),
    "if_shipped": AspectRow(None, frozenset({Act.CANCEL_ORDER, Act.CHANGE_ORDER})),
    "split": AspectRow(Act.TRACK),
    "money_or_book": AspectRow(None, _FAULTS),
    "faster": AspectRow(Act.CHANGE_ORDER, _MOVING | {Act.CHANGE_ORDER, Act.ORDER_CONTENTS, Act.ORDER_LIST}),
    "go_ahead": AspectRow(None, frozenset({Act.CANCEL_ORDER, Act.CHANGE_ORDER, Act.RETURN})),
}
"""What of an order can be asked for by itself."""


def _placed(hearing: Hearing, told: tuple[str, ...]) -> tuple[str, ...]:
    """ "The second one" of a list of orders, where no cards were shown since."""
    if Act.ORDER_LIST not in hearing.state.acts:
        return ()
    places = [place for pointer in hearing.utterance.pointers if pointer.kind == "place" for place in pointer.places]
    return tuple(told[place] for place in places if -len(told) <= place < len(told))


def items_meant(hearing: Hearing, acts: tuple[Act, ...]) -> tuple[str, ...]:
    """What of an order is meant: by series, else by the message's describing words; a follow-up is about the same thing."""
    if not any(act in OF_ORDERS for act in acts) or "add_items" in hearing.utterance.aspects:
        return ()
    resolved, state = hearing.resolved, hearing.state
    goes_on = any(act in OF_ORDERS for act in state.acts)
    if Act.NOT_RECEIVED in acts and not resolved.targets:
        return ()  # neighbors and doorsteps are no books
    by_itself = hearing.utterance.words or values_named(hearing.utterance, "order")
    targets = resolved.targets or (state.targets if goes_on and not by_itself else ())
    aside = hearing.utterance.aside
    items = dict.fromkeys(one.series_id for one in targets if one.series_id is not None and one.series_id not in aside)
    if aside and not items:
        return ()
    labels = (m.said for m in hearing.utterance.mentions if m.kind in ("theme", "genre", "author", "mood") and m.said)
    return tuple(items) or (*labels, *_words_with_volumes(hearing.utterance))


def _words_with_volumes(utterance: Utterance) -> tuple[str, ...]:
    """ "Vinland 3": of a title that is half said the volume tells which order holds it."""
    if not utterance.volumes or not utterance.words:
        return utterance.words
    return tuple(f"{' '.join(utterance.words)} {volume}" for volume in utterance.volumes)


def codes_meant(hearing: Hearing, acts: tuple[Act, ...]) -> tuple[str, ...]:
    named = values_named(hearing.utterance, "code")
    of_offers = any(act in OF_OFFERS for act in acts)
    which = any(one.act is Act.CODE for one in hearing.ruled)  # "then which code works" asks for another one
    leans = hearing.points("that_offer", "it", "cart") or (hearing.utterance.is_fragment and not which)
    meant = leans or not any(one.stage == "rules" for one in hearing.own)
    return named or (hearing.state.codes if meant and of_offers else ())


def words_of_offer(hearing: Hearing, acts: tuple[Act, ...]) -> tuple[str, ...]:
    if not any(act in OF_OFFERS for act in acts) or hearing.utterance.store_question:
        return ()
    if hearing.names_no_thing and any(act in OF_OFFERS for act in hearing.state.acts):
        return tuple(hearing.state.wish.said())
    labels = (
        m.said for m in hearing.utterance.mentions if m.kind in ("genre", "theme", "demographic", "format", "mood")
    )
    return tuple(dict.fromkeys((*labels, *hearing.utterance.words)))


def values_named(utterance: Utterance, kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mention.value for mention in utterance.mentions if mention.kind == kind))
