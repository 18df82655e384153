"""O-8: the layered compose files agree with each other, and every setting in them is one of ours."""

import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import yaml

from mangaassist.settings import Settings, load

FOLDER: Final = Path(__file__).parents[2] / "deploy/compose"


class Reader(yaml.SafeLoader):
    """YAML with Compose's own tag: what is reset is empty."""


Reader.add_constructor("!reset", lambda _loader, _node: None)


def read(name: str) -> dict[str, Any]:
    return yaml.load((FOLDER / name).read_text(encoding="utf-8"), Reader)


BASE, CLUSTER, OBSERVE = read("compose.yml"), read("compose.cluster.yml"), read("compose.observe.yml")


def together(*layers: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Services as Compose lays files over each other: mappings are merged, lists are joined, a reset one is gone."""
    services: dict[str, dict[str, Any]] = {}
    for layer in layers:
        for name, service in layer["services"].items():
            here = services.setdefault(name, {})
            for key, value in service.items():
                if isinstance(value, dict):
                    here[key] = {**here.get(key, {}), **value}
                elif isinstance(value, list) and key in {"volumes", "ports"}:
                    here[key] = [*here.get(key, []), *value]
                else:
                    here[key] = value
    return services


WHOLE: Final = together(BASE, CLUSTER, OBSERVE)
OURS: Final = ("assistant", "assistant-2", "index")


def settings_of(service: dict[str, Any]) -> Settings:
    return load(None, {name: str(value) for name, value in service["environment"].items()})


@pytest.mark.parametrize("service", OURS)
def test_the_settings_of_each_process_are_good(service: str) -> None:
    settings = settings_of(WHOLE[service])
    assert settings.redis.url
    assert settings.dynamodb.table
    assert settings.knowledge.index == "opensearch"


def test_one_assistant_alone_needs_no_engine() -> None:
    settings = settings_of(together(BASE)["assistant"])
    assert not settings.redis.url
    assert settings.store.url == "http://store:8080"


def test_all_processes_of_a_cluster_share_their_settings_and_keys_and_no_folder() -> None:
    assert len({str(settings_of(WHOLE[name])) for name in OURS}) == 1
    mounted = {name: dict(volume.split(":")[:2] for volume in WHOLE[name]["volumes"]) for name in OURS}
    assert all("keys" in volumes for volumes in mounted.values())
    own = [volume for volumes in mounted.values() for volume in volumes if volume != "keys"]
    assert len(own) == len(set(own)) == 6


def test_every_process_may_end_its_answers_before_it_is_killed() -> None:
    drain_s = Settings().server.drain_s + 10
    assert all(int(WHOLE[name]["stop_grace_period"].rstrip("s")) >= drain_s for name in OURS)


@pytest.mark.parametrize("service", [*OURS, "store", "table"])
def test_our_processes_write_nothing_but_their_volumes_and_gain_no_rights(service: str) -> None:
    kept = WHOLE[service]
    assert kept["read_only"] is True
    assert kept["cap_drop"] == ["ALL"]
    assert kept["security_opt"] == ["no-new-privileges:true"]


def test_what_a_service_depends_on_and_mounts_is_there() -> None:
    volumes = {name for layer in (BASE, CLUSTER, OBSERVE) for name in layer["volumes"]}
    for name, service in WHOLE.items():
        assert set(service.get("depends_on", ())) <= set(WHOLE), name
        for source in (mount.split(":")[0] for mount in service.get("volumes", ())):
            assert (FOLDER / source).resolve().exists() if source.startswith(".") else source in volumes, source


def test_nothing_is_published_beyond_this_machine_and_no_port_twice() -> None:
    ports = [port for service in WHOLE.values() for port in service.get("ports") or ()]
    assert all(str(port).startswith("127.0.0.1:") for port in ports)
    assert len(ports) == len(set(ports)) == 4


def test_prometheus_asks_every_process_and_reads_our_alerts() -> None:
    configured = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = configured["scrape_configs"]
    assert set(job["dns_sd_configs"][0]["names"]) == set(OURS)
    assert f"../alerts.yml:{configured['rule_files'][0]}:ro" in WHOLE["prometheus"]["volumes"]


def test_the_balancer_is_believed_who_called() -> None:
    (network,) = CLUSTER["networks"]["default"]["ipam"]["config"]
    assert settings_of(WHOLE["assistant"]).server.proxies == (network["subnet"],)


class Answering(BaseHTTPRequestHandler):
    """An assistant that says which one it is."""

    def do_GET(self) -> None:
        said = str(self.server.server_port).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def an_assistant() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        try:
            yield server
        finally:
            server.shutdown()
            serving.join()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@contextmanager
def balancer(program: str, folder: Path, ports: list[int]) -> Iterator[str]:
    """Our configuration before assistants at these ports; the address to ask."""
    door = free_port()
    text = (FOLDER / "haproxy.cfg").read_text(encoding="utf-8").replace("bind :8000", f"bind 127.0.0.1:{door}")
    text = text.replace(" assistant:8000", f" 127.0.0.1:{ports[0]}").replace(
        " assistant-2:8000", f" 127.0.0.1:{ports[1]}"
    )
    (folder / "haproxy.cfg").write_text(
        text.replace("inter 2s", "inter 50ms").replace("maxconn 30000", "maxconn 100"), encoding="utf-8"
    )
    with subprocess.Popen([program, "-db", "-q", "-f", str(folder / "haproxy.cfg")]) as process:
        try:
            while True:
                assert process.poll() is None, "the balancer ended"
                try:
                    socket.create_connection(("127.0.0.1", door), 1).close()
                    break
                except ConnectionRefusedError:
                    continue
            yield f"http://127.0.0.1:{door}"
        finally:
            process.terminate()


def heard(url: str) -> str:
    with urlopen(url, timeout=20) as response:
        return response.read().decode()


def test_a_session_stays_with_one_assistant_while_it_is_there_and_is_answered_by_the_other_when_it_is_gone(
    peer: Callable[[str], str], tmp_path: Path
) -> None:
    sessions = [f"s_{number}" for number in range(20)]
    with ExitStack() as exits:
        first = exits.enter_context(an_assistant())
        second = ExitStack()
        other = second.enter_context(an_assistant())
        door = exits.enter_context(balancer(peer("haproxy"), tmp_path, [first.server_port, other.server_port]))
        by_query = {one: heard(f"{door}/ws?session_id={one}") for one in sessions}
        by_path = {
            one: heard(f"{door}/chat/sessions/{one}") for one in reversed(sessions)
        }  # taking turns is no routing
        assert by_query == by_path
        assert set(by_query.values()) == {str(first.server_port), str(other.server_port)}
        with pytest.raises(HTTPError, match="404"):
            heard(f"{door}/metrics")
        second.close()
        assert {heard(f"{door}/ws?session_id={one}") for one in sessions} == {str(first.server_port)}


def test_the_balancer_asks_whether_an_assistant_is_ready_and_logs_no_session() -> None:
    text = (FOLDER / "haproxy.cfg").read_text(encoding="utf-8")
    assert "http-check send meth GET uri /readyz" in text
    assert not re.search(r"^\s*(log global|option httplog|log-format)", text, re.MULTILINE)
