"""Answers about the store: the verdict by its facts where they decide, else the sentence of the page that answers."""

import tomllib
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.products import money
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
from mangaassist.models.writers.offline.wording import day, joined

offer_next = nothing_more

_LISTED: Final = 12
"""More countries than this are not listed."""
_DATA: Final = files("mangaassist.models.writers.offline") / "data"
_COUNTRY_NAMES: Final[dict[str, str]] = tomllib.loads((_DATA / "countries.toml").read_text(encoding="utf-8"))


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    return answered(task, phrasing, _ROWS, Act.POLICY)


def suggestions(task: WritingTask) -> Iterator[str]:
    """Other help pages that the search found: their titles are questions with an answer."""
    for scored in task.evidence.chunks[1:]:
        if scored.chunk.source_type == "faq" and scored.chunk.title.endswith("?"):
            yield scored.chunk.title
    asked = frozenset(heard.act for heard in task.meaning.acts)
    yield from (example for act, example in _NEXT.items() if act not in asked)


def _page(act: Act, fact: Callable[[WritingTask, Phrasing], str] | None = None) -> Answer:
    """An answer by ``fact``; by the pages where the store's facts do not tell; "I don't know" where nothing does."""

    def answer(task: WritingTask, phrasing: Phrasing) -> str:
        if fact is not None and (told := fact(task, phrasing)):
            return told
        key = f"faq.{task.meaning.store_question}"
        if task.meaning.store_question and key in PHRASES:
            return phrasing.say(key)
        found = help_pages.passage(task, act)
        at_an_end = found is None and bool(task.evidence.chunks) and task.meaning.is_follow_up
        if at_an_end or (task.meaning.after and (found is None or found.is_weak)):
            return _no_more(task, phrasing)
        return (
            denials.PAGE.told(task, phrasing) if found is None or found.is_weak else help_pages.cited(found, phrasing)
        )

    return answer


def _no_more(task: WritingTask, phrasing: Phrasing) -> str:
    """All that the page says was told: who can help then."""
    if any(map(task.evidence.failed, denials.PAGE.rests_on)):
        return denials.PAGE.told(task, phrasing)
    support = task.evidence.facts.support
    reach = joined([one for one in (support.phone, support.email) if one], "or")
    key = "faq.no_reason" if task.meaning.after == "why" else "faq.no_more"
    return f"{phrasing.say(key)} {phrasing.say('faq.team_reach' if reach else 'faq.team', reach=reach)}"


def _ships_to(task: WritingTask, phrasing: Phrasing) -> str:
    facts, named = task.evidence.facts, task.meaning.countries
    served = frozenset((*facts.ships_to, *filter(None, (facts.home_country,))))
    if not served:
        return ""
    if not named:
        return phrasing.say("faq.countries", countries=_all_of(facts.ships_to)) if facts.ships_to else ""
    yes = [country_name(code) for code in named if code in served]
    no = [country_name(code) for code in named if code not in served]
    cost = help_pages.amount_for(task, joined(yes)) if yes else ""
    told = (
        phrasing.say("faq.ships", countries=joined(yes)) if yes else "",
        phrasing.say("faq.ships_not", countries=joined(no, "or")) if no else "",
        cost,
    )
    return " ".join(filter(None, told))


def _all_of(codes: tuple[str, ...]) -> str:
    names = [country_name(code) for code in codes]
    return joined(names if len(names) <= _LISTED else [*names[:_LISTED], f"{len(names) - _LISTED} more countries"])


def country_name(code: str) -> str:
    """As it is called within a sentence: "the Netherlands"; the code itself where it is not on the list."""
    return _COUNTRY_NAMES.get(code, code)


def _delivery_time(task: WritingTask, phrasing: Phrasing) -> str:
    """How many days, and on which days it would be there if it were ordered today: "by Friday?" answers itself."""
    delivery, now = task.evidence.facts.delivery, task.evidence.now
    if abroad := _abroad(task):
        return _not_served(task, phrasing) or _days_abroad(abroad[0], task, phrasing)
    if delivery.most_days is None or (task.meaning.day is not None and task.meaning.day.every):
        return ""  # "on sundays?" asks for a rule and no date
    least, most = delivery.least_days or delivery.most_days, delivery.most_days
    if told := _deadline(task, phrasing):
        return told
    if _EXPRESS & frozenset(task.meaning.describes) and (fast := _express(task, phrasing)):
        return fast
    span = f"{least} to {most}" if least != most else str(most)
    said = phrasing.say("faq.delivery", days=span)
    window = task.evidence.facts.due(now) if now else None
    if window:
        said += " " + phrasing.say("faq.due", first=day(window[0]), last=day(window[1]))
    return f"{said} {_express(task, phrasing)}".strip()


_EXPRESS: Final = help_pages.stems("express expedited overnight")
"""Who names the fast way asks for no other."""


def _abroad(task: WritingTask) -> list[str]:
    return [code for code in task.meaning.countries if code != task.evidence.facts.home_country]


def _not_served(task: WritingTask, phrasing: Phrasing) -> str:
    """What it costs and how long it takes to a country that nothing is shipped to need not be asked."""
    facts = task.evidence.facts
    no = [country_name(code) for code in _abroad(task) if facts.ships_to and code not in facts.ships_to]
    return phrasing.say("faq.ships_not", countries=joined(no, "or")) if no else ""


def _days_abroad(code: str, task: WritingTask, phrasing: Phrasing) -> str:
    """The days for that country; never those at home where no page tells them."""
    name = country_name(code).removeprefix("the ")
    told = help_pages.days_for(task, name)
    found = None if told else help_pages.passage(task, Act.DELIVERY_TIME)
    if found is not None and _speaks_of_abroad(found.chunk.content, task):
        return help_pages.cited(found, phrasing)
    return told or denials.PAGE.told(task, phrasing)


def _speaks_of_abroad(content: str, task: WritingTask) -> bool:
    """Whether a page is about other countries: its days are not those at home."""
    facts = task.evidence.facts
    names = (country_name(code).removeprefix("the ") for code in facts.ships_to if code != facts.home_country)
    return sum(help_pages.stems(one) <= help_pages.stems(content) for one in names) > 1


def _deadline(task: WritingTask, phrasing: Phrasing) -> str:
    """Yes, perhaps or no to "by Friday?", by what is due when, if it were ordered today."""
    facts, now, named = task.evidence.facts, task.evidence.now, task.meaning.day
    wanted = named.date_from(now.date()) if now and named and not named.every else None
    window = facts.due(now) if now else None
    if now is None or wanted is None or window is None:
        return ""
    fast = facts.express_due(now)
    by_express = fast is not None and fast <= wanted
    key = "yes" if window[1] <= wanted else "maybe" if window[0] <= wanted else "express" if by_express else "no"
    fee = facts.delivery.express_fee
    fields = {
        "day": day(wanted),
        "first": day(window[0]),
        "last": day(window[1]),
        "due": day(fast) if fast else "",
        "fee": f" for {money(fee, facts.currency or 'USD')}" if fee is not None else "",
    }
    said = phrasing.say(f"faq.deadline_{key}", **fields)
    even = phrasing.say("faq.deadline_even", **fields) if key == "no" and fast else ""
    sure = phrasing.say("faq.deadline_sure", **fields) if key == "maybe" and by_express else ""
    return " ".join(filter(None, (said, even, sure)))


def _express(task: WritingTask, phrasing: Phrasing) -> str:
    facts, now = task.evidence.facts, task.evidence.now
    days, fee = facts.delivery.express_days, facts.delivery.express_fee
    if days is None:
        return ""
    due = facts.express_due(now) if now else None
    return phrasing.say(
        "faq.express",
        days=str(days),
        fee=f" for {money(fee, facts.currency or 'USD')}" if fee is not None else "",
        due=f" ({day(due)})" if due else "",
    )


def _shipping_cost(task: WritingTask, phrasing: Phrasing) -> str:
    facts = task.evidence.facts
    delivery, currency = facts.delivery, facts.currency or "USD"
    if abroad := _abroad(task):
        return _not_served(task, phrasing) or help_pages.amount_for(task, country_name(abroad[0]))
    if delivery.fee is None:
        return ""
    is_member = task.evidence.customer is not None and task.evidence.customer.member
    if is_member and facts.membership and facts.membership.free_shipping:
        return phrasing.say("faq.cost_member", express=_express_fee(task))
    free = f", and it's free from {_plain(money(delivery.free_from, currency))}" if delivery.free_from else ""
    return phrasing.say("faq.cost", fee=money(delivery.fee, currency), free=free, express=_express_fee(task))


def _express_fee(task: WritingTask) -> str:
    facts = task.evidence.facts
    fee = facts.delivery.express_fee
    return f" Express is {money(fee, facts.currency or 'USD')}." if fee is not None else ""


def _membership(task: WritingTask, phrasing: Phrasing) -> str:
    """Whether this shopper is a member, then what the page says to the rest of the question."""
    facts, customer = task.evidence.facts, task.evidence.customer
    membership = facts.membership
    name = membership.name if membership else phrasing.say("faq.membership")
    if (
        membership
        and membership.free_shipping
        and help_pages.stems("free shipping") <= frozenset(task.meaning.describes)
    ):
        return phrasing.say("faq.members_ship_free", name=name)
    beyond = frozenset(task.meaning.describes) - help_pages.TOPICS[Act.MEMBERSHIP]
    found = help_pages.passage(task, None if beyond else Act.MEMBERSHIP)
    rule = found.text if found and not found.is_weak else ""
    if customer is not None:
        rule = help_pages.without_verdict(rule)
        if rule and Act.MEMBERSHIP in task.state.acts:
            return rule  # who has just heard whether they are one asks on
        return f"{phrasing.say('faq.member' if customer.member else 'faq.no_member', name=name)} {rule}".strip()
    if rule or membership is None or membership.price is None:
        return ""
    period = f" a {membership.period}" if membership.period else ""
    return phrasing.say("faq.member_price", name=name, price=money(membership.price, facts.currency or "USD") + period)


def _my_account(task: WritingTask, phrasing: Phrasing) -> str:
    customer = task.evidence.customer
    if customer is None:
        return phrasing.say("faq.account_guest")
    return phrasing.say("faq.account", name=customer.name)


def _contact(task: WritingTask, phrasing: Phrasing) -> str:
    support = task.evidence.facts.support
    named = task.meaning.day
    if named is not None and (told := on_weekday(support, named, task.evidence.now, phrasing)):
        return told
    ways = [
        phrasing.say(f"faq.by_{way}", value=value)
        for way, value in (("phone", support.phone), ("email", support.email))
        if value
    ]
    hours = hours_in_words(support)
    if not ways and not hours:
        return ""
    reach = phrasing.say("faq.contact", ways=joined([*ways, phrasing.say("faq.by_chat")], "or")) if ways else ""
    closed = joined([f"{name}s" for name in closed_days(support)])
    when = phrasing.say("faq.hours", hours=hours) if hours else ""
    when += f" {phrasing.say('faq.closed_on', days=closed)}" if closed else ""
    opens = next_opening(task)
    back = phrasing.say("faq.back", back=opens) if opens else ""
    return " ".join(filter(None, (open_now(task, phrasing), back, reach, when)))


def _other_goods(task: WritingTask, phrasing: Phrasing) -> str:
    """Yes or no for the goods that are named, by the store's own lists; a page that says it with its details says it better."""
    facts, goods = task.evidence.facts, task.meaning.goods
    if _page_speaks_of(task) or not (goods or _unknown_goods(task)):
        return ""
    sold = [one for one in goods if _among(one, facts.sells)]
    refused = [one for one in goods if _among(one, facts.does_not_sell)]
    if not sold and not refused:
        sells = joined(facts.sells[:_LISTED])
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


def _plain(amount: str) -> str:
    return amount.removesuffix(".00")


_ROWS: Final[dict[Act, Answer]] = {
    Act.POLICY: _page(Act.POLICY),
    Act.SHIPS_TO: _page(Act.SHIPS_TO, _ships_to),
    Act.DELIVERY_TIME: _page(Act.DELIVERY_TIME, _delivery_time),
    Act.SHIPPING_COST: _page(Act.SHIPPING_COST, _shipping_cost),
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
