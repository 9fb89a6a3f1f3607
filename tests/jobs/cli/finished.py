"""Jobs that workers have rendered: receipts and results as they write them."""

from __future__ import annotations

from jobs.records import Blob, Deliverable, Plan, Result
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_receipt


def finish(deployment: Deployment, plan: Plan) -> None:
    """Render a job, one picture a frame, and publish its result."""
    deployment.accept(plan)
    for chunk, (start, stop) in enumerate(plan.chunks):
        blobs = tuple(Blob(key=f"jobs/{plan.job}/{frame}.png", size=1, sha256="0") for frame in range(start, stop))
        receipt = make_receipt(plan, chunk).model_copy(
            update={"frames": blobs, "timings": {"wall_s": 2.0, "model_s": 1.5}, "finished_at": "2026-01-01T12:00:00Z"}
        )
        deployment.truth.put_receipt(receipt)
    publish(deployment, plan)
    deployment.ledger.end(plan.job, "done", generation=1)


def publish(deployment: Deployment, plan: Plan) -> None:
    """Publish a job's result; the ledger has not heard of it."""
    made = Deliverable(name="png", url=f"{plan.output}/png/", files=plan.frames, size=1_234_567, sha256="0")
    result = Result(
        job=plan.job,
        generation=1,
        frames=plan.frames,
        frames_sha256="0",
        deliverables=(made,),
        models=(),
        submitted_at="2026-01-01T12:00:00Z",
        finished_at="2026-01-01T12:01:05Z",
        compute_s=8.0,
        notes=("odd size, padded",),
    )
    deployment.truth.put_result(result)
    deployment.truth.retire(plan.job, 1)
