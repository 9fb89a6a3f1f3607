"""How a job file becomes a campaign: what can be wrong with it is found when it is added, not at six on Monday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from jobs.campaigns.book import Book, check_name
from jobs.campaigns.occasion import Occasion
from jobs.campaigns.records import Campaign, Timing
from jobs.config import Settings
from jobs.confine import folders
from jobs.draft import draft
from jobs.kinds.schedule import Schedule
from jobs.records import Plan
from jobs.spec import JobSpecProblems, JobText, Located, job_text, parse, read
from jobs.truth import now as written_now
from pipeline.errors import InputError

_LOOKED_AHEAD = 60
"""Runs whose outputs are compared."""


@dataclass(frozen=True)
class Enlisted:
    """A campaign that was just added."""

    campaign: Campaign
    first: datetime
    """Its next run, in UTC."""
    plan: Plan
    """What that would make, were it now."""
    notes: tuple[str, ...]
    """What its user should know."""


def enlist(file: str | JobText, name: str | None, book: Book, config: Settings, at: datetime) -> Enlisted:
    """Make a campaign of a job file. `at`: now; it fires for no time before. Writes one record.

    Raises: JobSpecProblems, at the line that is wrong; InputError if the name is odd or taken; StorageUnavailable.
    """
    told = job_text(file)
    known_as = _name(told.path, name)
    book.check_free(known_as)
    spec, located = read(told)
    timing = _timing(spec.schedule, located)
    first = timing.timetable.first(at)
    if first is None:
        raise JobSpecProblems([located.problem(f"schedule: is over: {timing.end} has passed", "schedule", "end")])
    # Of the first run, for it may be the output that cannot be.
    occasion = Occasion.scheduled(known_as, timing.timetable.local(first))
    plan = draft(*parse(told.text, path=told.path, folder=told.folder, occasion=occasion), config).plan

    def make(number: int) -> Campaign:
        return Campaign(
            name=known_as,
            number=number,
            life=number,
            change="added",
            at=written_now(),
            since=at,
            timing=timing,
            kind=plan.kind,
            file=told.path,
            folder=str(told.folder),
            text=told.text,
            within=folders(),
        )

    campaign = book.add(make, known_as)
    return Enlisted(campaign, first, plan, (*plan.notes, *_meeting(campaign, located, at)))


def _name(file: str, name: str | None) -> str:
    """The name that is given, else the job file's. Raises: InputError."""
    if name is not None:
        check_name(name)
        return name
    try:
        check_name(Path(file).stem)
    except InputError as error:
        raise InputError(f"{file}: {error}; give it one with --name") from error
    return Path(file).stem


def _timing(schedule: Schedule | None, located: Located) -> Timing:
    if schedule is None:
        right = "write schedule: {cron: 0 6 * * mon, timezone: Europe/Berlin}"
        raise JobSpecProblems([located.problem(f"'schedule' is missing: a campaign's job file says when; {right}")])
    return Timing(**schedule.model_dump())


def _meeting(campaign: Campaign, located: Located, at: datetime) -> list[str]:
    """A note if runs follow each other into one place."""
    output = str(located.values.get("output", ""))
    timetable = campaign.timing.timetable
    times = [timetable.local(time) for time in islice(timetable.after(at), _LOOKED_AHEAD)]
    places = [Occasion.scheduled(campaign.name, time).fill(output) for time in times]
    if len(set(places)) == len(places):
        return []
    lacking = "{date}" if "{date}" not in output else "{time}"
    return [f"output: runs replace what those before them made in the same place; {lacking} in it keeps them apart"]
