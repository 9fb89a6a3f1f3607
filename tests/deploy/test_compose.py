"""docker-compose.yml says what the code can do, with each of its profiles. No Docker is asked."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from jobs.config import SECRETS, Settings, settings
from jobs.ledger import QUEUES
from tests.deploy.compose import ROOT, Compose, environment, read_compose, seconds, variables
from tests.deploy.secrets import made_secrets

NOT_SETTINGS = {"ATELIER_LOG", "ATELIER_HOME", "ATELIER_CONFIG"}
"""Variables of ours that are read before there are settings."""

FIXED = {
    "redis_url",
    "s3_endpoint",
    "s3_region",
    "s3_addressing",
    "device",
    "web_host",
    "web_port",
    "web_folders",
    "web_cache",
}
"""Settings that the compose file itself decides."""

MOUNTED = "/run/secrets/"
"""Where Docker puts secrets."""


def test_the_file_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    command += [str(ROOT / "docker-compose.yml")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_every_image_is_pinned_to_a_release(compose: Compose) -> None:
    for name, service in compose.services.items():
        digest = "" if name in compose.ours else "@sha256:[0-9a-f]{64}"
        assert re.fullmatch(rf"[\w./-]+:v?\d+\.\d+[\w.-]*{digest}", service["image"]), name


def test_our_image_has_the_version_of_the_package(compose: Compose) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for name, service in compose.ours.items():
        suffix = {"cuda": "", "cpu": "-cpu"}[service["build"]["target"]]
        assert service["image"] == f"atelier:{version}{suffix}", name


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
    known |= {f"ATELIER_{name.upper()}_FILE" for name in SECRETS}
    for name, service in compose.services.items():
        ours = {variable for variable in service.get("environment", {}) if variable.startswith("ATELIER_")}
        assert ours <= known, name


def test_every_setting_that_is_open_is_passed_on_to_who_reads_it(compose: Compose) -> None:
    files = {name for name, field in Settings.model_fields.items() if Path in get_args(field.annotation)}
    open_settings = Settings.model_fields.keys() - FIXED - files - set(SECRETS)
    for service, found in compose.ours.items():
        passed_on = variables(found) & {f"ATELIER_{name.upper()}" for name in open_settings}
        read = {name for name in open_settings if not name.startswith(("copy_", "web_"))}
        if "copy_key" in found["secrets"]:
            read |= {name for name in open_settings if name.startswith("copy_")}
        if service == "web":
            read |= {name for name in open_settings if name.startswith("web_")}
        assert passed_on == {f"ATELIER_{name.upper()}" for name in read}, service


def test_the_settings_of_every_service_are_valid(compose: Compose, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made_secrets()
    for name, service in compose.ours.items():
        with monkeypatch.context() as patch:
            for variable, value in environment(service, {"COPY_KEY_FILE": "./key"}).items():
                patch.setenv(variable, value.replace(MOUNTED + "copy_key", f"{folder}/webhook_secret"))
                if value.startswith(MOUNTED) and "copy_key" not in value:
                    patch.setenv(variable, value.replace(MOUNTED, f"{folder}/"))
            settings.cache_clear()
            password = (folder / "redis_password").read_text()
            assert settings().authenticated_redis_url() == f"redis://:{password}@redis:6379/0", name
            assert settings().s3_endpoint == "http://store:8333", name
            assert (settings().copy_key is not None) == ("copy_key" in service["secrets"]), name
            assert (settings().web_tokens is not None) == (name == "web"), name


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


def test_every_secret_is_a_file_that_the_service_gets(compose: Compose) -> None:
    secret = re.compile("PASSWORD|SECRET|TOKEN|KEY|CREDENTIALS")
    for name, service in compose.services.items():
        given = {f"{MOUNTED}{secret}" for secret in service.get("secrets", [])}
        named = set(re.findall(rf"{MOUNTED}[\w.]+", str([service.get("environment"), service.get("command")])))
        assert named <= given, name
        for variable, value in service.get("environment", {}).items():
            if secret.search(variable):
                assert variable.endswith("_FILE"), (name, variable)
                assert MOUNTED in value, (name, variable)


def test_every_secret_is_made_by_the_script_or_somebody_elses(compose: Compose) -> None:
    made = {path.name for path in made_secrets().iterdir()}
    assert set(compose.raw["secrets"]) == made | {"copy_key"}
    assert {name for s in compose.services.values() for name in s.get("secrets", [])} == set(compose.raw["secrets"])
    for name in made:
        assert compose.raw["secrets"][name] == {"file": f"${{SECRETS_DIR:-./secrets}}/{name}"}


def test_only_who_needs_a_secret_gets_it(compose: Compose) -> None:
    holders: dict[str, set[str]] = {}
    for service, raw in compose.services.items():
        for secret in raw.get("secrets", []):
            holders.setdefault(secret, set()).add(service)
    assert holders["store.json"] == {"store"}
    assert holders["web_tokens"] == {"web"}
    assert holders["watcher_token"] == {"prometheus"}
    assert holders["grafana_password"] == {"grafana"}
    assert holders["copy_key"] == {"web", "beat", "cli"}
    assert holders["redis_password"] == {"redis", *compose.ours}


def test_no_secret_stands_on_a_command_line(compose: Compose) -> None:
    for name, service in compose.services.items():
        said = str([service.get("command"), service.get("entrypoint"), service.get("healthcheck")])
        assert variables(said) <= {"METRICS_KEPT"}, name


def test_env_example_lists_every_variable_and_no_secret() -> None:
    lines = (ROOT / "deploy/.env.example").read_text().splitlines()
    listed = dict(line.lstrip("#").split("=", 1) for line in lines if re.match(r"#?[A-Z]\w+=", line))
    assert set(listed) == variables(read_compose().raw) | {"COMPOSE_PROFILES"}
    assert not re.search("PASSWORD|_KEY=|SECRET=|TOKEN", "\n".join(f"{name}=" for name in listed))


def test_the_page_tells_of_every_variable_that_is_no_setting() -> None:
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", (ROOT / "docs/deploy.md").read_text(), flags=re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"[A-Z_]+", row)}
    asked = variables(read_compose().raw) | {"COMPOSE_PROFILES"}
    assert told == {name for name in asked if not name.startswith(("ATELIER_", "OTEL_"))}


def test_the_example_chooses_a_profile_that_paints() -> None:
    [line] = re.findall(r"^COMPOSE_PROFILES=(.*)$", (ROOT / "deploy/.env.example").read_text(), flags=re.MULTILINE)
    assert read_compose(*line.split(",")).queues() == set(QUEUES)


@pytest.mark.parametrize("path", [".env", "secrets/redis_password"])
def test_git_ignores_the_secrets(path: str) -> None:
    checked = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, capture_output=True, check=False)
    if checked.returncode == 128:
        pytest.skip("this is no git checkout")
    assert checked.returncode == 0


def test_a_stopping_worker_has_time_to_hand_its_chunk_back(compose: Compose) -> None:
    for name, service in compose.ours.items():
        if service.get("command", [""])[0] == "worker":
            supervisor_s = Settings().soft_shutdown_s + 10
            assert service["stop_grace_period"].startswith("${STOP_GRACE:-"), name
            assert seconds(service["stop_grace_period"]) > supervisor_s, name


def test_every_service_runs_without_root_and_privileges(compose: Compose) -> None:
    for name, service in compose.services.items():
        assert service["user"].split(":")[0] not in ("root", "0"), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_every_service_has_a_read_only_root_and_limits(compose: Compose) -> None:
    for name, service in compose.services.items():
        assert service["read_only"] is True, name
        assert service["tmpfs"] == ["/tmp:size=64m,mode=1777"], name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name


def test_redis_is_full_before_its_container_is(compose: Compose) -> None:
    service = compose.services["redis"]
    assert service["command"][-2:] == ["--maxmemory", "768mb"]
    assert service["deploy"]["resources"]["limits"]["memory"] == "1G"


def test_ports_are_open_to_this_machine_only(compose: Compose) -> None:
    assert all(port.startswith("127.0.0.1:") for s in compose.services.values() for port in s.get("ports", []))


def test_what_watches_reaches_neither_redis_nor_the_store(compose: Compose) -> None:
    networks = {name: set(service["networks"]) for name, service in compose.services.items()}
    assert set().union(*networks.values()) == set(compose.raw["networks"])
    for watcher in ("prometheus", "grafana"):
        assert not networks[watcher] & (networks["redis"] | networks["store"])
    assert networks["prometheus"] & networks["web"] == {"metrics"}
    assert not networks["grafana"] & networks["web"]
    assert not networks["redis"] & networks["store"]
    assert all(networks[name] >= {"queue", "objects"} for name in compose.ours if name != "bucket")


def test_services_wait_for_services_that_exist_and_can_be_waited_for(compose: Compose) -> None:
    for service in compose.started.values():
        for other, wait in service.get("depends_on", {}).items():
            ends = other not in compose.lasting
            assert wait["condition"] == ("service_completed_successfully" if ends else "service_healthy")
            assert other in compose.started


def test_a_gpu_is_asked_for_only_where_there_is_one() -> None:
    on_gpu, on_cpu = read_compose("gpu").started, read_compose("cpu").started
    [device] = on_gpu["gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["driver"] == "nvidia"
    assert "gpu" in device["capabilities"]
    assert on_gpu["gpu"]["build"]["target"] == "cuda"
    for service in on_cpu.values():
        assert "reservations" not in service["deploy"]["resources"]
        assert service.get("build", {}).get("target") != "cuda"
    assert set(on_cpu) - {"paint"} == set(on_gpu) - {"gpu"}
