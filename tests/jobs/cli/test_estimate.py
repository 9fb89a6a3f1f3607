from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobs.estimate.choose import Part
from jobs.estimate.project import Bytes, Estimate, Pace
from tests.jobs.cli.conftest import Shell
from tests.jobs.files import write_sequence
from tests.jobs.making import make_plan

MADE = Estimate(
    plan=make_plan(chunks=10, size=48),
    paces=(Pace(Part(0, 480), overhead_s=1.0, frame_s=2.0, ratios=(0.9, 1.0, 1.1), margin=0.0),),
    start_s=10.0,
    stitch_s=20.0,
    store={"frames": Bytes(4_000_000, 480)},
    delivered={"png": Bytes(4_000_000, 480)},
    device="cpu",
    memory=800_000_000,
    device_memory=0,
    frames_rendered=57,
    is_whole=False,
)


def test_what_is_wrong_with_a_job_file_is_told_before_anything_is_rendered(shell: Shell) -> None:
    result = shell("estimate", shell.job_file(frames="5-4"))
    assert result.exit_code == 2
    assert "frames: " in result.stderr


def test_one_piece_of_work_cannot_be_estimated(shell: Shell) -> None:
    write_sequence(shell.folder / "content", 1)
    path = shell.folder / "artwork.yaml"
    picture = "content/shot.1001.png"
    path.write_text(f"kind: artwork\ncontent: {picture}\npaintings: {picture}\noutput: out/\n")
    result = shell("estimate", str(path))
    assert result.exit_code == 2
    assert "a job of kind artwork is one piece of work" in result.stderr


def test_a_cluster_without_workers_estimates_nothing(cluster: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.cli.estimate._CLUSTER_START_S", 0.05)
    result = cluster("estimate", cluster.job_file(chunk=None))
    assert result.exit_code == 1
    assert "or an autoscaler does: it is waited for" in result.stderr
    assert (
        "no worker is alive for the queue 'gpu'; start one with `atelier worker`, and estimate again" in result.stderr
    )
    assert not [name for name in ("jobs", "active", "index") if (Path(cluster.folder) / "store" / name).exists()]


@pytest.fixture
def measured(cluster: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell whose estimates are `MADE`."""
    monkeypatch.setattr("jobs.estimate.estimate.estimate", lambda *_, **__: MADE)
    return cluster


def test_an_estimate_is_told_for_people(measured: Shell) -> None:
    told = measured("estimate", measured.job_file(), "--price", "3", "--workers", "10").stdout
    assert "57 of 480 frames were rendered, on cpu" in told
    assert "2 s of a worker, 1.8 s to 2.2 s among those rendered" in told
    assert "0.833 at 3.00 an hour, between 0.75 and 0.917" in told
    rows = [line.split() for line in told.splitlines() if "between" in line and line.split()[0].isdigit()]
    assert [(row[0], row[1]) for row in rows] == [
        ("1", "16:40"),
        ("4", "5:21"),
        ("10", "2:07"),
        ("16", "2:07"),
        ("64", "2:07"),
    ]


def test_an_estimate_is_told_for_scripts(measured: Shell) -> None:
    measured.set(price_per_hour="2")
    told = json.loads(measured("estimate", measured.job_file(), "--json").stdout)
    assert [row["workers"] for row in told["hours"]] == [1, 4, 16, 64]
    assert told["worker_hours"]["expected"] == pytest.approx((10 * 97 + 30) / 3600)
    assert told["price"]["least"] == pytest.approx(0.9 * 2 * 1000 / 3600)
    assert told["store"] == {"frames": {"bytes": 4_000_000, "files": 480}}
