"""What sending costs, where it goes and how long it takes: by the store's facts, of the one place that is asked about."""

import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.meaning import FAR_TOPICS
from mangaassist.domain.products import money
from mangaassist.domain.store_facts import AbroadRate
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials, help_pages
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.wording import day, joined

LISTED: Final = 12
"""More countries than this are not listed."""
ABROAD: Final = (Act.SHIPS_TO, Act.SHIPPING_COST, Act.DELIVERY_TIME)
"""What depends on the country."""
_DATA: Final = files("mangaassist.models.writers.offline") / "data"
_COUNTRY_NAMES: Final[dict[str, str]] = tomllib.loads((_DATA / "countries.toml").read_text(encoding="utf-8"))
_EXPRESS: Final = help_pages.stems("express expedited overnight fastest quickest faster quicker rush priority")
"""Who names the fast way asks for no other."""


_BEYOND_RATES: Final = _EXPRESS | help_pages.stems(
    "free spend minimum threshold track tracked customs duties tax membership"
)
"""What is asked of other countries that their rates do not tell."""


def _is_far(task: WritingTask) -> bool:
    topic = task.meaning.topic or (task.state.topic if task.meaning.is_follow_up else "")
    return topic in FAR_TOPICS


def said_together(task: WritingTask) -> frozenset[Act]:
    """What of a country the answer to the first question about it tells as well."""
    asked = [heard.act for heard in task.meaning.acts if heard.act in ABROAD]
    rated = all(task.evidence.facts.rate_to(code) for code in abroad(task))
    return frozenset(asked[1:]) if abroad(task) and rated else frozenset()


def ships_to(task: WritingTask, phrasing: Phrasing) -> str:
    facts, named = task.evidence.facts, task.meaning.countries
    if task.meaning.is_follow_up and (rule := _rule_abroad(task, phrasing)):
        return rule
    served = frozenset((*facts.ships_to, *filter(None, (facts.home_country,))))
    if not served:
        return ""
    if not named:
        return phrasing.say("faq.countries", countries=_all_of(facts.ships_to)) if facts.ships_to else ""
    yes = [code for code in named if code in served]
    no = [country_name(code) for code in named if code not in served]
    told = (
        _yes(yes, task, phrasing) if yes else "",
        phrasing.say("faq.ships_not", countries=joined(no, "or")) if no else "",
    )
    return " ".join(filter(None, told))


def _yes(codes: list[str], task: WritingTask, phrasing: Phrasing) -> str:
    """With what it costs and how long it takes, where the store tells that; else with what a page says of it."""
    names = joined([country_name(code) for code in codes])
    rates = [(code, rate) for code in codes if (rate := task.evidence.facts.rate_to(code))]
    if not rates:
        amount = help_pages.amount_for(task, names)
        return " ".join(filter(None, (phrasing.say("faq.ships", countries=names), amount)))
    if len(rates) == 1 and len(codes) == 1:
        return phrasing.say("faq.ships_for", countries=names, terms=_terms(rates[0][1], task, ABROAD))
    each = (phrasing.say("faq.to_each", country=_bare(code), terms=_terms(rate, task, ABROAD)) for code, rate in rates)
    return " ".join((phrasing.say("faq.ships", countries=names), *each))


def _terms(rate: AbroadRate, task: WritingTask, acts: tuple[Act, ...]) -> str:
    """ "$14.99 per order, 8 to 12 business days after dispatch": as much of it as is asked for."""
    currency = task.evidence.facts.currency or "USD"
    fee = f"{money(rate.fee, currency)} per order" if rate.fee is not None and Act.SHIPPING_COST in acts else ""
    days = _span(rate.least_days, rate.most_days) if Act.DELIVERY_TIME in acts else ""
    after = f"{days} business days after dispatch" if days else ""
    return ", ".join(filter(None, (fee, after)))


def _span(least: int | None, most: int | None) -> str:
    if most is None:
        return ""
    return f"{least} to {most}" if least is not None and least != most else str(most)


def _all_of(codes: tuple[str, ...]) -> str:
    names = [country_name(code) for code in codes]
    return joined(names if len(names) <= LISTED else [*names[:LISTED], f"{len(names) - LISTED} more countries"])


def country_name(code: str) -> str:
    """As it is called within a sentence: "the Netherlands"; the code itself where it is not on the list."""
    return _COUNTRY_NAMES.get(code, code)


def _bare(code: str) -> str:
    name = country_name(code)
    return name[0].upper() + name[1:]


def abroad(task: WritingTask) -> list[str]:
    """The countries other than the store's own that are asked about."""
    return [code for code in task.meaning.countries if code != task.evidence.facts.home_country]


def _of_abroad(task: WritingTask, phrasing: Phrasing, otherwise: Callable[[str], str]) -> str:
    """What is asked of countries abroad: by the store's facts, else by ``otherwise`` of the first of them."""
    facts, codes = task.evidence.facts, abroad(task)
    no = [country_name(code) for code in codes if facts.ships_to and code not in facts.ships_to]
    if no:
        return phrasing.say("faq.ships_not", countries=joined(no, "or"))
    if rule := _rule_abroad(task, phrasing):
        return rule
    asked = tuple(heard.act for heard in task.meaning.acts)
    terms = [(code, _terms(rate, task, asked)) for code in codes if (rate := facts.rate_to(code))]
    if len(terms) < len(codes) or not all(told for _, told in terms):
        return otherwise(codes[0])
    return " ".join(
        phrasing.say("faq.to_each", country=_bare(code), terms=told)
        if len(terms) > 1
        else phrasing.say("faq.to_country", country=country_name(code), terms=told)
        for code, told in terms
    )


def _rule_abroad(task: WritingTask, phrasing: Phrasing) -> str:
    """What the pages say of other countries beyond their rates: no free shipping, no express."""
    asked = _BEYOND_RATES & frozenset(task.meaning.fresh)
    pages = [one for one in task.evidence.chunks if _speaks_of_abroad(one.chunk.content, task)]
    found = help_pages.naming(pages, asked) if asked and abroad(task) else ""
    return f"{found} {phrasing.say('faq.cited', page=pages[0].chunk.title)}" if found and len(pages) == 1 else found


def delivery_time(task: WritingTask, phrasing: Phrasing) -> str:
    """How many days, and on which days it would be there if it were ordered today: "by Friday?" answers itself."""
    delivery, now = task.evidence.facts.delivery, task.evidence.now
    if abroad(task):
        return _of_abroad(task, phrasing, lambda code: _days_by_page(code, task, phrasing))
    if _is_far(task) or delivery.most_days is None or (task.meaning.day is not None and task.meaning.day.every):
        return ""  # "on sundays?" asks for a rule and no date
    if told := _deadline(task, phrasing):
        return told
    faster = "faster" in task.meaning.aspects or _EXPRESS & frozenset(task.meaning.describes)
    if faster and (fast := _express(task, phrasing)):
        return fast
    said = phrasing.say("faq.delivery", days=_span(delivery.least_days, delivery.most_days))
    window = task.evidence.facts.due(now) if now else None
    if window:
        said += " " + phrasing.say("faq.due", first=day(window[0]), last=day(window[1]))
    return f"{said} {_express(task, phrasing)}".strip()


def _days_by_page(code: str, task: WritingTask, phrasing: Phrasing) -> str:
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


def shipping_cost(task: WritingTask, phrasing: Phrasing) -> str:
    """What it costs to the place that is named; of the cart, where there is one, what that pays."""
    facts = task.evidence.facts
    delivery, currency = facts.delivery, facts.currency or "USD"
    if abroad(task):
        return _of_abroad(task, phrasing, lambda code: help_pages.amount_for(task, country_name(code)))
    if delivery.fee is None:
        return ""
    is_member = task.evidence.customer is not None and task.evidence.customer.member
    if is_member and facts.membership and facts.membership.free_shipping:
        return phrasing.say("faq.cost_member", express=_express_fee(task))
    if task.evidence.cart and (of_cart := _of_the_cart(task, phrasing)):
        return of_cart
    if task.meaning.reckoning.cheapest and delivery.free_from:
        limit = _plain(money(delivery.free_from, currency))
        return phrasing.say("faq.cost_least", fee=money(delivery.fee, currency), limit=limit)
    free = f", and it's free from {_plain(money(delivery.free_from, currency))}" if delivery.free_from else ""
    return phrasing.say("faq.cost", fee=money(delivery.fee, currency), free=free, express=_express_fee(task))


def _of_the_cart(task: WritingTask, phrasing: Phrasing) -> str:
    shipping = task.evidence.derived.free_shipping
    if shipping is None or shipping.due is None:
        return ""
    fields = {
        "subtotal": money(shipping.subtotal, shipping.currency),
        "limit": _plain(money(shipping.limit, shipping.currency)),
        "missing": money(shipping.missing, shipping.currency),
        "fee": money(shipping.due, shipping.currency),
        "express": _express_fee(task),
    }
    return phrasing.say("faq.cost_cart" if shipping.missing else "faq.cost_cart_free", **fields)


def _express_fee(task: WritingTask) -> str:
    facts = task.evidence.facts
    fee = facts.delivery.express_fee
    return f" Express is {money(fee, facts.currency or 'USD')}." if fee is not None else ""


def _plain(amount: str) -> str:
    return amount.removesuffix(".00")
