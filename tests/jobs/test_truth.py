"""The records of jobs in a store: written once, read by everybody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from jobs.records import Generation, Result
from jobs.truth import Truth
from pipeline.errors import JobNotFound
from tests.jobs.making import make_plan, make_receipt

PLAN = make_plan()


def test_accepting_twice_is_one_job(truth: Truth) -> None:
    assert truth.accept(PLAN, {"kind": "film"})
    submitted = truth.submitted_at("film-1")
    assert not truth.accept(PLAN, {"kind": "film"})
    assert truth.jobs() == truth.active() == ["film-1"]
    assert truth.submitted_at("film-1") == submitted


def test_accepted_job_reads_back_as_it_was(truth: Truth) -> None:
    truth.accept(PLAN, {"kind": "film", "size": 640})
    assert truth.plan("film-1") == PLAN
    assert truth.spec("film-1") == {"kind": "film", "size": 640}
    assert truth.current("film-1") == Generation(number=1, chunks=None, reason="submitted")


def test_acceptance_that_broke_off_is_finished_by_the_next(truth: Truth) -> None:
    truth.accept(PLAN, {})
    truth.store.delete("jobs/film-1/plan.json")
    truth.store.delete("jobs/film-1/generations/0001.json")
    assert not truth.accept(PLAN, {})
    assert truth.plan("film-1") == PLAN
    assert truth.current("film-1").number == 1


def test_concurrent_submissions_accept_once(truth: Truth) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: truth.accept(PLAN, {}), range(8)))
    assert answers.count(True) == 1


@pytest.mark.parametrize("ask", ["plan", "spec", "submitted_at", "current"])
def test_unknown_job_is_not_found(truth: Truth, ask: str) -> None:
    with pytest.raises(JobNotFound, match=r"no job 'film-9' in .*; `atelier jobs` lists them"):
        getattr(truth, ask)("film-9")


def test_first_receipt_wins(truth: Truth) -> None:
    assert truth.put_receipt(make_receipt(PLAN, 0, worker="first"))
    assert not truth.put_receipt(make_receipt(PLAN, 0, worker="second"))
    kept = truth.receipt("film-1", 0, 1)
    assert kept is not None
    assert kept.worker == "first"


def test_racing_receipts_have_one_winner(truth: Truth) -> None:
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda n: truth.put_receipt(make_receipt(PLAN, 0, worker=f"{n}")), range(16)))
    kept = truth.receipt("film-1", 0, 1)
    assert kept is not None
    assert [str(n) for n, first in enumerate(won) if first] == [kept.worker]


def test_receipts_come_in_order_with_gaps(truth: Truth) -> None:
    truth.accept(PLAN, {})
    for chunk in (3, 1):
        truth.put_receipt(make_receipt(PLAN, chunk))
    assert [r.chunk if r else None for r in truth.receipts(PLAN)] == [None, 1, None, 3]
    assert truth.done("film-1", 4) == [False, True, False, True]


def test_dropped_receipt_is_forgotten(truth: Truth) -> None:
    truth.accept(PLAN, {})
    truth.put_receipt(make_receipt(PLAN, 1))
    truth.put_receipt(make_receipt(PLAN, 2))
    truth.drop_receipt("film-1", 1)
    assert truth.done("film-1", 4) == [False, False, True, False]


def test_redo_wants_its_chunks_anew_and_keeps_the_others(truth: Truth) -> None:
    truth.accept(PLAN, {})
    for chunk in range(4):
        truth.put_receipt(make_receipt(PLAN, chunk))
    truth.add_generation("film-1", Generation(number=2, chunks=(1, 2), reason="redo"))
    truth.add_generation("film-1", Generation(number=3, chunks=(2,), reason="redo"))
    assert truth.wanted("film-1", 4) == [1, 2, 3, 1]
    assert truth.done("film-1", 4) == [True, False, False, True]
    truth.put_receipt(make_receipt(PLAN, 2, generation=3))
    assert truth.done("film-1", 4) == [True, False, True, True]


def test_generation_number_is_taken_once(truth: Truth) -> None:
    truth.accept(PLAN, {})
    assert truth.add_generation("film-1", Generation(number=2, chunks=(1,), reason="mine"))
    assert not truth.add_generation("film-1", Generation(number=2, chunks=(3,), reason="yours"))
    assert truth.current("film-1").reason == "mine"


def test_first_ending_stands_until_it_is_cleared(truth: Truth) -> None:
    assert truth.put_ending("film-1", 1, state="failed", reason="no room")
    assert not truth.put_ending("film-1", 1, state="cancelled", reason="late")
    ending = truth.ending("film-1", 1)
    assert ending is not None
    assert (ending.state, ending.reason) == ("failed", "no room")
    assert truth.ending("film-1", 2) is None
    truth.clear_ending("film-1", 1)
    assert truth.ending("film-1", 1) is None


def test_result_is_published_once(truth: Truth) -> None:
    result = Result(
        job="film-1",
        generation=1,
        frames=40,
        frames_sha256="0",
        deliverables=(),
        models=(),
        submitted_at="",
        finished_at="",
        compute_s=8.0,
    )
    assert truth.put_result(result)
    assert not truth.put_result(result.model_copy(update={"compute_s": 9.0}))
    assert truth.result("film-1", 1) == result
    assert truth.result("film-1", 2) is None


def test_pause_is_a_marker(truth: Truth) -> None:
    assert not truth.paused("film-1")
    truth.set_paused("film-1", True)
    truth.set_paused("film-1", True)
    assert truth.paused("film-1")
    truth.set_paused("film-1", False)
    truth.set_paused("film-1", False)
    assert not truth.paused("film-1")


def test_retired_job_is_known_but_not_active(truth: Truth) -> None:
    truth.accept(PLAN, {})
    truth.retire("film-1", 1)
    assert truth.active() == []
    assert truth.jobs() == ["film-1"]
    truth.activate("film-1")
    assert truth.active() == ["film-1"]


def test_job_whose_name_begins_alike_is_another(truth: Truth) -> None:
    truth.accept(PLAN, {})
    truth.accept(make_plan("film-12"), {})
    truth.put_receipt(make_receipt(make_plan("film-12"), 0))
    assert truth.done("film-1", 4) == [False] * 4


def test_job_that_was_ordered_anew_is_active_all_the_time(truth: Truth, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan()
    truth.accept(plan, {})
    truth.add_generation("film-1", Generation(number=2, chunks=(0,), reason="redo"))
    truth.activate("film-1")
    monkeypatch.setattr(truth.store, "delete", lambda key: pytest.fail(f"{key} was deleted"))
    truth.retire("film-1", 1)
    assert truth.active() == ["film-1"]
