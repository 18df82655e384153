"""Sums in words: what several books come to, with their shipping, and how many of them a budget buys."""

from decimal import Decimal

from mangaassist.domain.derived import SetOrSingles
from mangaassist.domain.products import Format
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.price_words import amount_words, membership, price_of, run
from mangaassist.models.writers.offline.wording import bold, count_of, joined, listed, name, series_name


def total_sentence(task: WritingTask) -> str:
    """The sum of what was named, and a member's; empty when nobody worked it out, or it is of one book alone."""
    total = task.evidence.derived.total
    if total is None or len(total.lines) + sum(line.quantity - 1 for line in total.lines) < 2:
        return ""
    said = f"{_which(task)} to **{amount_words(total.amount, total.currency)}**"
    customer = task.evidence.customer
    if total.member is not None and total.member < total.amount and customer is not None and customer.member:
        said += f", or {amount_words(total.member, total.currency)} with {membership(task)}"
    without = f", without {joined(map(bold, total.unpriced))}, whose price I can't confirm" if total.unpriced else ""
    return f"{said}{without}."


def _which(task: WritingTask) -> str:
    total, reckoning = task.evidence.derived.total, task.meaning.reckoning
    assert total is not None
    count = len(total.lines)
    if count == 1:
        return f"{total.lines[0].quantity} copies of {bold(total.lines[0].title)} come"
    books = {known.asin for known in task.evidence.products}
    each = f", {reckoning.copies} of each," if reckoning.copies > 1 else ""
    if count > len(books & {line.asin for line in total.lines}):
        named = next((one.format for one in task.meaning.targets), None)
        counted = count_of(count, "omnibus", "omnibuses") if named is Format.OMNIBUS else count_of(count, "volume")
        which = "The last" if reckoning.last_few else "The other" if reckoning.without else "All"
        what = f"{which} {counted}"
        return f"{what} together{each} come"
    return f"Together they{each} come"


def in_full(task: WritingTask) -> str:
    """What all of several series come to, together and each; empty where single books or one series are meant."""
    derived = task.evidence.derived
    whole = all(one.volume is None and one.asin is None for one in task.meaning.targets)
    if derived.in_full is None or not whole:
        return ""
    least, singly = derived.in_full
    currency = derived.ways[0].currency
    count = "both" if len(derived.ways) == 2 else f"all {len(derived.ways)}"
    dearer = (
        f" ({amount_words(singly, currency)} as single volumes)"
        if singly > least and all(way.singly for way in derived.ways)
        else ""
    )
    head = f"In full, {count} come to **{amount_words(least, currency)}** at the least{dearer}:"
    return f"{head}\n{listed(map(way_line, derived.ways))}"


def against_in_full(task: WritingTask) -> str:
    """Which of several whole series costs more, or less, and by how much; empty where nobody asked that."""
    derived, asked = task.evidence.derived, task.meaning.reckoning.against
    whole = all(one.volume is None and one.asin is None for one in task.meaning.targets)
    if not asked or derived.apart_in_full is None or not whole:
        return ""
    ways = sorted(derived.ways, key=lambda way: way.set_price, reverse=asked == "dearest")
    told, currency = listed(map(way_line, ways)), ways[0].currency
    if ways[0].set_price == ways[1].set_price:
        return f"At the least they cost the same in full:\n{told}"
    measured = ("less", "least") if asked == "cheapest" else ("more", "most")
    apart = amount_words(derived.apart_in_full, currency)
    than = f", {apart} {measured[0]} than {bold(ways[1].title)}" if len(ways) == 2 else ""
    first = amount_words(ways[0].set_price, currency)
    return f"In full, {bold(ways[0].title)} costs {measured[len(ways) > 2]}: **{first}** at the least{than}.\n{told}"


def way_line(way: SetOrSingles) -> str:
    """ "**Monster**: all 18 volumes for $177.92 ($215.82 as single volumes)"."""
    apart = (
        f" ({amount_words(way.singles_price, way.currency)} as single volumes)" if way.singly and way.saves > 0 else ""
    )
    return f"{bold(way.title)}: all {way.last} volumes for {amount_words(way.set_price, way.currency)}{apart}"


def beginnings(task: WritingTask) -> str:
    """The first volumes alone, beside what all of them come to."""
    total = task.evidence.derived.total
    if total is None or len(total.lines) < 2:
        return ""
    known = {one.asin: one for one in task.evidence.products}
    each = [
        f"{name(known[line.asin].product)} is {price_of(known[line.asin], task)}"
        for line in total.lines
        if line.asin in known
    ]
    return f"To begin with: {joined(each)}, together {amount_words(total.amount, total.currency)}."


def full_shipping(task: WritingTask) -> str:
    """What shipping makes of all of several series; empty where nobody asked, or it is not known."""
    derived, delivery = task.evidence.derived, task.evidence.facts.delivery
    if not task.meaning.reckoning.with_shipping or derived.in_full is None or delivery.free_from is None:
        return ""
    limit = amount_words(delivery.free_from, derived.ways[0].currency)
    return (
        f"Standard shipping is free from {limit}, so nothing is added."
        if derived.in_full[0] >= delivery.free_from
        else ""
    )


def once_more(task: WritingTask) -> str:
    """The sum with one of its books twice, for each of them; empty where that is not asked."""
    variants = task.evidence.derived.variants
    if not task.meaning.reckoning.once_more or not variants:
        return ""
    told = [
        f"with {bold(one.titles[0])} twice it comes to **{amount_words(one.total.amount, one.total.currency)}**"
        for one in variants
    ]
    return f"{joined(told)}.".replace("with", "With", 1)


def still_cheaper(task: WritingTask) -> str:
    """That all of a series costs less in its cheapest editions than the volumes that are left; empty where it does not."""
    way, total = task.evidence.derived.cheapest_way, task.evidence.derived.total
    if way is None or total is None or way.set_price >= total.amount:
        return ""
    return (
        f"All {way.last} volumes in their cheapest editions come to less: {amount_words(way.set_price, way.currency)}."
    )


def shipping_sentence(task: WritingTask) -> str:
    """What shipping makes of the sum; empty where nobody asked for it."""
    delivery, total = task.evidence.derived.delivery, task.evidence.derived.total
    if delivery is None or total is None or not task.meaning.reckoning.with_shipping:
        return ""
    if delivery.by_membership:
        return f"With {membership(task)} standard shipping is free, so nothing is added."
    limit = amount_words(delivery.limit, delivery.currency)
    if not delivery.missing:
        return f"Standard shipping is free from {limit}, so nothing is added."
    if delivery.fee is None:
        return ""
    fee = amount_words(delivery.fee, delivery.currency)
    return f"With {fee} for standard shipping that's **{amount_words(delivery.subtotal + delivery.fee, delivery.currency)}**."


def affordable_sentence(task: WritingTask) -> str:
    """How many volumes the budget buys; empty without a budget."""
    if task.evidence.derived.affordable_each:
        return _affordable_each(task)
    bought = task.evidence.derived.affordable
    product = next((known.product for known in task.evidence.products), None)
    if bought is None or product is None:
        return ""
    budget = amount_words(bought.budget, bought.currency).removesuffix(".00")
    if not bought.count:
        return f"{budget} doesn't buy volume {bought.first} of {series_name(product)}."
    which = run(range(bought.first, bought.last + 1))
    comes = f"{'they come' if bought.count > 1 else 'it comes'} to **{amount_words(bought.amount, bought.currency)}**"
    if bought.shipping:
        comes += f", {amount_words(bought.amount + bought.shipping, bought.currency)} with shipping"
    elif task.meaning.reckoning.with_shipping:
        comes += ", and shipping is free"
    volumes = f"volume{'s' if bought.count > 1 else ''} {which}"
    return f"{budget} buys {count_of(bought.count, 'volume')} of {series_name(product)}, {volumes}: {comes}."


def _affordable_each(task: WritingTask) -> str:
    """ "$350 buys 18 volumes of each"."""
    each = task.evidence.derived.affordable_each
    titles = {one.series_id: one.title or "" for one in task.meaning.targets}
    amount = sum((one.amount for one in each), Decimal(0)) + each[0].shipping
    budget = amount_words(each[0].budget, each[0].currency).removesuffix(".00")
    bought = [
        f"{count_of(one.count, 'volume')} of {bold(title)}" for one, title in zip(each, titles.values(), strict=False)
    ]
    behind = ", shipping included" if each[0].shipping else ""
    return f"{budget} buys {joined(bought)}, from volume 1 on: **{amount_words(amount, each[0].currency)}**{behind}."


def share_sentence(task: WritingTask) -> str:
    """What each pays; empty where nobody shares it."""
    share = task.evidence.derived.share
    if share is None:
        return ""
    of = amount_words(share.amount, share.currency)
    behind = f", {amount_words(share.shipping, share.currency)} of it for shipping" if share.shipping else ""
    asked = task.meaning.reckoning.with_shipping and not share.shipping
    free = ", and shipping is free" if asked else ""
    return f"Split {share.parts} ways that's **{amount_words(share.each, share.currency)}** each ({of} in all{behind}{free})."


def pace_sentence(task: WritingTask) -> str:
    """How long it takes at so many at a time, and what each time costs; empty without a rate."""
    pace = task.evidence.derived.pace
    if pace is None:
        return ""
    each = amount_words(pace.each, pace.currency)
    long = count_of(pace.times, pace.rate.every)
    return f"At {pace.rate.count} a {pace.rate.every} that takes {long}, about **{each}** a {pace.rate.every}."
