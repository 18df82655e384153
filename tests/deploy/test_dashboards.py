"""O-8, O-9: dashboards ask for what is exported, and each alert has a section in the runbooks."""

import re
from pathlib import Path
from typing import Final

import pytest

from deploy import alerts, dashboards
from mangaassist.telemetry.metrics import Metrics

DOCS: Final = Path(__file__).parents[2] / "docs"
RULES: Final = [rule for group in alerts.rules()["groups"] for rule in group["rules"]]


def exported() -> set[str]:
    """Every name under which Prometheus has a sample of ours."""
    families = list(Metrics().registry.collect())
    parts = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",), "gauge": ("",)}
    return {family.name + part for family in families for part in parts[family.type]}


@pytest.mark.parametrize("name", dashboards.BOARDS)
def test_every_metric_that_a_dashboard_names_is_exported(name: str) -> None:
    asked = " ".join(target["expr"] for panel in dashboards.board(name)["panels"] for target in panel["targets"])
    names = set(re.findall(r"\b(?:mangaassist|gen_ai_client)_\w+", asked))
    assert names
    assert names <= exported()


@pytest.mark.parametrize("name", dashboards.BOARDS)
def test_the_file_is_what_the_table_makes(name: str) -> None:
    file = dashboards.FOLDER / f"{name}.json"
    assert file.read_text(encoding="utf-8") == dashboards.written(name), "run make dashboards"


def test_every_metric_of_an_alert_is_on_a_dashboard() -> None:
    """Whoever is woken sees what woke them; a share's limit is in the alert alone."""
    shown = str([dashboards.board(name) for name in dashboards.BOARDS])
    asked = {name for rule in RULES for name in re.findall(r"mangaassist_\w+", rule["expr"])}
    families = {re.sub(r"_(bucket|count|total)$", "", name) for name in asked}
    assert {name for name in families if name not in shown} <= {
        "mangaassist_correction_alarm",
        "mangaassist_knowledge_lag_limit_seconds",
    }


def test_no_two_panels_lie_over_each_other() -> None:
    for name in dashboards.BOARDS:
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboards.board(name)["panels"]]
        assert len(places) == len(set(places))


def test_each_alert_links_to_its_section_of_the_runbooks_and_each_section_is_of_an_alert() -> None:
    text = (DOCS / "runbooks.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\w+)\n\n(.*?)(?=\n## |\Z)", text, re.MULTILINE | re.DOTALL))
    assert set(sections) == {rule["alert"] for rule in RULES}
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"docs/runbooks.md#{rule['alert'].lower()}"
    assert all(part in section for section in sections.values() for part in ("**Means.**", "**Look.**", "**Do.**"))


def test_an_alarm_is_heard_at_nine_tenths_of_a_limit_and_at_three_blocks_of_a_session() -> None:
    asked = {rule["alert"]: rule["expr"] for rule in RULES}
    assert asked["LimitNear"].endswith("(mangaassist_limit_share) >= 0.9")
    assert asked["SessionAlarm"] == "increase(mangaassist_session_alarms_total[10m]) > 0"
