"""How far the returns of an order are, in words: which books each holds, what comes of it, and what can still go back."""

from collections.abc import Collection

from mangaassist.domain.customers import Order, OrderReturn, ReturnCase
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.domain.products import money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.which_order import called, on_day
from mangaassist.models.writers.offline.wording import bold, joined


def progress(owned: OrderEvidence, known: OrderReturn, task: WritingTask, phrasing: Phrasing) -> str:
    """Each return by itself, the oldest first."""
    return " ".join(_case(case, owned, known, task, phrasing) for case in known.begun)


def is_plain(known: OrderReturn) -> bool:
    """Whether all of the order goes back at once for its money: what is said of the order then holds for all of it."""
    (case, *others) = known.begun
    return not others and not known.open_asins and not case.keeps_copy and case.wish != "replacement"


def rest(owned: OrderEvidence, known: OrderReturn, until: str, phrasing: Phrasing) -> str:
    """What no return holds and can still go back; empty where there is nothing."""
    if not known.eligible or not known.open_asins:
        return ""
    titles = joined(_titles(owned.order, known.open_asins))
    return phrasing.say("return_request.rest", titles=titles, until=f", {until}" if until else "")


def _case(case: ReturnCase, owned: OrderEvidence, known: OrderReturn, task: WritingTask, phrasing: Phrasing) -> str:
    amount = money(case.refund_amount, known.currency) if case.refund_amount is not None else ""
    return phrasing.say(
        f"return_request.{_key(case)}",
        order=_what(case, owned, task),
        amount=f" of {amount}" if amount else "",
        expects=f", with a refund of {amount}" if amount else "",
        day=f" on {on_day(case.refunded_at, task)}" if case.refunded_at else "",
    )


def _key(case: ReturnCase) -> str:
    reported = case.keeps_copy and case.state == "received"
    return ("reported" if reported else case.state) + ("_replacement" if case.wish == "replacement" else "")


def _what(case: ReturnCase, owned: OrderEvidence, task: WritingTask) -> str:
    """The order, or its books that this return holds where it does not hold all."""
    titles = _titles(owned.order, case.asins)
    if not titles or len(titles) == len(owned.order.items):
        return called(owned, task)
    return f"{joined(titles)} from order {owned.order.order_id}"


def _titles(order: Order, asins: Collection[str]) -> list[str]:
    return [bold(item.title) for item in order.items if item.asin in asins]
