"""Runs the checks one after the other, each within its time and all within theirs; what did not get its turn is told."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, get_args

from mangaassist.services.policies import POLICIES
from mangaassist.store_checks.asked_store import AskedStore
from mangaassist.store_checks.findings import Finding, Told, Verdict, told_of
from mangaassist.store_checks.table import CHECKS, Check

CHECK_LIMIT_S: Final = 15.0
"""Of one check, which may ask several times."""
ALL_LIMIT_S: Final = 120.0
Clock = Callable[[], float]


async def findings(
    store: AskedStore,
    heard: Callable[[Finding], None],
    clock: Clock,
    checks: Sequence[Check] = CHECKS,
    limit_s: float = ALL_LIMIT_S,
) -> list[Finding]:
    """One a check, in the table's order; ``heard`` is told each as it is found. ``clock``: monotonic seconds."""
    ends = clock() + limit_s
    found: list[Finding] = []
    for check in checks:
        left = ends - clock()
        finding = await _finding(check, store, min(CHECK_LIMIT_S, left), clock)
        heard(finding)
        found.append(finding)
    return found


async def _finding(check: Check, store: AskedStore, limit_s: float, clock: Clock) -> Finding:
    if limit_s <= 0:
        return _worded(check, Told("unchecked", "there was no time left"), 0.0)
    began = clock()
    told = await _told(check, store, limit_s)
    took = clock() - began
    if told.verdict == "ok" and _is_slow(check, took):
        began = clock()
        told = await _told(check, store, limit_s)  # the first question also opens connections
        took = clock() - began
    if told.verdict == "ok" and _is_slow(check, took):
        limit = POLICIES[check.service].timeout_s
        told = Told(
            "slow",
            f"{told.found}, after {took:.2f} s",
            f"an answer within {limit:.2f} s: shoppers are not kept waiting longer",
        )
    return _worded(check, told, took)


async def _told(check: Check, store: AskedStore, limit_s: float) -> Told:
    try:
        async with asyncio.timeout(limit_s):
            return Told("ok", await check.run(store))
    except Exception as error:
        return told_of(error)


def _is_slow(check: Check, took: float) -> bool:
    return check.questions > 0 and took > check.questions * POLICIES[check.service].timeout_s


def _worded(check: Check, told: Told, took: float) -> Finding:
    good = told.verdict in ("ok", "unchecked")
    return Finding(
        check=check.name,
        service=check.service,
        endpoint=check.endpoint,
        verdict=told.verdict,
        needed=check.needed,
        found=told.found,
        expected=told.expected,
        field=told.field,
        lost="" if good or check.needed else check.lost,
        docs="" if good else check.docs,
        seconds=round(took, 3),
    )


def counted(found: Sequence[Finding]) -> dict[str, int]:
    """How many there are of each verdict, and how many of them fail the store."""
    counts = {verdict: sum(finding.verdict == verdict for finding in found) for verdict in get_args(Verdict)}
    return {**counts, "failing": sum(finding.fails for finding in found)}
