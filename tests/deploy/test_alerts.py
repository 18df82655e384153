"""S-1, O-9: every service's latency goal is an alert, and what alerts are made of is really counted."""

import re

import pytest
import yaml

from deploy import alerts
from mangaassist.services.policies import POLICIES
from mangaassist.telemetry.metrics import Metrics

RULES = [rule for group in alerts.rules()["groups"] for rule in group["rules"]]


def test_the_file_is_what_the_table_makes() -> None:
    assert alerts.FILE.read_text(encoding="utf-8") == alerts.written(), "run make alerts"
    assert yaml.safe_load(alerts.written()) == alerts.rules()


@pytest.mark.parametrize("service", POLICIES)
def test_each_service_s_latency_goal_is_an_alert(service: str) -> None:
    (rule,) = [one for one in RULES if one["alert"] == "ServiceOverLatencyGoal" and one["labels"]["service"] == service]
    goal_ms = POLICIES[service].timeout_s * 500
    assert f"longer than {goal_ms:g} ms" in rule["annotations"]["summary"]
    assert f'service="{service}",what="slow"' in rule["expr"]


def test_every_metric_that_an_alert_asks_for_is_there() -> None:
    metrics = Metrics()
    names = {name for family in metrics.registry.collect() for name in (family.name, f"{family.name}_total")}
    histograms = [family.name for family in metrics.registry.collect() if family.type == "histogram"]
    names |= {f"{name}_{part}" for name in histograms for part in ("count", "bucket")}
    asked = {name for rule in RULES for name in re.findall(r"mangaassist_\w+", rule["expr"])}
    assert asked <= names
