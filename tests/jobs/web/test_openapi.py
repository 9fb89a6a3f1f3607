"""The API is what its description says: looked at route by route, and by schemathesis."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from limits import RateLimitItemPerMinute

from jobs.config import Settings
from jobs.web import entry
from tests.jobs.cli.finished import finish
from tests.jobs.deployment import Deployment
from tests.jobs.files import job_text, write_checkpoint, write_sequence
from tests.jobs.web.conftest import OPERATOR, Site, settings_of

HERE = Path(__file__).parent
REPORTS = HERE.parents[2] / "out" / "schemathesis"


@pytest.fixture(scope="module")
def web_settings(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A dashboard that takes small files only."""
    return settings_of(redis_server, tmp_path_factory.mktemp("site"), web_upload_gb=0.0001)


@pytest.fixture(scope="module", autouse=True)
def _many_wrong_tokens() -> Iterator[None]:
    """Schemathesis tries wrong tokens again and again, to see that they are refused as such."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entry, "_WRONG_TOKENS", RateLimitItemPerMinute(1_000_000))
        yield


@pytest.fixture(scope="module")
def described(site: Site) -> dict[str, Any]:
    """The description."""
    return dict(httpx.get(f"{site.url}/api/v1/openapi.json").json())


@pytest.fixture(scope="module")
def film(operator: httpx.Client, farm: Deployment, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A job at work, and a finished one."""
    folder = tmp_path_factory.mktemp("films")
    source, style = write_sequence(folder / "shots", 12), write_checkpoint(folder / "my.safetensors")
    files = [job_text(source=source, style=style, output=folder / name, chunk=4) for name in ("one", "two")]
    running, done = (operator.post("/api/v1/jobs", json={"file": file}).json()["job"] for file in files)
    finish(farm, farm.truth.plan(done))
    return str(running)


def _operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_route_is_described(described: dict[str, Any]) -> None:
    seen = set()
    for name, operation in _operations(described):
        assert re.fullmatch(r"[a-z]+(_[a-z]+){0,3}", operation["operationId"]), name
        assert operation["summary"], name
        assert operation["description"].endswith("."), name
        assert operation["tags"], name
        assert {"4XX", "5XX"} <= set(operation["responses"]), name
        assert any(status[0] in "23" for status in operation["responses"]), name
        seen.add(operation["operationId"])
    assert len(seen) == len(list(_operations(described)))


def test_everything_but_sessions_takes_a_token(described: dict[str, Any]) -> None:
    open_to_all = {operation["operationId"] for _, operation in _operations(described) if not operation.get("security")}
    assert open_to_all == {"log_in", "log_out"}


def test_bodies_have_examples(described: dict[str, Any]) -> None:
    for name, operation in _operations(described):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = content.get("schema", {})
            schema = described["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
            fields = schema.get("properties", {}).values()
            assert "example" in content or any("examples" in each for each in fields) or "format" in schema, name


def test_methods_that_a_path_takes_are_told(viewer: httpx.Client) -> None:
    answer = viewer.request("PATCH", "/api/v1/jobs")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


def test_people_can_read_it(site: Site, described: dict[str, Any]) -> None:
    page = httpx.get(f"{site.url}/api/v1/docs").text
    assert not re.search(r"<script|style=|https?://", page)
    for name, operation in _operations(described):
        assert f'<details id="{operation["operationId"]}">' in page, name
    for linked in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{linked}"' in page
    # What a field's docstring says.
    assert "Why it failed, was cancelled, or cannot be read." in page


def test_schemathesis_finds_nothing_in_a_moment(site: Site, film: str) -> None:
    token = {"Authorization": f"Bearer {OPERATOR}"}
    config = schemathesis.Config.from_path(HERE / "schemathesis.toml")
    schema = schemathesis.openapi.from_url(f"{site.url}/api/v1/openapi.json", config=config)
    for found in schema.get_all_operations():
        operation = found.ok()
        if "/events" in operation.path:
            continue

        @seed(1)
        @settings(max_examples=1, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=token)

        ask()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_schemathesis_finds_nothing(site: Site, film: str) -> None:
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    said = _run(site, REPORTS, "--max-examples", "50", "--report", "junit", "--report-dir", str(REPORTS))
    (REPORTS / "report.txt").write_text(said)


def _run(site: Site, folder: Path, *options: str) -> str:
    """What schemathesis says."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run"]
    command += [f"{site.url}/api/v1/openapi.json", "--header", f"Authorization: Bearer {OPERATOR}", "--no-color"]
    command += ["--seed", "1", "--continue-on-failure", "--request-timeout", "20", *options]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    said = "\n".join(line[:300] for line in done.stdout.splitlines())
    assert done.returncode == 0, said[-6000:] + done.stderr[-2000:]
    return said
