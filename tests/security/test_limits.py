"""A job that would take more than it may is refused where its file says so, or fails with the reason once it has."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from jobs import spec
from jobs.config import Settings
from jobs.control import enter
from jobs.ledger import Ledger
from jobs.open import open_truth
from jobs.records import Blob
from jobs.submit import plan_job
from tests.jobs.making import make_plan, make_receipt
from tests.media import numbered_picture, write_picture
from tests.workers.farm import farm
from workers.allowance import can_be_kept


def refused(folder: Path, text: str, **settings: float) -> str:
    """Why a job is not accepted."""
    checked, located = spec.parse(text, path="job.yaml", folder=folder)
    with pytest.raises(spec.JobSpecProblems) as caught:
        plan_job(checked, located, Settings(store=str(folder / "store"), **settings))  # type: ignore[arg-type]
    return str(caught.value)


FILM = "kind: film\nsource: clip.mp4\nstyle: fast.safetensors\noutput: out\n"


@pytest.mark.parametrize(
    ("text", "settings", "says"),
    [
        (
            FILM,
            {"max_frames": 23},
            "job.yaml:2: source: the job has 24 frames; at most 23 are allowed (ATELIER_MAX_FRAMES)",
        ),
        (FILM + "frames: 1-20\n", {"max_film_s": 0.5}, "job.yaml:5: the job's film lasts 0.8 s; at most 0.5 s"),
        (FILM, {"max_film_s": 0.9}, "job.yaml:2: the job's film lasts 1.0 s; at most 0.9 s are allowed"),
        (FILM, {"max_pixels": 6143}, "job.yaml:2: {folder}/clip.mp4: 96x64 is larger than the limit"),
        (FILM + "size: 960\n", {"max_pixels": 6144}, "job.yaml:5: size: 960x640 are 614,400 pixels; at most 6,144"),
        (FILM + "paint_size: 960\n", {"max_pixels": 6144}, "job.yaml:5: paint_size: 960x640 are 614,400 pixels"),
        (FILM + "size: 32\ndeliver: [hevc]\n", {}, "job.yaml:6: deliver: hevc is at least 64 px wide, not 32"),
    ],
)
def test_what_planning_knows_is_refused_at_its_line(
    media: Path, text: str, settings: dict[str, float], says: str
) -> None:
    assert refused(media, text, **settings).startswith(says.format(folder=media))


def test_film_is_counted_by_its_frames_and_its_seconds(media: Path) -> None:
    checked, located = spec.parse(FILM, path="job.yaml", folder=media)
    exactly = Settings(store=str(media / "store"), max_frames=24, max_film_s=1, max_pixels=96 * 64)
    assert plan_job(checked, located, exactly).frames == 24


def test_painting_is_held_to_the_limit(tmp_path: Path, media: Path) -> None:
    painting = write_picture(tmp_path / "wave.png", numbered_picture(1, 200, 100))
    text = FILM.replace("fast.safetensors", f"{{painting: {painting}}}")
    said = refused(media, text, max_pixels=10_000)
    assert said.startswith(f"job.yaml:3: {painting}: 200x100 is larger than the limit")


def test_frames_larger_than_usual_are_painted_where_they_are_allowed(tmp_path: Path) -> None:
    from pipeline.film.decode import read_frames
    from pipeline.film.limits import Limits
    from pipeline.film.probe import probe

    path = write_picture(tmp_path / "a.png", numbered_picture(1))
    source = probe(str(path), limits=Limits(pixels=200_000_000))
    assert source.max_pixels == 200_000_000
    assert next(read_frames(source, 0, 1)).shape == (64, 96, 3)


def test_job_that_uses_up_its_worker_seconds_fails(tmp_path: Path, media: Path) -> None:
    with farm(tmp_path, max_worker_s="0.2") as made, made.workers(reconciler=False):
        plan = made.submit(FILM.replace("clip", f"{media}/clip").replace("fast", f"{media}/fast") + "chunk: 2\n")
        seen = made.wait(plan.job, lambda snapshot: snapshot.is_final, "over")
        assert seen.state == "failed"
        assert "worker seconds; at most 0.2 are allowed (ATELIER_MAX_WORKER_S)" in str(seen.error)
        ending = made.truth.ending(plan.job, 1)
        assert ending is not None
        assert ending.state == "failed"


def test_job_that_stores_too_much_fails(tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("ATELIER_REDIS_URL", redis_url)
    plan = make_plan(chunks=4)
    open_truth.cache_clear()
    truth = open_truth()
    truth.accept(plan, {"kind": "film"})
    blob = Blob(key="k", size=600, sha256="0")
    with closing(Ledger(redis_url)) as ledger:
        enter(plan, truth, ledger)
        config = Settings(max_gb=0.000001)
        assert can_be_kept(ledger, make_receipt(plan, 0).model_copy(update={"frames": (blob,)}), config)
        assert not can_be_kept(ledger, make_receipt(plan, 1).model_copy(update={"frames": (blob,)}), config)
        assert ledger.state(plan.job) == "failed"
    open_truth.cache_clear()
    ending = truth.ending(plan.job, 1)
    assert ending is not None
    assert ending.reason == "the job has stored 0.000 GB; at most 1e-06 are allowed (ATELIER_MAX_GB)"


def test_job_that_is_gone_is_charged_nothing(redis_url: str) -> None:
    with closing(Ledger(redis_url)) as ledger:
        assert ledger.spend("film-1", 5.0, 7) == (0.0, 0)
        assert ledger.state("film-1") == ""
