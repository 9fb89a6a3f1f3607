"""Sweeping: what is garbage goes, and nothing else does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobs import control
from jobs.cache import FrameCache
from jobs.find import find_job
from jobs.records import FileRef, ModelRef
from jobs.truth import Truth
from pipeline.errors import JobNotFound
from tests.jobs.making import make_plan, make_receipt
from tests.jobs.rubbish import DAY, HOUR, age, attempt, end, finish, keys, sweep, win

MODEL = ModelRef(name="mine", entry="m:load", weights="models/aa.safetensors", sha256="aa")
PAINTING = FileRef(name="wave.jpg", key="files/bb.jpg", sha256="bb")


def test_an_empty_store_has_nothing_to_sweep(truth: Truth) -> None:
    report = sweep(truth, keep_days=1)
    assert not any(heap.count for heap in report.heaps.values())
    assert (report.expired, report.left, keys(truth)) == ([], [], [])


# Attempts


def test_attempts_that_lost_go_and_the_winner_stays(truth: Truth) -> None:
    plan = make_plan(chunks=2)
    truth.accept(plan, {})
    named = win(truth, plan, 0, 7)
    lost = attempt(truth, plan, 0, 6, frames=5)
    report = sweep(truth)
    assert (report.heaps["attempts"].count, report.heaps["attempts"].size) == (5, 15)
    assert keys(truth, f"jobs/{plan.job}/attempts/") == named
    assert not Path(truth.store.url, lost[0].key).parent.exists()


def test_a_dry_run_counts_and_removes_nothing(truth: Truth) -> None:
    plan = make_plan(chunks=1)
    finish(truth, plan)
    attempt(truth, plan, 0, 6)
    before = keys(truth)
    report = sweep(truth, keep_days=1, dry_run=True)
    assert (report.expired, report.heaps["jobs"].count) == ([plan.job], len(keys(truth, "jobs/")))
    assert sweep(truth, dry_run=True).heaps["attempts"].count == 3
    assert keys(truth) == before


def test_young_attempts_stay(truth: Truth) -> None:
    plan = make_plan(chunks=1)
    truth.accept(plan, {})
    win(truth, plan, 0, 7)
    young = attempt(truth, plan, 0, 6)
    age(truth, young[-1].key, HOUR)
    sweep(truth)
    assert truth.store.exists(young[0].key)


def test_a_finished_jobs_losers_go_after_an_hour(truth: Truth) -> None:
    plan = make_plan(chunks=1)
    named = finish(truth, plan, age_s=3 * HOUR)
    attempt(truth, plan, 0, 6, age_s=2 * HOUR)
    attempt(truth, plan, 0, 5, age_s=HOUR / 2)
    assert sweep(truth).heaps["attempts"].count == 3
    assert len(keys(truth, f"jobs/{plan.job}/attempts/")) == 3 + len(named)


def test_a_chunk_without_a_receipt_keeps_its_attempts_while_its_job_has_work_to_do(truth: Truth) -> None:
    plan = make_plan(chunks=1)
    truth.accept(plan, {})
    attempt(truth, plan, 0, 6, age_s=100 * DAY)
    attempt(truth, plan, 0, 7, age_s=100 * DAY)
    assert sweep(truth).heaps["attempts"].count == 0
    control.cancel(plan.job, truth, None)
    assert sweep(truth).heaps["attempts"].count == 6


def test_a_chunk_that_is_ordered_again_keeps_its_attempts(truth: Truth) -> None:
    plan = make_plan(chunks=2)
    finish(truth, plan)
    attempt(truth, plan, 0, 6)
    attempt(truth, plan, 1, 6)
    control.redo(plan.job, [1], truth)
    sweep(truth)
    assert truth.store.exists(f"{Truth.attempt(plan.job, 0, 6)}/png-00000000.png")
    assert not truth.store.exists(f"{Truth.attempt(plan.job, 1, 6)}/png-00000000.png")


def test_frames_of_superseded_generations_stay_as_long_as_their_receipt(truth: Truth) -> None:
    plan = make_plan(chunks=2)
    first = finish(truth, plan)
    control.redo(plan.job, [1], truth)
    second = win(truth, plan, 0, 200, generation=2)
    end(truth, plan, generation=2)
    sweep(truth, older_than_s=0)
    assert keys(truth, f"jobs/{plan.job}/attempts/") == sorted(first + second)


def test_files_of_another_attempt_that_a_receipt_names_stay(truth: Truth) -> None:
    plan = make_plan(chunks=1)
    truth.accept(plan, {})
    blobs = [*attempt(truth, plan, 0, 5, frames=1), *attempt(truth, plan, 0, 6, frames=1)]
    attempt(truth, plan, 0, 4)
    truth.put_receipt(make_receipt(plan, 0).model_copy(update={"token": 6, "frames": tuple(blobs)}))
    sweep(truth)
    assert keys(truth, f"jobs/{plan.job}/attempts/") == [blob.key for blob in blobs]


# States, quarantines, uploads


def test_states_go_when_nobody_will_go_on_from_them(truth: Truth) -> None:
    plan = make_plan(chunks=2)
    truth.accept(plan, {})
    for chunk in (0, 1):
        truth.put_state(plan.job, chunk, 1, b"state")
    truth.store.put(f"jobs/{plan.job}/quarantine/000000-0001.json", b"{}")
    win(truth, plan, 0, 7)
    age(truth, f"jobs/{plan.job}/", 2 * DAY)
    assert sweep(truth).heaps["states"].count == 2
    assert keys(truth, f"jobs/{plan.job}/states/") == [f"jobs/{plan.job}/states/000001-0001/main"]


def test_states_of_a_job_that_stopped_short_stay_a_week(truth: Truth) -> None:
    plan = make_plan(chunks=1)
    truth.accept(plan, {})
    truth.put_state(plan.job, 0, 1, b"state")
    end(truth, plan, state="cancelled", age_s=6 * DAY)
    assert sweep(truth).heaps["states"].count == 0
    age(truth, f"jobs/{plan.job}/states/", 8 * DAY)
    assert sweep(truth).heaps["states"].count == 1


def test_unfinished_uploads_go_but_never_those_of_the_last_hour(truth: Truth) -> None:
    root = Path(truth.store.url)
    root.mkdir()
    for name, age_s in {".atelier-a.part": 2 * HOUR, ".atelier-b.part": HOUR / 2}.items():
        (root / name).write_bytes(b"half")
        os.utime(root / name, (root.stat().st_mtime - age_s,) * 2)
    assert sweep(truth, older_than_s=60).heaps["uploads"].size == 4
    assert [path.name for path in root.iterdir()] == [".atelier-b.part"]


# Models and files


def test_models_and_files_go_when_no_job_names_them(truth: Truth) -> None:
    truth.accept(make_plan().model_copy(update={"models": (MODEL,), "files": (PAINTING,)}), {})
    stray = ["files/cc.jpg", "models/dd.safetensors"]
    for key in (MODEL.weights, PAINTING.key, *stray, "models/young.safetensors"):
        truth.store.put(key, b"1234")
        age(truth, key, 0 if "young" in key else 2 * DAY)
    assert sweep(truth, dry_run=True).heaps["unnamed"].size == 8
    sweep(truth)
    assert keys(truth, "files/") + keys(truth, "models/") == [PAINTING.key, MODEL.weights, "models/young.safetensors"]


def test_models_go_with_the_last_job_that_names_them(truth: Truth) -> None:
    plan = make_plan().model_copy(update={"models": (MODEL,)})
    truth.store.put(MODEL.weights, b"")
    age(truth, MODEL.weights, 2 * DAY)
    finish(truth, plan)
    assert sweep(truth, keep_days=1, dry_run=True).heaps["unnamed"].count == 1
    assert sweep(truth, keep_days=1).heaps["unnamed"].count == 1
    assert keys(truth) == []


# Whole jobs


def test_jobs_are_kept_for_ever_unless_told_otherwise(truth: Truth) -> None:
    finish(truth, make_plan(), age_s=10_000 * DAY)
    before = keys(truth)
    assert sweep(truth).expired == []
    assert keys(truth) == before


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_an_expired_job_leaves_nothing(truth: Truth, state: str) -> None:
    plan, young = make_plan("film-old"), make_plan("film-young")
    truth.accept(plan, {})
    truth.put_state(plan.job, 1, 1, b"")
    truth.put_certificate(plan.job, 1, b"{}")
    win(truth, plan, 0, 7)
    end(truth, plan, state=state, age_s=8 * DAY)
    finish(truth, young, age_s=6 * DAY)
    kept = keys(truth, "jobs/film-young/")
    assert sweep(truth, keep_days=7).expired == [plan.job]
    assert keys(truth) == ["index/film-young", *kept]


def test_a_job_with_work_to_do_never_expires(truth: Truth) -> None:
    plan = make_plan()
    finish(truth, plan)
    control.redo(plan.job, [1], truth)
    age(truth, "", 100 * DAY)
    assert sweep(truth, keep_days=1).expired == []
    truth.activate("film-2")
    finish(truth, make_plan("film-2"))
    truth.activate("film-2")
    assert sweep(truth, keep_days=1).expired == []


def test_what_an_expired_job_delivered_stays(truth: Truth, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "film.mp4").write_bytes(b"film")
    finish(truth, make_plan(output=str(tmp_path / "out")))
    assert sweep(truth, keep_days=1).expired == ["film-1"]
    assert (tmp_path / "out" / "film.mp4").read_bytes() == b"film"


def test_the_frame_cache_forgets_expired_jobs(truth: Truth) -> None:
    cache = FrameCache(truth)
    for job in ("film-old", "film-kept"):
        finish(truth, make_plan(job, chunks=1), age_s=2 * DAY if job == "film-old" else 0)
        cache.add(make_receipt(make_plan(job, chunks=1), 0).model_copy(update={"keys": ("family/ab",)}))
    sweep(truth, keep_days=1)
    assert keys(truth, "cache/") == ["cache/family/film-kept/000000-0001"]


def test_a_submission_that_broke_off_goes_and_one_that_goes_on_stays(truth: Truth) -> None:
    for job, age_s in {"film-broken": 2 * DAY, "film-begun": 0.0}.items():
        truth.accept(make_plan(job), {})
        truth.store.delete(f"index/{job}")
        truth.store.delete(f"active/{job}")
        age(truth, f"jobs/{job}/", age_s)
    assert sweep(truth).heaps["begun"].count == 3
    assert {key.split("/")[1] for key in keys(truth)} == {"film-begun"}


def test_a_job_that_lost_its_index_entry_is_left_alone_and_reported(truth: Truth) -> None:
    plan = make_plan()
    finish(truth, plan)
    truth.store.delete(f"index/{plan.job}")
    before = keys(truth)
    [sentence] = sweep(truth, keep_days=1, older_than_s=60).left
    assert "index/film-1 is gone" in sentence
    assert keys(truth) == before


# Damage


@pytest.mark.parametrize(
    "record", ["plan.json", "generations/0001.json", "result-0001.json", "receipts/000000-0001.json"]
)
def test_a_job_with_a_damaged_record_is_left_alone_and_reported(truth: Truth, record: str) -> None:
    damaged, sound = make_plan("film-damaged"), make_plan("film-sound")
    for plan in (damaged, sound):
        finish(truth, plan)
        attempt(truth, plan, 0, 6)
    truth.store.put(f"jobs/film-damaged/{record}", b"{")
    before = keys(truth, "jobs/film-damaged/")
    report = sweep(truth)
    assert keys(truth, "jobs/film-damaged/") == before
    assert report.heaps["attempts"].count == 3
    assert any(sentence.startswith("film-damaged: its records cannot be used") for sentence in report.left)
    if not record.startswith("receipts"):
        age(truth, f"jobs/film-damaged/{record}", 2 * DAY)
        assert sweep(truth, keep_days=1).expired == ["film-sound"]
        assert keys(truth) == ["index/film-damaged", *before]


def test_models_stay_while_a_plan_cannot_be_read(truth: Truth) -> None:
    finish(truth, make_plan())
    truth.store.put("jobs/film-1/plan.json", b"{")
    truth.store.put(MODEL.weights, b"")
    age(truth, MODEL.weights, 2 * DAY)
    assert any(sentence.startswith("models and files: were all left alone") for sentence in sweep(truth).left)
    assert truth.store.exists(MODEL.weights)


def test_names_that_are_none_of_ours_disturb_nothing(truth: Truth) -> None:
    finish(truth, make_plan())
    odd = ["jobs/film-1/attempts/x/y/z", "jobs/film-1/attempts/000000/file", "jobs/stray", "cache/stray", "index.html"]
    odd += ["jobs/film-1/states/main", "jobs/film-1/receipts/readme.txt", "models/readme.txt"]
    for key in odd:
        truth.store.put(key, b"")
    sweep(truth)
    assert set(odd) <= set(keys(truth))


# How a job goes


def test_a_job_that_is_just_being_removed_is_shown_by_no_command(truth: Truth) -> None:
    finish(truth, make_plan())
    truth.store.put("leaving/film-1", b"a sweep")
    truth.store.delete("index/film-1")
    with pytest.raises(JobNotFound):
        find_job("film-1", truth)
    assert truth.jobs() == []
    assert any("another sweep is removing it" in sentence for sentence in sweep(truth).left)
    age(truth, "leaving/", HOUR)
    assert sweep(truth).expired == ["film-1"]
    assert keys(truth) == []


def test_a_removal_that_was_given_up_before_it_began_is_decided_anew(truth: Truth) -> None:
    plan = make_plan()
    finish(truth, plan)
    control.redo(plan.job, [1], truth)
    truth.store.put("leaving/film-1", b"a sweep")
    age(truth, "leaving/", HOUR)
    assert sweep(truth, keep_days=1).expired == []
    assert truth.active() == [plan.job]
    assert keys(truth, "leaving/") == []


# Uploads


def test_uploads_go_when_nothing_names_them_any_more(truth: Truth) -> None:
    named, tabled, picture, lost, young = (
        f"uploads/{n:016x}/{name}" for n, name in enumerate(("bay.mp4", "people.csv", "anna.jpg", "old.mp4", "new.mp4"))
    )
    for key in (named, picture, lost, young):
        truth.store.put(key, b"1")
    truth.store.put(tabled, f"name,picture\nAnna,{truth.store.url}/{picture}\n".encode())
    age(truth, "uploads/", 40 * DAY)
    age(truth, young, DAY)
    truth.accept(make_plan("film-1"), {"source": f"{truth.store.url}/{named}"})
    truth.accept(make_plan("posters-1"), {"audiences": f"{truth.store.url}/{tabled}"})
    assert sweep(truth).heaps["sent"].count == 0
    assert sweep(truth, keep_days=30, dry_run=True).heaps["sent"].count == 1
    report = sweep(truth, keep_days=30)
    assert (report.heaps["sent"].count, keys(truth, "uploads/")) == (1, [named, tabled, picture, young])


def test_uploads_all_stay_while_a_campaign_cannot_be_read(truth: Truth) -> None:
    truth.store.put("uploads/0123456789abcdef/bay.mp4", b"1")
    age(truth, "uploads/", 40 * DAY)
    truth.store.put("campaigns/versions/monday/000001.json", b"{")
    report = sweep(truth, keep_days=30)
    assert keys(truth, "uploads/")
    assert "a campaign cannot be read" in report.left[0]
