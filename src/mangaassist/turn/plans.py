"""What an intent needs, as data (T-2): adding an intent is adding a row here, and nowhere else (the house's rule 5).

``strictness`` is the guardrails' scope (G-5), ``tier`` the writer it deserves (M-5), ``composer`` the offline writer's module.
What a tier is worth to an intent is its line in docs/models.md, "Is the small one good enough?", which a test holds against the row
here. What single acts change of it stands in ``act_needs.py``; a message that asks several things is planned for all of them (M-2).
"""

from collections.abc import Iterable
from functools import reduce
from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.intents import Intent, Strictness
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.writing import Tier
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.models.writers.offline import (
    care,
    checkout_help,
    chitchat,
    escalation,
    faq,
    order_tracking,
    product_discovery,
    product_question,
    promotion,
    recommendation,
    return_request,
)
from mangaassist.models.writers.offline.composing import Composer, Composers
from mangaassist.turn import buttons
from mangaassist.turn.act_needs import Finder, Needs, needs_of
from mangaassist.turn.buttons import ButtonMaker
from mangaassist.turn.searches import DIVERSE_PRODUCTS, PRECISE_POLICY, PRODUCT_FACTS, narrowed

MOST_CARDS: Final = 6
MOST_CHUNKS: Final = 6
_LOOSEST_FIRST: Final[tuple[Strictness, ...]] = ("loose", "normal", "tight")
_DEAREST_FIRST: Final = (Tier.LARGE, Tier.SMALL, Tier.TEMPLATE)


class Plan(Struct, frozen=True, kw_only=True):
    """What one answer needs. ``cards`` is the most product cards it shows; the last five say more of what is gathered.

    ``shelf``: everything that is sold of the series that is talked of; ``editions``: one book of each of its editions among the
    products; ``franchise``: the series that belong to it; ``purchases``: what the shopper has bought.
    """

    finders: tuple[Finder, ...] = ()
    cards: int = 0
    knowledge: RetrievalPlan | None = None
    orders: bool = False
    shipments: bool = False
    returns: bool = False
    promotions: bool = False
    profile: bool = False
    cart: bool = False
    needs_account: bool = False
    shelf: bool = False
    editions: bool = False
    franchise: bool = False
    purchases: bool = False
    guides: bool = False
    strictness: Strictness = "normal"
    tier: Tier = Tier.SMALL
    buttons: tuple[ButtonMaker, ...] = ()
    composer: Composer = chitchat


PLANS: Final[dict[Intent, Plan]] = {
    Intent.PRODUCT_DISCOVERY: Plan(
        composer=product_discovery,
        finders=("wish",),
        cards=5,
        knowledge=DIVERSE_PRODUCTS,
        tier=Tier.LARGE,
        buttons=(buttons.for_products,),
    ),
    Intent.PRODUCT_QUESTION: Plan(
        composer=product_question,
        finders=("targets",),
        cards=2,
        knowledge=PRODUCT_FACTS,
        buttons=(buttons.for_products,),
    ),
    Intent.RECOMMENDATION: Plan(
        composer=recommendation,
        finders=("wish",),
        cards=4,
        knowledge=DIVERSE_PRODUCTS,
        profile=True,
        strictness="tight",
        tier=Tier.LARGE,
        buttons=(buttons.for_products,),
    ),
    Intent.ORDER_TRACKING: Plan(
        composer=order_tracking,
        orders=True,
        shipments=True,
        profile=True,
        needs_account=True,
        strictness="loose",
        buttons=(buttons.for_tracking,),
    ),
    Intent.RETURN_REQUEST: Plan(
        composer=return_request,
        orders=True,
        returns=True,
        profile=True,
        needs_account=True,
        knowledge=PRECISE_POLICY,
        strictness="loose",
        buttons=(buttons.for_returns,),
    ),
    Intent.PROMOTION: Plan(
        composer=promotion,
        finders=("promoted",),
        cards=3,
        promotions=True,
        profile=True,
        knowledge=PRECISE_POLICY,
        buttons=(buttons.for_products,),
    ),
    Intent.CHECKOUT_HELP: Plan(
        composer=checkout_help, cards=1, cart=True, knowledge=PRECISE_POLICY, buttons=(buttons.for_checkout,)
    ),
    Intent.FAQ: Plan(composer=faq, knowledge=PRECISE_POLICY, buttons=(buttons.for_faq,)),
    Intent.ESCALATION: Plan(
        composer=escalation, profile=True, strictness="loose", tier=Tier.TEMPLATE, buttons=(buttons.for_help,)
    ),
    Intent.CHITCHAT: Plan(composer=chitchat, profile=True, tier=Tier.TEMPLATE),
}
COMPOSERS: Final[Composers] = {intent: plan.composer for intent, plan in PLANS.items()}
"""What the offline writer is given (M-6)."""
ASKING_BACK: Final = Plan(tier=Tier.TEMPLATE)
"""Who is asked back which of two things is meant is shown nothing yet."""
CARE_FIRST: Final = Plan(strictness="loose", tier=Tier.TEMPLATE, buttons=(buttons.for_help,))
"""Somebody in distress or danger is sold nothing, and another customer's data is looked up for nobody (G-11); a child
is shown no card of a title for adults."""
_CARED_FOR: Final = frozenset({"distress", "danger", "other_customer"})


def plan_for(meaning: Meaning) -> Plan:
    """What the message needs: that of each of its acts, together; of its intent where it has none."""
    if meaning.care in _CARED_FOR or (meaning.care == "sorrow" and care.only_tells(meaning)):
        return CARE_FIRST
    if meaning.between is not None:
        return ASKING_BACK
    if meaning.care == "child" and meaning.targets:
        return structs.replace(_planned(meaning), cards=0, buttons=(buttons.for_help,))
    return _planned(meaning)


def _planned(meaning: Meaning) -> Plan:
    plan = _together(_of_act(heard.act) for heard in meaning.acts) or PLANS[meaning.intent]
    if meaning.reckoning.whole:
        plan = structs.replace(plan, shelf=True)
    if plan.knowledge is not None:
        series = [target.series_id for target in meaning.targets]
        plan = structs.replace(plan, knowledge=narrowed(plan.knowledge, series))
    return _as_wished(plan, meaning) if "wish" in plan.finders else plan


def _as_wished(plan: Plan, meaning: Meaning) -> Plan:
    """As many cards as are asked for, or one for each wish at least; what is described in words is searched for by meaning."""
    counts = [wish.count for wish in meaning.sought if wish.count is not None]
    several = 2 * len(meaning.sought) if len(meaning.sought) > 1 else 1
    cards = sum(counts) if counts else max(plan.cards, several)
    is_described = any(wish.words for wish in meaning.sought)
    return structs.replace(
        plan,
        cards=min(MOST_CARDS, max(1, cards)),
        knowledge=plan.knowledge or (DIVERSE_PRODUCTS if is_described else None),
    )


def _together(plans: Iterable[Plan]) -> Plan | None:
    several = tuple(plans)
    return reduce(_merged, several) if several else None


def _of_act(act: Act) -> Plan:
    plan, needs = PLANS[ACTS[act].intent], needs_of(act)
    return structs.replace(
        plan,
        finders=plan.finders if needs.finder is None else _finders(needs.finder),
        knowledge=None if needs.no_knowledge else needs.knowledge or plan.knowledge,
        shelf=needs.shelf,
        editions=needs.editions,
        franchise=needs.franchise,
        purchases=needs.purchases,
        guides=needs.guides,
        buttons=plan.buttons if needs.buttons is None else (needs.buttons,),
        **_said(needs),
    )


def _finders(finder: Finder) -> tuple[Finder, ...]:
    return () if finder == "none" else (finder,)


_AS_INTENT: Final = ("cards", "orders", "shipments", "returns", "promotions", "profile", "cart", "needs_account")
_EITHER: Final = (*_AS_INTENT[1:], "shelf", "editions", "franchise", "purchases", "guides")


def _said(needs: Needs) -> dict[str, int | bool]:
    """What an act says itself of what its intent says too."""
    return {name: value for name in _AS_INTENT if (value := getattr(needs, name)) is not None}


def _merged(first: Plan, second: Plan) -> Plan:
    """Whatever either needs. The looser scope holds, since half of the answer may stray so far, and the dearer tier."""
    return structs.replace(
        first,
        finders=tuple(dict.fromkeys((*first.finders, *second.finders))),
        cards=min(MOST_CARDS, max(first.cards, second.cards)),
        buttons=tuple(dict.fromkeys((*first.buttons, *second.buttons))),
        knowledge=_merged_knowledge(first.knowledge, second.knowledge),
        strictness=min(first.strictness, second.strictness, key=_LOOSEST_FIRST.index),
        tier=min(first.tier, second.tier, key=_DEAREST_FIRST.index),
        **{name: getattr(first, name) or getattr(second, name) for name in _EITHER},
    )


def _merged_knowledge(first: RetrievalPlan | None, second: RetrievalPlan | None) -> RetrievalPlan | None:
    if first is None or second is None or first == second:
        return first or second
    return structs.replace(
        first,
        source_types=tuple(dict.fromkeys((*first.source_types, *second.source_types))),
        k=min(MOST_CHUNKS, first.k + second.k),
        candidates=max(first.candidates, second.candidates),
    )
