"""A sweep does the same over every store."""

from __future__ import annotations

import time

from jobs.sweep import Sweep
from jobs.truth import Truth
from pipeline.storage import Store
from tests.jobs.making import make_plan, make_receipt


def test_losers_go_then_the_job_and_its_model(store: Store) -> None:
    truth, plan = Truth(store), make_plan(chunks=1)
    truth.accept(plan, {})
    store.put("models/aa", b"weights")
    for token in (1, 2):
        store.put(f"{Truth.attempt(plan.job, 0, token)}/f", b"frame")
    truth.put_receipt(make_receipt(plan, 0))  # names token 1
    truth.put_ending(plan.job, 1, state="failed", reason="")
    truth.retire(plan.job, 1)
    time.sleep(1.1)  # S3 tells whole seconds
    assert Sweep(truth, older_than_s=3600, keep_days=1).run().as_json()["expired"] == []
    report = Sweep(truth, older_than_s=0, keep_days=0).run()
    assert {kind: heap.count for kind, heap in report.heaps.items() if heap.count} == {"attempts": 1, "unnamed": 1}
    assert [entry.key for entry in store.list("jobs/film-1/attempts/")] == [f"{Truth.attempt(plan.job, 0, 1)}/f"]
    assert Sweep(truth, older_than_s=3600, keep_days=1e-9).run().expired == [plan.job]
    assert list(store.list()) == []
