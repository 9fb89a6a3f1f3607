from __future__ import annotations

import json
from dataclasses import replace
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
    delivering={"png": 18.0},
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
    assert [row[:4] for row in rows] == [
        ["1", "0.278", "0.833", "16:40"],
        ["4", "0.286", "0.858", "5:21"],
        ["10", "0.303", "0.908", "2:07"],
        ["16", "0.303", "0.908", "2:07"],
        ["64", "0.303", "0.908", "2:07"],
    ]
    stages = told.partition("stage ")[2].partition("workers")[0]
    assert [line.rsplit(maxsplit=2) for line in map(str.strip, stages.splitlines()[1:]) if line] == [
        ["start", "0.00278", "0.00833"],
        ["render", "0.269", "0.808"],
        ["stitch", "0.000556", "0.00167"],
        ["stitch png", "0.005", "0.015"],
    ]


def test_thousands_of_hours_are_written_out(measured: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = replace(MADE, paces=(replace(MADE.paces[0], frame_s=36_000.0),))
    monkeypatch.setattr("jobs.estimate.estimate.estimate", lambda *_, **__: slow)
    told = measured("estimate", measured.job_file(), "--price", "3").stdout
    assert "worker hours  4,800, between 4,320 and 5,280" in told
    assert "price         14,400.03 at 3.00 an hour" in told


def test_an_estimate_is_told_for_scripts(measured: Shell) -> None:
    measured.set(price_per_hour="2")
    told = json.loads(measured("estimate", measured.job_file(), "--json").stdout)
    assert [row["workers"] for row in told["hours"]] == [1, 4, 16, 64]
    assert sum(row["worker_hours"] for row in told["stages"]) == pytest.approx(told["worker_hours"]["expected"])
    assert sum(row["price"] for row in told["stages"]) == pytest.approx(told["price"]["expected"])
    assert told["hours"][-1]["worker_hours"] == pytest.approx((10 * 97 + 10 * 10 + 20) / 3600)
    assert told["worker_hours"]["expected"] == pytest.approx((10 * 97 + 30) / 3600)
    assert told["price"]["least"] == pytest.approx(0.9 * 2 * 1000 / 3600)
    assert told["store"] == {"frames": {"bytes": 4_000_000, "files": 480}}
