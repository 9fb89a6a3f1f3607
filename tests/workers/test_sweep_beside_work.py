"""A sweep that never ends, with no patience at all, beside a worker, a stitcher and a redo: nothing needed goes."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from jobs import control
from jobs.records import Plan
from jobs.truth import Truth
from tests.processes import running
from tests.workers.farm import TIMEOUT_S, Farm

ENDLESS = """
import sys
import time
from jobs.sweep import Sweep
from jobs.truth import Truth
from pipeline.storage import open_store

rounds = 0
while True:
    report = Sweep(Truth(open_store(sys.argv[1])), older_than_s=0, keep_days=0).run()
    rounds += 1
    time.sleep(0.2)
    print(rounds, report.heaps["attempts"].count, report.left, flush=True)
"""

JOB = """
kind: film
source: {source}
style: {style}
chunk: 5
frames: 1-10
deliver: [h264, png]
output: out/
"""


def put_losers(truth: Truth, plan: Plan) -> None:
    """What attempts that lost would have left at every chunk."""
    for chunk in range(len(plan.chunks)):
        for token in (1, 2):
            truth.store.put(f"{Truth.attempt(plan.job, chunk, token)}/png-00000000.png", b"lost")


def assert_whole(truth: Truth, plan: Plan) -> None:
    """Every file that a receipt of any generation names is there."""
    for entry in truth.store.list(f"jobs/{plan.job}/receipts/"):
        chunk, generation = map(int, entry.key.rpartition("/")[2].removesuffix(".json").split("-"))
        receipt = truth.receipt(plan.job, chunk, generation)
        assert receipt is not None
        assert [blob.key for blob in receipt.blobs() if truth.store.size(blob.key) != blob.size] == []


def wait_until_swept(truth: Truth, plan: Plan) -> None:
    """Return once no attempt that lost is left."""
    deadline = time.monotonic() + TIMEOUT_S
    while any(entry.key.split("/")[4] in ("1", "2") for entry in truth.store.list(f"jobs/{plan.job}/attempts/")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nothing_that_a_receipt_names_goes_while_a_film_is_painted_stitched_and_redone(
    shared_farm: Farm, media: Path
) -> None:
    farm, log = shared_farm, shared_farm.folder / "sweep.txt"
    with running([sys.executable, "-c", ENDLESS, farm.config.store], log=log):
        plan = farm.submit(JOB.format(source=media / "clip.mp4", style=media / "fast.safetensors"))
        put_losers(farm.truth, plan)
        first = farm.finish(plan)
        assert_whole(farm.truth, plan)
        control.redo(plan.job, [1, 2], farm.truth)
        put_losers(farm.truth, plan)
        farm.redo(plan)
        second = farm.finish(plan)
        wait_until_swept(farm.truth, plan)
        assert_whole(farm.truth, plan)
    assert first.frames_sha256 == second.frames_sha256
    assert farm.ledger.snapshot(plan.job).failures == {}  # type: ignore[union-attr]
    lines = log.read_text().splitlines()
    assert all(line.endswith(" []") for line in lines), lines
