"""An estimate from beginning to end: frames alone, then runs of neighbours, then arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from statistics import median

from jobs.estimate import choose, project
from jobs.estimate.measure import Measured, measure
from jobs.kinds import kind
from jobs.kinds.base import JobSpec
from jobs.ledger import WorkerInfo
from jobs.records import Plan, Receipt
from jobs.session import Session
from pipeline.errors import InputError

Report = Callable[[int, int], None]
"""(frames rendered, frames that are rendered in all, as far as is known)."""


def check_can_be_estimated(plan: Plan) -> None:
    """Raises: InputError if the job is one piece of work, of which no part stands for the rest."""
    if not kind(plan.kind).separable:
        raise InputError(
            f"a job of kind {plan.kind} is one piece of work, and how long it takes shows only while it is made; "
            "run it, and `atelier status` tells how far it is"
        )


def estimate(
    spec: JobSpec,
    plan: Plan,
    session: Session,
    *,
    start_s: float | None,
    most_runs: int,
    report: Report,
    check: Callable[[list[WorkerInfo]], object],
) -> project.Estimate:
    """What a planned job will take on the workers of this session.

    `start_s`: what they took to come up, if they are new; None if they were there. `most_runs`: how many of them may be
    busy with it at a time.
    Raises: as `check_can_be_estimated` and `measure`.
    """
    check_can_be_estimated(plan)
    parts, spots = choose.parts(plan), choose.spots(plan)
    rendered, known = 0, sum(stop - start for start, stop in spots)

    def render(spans: Sequence[choose.Span]) -> Measured:
        def tell(frames: int) -> None:
            report(rendered + frames, known)

        return measure(spans, spec, plan, session, report=tell, check=check)

    first = render(spots)
    alone = {part: _within(part, first.receipts) for part in parts}
    rendered = known
    wanted: list[choose.Span] = []
    if not choose.is_small(plan):
        wanted = list(chain.from_iterable(_runs(plan, part, alone[part], most_runs) for part in parts))
        known += sum(stop - start for start, stop in wanted)
    second = render(wanted) if wanted else first
    runs = {part: _within(part, second.receipts) if wanted else [] for part in parts}
    receipts = [*first.receipts, *(second.receipts if wanted else ())]
    store = project.added([project.stored(plan, part, alone[part], runs[part]) for part in parts])
    return project.Estimate(
        plan=plan,
        paces=tuple(project.pace(part, plan, alone[part], runs[part]) for part in parts),
        start_s=_cold_s(first.receipts) if start_s is None else start_s + first.first_s,
        stitch_s=project.stitch_s(plan, second.rehearsal),
        store=store,
        delivered=project.delivered(plan, second.rehearsal, store),
        device=receipts[0].device,
        memory=max(receipt.memory for receipt in receipts),
        device_memory=max(receipt.device_memory for receipt in receipts),
        frames_rendered=known,
        is_whole=choose.is_small(plan),
        delivering=project.delivering(plan, second.rehearsal),
    )


def _within(part: choose.Part, receipts: Sequence[Receipt]) -> list[Receipt]:
    return [receipt for receipt in receipts if part.start <= receipt.start < part.stop]


def _runs(plan: Plan, part: choose.Part, alone: Sequence[Receipt], most: int) -> list[choose.Span]:
    """Runs where frames cost what they mostly cost."""
    middle = median(map(project.work_s, alone))
    usual = sorted(alone, key=lambda receipt: abs(project.work_s(receipt) - middle))
    frame_s = median(receipt.timings["wall_s"] for receipt in alone)
    return choose.runs(plan, part, [receipt.start for receipt in usual], frame_s=frame_s, most=most)


def _cold_s(receipts: Sequence[Receipt]) -> float:
    """What a worker's first frame took longer than others."""
    timings = [receipt.timings for receipt in receipts if "cold_s" in receipt.timings]
    cold = [each["cold_s"] - each["wall_s"] for each in timings]
    return max(0.0, median(cold)) if cold else 0.0
