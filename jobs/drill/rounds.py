"""One round: the film is submitted, troubles strike, the job ends, and what it made is compared."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from jobs.drill.compare import Made, Repeats, made, repeats
from jobs.drill.farm import Farm
from jobs.drill.report import Played, Struck, Verdict
from jobs.drill.scene import Scene, Watch
from jobs.drill.seeds import Blow, Round
from jobs.drill.table import TROUBLES, story
from jobs.drill.whole import flaws
from jobs.records import Plan
from pipeline.errors import AtelierError, QueueUnavailable

_TICK_S = 0.02
_STRIKE_ANYWAY_S = 15.0
"""A job that stands still would never come to a trouble's moment."""
_AFTERMATH_S = 30.0
"""How long a trouble may take to end after the job has."""


class Performance:
    """One trouble of a round, from waiting for its moment to its recovery."""

    def __init__(self, blow: Blow, farm: Farm, plan: Plan, watch: Watch, submit: Callable[[], object]) -> None:
        self.blow = blow
        self._watch = watch
        self._make = lambda: Scene(farm, plan, watch, Random(blow.seed), submit)
        self.scene = self._make()
        self._story = story(blow.trouble)(self.scene)
        self._begun = time.monotonic()
        self.ended = False

    @property
    def phase(self) -> str:
        """When it may strike."""
        return TROUBLES[self.blow.trouble].phase

    def step(self) -> None:
        """Go on with it, if its moment has come."""
        if self.ended or not self._is_due():
            return
        try:
            next(self._story)
        except StopIteration:
            self.end()
        except QueueUnavailable:
            if self.scene.struck is not None:
                self.end()
                return
            # Redis is down in the same round: another time.
            self.scene = self._make()
            self._story = story(self.blow.trouble)(self.scene)

    def _is_due(self) -> bool:
        if self._watch.over or self.scene.struck is not None:
            return True
        if self.phase == "submitting":
            return True
        if self.phase == "stitching":
            return self._watch.seen is not None and self._watch.seen.state == "stitching"
        late = time.monotonic() - self._begun > _STRIKE_ANYWAY_S
        return late or self._watch.share >= self.blow.moment

    def end(self) -> None:
        """It is over; what it has not given back yet, it gives back now."""
        self._story.close()
        self.ended = True

    def told(self, began: float, *, is_done: bool) -> Struck:
        """How it went. `is_done`: whether the film was finished; one that is not has not recovered."""
        scene = self.scene
        if scene.struck is None:
            return Struck(self.blow.trouble, self.blow.moment, scene.what, None, None)
        recovery = round(scene.recovered - scene.struck, 3) if is_done and scene.recovered is not None else None
        return Struck(self.blow.trouble, self.blow.moment, scene.what, round(scene.struck - began, 3), recovery)


def play(farm: Farm, planned: Round, job_file: str, reference: Made, *, token: str, limit_s: float) -> Played:
    """One round on a farm that is well, which it may leave unwell.

    Raises: AtelierError if the job cannot even be submitted.
    """
    plan = farm.plan(job_file, token=token)
    watch = Watch(farm, plan)

    def submit() -> Plan:
        return farm.submit(job_file, token=token)

    began = time.monotonic()
    performances = [Performance(blow, farm, plan, watch, submit) for blow in planned.blows]
    try:
        for performance in performances:
            if performance.phase == "submitting":
                performance.step()
        submit()
        _perform(performances, watch, until=began + limit_s)
    finally:
        for performance in performances:
            performance.end()
    seconds = round(time.monotonic() - began, 2)
    verdict, trouble = _judged(farm, plan, reference) if watch.over else _hung(farm, plan, seconds)
    is_done = verdict in ("identical", "differs")
    found = repeats(plan, farm.truth) if is_done else Repeats(frames=0, attempts=0)
    return Played(
        planned.seed,
        verdict,
        seconds,
        tuple(performance.told(began, is_done=is_done) for performance in performances),
        repeated_frames=found.frames,
        attempts=found.attempts,
        chunks=len(plan.chunks),
        trouble=trouble,
    )


def _perform(performances: list[Performance], watch: Watch, *, until: float) -> None:
    """Go on with everything until the job is over, and then until the troubles are."""
    while time.monotonic() < until and not watch.over:
        watch.look()
        for performance in performances:
            performance.step()
        time.sleep(_TICK_S)
    latest = time.monotonic() + _AFTERMATH_S
    while watch.over and time.monotonic() < latest and any(not performance.ended for performance in performances):
        for performance in performances:
            performance.step()
        time.sleep(_TICK_S)


def _judged(farm: Farm, plan: Plan, reference: Made) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict over a job that is over, and what is wrong with it."""
    try:
        ending = farm.truth.ending(plan.job, 1)
        if ending is not None:
            return "failed", (f"{ending.state}: {ending.reason}",)
        wrong = (*flaws(plan, farm.truth, farm.config), *made(plan, farm.truth, farm.config).differences(reference))
    except AtelierError as error:
        return "failed", (str(error),)
    return "differs" if wrong else "identical", wrong


def _hung(farm: Farm, plan: Plan, seconds: float) -> tuple[Verdict, tuple[str, ...]]:
    return "hung", (f"not done in {seconds:.0f} s; {_stand(farm, plan)}",)


def _stand(farm: Farm, plan: Plan) -> str:
    try:
        seen = farm.ledger.snapshot(plan.job)
    except AtelierError as error:
        return str(error)
    return "the ledger does not know it" if seen is None else f"the ledger has it as {seen}"
