"""Finding the frames that kill whoever paints them: a chunk that failed too often is halved until each stands alone.

What is known lies in the store (`jobs/<id>/quarantine/`), because the process that learns it dies of it. A range is
written down before it is tried; who finds it there knows that it was not survived. From left to right:

    the whole rest     survived: the chunk is done. Not survived: the first bad frame is in it
    half of that       survived: it is behind. Not survived: it is in there
    … one frame        not survived twice: it is bad

Frames after a bad one are painted as after a cut.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.kinds import kind
from jobs.ledger import Ledger
from jobs.records import Plan, Quarantine, Receipt
from jobs.truth import Truth
from pipeline.errors import AccessDenied, InputError, Interrupted, LeaseLost, SourceMissing, TransientError
from workers.lease import Lease

if TYPE_CHECKING:
    from workers.render import Renderer

log = logging.getLogger(__name__)

MOST_BAD = 8
"""Bad frames in one chunk: more are no matter of frames."""

MOST_FAILURES = 64
"""Failures of one chunk after which its job fails in any case: halving 100,000 frames takes 17."""

_CONFIRMED = 2
"""Times that a frame must fail alone before it is called bad."""


class PoisonFrames(InputError):
    """A chunk has frames that cannot be painted, and its job does not go on without them."""


def can_isolate(plan: Plan) -> bool:
    """Whether frames of the job can be painted one without the other."""
    return kind(plan.kind).separable


@dataclass(frozen=True)
class Isolation:
    """One attempt to get on with a chunk that failed too often."""

    renderer: Renderer
    truth: Truth
    ledger: Ledger
    plan: Plan
    chunk: int
    generation: int
    lease: Lease

    def render(self, history: tuple[str, ...], *, why: str) -> Receipt:
        """Try ranges until the whole chunk is done, but for its bad frames. `why`: what the last attempt failed of.

        Raises: PoisonFrames if the job's policy is to fail, or there are too many; Interrupted; TransientError;
        AccessDenied or SourceMissing if nothing of the source can be read.
        """
        stop = self.plan.chunks[self.chunk][1]
        known = self._known(why)
        while True:
            self._judge(known)
            span = known.next_span(stop)
            known = self._keep(known.model_copy(update={"trying": span}))
            try:
                if known.ends is None:
                    return self.renderer.render(
                        self.plan,
                        self.chunk,
                        self.generation,
                        self.lease,
                        history,
                        bad=known.bad,
                        leads_in=known.leads_in,
                    )
                self.renderer.try_out(
                    self.plan, self.chunk, self.generation, self.lease, span, bad=known.bad, leads_in=known.leads_in
                )
            except LeaseLost:
                # Whoever has it now writes down what is known.
                raise
            except (Interrupted, TransientError, AccessDenied, SourceMissing):
                # Nothing that speaks against these frames.
                self._keep(known.model_copy(update={"trying": None}))
                raise
            except Exception as error:
                log.warning("%s frames %d-%d: %s", self.plan.job, span[0], span[1] - 1, error)
                known = self._keep(known.failed(f"{error}", confirmed=_CONFIRMED))
            else:
                known = self._keep(known.survived())

    def _known(self, why: str) -> Quarantine:
        known = self.truth.quarantine(self.plan.job, self.chunk, self.generation)
        if known is None:
            start, stop = self.plan.chunks[self.chunk]
            self.ledger.record(self.plan.job, f"looking for the frame that it fails of ({why})", chunk=self.chunk)
            return Quarantine(begins=start, cleared=start, ends=stop, leads_in=self.plan.lead_in > 0)
        return known if known.trying is None else self._keep(known.failed(why, confirmed=_CONFIRMED))

    def _keep(self, known: Quarantine) -> Quarantine:
        self.truth.put_quarantine(self.plan.job, self.chunk, self.generation, known)
        return known

    def _judge(self, known: Quarantine) -> None:
        """Whether to go on. Raises: PoisonFrames."""
        plan = self.plan
        start, stop = plan.chunks[self.chunk]
        if known.bad and plan.on_error == "fail":
            frame, why = next(iter(known.bad.items()))
            raise PoisonFrames(
                f"frame {plan.number(frame)} cannot be painted: {why}; mend the source, or write "
                "`on_error: hold-last-frame` (or `skip`) into the job file to go on without it"
            )
        last = next(reversed(known.bad.values()), "")
        if len(known.bad) == stop - start:
            raise PoisonFrames(
                f"no frame of chunk {self.chunk} ({_numbered(plan, start, stop)}) can be painted, so that none can "
                f"stand in for another; the last of them: {last}"
            )
        if len(known.bad) > MOST_BAD:
            raise PoisonFrames(
                f"{len(known.bad)} frames of chunk {self.chunk} ({_numbered(plan, start, stop)}) cannot be painted, "
                f"and at most {MOST_BAD} are done without; the last of them: {last}"
            )
        if known.failures > MOST_FAILURES:
            raise PoisonFrames(f"chunk {self.chunk} failed {known.failures} times, of no frame in particular")


def _numbered(plan: Plan, start: int, stop: int) -> str:
    """Frames as people know them."""
    first, last = plan.number(start), plan.number(stop - 1)
    return f"frame {first}" if first == last else f"frames {first}-{last}"
