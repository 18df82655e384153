"""Answers about the store: the verdict by its facts where they decide, else the sentence of the page that answers."""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec import structs

from mangaassist.domain.acts import Act
from mangaassist.domain.products import money
from mangaassist.domain.store_facts import Support
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials, help_pages
from mangaassist.models.writers.offline.by_act import Answer, answered, nothing_more
from mangaassist.models.writers.offline.opening_hours import (
    closed_days,
    hours_in_words,
    next_opening,
    on_weekday,
    open_now,
)
from mangaassist.models.writers.offline.phrasing import PHRASES, Phrasing
from mangaassist.models.writers.offline.price_words import rounded
from mangaassist.models.writers.offline.shipping import (
    LISTED,
    abroad,
    delivery_time,
    said_together,
    shipping_cost,
    ships_to,
)
from mangaassist.models.writers.offline.wording import count_of, joined, paragraphs

offer_next = nothing_more


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    told = said_together(task)
    return answered(task, phrasing, {act: row for act, row in _ROWS.items() if act not in told}, Act.POLICY)


def suggestions(task: WritingTask) -> Iterator[str]:
    """Other help pages that the search found: their titles are questions with an answer."""
    chunks = [scored.chunk for scored in task.evidence.chunks]
    for chunk in chunks[1:]:
        if chunk.source_type == "faq" and chunk.title.endswith("?") and chunk.title != chunks[0].title:
            yield chunk.title
    asked = frozenset(heard.act for heard in task.meaning.acts)
    yield from (example for act, example in _NEXT.items() if act not in asked)


def _page(act: Act, fact: Callable[[WritingTask, Phrasing], str] | None = None) -> Answer:
    """An answer by ``fact``; by the pages where the store's facts do not tell; "I don't know" where nothing does."""

    def answer(task: WritingTask, phrasing: Phrasing) -> str:
        if told := _worth_at_rate(task, phrasing) or (fact(task, phrasing) if fact is not None else ""):
            return told
        if len(task.meaning.wants_answers) > 1:
            return paragraphs(*(help_pages.cited(one, phrasing) for one in help_pages.each_wanted(task)))
        key = f"faq.{task.meaning.store_question}"
        known = phrasing.say(key) if task.meaning.store_question and key in PHRASES else ""
        found = help_pages.passage(task, act)
        if known:
            told = found.text if found and not found.is_weak and task.meaning.describes else ""
            return f"{known} {told}".strip()
        goes_back = task.meaning.after and (found is None or found.is_weak)
        if goes_back or (found is None and task.meaning.is_follow_up):
            if task.meaning.after == "why" or help_pages.was_told(task):
                return _no_more(task, phrasing)
            found = help_pages.passage(_by_itself(task), act)
        if found is None or found.is_weak:
            return denials.PAGE.told(task, phrasing)
        return help_pages.cited(found, phrasing, help_pages.added(task, found))

    return answer


def _by_itself(task: WritingTask) -> WritingTask:
    """The message as a question of its own."""
    return structs.replace(task, meaning=structs.replace(task.meaning, is_follow_up=False, after=""))


def _no_more(task: WritingTask, phrasing: Phrasing) -> str:
    """All that the page says was told: who can help then."""
    if any(map(task.evidence.failed, denials.PAGE.rests_on)):
        return denials.PAGE.told(task, phrasing)
    support = task.evidence.facts.support
    reach = joined([one for one in (support.phone, support.email) if one], "or")
    key = "faq.no_reason" if task.meaning.after == "why" else "faq.no_more"
    return f"{phrasing.say(key)} {phrasing.say('faq.team_reach' if reach else 'faq.team', reach=reach)}"


def _membership(task: WritingTask, phrasing: Phrasing) -> str:
    """Whether this shopper is a member, then what the page says to the rest of the question."""
    facts, customer = task.evidence.facts, task.evidence.customer
    membership = facts.membership
    name = membership.name if membership else phrasing.say("faq.membership")
    if (
        membership
        and membership.free_shipping
        and help_pages.stems("free shipping") <= frozenset(task.meaning.describes)
        and not abroad(task)
    ):
        return phrasing.say("faq.members_ship_free", name=name)
    beyond = frozenset(task.meaning.describes) - help_pages.TOPICS[Act.MEMBERSHIP]
    found = help_pages.passage(task, None if beyond else Act.MEMBERSHIP)
    rule = found.told if found and not found.is_weak else ""
    if customer is not None:
        rule = (
            rule
            if found and found.verdict and beyond
            else help_pages.without_verdict(found.text if rule and found else "")
        )
        if rule and Act.MEMBERSHIP in task.state.acts:
            return rule  # who has just heard whether they are one asks on
        return f"{phrasing.say('faq.member' if customer.member else 'faq.no_member', name=name)} {rule}".strip()
    if rule or membership is None or membership.price is None:
        return ""
    period = f" a {membership.period}" if membership.period else ""
    return phrasing.say("faq.member_price", name=name, price=money(membership.price, facts.currency or "USD") + period)


def _worth_at_rate(task: WritingTask, phrasing: Phrasing) -> str:
    """What the shipping of a year's orders comes to against the membership's fee; empty where nobody names a rate."""
    at_rate, membership = task.evidence.derived.membership_at_rate, task.evidence.facts.membership
    if at_rate is None or membership is None or abroad(task):
        return ""
    return phrasing.say(
        "faq.worth_by_shipping" if at_rate.shipping > at_rate.fee else "faq.not_worth_by_shipping",
        orders=count_of(at_rate.orders, "order"),
        limit=rounded(money(at_rate.limit, at_rate.currency)),
        shipping=money(at_rate.shipping, at_rate.currency),
        name=membership.name,
        fee=rounded(money(at_rate.fee, at_rate.currency)),
    )


def _my_account(task: WritingTask, phrasing: Phrasing) -> str:
    customer = task.evidence.customer
    if customer is None:
        return phrasing.say("faq.account_guest")
    return phrasing.say("faq.account", name=customer.name)


def _contact(task: WritingTask, phrasing: Phrasing) -> str:
    support, asked = task.evidence.facts.support, frozenset(task.meaning.describes)
    named = task.meaning.day
    if named is not None and (told := on_weekday(support, named, task.evidence.now, phrasing)):
        return told
    opens = next_opening(task)
    back = phrasing.say("faq.back", back=opens) if opens else ""
    there = " ".join(filter(None, (open_now(task, phrasing), back)))
    way = next((way for way, words in _WAYS.items() if words & asked and getattr(support, way)), "")
    if way:
        told = phrasing.say(f"faq.our_{way}", value=getattr(support, way))
        return f"{told} {there}".strip() if way == "phone" else told
    reach, when = _ways(support, phrasing), _when_there(support, phrasing)
    ordered = (there, reach, when) if asked & _OF_HOURS else (reach, there, when)
    return " ".join(filter(None, ordered)) if reach or when else ""


_WAYS: Final = {
    "email": help_pages.stems("email mail write"),
    "phone": help_pages.stems("phone number call telephone"),
}
"""Ways of reaching people: the one that is asked for by its name is told first, and alone."""
_OF_HOURS: Final = help_pages.stems("open close closed hours today tonight available sunday weekend")


def _ways(support: Support, phrasing: Phrasing) -> str:
    ways = [
        phrasing.say(f"faq.by_{way}", value=value)
        for way, value in (("phone", support.phone), ("email", support.email))
        if value
    ]
    return phrasing.say("faq.contact", ways=joined([*ways, phrasing.say("faq.by_chat")], "or")) if ways else ""


def _when_there(support: Support, phrasing: Phrasing) -> str:
    hours = hours_in_words(support)
    closed = joined([f"{name}s" for name in closed_days(support)])
    when = phrasing.say("faq.hours", hours=hours) if hours else ""
    return f"{when} {phrasing.say('faq.closed_on', days=closed)}" if closed else when


def _other_goods(task: WritingTask, phrasing: Phrasing) -> str:
    """Yes or no for the goods that are named, by the store's own lists; a page that says it with its details says it better."""
    facts, goods = task.evidence.facts, task.meaning.goods
    if _page_speaks_of(task) or not (goods or _unknown_goods(task)):
        return ""
    sold = [one for one in goods if _among(one, facts.sells)]
    refused = [one for one in goods if _among(one, facts.does_not_sell)]
    if not sold and not refused:
        sells = joined(facts.sells[:LISTED])
        return phrasing.say("faq.sells_only", sells=sells) if sells else ""
    told = (
        phrasing.say("faq.sells", goods=joined(sold)) if sold else "",
        phrasing.say("faq.sells_not", goods=joined(refused, "or")) if refused else "",
    )
    return " ".join(filter(None, told))


def _unknown_goods(task: WritingTask) -> bool:
    """Whether something is asked for by words that no page holds all of: "pokemon cards" is on none, gift cards or not."""
    asked = frozenset(task.meaning.describes) - _SELLING
    pages = (f"{scored.chunk.title} {scored.chunk.content}" for scored in task.evidence.chunks)
    return bool(asked) and not any(asked <= help_pages.stems(page) for page in pages)


_SELLING: Final = help_pages.stems("sell selling have carry stock offer also")


def _page_speaks_of(task: WritingTask) -> bool:
    """A page that is about just these goods, and says yes or no of them."""
    found = help_pages.passage(task, Act.OTHER_GOODS)
    has_verdict = found is not None and found.text != help_pages.without_verdict(found.text)
    asked = " ".join((*task.meaning.goods, *task.meaning.describes))
    return has_verdict and found is not None and help_pages.mentions(found, asked.replace("sell", ""))


def _among(goods: str, kinds: tuple[str, ...]) -> bool:
    """ "anime figures" are among figures; "books" are not among used books."""
    wanted = help_pages.stems(goods)
    return any(bool(kind_of) and kind_of <= wanted for kind_of in map(help_pages.stems, kinds))


_ROWS: Final[dict[Act, Answer]] = {
    Act.POLICY: _page(Act.POLICY),
    Act.SHIPS_TO: _page(Act.SHIPS_TO, ships_to),
    Act.DELIVERY_TIME: _page(Act.DELIVERY_TIME, delivery_time),
    Act.SHIPPING_COST: _page(Act.SHIPPING_COST, shipping_cost),
    Act.MEMBERSHIP: _page(Act.MEMBERSHIP, _membership),
    Act.MY_ACCOUNT: _page(Act.MY_ACCOUNT, _my_account),
    Act.CONTACT: _page(Act.CONTACT, _contact),
    Act.OTHER_GOODS: _page(Act.OTHER_GOODS, _other_goods),
}
_NEXT: Final[dict[Act, str]] = {
    Act.DELIVERY_TIME: "How long does delivery take?",
    Act.RETURN: "How do I return a book?",
    Act.PAYMENT_METHOD: "Which payment methods do you take?",
}
