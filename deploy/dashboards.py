"""``make dashboards``: what Grafana shows, of one table of panels over the metrics that the assistant exports (O-8, O-9)."""

import json
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

FOLDER: Final = Path(__file__).with_name("dashboards")
WIDE, HIGH, ACROSS = 8, 7, 3
"""A panel takes a third of Grafana's 24 columns."""


def per_second(metric: str, *by: str) -> str:
    return f"sum by ({', '.join(by)}) (rate({metric}[5m]))"


def quantile(share: float, metric: str, *by: str) -> str:
    return f"histogram_quantile({share}, sum by ({', '.join((*by, 'le'))}) (rate({metric}_bucket[5m])))"


def percentiles(metric: str) -> tuple[tuple[str, str], ...]:
    return tuple((quantile(share, metric), f"p{share * 100:g}") for share in (0.5, 0.95, 0.99))


class Panel(Struct, frozen=True):
    """``asks``: expressions with their legends. ``alarm_at``: the value from which on it is red."""

    title: str
    unit: str
    asks: tuple[tuple[str, str], ...]
    alarm_at: float | None = None


BOARDS: Final[dict[str, tuple[str, tuple[Panel, ...]]]] = {
    "conversations": (
        "MangaAssist: what shoppers get",
        (
            Panel("Answers", "reqps", ((per_second("mangaassist_turns_total", "outcome"), "{{outcome}}"),)),
            Panel("What is asked", "reqps", ((per_second("mangaassist_turns_total", "intent"), "{{intent}}"),)),
            Panel("First token", "s", percentiles("mangaassist_first_token_seconds")),
            Panel("Stages, p95", "s", ((quantile(0.95, "mangaassist_stage_seconds", "stage"), "{{stage}}"),)),
            Panel(
                "Answers that did without",
                "reqps",
                ((per_second("mangaassist_degraded_total", "service"), "{{service}}"),),
            ),
            Panel(
                "Corrected, of the newest answers",
                "percentunit",
                (("max by (stage) (mangaassist_correction_share)", "{{stage}}"),),
                0.005,
            ),
            Panel("Blocked", "reqps", ((per_second("mangaassist_blocked_total", "stage"), "{{stage}}"),)),
            Panel(
                "Sessions with three blocks or corrections",
                "short",
                (("sum(increase(mangaassist_session_alarms_total[10m]))", "in ten minutes"),),
                1,
            ),
            Panel(
                "Turned away by a limit", "reqps", ((per_second("mangaassist_limited_total", "limit"), "{{limit}}"),)
            ),
        ),
    ),
    "services": (
        "MangaAssist: what it asks",
        (
            Panel(
                "Calls", "reqps", ((per_second("mangaassist_service_call_seconds_count", "service"), "{{service}}"),)
            ),
            Panel(
                "Calls that failed",
                "reqps",
                (
                    (
                        per_second(
                            'mangaassist_service_call_seconds_count{outcome!~"ok|cached"}', "service", "outcome"
                        ),
                        "{{service}} {{outcome}}",
                    ),
                ),
            ),
            Panel("Calls, p99", "s", ((quantile(0.99, "mangaassist_service_call_seconds", "service"), "{{service}}"),)),
            Panel(
                "Open breakers", "short", (("max by (service) (mangaassist_service_breaker_open)", "{{service}}"),), 1
            ),
            Panel(
                "Remarks",
                "reqps",
                ((per_second("mangaassist_service_remarks_total", "service", "what"), "{{service}} {{what}}"),),
            ),
            Panel(
                "Counters that failed",
                "short",
                (("sum(increase(mangaassist_counters_failed_total[5m]))", "in five minutes"),),
                1,
            ),
            Panel(
                "Changes until they are found, p99",
                "s",
                ((quantile(0.99, "mangaassist_knowledge_lag_seconds", "source"), "{{source}}"),),
            ),
            Panel(
                "Changes set aside",
                "short",
                (("max by (source) (mangaassist_knowledge_dead_letters)", "{{source}}"),),
                1,
            ),
            Panel(
                "Events of sessions",
                "reqps",
                (
                    (per_second("mangaassist_analytics_events_total", "outcome"), "{{outcome}}"),
                    ("sum(mangaassist_analytics_waiting)", "waiting"),
                ),
            ),
        ),
    ),
    "models": (
        "MangaAssist: models, limits and cost",
        (
            Panel("Who writes", "reqps", ((per_second("mangaassist_turns_total", "tier"), "{{tier}}"),)),
            Panel(
                "Models that could not",
                "reqps",
                (
                    (
                        per_second("mangaassist_model_failovers_total", "from_model", "reason"),
                        "{{from_model}} {{reason}}",
                    ),
                ),
            ),
            Panel(
                "Cheaper than deserved", "reqps", ((per_second("mangaassist_stepped_down_total", "why"), "{{why}}"),)
            ),
            Panel(
                "First piece of a model, p95",
                "s",
                (
                    (
                        quantile(0.95, "gen_ai_client_operation_time_to_first_chunk_seconds", "gen_ai_request_model"),
                        "{{gen_ai_request_model}}",
                    ),
                ),
            ),
            Panel(
                "Tokens",
                "short",
                ((per_second("gen_ai_client_token_usage_sum", "gen_ai_token_type"), "{{gen_ai_token_type}} a second"),),
            ),
            Panel(
                "How much of a limit is used",
                "percentunit",
                (("max by (limit) (mangaassist_limit_share)", "{{limit}}"),),
                0.9,
            ),
            Panel(
                "Open sockets",
                "short",
                (("sum(mangaassist_sockets)", "all"), ("max(mangaassist_sockets)", "fullest process")),
            ),
            Panel(
                "Cost of models",
                "currencyUSD",
                (
                    ("sum(increase(mangaassist_cost_usd_total[1h]))", "an hour"),
                    ("sum(mangaassist_routing_saved_usd)", "saved by routing"),
                ),
            ),
            Panel(
                "Cost of a conversation",
                "currencyUSD",
                (
                    (
                        "sum(increase(mangaassist_cost_usd_total[1h])) / sum(increase(mangaassist_conversations_total[1h]))",
                        "models, last hour",
                    ),
                ),
            ),
        ),
    ),
}
"""File, title, and panels in the order in which they are read."""


def board(name: str) -> dict[str, Any]:
    title, panels = BOARDS[name]
    return {
        "uid": f"mangaassist-{name}",
        "title": title,
        "tags": ["mangaassist"],
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "panels": [_shown(number, panel) for number, panel in enumerate(panels)],
    }


def _shown(number: int, panel: Panel) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "prometheus"}
    row, column = divmod(number, ACROSS)
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.alarm_at is not None:
        steps.append({"color": "red", "value": panel.alarm_at})
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": source,
        "gridPos": {"x": column * WIDE, "y": row * HIGH, "w": WIDE, "h": HIGH},
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "thresholds": {"mode": "absolute", "steps": steps},
                "custom": {"thresholdsStyle": {"mode": "off" if panel.alarm_at is None else "line"}},
            },
            "overrides": [],
        },
        "targets": [
            {"refId": chr(ord("A") + at), "datasource": source, "expr": expr, "legendFormat": legend}
            for at, (expr, legend) in enumerate(panel.asks)
        ],
    }


def written(name: str) -> str:
    return json.dumps(board(name), indent=1) + "\n"


if __name__ == "__main__":
    for one in BOARDS:
        (FOLDER / f"{one}.json").write_text(written(one), encoding="utf-8")
