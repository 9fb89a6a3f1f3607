"""docs/api.md names the routes and errors that there are; docs/client.md's calls exist, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobs import Atelier
from jobs.config import settings
from jobs.web.app import make_app
from tests.docs.pages import ROOT, blocks
from tests.jobs.files import job_text, write_checkpoint, write_sequence
from tests.jobs.web.conftest import settings_of
from tests.typed import atelier

API = (ROOT / "docs/api.md").read_text(encoding="utf-8")
CLIENT = ROOT / "docs/client.md"


def test_the_table_has_the_routes_that_there_are(redis_server: str, tmp_path: Path) -> None:
    app = make_app(settings_of(redis_server, tmp_path))
    described = app.openapi()["paths"].items()
    app.state.farm.close()
    routes = {f"{method.upper()} {path.removeprefix('/api/v1')}" for path, methods in described for method in methods}
    table = API.partition("| route | role |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`((?:GET|POST|PUT|DELETE) /[^`]*)`", table)) == routes - {"GET /metrics"}


def test_the_calls_that_are_named_exist() -> None:
    table = CLIENT.read_text(encoding="utf-8").partition("| call |")[2].partition("\n\n")[0]
    calls = set(re.findall(r"`(\w+)\(", table))
    methods = {name for name in vars(Atelier) if not name.startswith("_")}
    others = {"open", "open_to_steer", "of", "viewed", "completed", "config", "truth", "ledger", "queue", "absence"}
    assert calls == methods - others


@pytest.mark.parametrize("example", range(len(blocks(CLIENT, "python"))))
def test_examples_run(
    example: int, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, style = write_sequence(tmp_path / "shots", 3), write_checkpoint(tmp_path / "my.safetensors")
    (tmp_path / "film.yaml").write_text(job_text(source=source, style=style))
    for name, value in {"HOME": tmp_path, "ATELIER_REDIS_URL": redis_url, "ATELIER_STORE": tmp_path / "store"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    # There are no workers: the job of the first example has an end all the same.
    monkeypatch.setattr("jobs.client.time.sleep", lambda seconds: atelier("cancel", "film-"))
    exec(compile(blocks(CLIENT, "python")[example], str(CLIENT), "exec"), {})
    settings.cache_clear()
    assert example != 0 or "cancelled: 0 of 3 frames" in capsys.readouterr().out
