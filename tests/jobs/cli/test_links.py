"""`atelier links`: where to fetch what a job delivered."""

from __future__ import annotations

import time
import urllib.request

import pytest

from jobs.cli import guard
from pipeline.storage import open_store
from tests.jobs.cli.conftest import Shell
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan
from tests.servers import S3Server
from tests.workers.stitching import Job


@pytest.fixture
def job(shell: Shell) -> Job:
    """A stitched job in the shell's store, its output beside it."""
    made = Job(shell.folder)
    made.stitch()
    return made


def test_of_a_folder_links_are_paths(shell: Shell, job: Job) -> None:
    rows = {row["name"]: row for row in shell.json("links", "film")}
    assert {"contact-sheet.jpg", "png/film.0001.png"} <= rows.keys()
    sheet = rows["contact-sheet.jpg"]
    assert (sheet["link"], sheet["expires"]) == (str(job.output / "contact-sheet.jpg"), None)
    assert sheet["size"] == (job.output / "contact-sheet.jpg").stat().st_size
    assert f"  {sheet['link']}\n" in shell("links", "film").stdout


def test_a_file_that_is_gone_is_named(shell: Shell, job: Job) -> None:
    (job.output / "contact-sheet.jpg").unlink()
    result = shell("links", "film")
    assert result.exit_code == guard.JOB_FAILED
    assert "contact-sheet.jpg" in result.stderr


def test_of_a_bucket_they_are_signed_and_end(
    shell: Shell, job: Job, moto_s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = moto_s3.with_bucket()
    server.use(monkeypatch)
    there = open_store(f"{server.url}/out", server.options)
    for path in job.output.rglob("*.*"):
        there.upload(path, str(path.relative_to(job.output)))
    plan = shell.folder / "store/jobs/film-1/plan.json"
    plan.write_text(plan.read_text().replace(str(job.output), f"{server.url}/out"))
    shell.set(s3_endpoint=server.endpoint, s3_addressing="path")
    rows = shell.json("links", "film", "--expires", "30m")
    assert all(abs(row["expires"] - time.time() - 1800) < 60 for row in rows)
    sheet = next(row for row in rows if row["name"] == "contact-sheet.jpg")
    with urllib.request.urlopen(sheet["link"], timeout=10) as answer:
        assert answer.read() == (job.output / "contact-sheet.jpg").read_bytes()
    assert "whoever has a link can fetch its file until 20" in shell("links", "film").stderr


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        ("8d", "--expires 8d: a link cannot last 691,200 s; write a second to 7 days"),
        ("0s", "--expires 0s: a link cannot last 0 s"),
        ("soon", "--expires: 'soon' is no time; write 7d, 12h, 30m or 90s"),
    ],
)
def test_a_time_that_no_link_lasts_is_refused(shell: Shell, job: Job, expires: str, said: str) -> None:
    result = shell("links", "film", "--expires", expires)
    assert result.exit_code == guard.BAD_INPUT
    assert said in result.stderr


def test_an_unfinished_job_has_delivered_nothing(cluster: Shell, deployment: Deployment) -> None:
    deployment.accept(make_plan())
    result = cluster("links", "film")
    assert result.exit_code == guard.BAD_INPUT
    assert "film-1 is not finished, so it has delivered nothing yet" in result.stderr
