"""``make alerts``: the alert rules for Prometheus, of the table of services and of what else must be heard (S-1, O-9)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from mangaassist.services.policies import POLICIES, Policy, Service

FILE: Final = Path(__file__).with_name("alerts.yml")
RUNBOOKS: Final = "docs/runbooks.md"
"""Where each alert has a section: what it means, what to look at, what to do."""
SLOW_SHARE: Final = 0.05
"""The part of a service's calls that may take longer than its latency goal."""
_CALLED: Final = "cached|open|out_of_time|unauthenticated|cancelled"
"""Outcomes of questions for which nothing was sent, or which say nothing of the service."""

OTHERS: Final[tuple[tuple[str, str, str, str], ...]] = (
    (
        "SessionAlarm",
        "increase(mangaassist_session_alarms_total[10m]) > 0",
        "0m",
        "A session had three blocks or corrections within ten minutes; the log line session_alarm names its beginning.",
    ),
    (
        "TooManyCorrections",
        "max by (stage) (mangaassist_correction_alarm) == 1",
        "5m",
        "A stage of the review corrects more than one answer in 200.",
    ),
    (
        "LimitNear",
        "max by (limit) (mangaassist_limit_share) >= 0.9",
        "1m",
        "Nine tenths of a limit are used: open sockets of a process, calls of models a minute, or the day's budget.",
    ),
    (
        "CountersFailed",
        "increase(mangaassist_counters_failed_total[5m]) > 0",
        "0m",
        "Limits and spending cannot be read or booked; models are not called meanwhile.",
    ),
    (
        "KnowledgeBehind",
        "histogram_quantile(0.99, sum by (source, le) (rate(mangaassist_knowledge_lag_seconds_bucket[10m])))"
        " > on (source) max by (source) (mangaassist_knowledge_lag_limit_seconds)",
        "5m",
        "Changes of a source take longer until they are found than they may (K-5).",
    ),
    (
        "KnowledgeSetAside",
        "max by (source) (mangaassist_knowledge_dead_letters) > 0",
        "15m",
        "Changes of a source could not be applied: mangaassist knowledge errors lists them, and retry has them tried again.",
    ),
)
"""Alert, expression, how long it must hold, and what it means."""


def rules() -> dict[str, Any]:
    """The file as plain values."""
    others = [_rule(name, expr, held, means) for name, expr, held, means in OTHERS]
    services = [rule for service, policy in POLICIES.items() for rule in _of_service(service, policy)]
    return {
        "groups": [{"name": "mangaassist-services", "rules": services}, {"name": "mangaassist", "rules": others}],
    }


def _of_service(service: Service, policy: Policy) -> Iterator[dict[str, Any]]:
    slow = f'sum(rate(mangaassist_service_remarks_total{{service="{service}",what="slow"}}[5m]))'
    calls = f'sum(rate(mangaassist_service_call_seconds_count{{service="{service}",outcome!~"{_CALLED}"}}[5m]))'
    goal = f"{policy.goal_s * 1000:g} ms"
    yield _rule(
        "ServiceOverLatencyGoal",
        f"{slow} / {calls} > {SLOW_SHARE}",
        "5m",
        f"More than {SLOW_SHARE:.0%} of the calls of {service} take longer than {goal}, half of their time limit.",
        service,
    )
    yield _rule(
        "ServiceBreakerOpen",
        f'max(mangaassist_service_breaker_open{{service="{service}"}}) == 1',
        "1m",
        f"The breaker of {service} is open: {policy.fallback}.",
        service,
    )


def _rule(name: str, expr: str, held: str, means: str, service: str = "") -> dict[str, Any]:
    labels = {"severity": "warning", **({"service": service} if service else {})}
    notes = {"summary": means, "runbook": f"{RUNBOOKS}#{name.lower()}"}
    return {"alert": name, "expr": expr, "for": held, "labels": labels, "annotations": notes}


def written() -> str:
    head = "# Made by `make alerts` of src/mangaassist/services/policies.py and deploy/alerts.py.\n"
    return head + yaml.safe_dump(rules(), sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
