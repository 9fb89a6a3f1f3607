"""docker-compose.yml, alone and with its CPU override, says what the code can do. No Docker is asked."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from jobs.config import Settings, settings
from jobs.ledger import QUEUES
from tests.deploy.compose import ROOT, SECRETS, Compose, environment, read_compose, seconds, variables

NOT_SETTINGS = {"ATELIER_LOG", "ATELIER_HOME", "ATELIER_CONFIG"}
"""Variables of ours that are read before there are settings."""

OPTIONAL = {"ATELIER_WEBHOOK_SECRET"}
"""Secrets without which nothing is open: webhooks are not signed then."""


def test_the_files_follow_the_compose_specification(tmp_path: Path, compose: Compose) -> None:
    merged = tmp_path / "merged.yml"
    merged.write_text(yaml.safe_dump(compose.raw))
    files = [ROOT / "docker-compose.yml", ROOT / "deploy/compose.cpu.yml", merged]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", *map(str, files)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_every_image_is_pinned_to_a_release(compose: Compose) -> None:
    for name, service in compose.services.items():
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?", service["image"]), name


def test_our_image_has_the_version_of_the_package(compose: Compose) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert {service["image"] for service in compose.ours.values()} == {f"atelier:{version}"}


def test_every_lasting_service_restarts_and_tells_its_health(compose: Compose) -> None:
    for name, service in compose.lasting.items():
        assert service["restart"] == "unless-stopped", name
        assert {"test", "interval", "timeout", "retries", "start_period"} <= set(service["healthcheck"]), name


def test_every_volume_is_declared_and_used(compose: Compose) -> None:
    mounted = {volume.split(":")[0] for s in compose.services.values() for volume in s.get("volumes", [])}
    assert {name for name in mounted if re.fullmatch(r"\w+", name)} == set(compose.raw["volumes"])


def test_every_file_mounted_from_the_repository_is_there(compose: Compose) -> None:
    mounted = {volume.split(":")[0] for s in compose.services.values() for volume in s.get("volumes", [])}
    assert all((ROOT / path).exists() for path in mounted if path.startswith("./"))


def test_every_variable_of_ours_is_a_setting(compose: Compose) -> None:
    known = {f"ATELIER_{name.upper()}" for name in Settings.model_fields} | NOT_SETTINGS
    for name, service in compose.services.items():
        ours = {variable for variable in service.get("environment", {}) if variable.startswith("ATELIER_")}
        assert ours <= known, name


def test_the_settings_of_every_service_are_valid(compose: Compose, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, service in compose.ours.items():
        with monkeypatch.context() as patch:
            for variable, value in environment(service, SECRETS).items():
                patch.setenv(variable, value)
            settings.cache_clear()
            assert settings().authenticated_redis_url() == "redis://:red@redis:6379/0", name
            assert settings().s3_endpoint == "http://store:8333", name


def test_every_command_is_one_of_ours(compose: Compose) -> None:
    from jobs.cli.app import app

    group: Any = typer.main.get_command(app)
    for service in compose.ours.values():
        if "entrypoint" not in service:
            with group.make_context("atelier", list(service["command"])) as context:
                name, command, rest = group.resolve_command(context, list(service["command"]))
                command.make_context(name, rest, parent=context).close()


def test_every_queue_has_a_worker(compose: Compose) -> None:
    assert compose.queues() == set(QUEUES)


def test_every_secret_has_to_be_given(compose: Compose) -> None:
    secret = re.compile("PASSWORD|SECRET|ACCESS_KEY|AUTH")
    for name, service in compose.services.items():
        for variable, value in service.get("environment", {}).items():
            if secret.search(variable) and variable not in OPTIONAL:
                assert re.fullmatch(r"\$\{\w+:\?set it in \.env\}", value), (name, variable)


def test_no_secret_stands_on_a_command_line(compose: Compose) -> None:
    for name, service in compose.services.items():
        said = str([service.get("command"), service.get("entrypoint"), service.get("healthcheck")])
        assert not variables(said), name


def test_env_example_lists_every_variable_and_no_secret() -> None:
    lines = (ROOT / "deploy/.env.example").read_text().splitlines()
    listed = dict(line.lstrip("#").split("=", 1) for line in lines if re.match(r"#?[A-Z]\w+=", line))
    assert set(listed) == variables(read_compose("docker-compose.yml").raw)
    assert not any(listed[name] for name in SECRETS)


def test_git_ignores_the_secrets() -> None:
    checked = subprocess.run(["git", "check-ignore", "-q", ".env"], cwd=ROOT, capture_output=True, check=False)
    if checked.returncode == 128:
        pytest.skip("this is no git checkout")
    assert checked.returncode == 0


def test_a_stopping_worker_has_time_to_hand_its_chunk_back(compose: Compose) -> None:
    for name, service in compose.ours.items():
        if service.get("command", [""])[0] == "worker":
            assert "ATELIER_SOFT_SHUTDOWN_S" not in service["environment"]
            supervisor_s = Settings().soft_shutdown_s + 10
            assert seconds(service["stop_grace_period"]) > supervisor_s, name


def test_every_service_runs_without_root_and_privileges(compose: Compose) -> None:
    for name, service in compose.services.items():
        assert service["user"] not in ("root", "0", "0:0"), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_ports_are_open_to_this_machine_only(compose: Compose) -> None:
    assert all(port.startswith("127.0.0.1:") for s in compose.services.values() for port in s.get("ports", []))


def test_services_wait_for_services_that_exist_and_can_be_waited_for(compose: Compose) -> None:
    for service in compose.started.values():
        for other, wait in service.get("depends_on", {}).items():
            ends = other not in compose.lasting
            assert wait["condition"] == ("service_completed_successfully" if ends else "service_healthy")
            assert other in compose.started


def test_a_gpu_is_asked_for_only_where_there_is_one() -> None:
    on_gpu = read_compose("docker-compose.yml").started
    on_cpu = read_compose("docker-compose.yml", "deploy/compose.cpu.yml").started
    [device] = on_gpu["gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["driver"] == "nvidia"
    assert "gpu" in device["capabilities"]
    assert not any("deploy" in service for service in on_cpu.values())
    assert set(on_cpu) == set(on_gpu) - {"gpu"}
