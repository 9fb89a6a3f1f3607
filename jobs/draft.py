"""A job file on its way to becoming a job: planned without asking anybody, and then completed.

So what is wrong with it is told before anything is asked, and nothing is asked for a job file that is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from jobs.config import Settings
from jobs.desk import Desk
from jobs.kinds import kind
from jobs.kinds.base import FieldProblem, JobSpec, Kind
from jobs.records import Plan
from jobs.spec import Located, at_fields
from jobs.submit import plan_job
from jobs.truth import Truth
from pipeline.storage import open_store


@dataclass(frozen=True)
class Draft:
    """A job file that could be submitted, but for what must be asked of others."""

    spec: JobSpec
    plan: Plan
    located: Located
    token: str

    def completed(self, desk: Desk) -> Draft:
        """The same with everything asked for, and planned anew; of most kinds nothing needs to be.

        Raises: JobSpecProblems at the line that is wrong; what those raise who are asked: AccessDenied, ConfigError,
        ServiceUnavailable; StorageUnavailable.
        """
        spec = _prepared(self.spec, self.located, desk)
        if spec == self.spec:
            return self
        plan = plan_job(spec, self.located, desk.config, token=self.token)
        return replace(self, spec=spec, plan=plan)


def draft(spec: JobSpec, located: Located, config: Settings, *, token: str = "") -> Draft:
    """A checked job file, planned with what is known. Costs nothing, and writes nothing.

    Raises: JobSpecProblems at the line that is wrong; StorageUnavailable.
    """
    if _row(located).prepare is not None:
        store = open_store(config.store, config.store_options())
        spec = _prepared(spec, located, Desk(config, Truth(store), may_ask=False))
    return Draft(spec, plan_job(spec, located, config, token=token), located, token)


def _prepared(spec: JobSpec, located: Located, desk: Desk) -> JobSpec:
    prepare = _row(located).prepare
    if prepare is None:
        return spec
    try:
        return prepare(spec, desk)
    except FieldProblem as problem:
        raise at_fields(problem, located) from problem


def _row(located: Located) -> Kind:
    return kind(str(located.values["kind"]))
