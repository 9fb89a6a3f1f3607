"""What pictures, walls and films of jobs are made with, and kept in. One a process."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from jobs.config import Settings
from jobs.ledger import Ledger
from jobs.truth import Truth
from jobs.web.delivered import Deliveries
from jobs.web.flights import Flights
from jobs.web.gallery import Gallery
from jobs.web.preview import Previews
from jobs.web.records import KnownTruth
from jobs.web.roster import Roster
from jobs.web.shelves import DiskCache
from jobs.web.walls import Walls

_FETCHED_AT_ONCE = 8
"""Pictures that are fetched from the store side by side; two of them are decoded at a time."""

_FILMS_AT_ONCE = 2


class Media:
    """Opened with the farm."""

    def __init__(self, config: Settings, truth: Truth, roster: Roster, ledger: Callable[[], Ledger | None]) -> None:
        """`ledger`: gives it, or None while Redis does not answer."""
        self.config = config
        self.truth = KnownTruth(truth, roster)
        self.walls = Walls(self.truth, ledger)
        self.deliveries = Deliveries(self.truth)
        self.pictures = Flights(_FETCHED_AT_ONCE, name="pictures")
        self.gallery = Gallery(self.truth, roster)
        self.previews = Previews(self.truth, self.walls)
        self.films = Flights(_FILMS_AT_ONCE, name="films")
        self._cache: DiskCache | None = None
        self._lock = Lock()

    @property
    def cache(self) -> DiskCache:
        """Thumbnails and films. Its folder is made when the first of them is."""
        with self._lock:
            if self._cache is None:
                self._cache = DiskCache(self.config.web_cache, most_bytes=round(self.config.web_cache_gb * 1e9))
            return self._cache

    def close(self) -> None:
        """Begin nothing more."""
        self.previews.is_closing = True
        self.pictures.close()
        self.films.close()
        if self._cache is not None:
            self._cache.close()
