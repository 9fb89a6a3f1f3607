"""A deployment for Python: `from jobs import Atelier`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import jobs
from jobs import Atelier
from jobs.config import settings
from jobs.spec import JobSpecProblems, JobText
from pipeline.errors import ConfigError, QueueUnavailable, Untimely
from tests.jobs.deployment import Deployment
from tests.jobs.files import job_text, write_checkpoint, write_sequence
from tests.jobs.making import make_plan


@pytest.fixture
def cluster(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """The settings of this process are those of a deployment."""
    for name in ("redis_url", "redis_prefix", "store"):
        monkeypatch.setenv(f"ATELIER_{name.upper()}", str(getattr(deployment.settings, name)))
    settings.cache_clear()
    return deployment


def test_importing_jobs_imports_nothing_else() -> None:
    script = "import sys, jobs; sys.exit(any(name.startswith('jobs.') or name == 'pydantic' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
    with pytest.raises(AttributeError, match="no attribute 'Easel'"):
        _ = jobs.Easel  # type: ignore[attr-defined]


def test_a_job_file_is_made_and_steered(cluster: Deployment, tmp_path: Path) -> None:
    write_sequence(tmp_path / "shots", 4)
    write_checkpoint(tmp_path / "my.safetensors")
    with Atelier.open() as atelier:
        made = atelier.submit(JobText(job_text(), tmp_path))
        job = made.plan.job
        atelier.pause(job)
        assert [row.state for row in atelier.jobs()] == ["paused"]
        atelier.resume(job[:8])
        atelier.prioritise(job, 7)
        assert (atelier.status(job).state, atelier.status(job).priority) == ("running", 7)
        atelier.cancel(job)
        assert [status.state for status in atelier.watch(job)] == ["cancelled"]
        assert (atelier.jobs(), len(atelier.jobs(ended=True))) == ([], 1)
        with pytest.raises(Untimely):
            atelier.pause(job)
        assert atelier.redo(job, "1001").number == 2
        assert "running" in atelier.explain(job).title


def test_what_is_wrong_with_a_job_file_is_said_before_redis_is_asked(tmp_path: Path) -> None:
    with Atelier.open() as atelier, pytest.raises(JobSpecProblems):
        atelier.check(JobText("kind: opera", tmp_path))


def test_looking_takes_no_redis_and_ordering_does(cluster: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.accept(make_plan())
    monkeypatch.setenv("ATELIER_REDIS_URL", "redis://127.0.0.1:1")
    settings.cache_clear()
    with Atelier.open() as atelier:
        assert atelier.status("film-1").state == "waiting"
        with pytest.raises(QueueUnavailable, match="does not answer"):
            atelier.pause("film-1")
    assert not cluster.truth.paused("film-1")


def test_where_nobody_is_at_work_storage_is_told(cluster: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster.accept(make_plan())
    monkeypatch.delenv("ATELIER_REDIS_URL")
    settings.cache_clear()
    with Atelier.open() as atelier:
        atelier.pause("film-1")
        with pytest.raises((QueueUnavailable, ConfigError), match="no Redis is configured"):
            atelier.workers()
    assert cluster.truth.paused("film-1")


def test_a_redo_that_is_written_down_is_ordered_though_redis_goes_away(
    cluster: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan()
    cluster.accept(plan)
    cluster.truth.put_ending(plan.job, 1, state="failed", reason="a lens cap")

    def away(*_: object, **__: object) -> bool:
        raise QueueUnavailable("Redis does not answer")

    with Atelier.open() as atelier:
        monkeypatch.setattr("jobs.control.enter", away)
        assert atelier.redo(plan.job, "1-3").number == 2
    assert cluster.truth.active() == [plan.job]
    assert cluster.truth.current(plan.job).number == 2
