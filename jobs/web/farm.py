"""The records, ledger and queue that all requests of one process share. Any of them may be away for a while."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from jobs.arbiter import creator
from jobs.client import Atelier
from jobs.config import Settings
from jobs.ledger import Ledger
from jobs.queue import Queue, make_ledger
from jobs.records import Plan
from jobs.session import Session
from jobs.truth import Truth
from jobs.web.cards import Cards
from jobs.web.media import Media
from jobs.web.records import KnownTruth
from jobs.web.roster import Roster
from pipeline.errors import QueueUnavailable
from pipeline.storage import open_store

_ASKED_EVERY_S = 1.0
_PATIENCE_S = 1.0


@dataclass
class Farm:
    """What every request works with. Its parts may be used by many threads at once."""

    config: Settings
    truth: Truth
    ledger: Ledger
    probe: Ledger
    """The same, for asking whether it answers: it does not wait for long."""
    queue: Queue
    roster: Roster
    known: KnownTruth
    """The same records, some of them as they were a moment ago: for looking."""
    cards: Cards
    media: Media = field(init=False, repr=False)
    """What walls, pictures and films are made with."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _asked: float = field(default=-_ASKED_EVERY_S, repr=False)
    _absence: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        self.media = Media(self.config, self.truth, self.roster, lambda: self.readable)

    @classmethod
    def open(cls, config: Settings) -> Farm:
        """Opens what the settings name; nobody is asked yet. Raises: ConfigError; AccessDenied, StorageUnavailable."""
        ledger = make_ledger(config)
        store = open_store(config.store, config.store_options())
        truth = Truth(store, creator(store, lambda: ledger))
        roster = Roster(truth)
        probe = make_ledger(config, timeout_s=_PATIENCE_S, patient=False)
        known = KnownTruth(truth, roster)
        cards = Cards(known, roster, config.price_per_hour)
        return cls(config, truth, ledger, probe, Queue(config), roster, known, cards)

    @property
    def atelier(self) -> Atelier:
        """The deployment at this moment, for one request."""
        absence = self.absence()
        return Atelier(self.config, self.truth, None if absence else self.ledger, self.queue, absence)

    @property
    def session(self) -> Session:
        """What firing a campaign takes."""
        return Session(self.config, self.truth, self.ledger, self.queue)

    def absence(self) -> str:
        """Why Redis cannot be asked; empty if it can. Asked once a second at most, however many want to know."""
        with self._lock:
            if time.monotonic() - self._asked >= _ASKED_EVERY_S:
                try:
                    self.probe.ping()
                    self._absence = ""
                except QueueUnavailable as error:
                    self._absence = str(error)
                self._asked = time.monotonic()
            return self._absence

    @property
    def readable(self) -> Ledger | None:
        """The ledger, if its Redis answers: what looking at jobs does without."""
        return None if self.absence() else self.ledger

    @property
    def there(self) -> Ledger:
        """The ledger. Raises: QueueUnavailable at once if its Redis did not answer a moment ago."""
        if why := self.absence():
            raise QueueUnavailable(why)
        return self.ledger

    def plan(self, job: str) -> Plan:
        """A job's plan. Raises: JobNotFound, IntegrityError, StorageUnavailable."""
        return self.roster.plan(job)

    def close(self) -> None:
        """Give the connections back."""
        self.media.close()
        self.queue.close()
        self.probe.close()
        self.ledger.close()
