"""Where the records of campaigns lie in the store, and the only code that reads and writes them.

    campaigns/versions/<name>/000001.json            the campaign from one change on; create-only; the newest counts
    campaigns/open/<name>/20261207T050000Z.json      a run that has not ended yet
    campaigns/runs/<name>/20261207T050000Z.json      who fires it; create-only
    campaigns/plans/<name>/20261207T050000Z.json     the job that it is, until that is submitted; create-only
    campaigns/ended/<name>/20261207T050000Z.json     what became of it

A run that people order is called `…Z-now`. The order of writing makes each step safe to lose: a run is open before it
is claimed, claimed before it is planned, planned before it is submitted, ended before it leaves `plans/` and `open/`.
Whoever finds it open goes on from there. Two listings, of `versions/` and `open/`, tell a scheduler what it must know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

from jobs.campaigns.records import Attempt, Campaign, Claim, Ended, Intent, Run, Timing
from jobs.shelf import Shelf
from jobs.truth import Truth, now
from pipeline.errors import InputError, IntegrityError, ObjectNotFound, StorageUnavailable, Untimely

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")

_TRIES = 5
"""Times that a change is made again because somebody else was quicker."""

_A_DAY = timedelta(days=1)


def check_name(name: str) -> None:
    """Raises: InputError unless it can be a campaign's: it becomes part of paths and addresses."""
    if not _NAME.fullmatch(name):
        right = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:63]
        such = f", as in {right}" if _NAME.fullmatch(right) else ", as in autumn-sale"
        raise InputError(f"{name[:80]!r} is no name for a campaign; write letters, digits, - and _{such}")


class Book:
    """The campaigns of one store, and their runs."""

    def __init__(self, truth: Truth) -> None:
        """`truth`: the jobs of the same store."""
        self._shelf = Shelf(truth.store, truth.shelf.create_bytes, mend="remove the campaign, and add it again")
        self._store = truth.store

    # Campaigns

    def newest(self) -> dict[str, int]:
        """The number of the newest version of every campaign that there ever was."""
        found: dict[str, int] = {}
        for entry in self._store.list("campaigns/versions/"):
            _, _, name, number = entry.key.split("/")
            found[name] = max(int(number.removesuffix(".json")), found.get(name, 0))
        return found

    def version(self, name: str, number: int) -> Campaign:
        """A campaign as it was then. Raises: ObjectNotFound, IntegrityError."""
        found = self._shelf.read(self._version(name, number), Campaign)
        if found is None:
            raise ObjectNotFound(f"{self._store.url}/{self._version(name, number)}: no such version of a campaign")
        return found

    def campaigns(self, tell: Callable[[str], object] = lambda problem: None) -> list[Campaign]:
        """Those that there are, by name. `tell` is called with what is wrong with one that is damaged."""
        found = []
        for name, number in sorted(self.newest().items()):
            try:
                campaign = self.version(name, number)
                if not campaign.is_removed:
                    campaign.timing.check()
                    found.append(campaign)
            except IntegrityError as error:
                tell(f"campaign {name}: {error}")
        return found

    def find(self, name: str) -> Campaign | None:
        """The campaign of that name, as it is now; None if there is none."""
        number = self._last(name)
        campaign = self.version(name, number) if number else None
        return None if campaign is None or campaign.is_removed else campaign

    def campaign(self, name: str) -> Campaign:
        """The same. Raises: InputError with the nearest name if there is none."""
        found = self.find(name) if _NAME.fullmatch(name) else None
        if found is not None:
            return found
        names = [campaign.name for campaign in self.campaigns()]
        if not names:
            raise InputError(f"no campaign {name!r}: there is none yet; `atelier campaign add FILE` makes one")
        near = get_close_matches(name, names, n=1, cutoff=0.6)
        guess = f"did you mean {near[0]}?" if near else "`atelier campaign list` lists them"
        raise InputError(f"no campaign {name!r} in {self._store.url}; {guess}")

    def add(self, make: Callable[[int], Campaign], name: str) -> Campaign:
        """Write a new campaign. `make`: gives its first version, of that number. Raises: InputError if it is there."""
        last = self._last(name)
        # What is looked at is what the new version follows: another that came in between would be overlooked.
        if last and not self.version(name, last).is_removed:
            raise _taken(name)
        campaign = make(last + 1)
        if not self._shelf.create(self._version(name, campaign.number), campaign):
            raise _taken(name)
        return campaign

    def check_free(self, name: str) -> None:
        """Raises: InputError if there is a campaign of that name."""
        if self.find(name) is not None:
            raise _taken(name)

    def pause(self, name: str) -> Campaign:
        """Fire nothing of it until it is resumed. Raises: InputError if there is no such campaign."""
        return self._change(name, lambda found: None if found.is_paused else {"change": "paused"})

    def resume(self, name: str, at: datetime) -> Campaign:
        """Go on from now: what was missed while it was paused is left out. Raises: InputError."""
        return self._change(name, lambda found: {"change": "resumed", "since": at} if found.is_paused else None)

    def remove(self, name: str) -> None:
        """It is no more, even if its record is damaged. Jobs stay. Raises: InputError if there is no such campaign."""
        try:
            self._change(name, lambda found: {"change": "removed"})
        except IntegrityError:
            number = self._last(name) + 1
            self._shelf.create(self._version(name, number), _nothing(name, number))

    def _change(self, name: str, change: Callable[[Campaign], dict[str, object] | None]) -> Campaign:
        """Write the next version, unless there is nothing to change; again if somebody else wrote one meanwhile."""
        for _ in range(_TRIES):
            found = self.campaign(name)
            changed = change(found)
            if changed is None:
                return found
            written = found.model_copy(update={"number": found.number + 1, "at": now(), **changed})
            if self._shelf.create(self._version(name, written.number), written):
                return written
        raise StorageUnavailable(f"campaign {name}: others are changing it at this moment; try again")

    def _last(self, name: str) -> int:
        """The number of the newest version; 0 if there never was one. Asks beyond a listing that may lag behind."""
        listed = [entry.key for entry in self._store.list(f"campaigns/versions/{name}/")]
        number = max((int(key.rpartition("/")[2].removesuffix(".json")) for key in listed), default=0)
        while self._store.exists(self._version(name, number + 1)):
            number += 1
        return number

    @staticmethod
    def _version(name: str, number: int) -> str:
        return f"campaigns/versions/{name}/{number:06d}.json"

    # Runs

    def claim(self, run: Run, *, version: int, by: str, at: datetime) -> bool:
        """Fire a run, unless somebody does already. True if it is ours: then it is open until it is closed."""
        if self._store.exists(_key("runs", run)):
            return False
        attempt = Attempt(version=version, by=by, at=at)
        opened = self._shelf.create(_key("open", run), attempt)
        ours = self._shelf.create(_key("runs", run), Claim(version=version, by=by, at=at))
        if ours and not opened:
            # Somebody opened it and did not get it, or died before that.
            self.put_attempt(run, attempt)
        if opened and not ours and self.ended(run) is not None:
            # Claimed, fired and closed since we looked: what we opened is no news.
            self.close(run)
        return ours

    def claimed(self, run: Run) -> Claim | None:
        """Who fires a run, if anybody does."""
        return self._shelf.read(_key("runs", run), Claim)

    def runs(self, name: str, beginning: str = "") -> Iterator[Run]:
        """A campaign's claimed runs whose keys begin so (`202612`: of that month), the oldest first."""
        return self._list("runs", f"{name}/{beginning}")

    def last_run(self, campaign: Campaign, until: datetime, *, ordered: bool = True) -> Run | None:
        """The latest claimed run of a campaign's life, up to a moment; None if there is none. Of those that were
        ordered, too, unless `ordered` says otherwise.
        """
        runs = (run for run in self.latest(campaign, until) if ordered or not run.ordered)
        return next(runs, None)

    def latest(self, campaign: Campaign, until: datetime) -> Iterator[Run]:
        """The claimed runs of a campaign's life up to a moment, the last one first. Asks month by month."""
        added = self.version(campaign.name, campaign.life).since.replace(microsecond=0)
        month = until
        while (month.year, month.month) >= (added.year, added.month):
            runs = list(self.runs(campaign.name, f"{month:%Y%m}"))
            yield from (run for run in reversed(runs) if added <= run.at <= until)
            month = month.replace(day=1) - _A_DAY

    def open(self) -> list[Run]:
        """Runs that have not ended, of every campaign."""
        return list(self._list("open"))

    def attempt(self, run: Run) -> Attempt | None:
        """How far an open run has come; None if it has ended."""
        return self._shelf.read(_key("open", run), Attempt)

    def put_attempt(self, run: Run, attempt: Attempt) -> None:
        """Say how far it has come."""
        self._shelf.put(_key("open", run), attempt)

    def intent(self, run: Run) -> Intent | None:
        """The job that a run is, if that is decided and not yet submitted."""
        return self._shelf.read(_key("plans", run), Intent)

    def intend(self, run: Run, intent: Intent) -> Intent:
        """Decide which job a run is. Gives the decision that counts: another may have been first."""
        self._shelf.create(_key("plans", run), intent)
        return self.intent(run) or intent

    def ended(self, run: Run) -> Ended | None:
        """What became of a run, if it has ended."""
        return self._shelf.read(_key("ended", run), Ended)

    def end(self, run: Run, ended: Ended) -> None:
        """Write down what became of a run. A job counts more than somebody's failure to submit it."""
        if ended.job:
            self._shelf.put(_key("ended", run), ended)
        else:
            self._shelf.create(_key("ended", run), ended)

    def close(self, run: Run) -> None:
        """Nobody needs to look at a run any more that has ended."""
        self._store.delete(_key("plans", run))
        self._store.delete(_key("open", run))

    def _list(self, folder: str, beginning: str = "") -> Iterator[Run]:
        for entry in self._store.list(f"campaigns/{folder}/{beginning}"):
            _, _, name, key = entry.key.split("/")
            yield Run.of(name, key.removesuffix(".json"))


def _nothing(name: str, number: int) -> Campaign:
    """A campaign that was removed, and of which nothing else is known."""
    timing = Timing(cron="@yearly", timezone="UTC", start=None, end=None, catch_up="skip")
    at = datetime.now(UTC)
    return Campaign(
        name=name,
        number=number,
        life=number,
        change="removed",
        at=now(),
        since=at,
        timing=timing,
        kind="",
        file="",
        folder="",
        text="",
    )


def _key(folder: str, run: Run) -> str:
    return f"campaigns/{folder}/{run.campaign}/{run.key}.json"


def _taken(name: str) -> Untimely:
    right = f"choose another with --name, or `atelier campaign remove {name}` first"
    return Untimely(f"there is a campaign {name!r} already; {right}")
