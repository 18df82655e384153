"""What ``make run-cluster`` says before anything starts."""

import socket
from pathlib import Path

import pytest

from deploy.cluster.__main__ import SHARED, Ports, own_settings, programs
from mangaassist.errors import StartFailed
from mangaassist.settings import load


def test_the_settings_that_all_share_are_good_and_each_has_a_folder_of_its_own() -> None:
    settings = load(SHARED, {})
    assert settings.redis.url
    assert settings.dynamodb.table
    home = settings.sealing_key.parent
    folders = [load(SHARED, own_settings(home, port)) for port in (8000, 8001)]
    assert len({one.data for one in folders}) == len({one.cache for one in folders}) == 2
    assert {one.sealing_key for one in folders} == {settings.sealing_key}


def test_a_port_that_is_taken_is_named_with_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.cluster.__main__.ASSISTANTS", ())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartFailed, match=rf"Redis cannot listen on 127\.0\.0\.1:{port} .* redis\.url"):
            Ports(store=0, catalog=0, redis=port, dynamodb=0).check()


def test_a_program_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (dynalite := tmp_path / "dynalite").touch(0o755)
    monkeypatch.setenv("TEST_DYNALITE", str(dynalite))
    monkeypatch.setenv("TEST_REDIS_SERVER", "nowhere")
    with pytest.raises(StartFailed, match=r"no redis-server: install redis-server"):
        programs()
    monkeypatch.setenv("TEST_DYNALITE", "nowhere")
    monkeypatch.setenv("TEST_NPM", "nowhere")
    with pytest.raises(StartFailed, match=r"no npm: install nodejs and npm"):
        programs()
