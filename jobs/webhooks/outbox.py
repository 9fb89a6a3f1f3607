"""Where notices lie in the store, and the only code that reads and writes them.

    jobs/<id>/hooks/<digest>.json                    an address that was named when the job was submitted again
    jobs/<id>/notices/<name>/notice.json             what one address is to be told; create-only
    jobs/<id>/notices/<name>/0001-begun.json         somebody tries for the first time; create-only
    jobs/<id>/notices/<name>/0001-answer.json        what came of it
    due/<id>/<name>                                  is there until the notice is delivered or given up

Whoever creates a try's `begun` makes it; should he die over it, the next try is another number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.records import Hook, Notice, NoticeAnswer, NoticeTry, Plan
from jobs.truth import Truth


@dataclass(frozen=True)
class Tried:
    """One try, as far as it is known."""

    number: int
    """From 1."""
    begun: NoticeTry
    answer: NoticeAnswer | None
    """None while it goes on, and if whoever tried has died over it."""


class Outbox:
    """The notices of one store's jobs."""

    def __init__(self, truth: Truth) -> None:
        self._shelf, self._store = truth.shelf, truth.store

    # Addresses

    def add_hook(self, job: str, hook: Hook) -> None:
        """Tell one more address of a job that is there already."""
        digest = hashlib.sha256(hook.model_dump_json().encode()).hexdigest()[:16]
        self._shelf.create(f"jobs/{job}/hooks/{digest}.json", hook)

    def hooks(self, plan: Plan) -> list[Hook]:
        """The addresses that its job files named."""
        added = (self._shelf.read(entry.key, Hook) for entry in self._store.list(f"jobs/{plan.job}/hooks/"))
        return [hook for hook in (plan.notify, *added) if hook is not None]

    # Notices

    def put(self, notice: Notice) -> None:
        """Keep a notice until it is delivered. One that was kept before stays as it is."""
        if not self._shelf.create(f"{_folder(notice.job, notice.name)}notice.json", notice) and self.is_over(notice):
            return
        self._store.put(f"due/{notice.job}/{notice.name}", b"")

    def notice(self, job: str, name: str) -> Notice | None:
        """A notice; None if there is none, for instance because its job expired."""
        return self._shelf.read(f"{_folder(job, name)}notice.json", Notice)

    def notices(self, job: str) -> list[Notice]:
        """Every notice of a job, in the order of its generations."""
        keys = [entry.key for entry in self._store.list(f"jobs/{job}/notices/") if entry.key.endswith("/notice.json")]
        found = (self._shelf.read(key, Notice) for key in keys)
        return [notice for notice in found if notice is not None]

    def due(self, job: str = "") -> Iterator[tuple[str, str]]:
        """(job, name) of every notice that is not over; of one job, if it is named."""
        for entry in self._store.list(f"due/{job}/" if job else "due/"):
            _, owner, name = entry.key.split("/")
            yield owner, name

    def settle(self, job: str, name: str) -> None:
        """Nothing will be tried again."""
        self._store.delete(f"due/{job}/{name}")

    # Tries

    def begin(self, notice: Notice, number: int, begun: NoticeTry) -> bool:
        """Make a try ours. False if it is somebody else's."""
        return self._shelf.create(f"{_folder(notice.job, notice.name)}{number:04d}-begun.json", begun)

    def end(self, notice: Notice, number: int, answer: NoticeAnswer) -> None:
        """What came of our try."""
        self._shelf.put(f"{_folder(notice.job, notice.name)}{number:04d}-answer.json", answer)

    def tries(self, notice: Notice) -> list[Tried]:
        """Every try, the first one first."""
        folder = _folder(notice.job, notice.name)
        keys = {entry.key for entry in self._store.list(folder)}
        numbers = sorted(int(key.removeprefix(folder)[:4]) for key in keys if key.endswith("-begun.json"))
        return [tried for number in numbers if (tried := self._tried(folder, number)) is not None]

    def last(self, notice: Notice) -> Tried | None:
        """The last try, if there was one."""
        folder = _folder(notice.job, notice.name)
        begun = [entry.key for entry in self._store.list(folder) if entry.key.endswith("-begun.json")]
        return self._tried(folder, int(max(begun).removeprefix(folder)[:4])) if begun else None

    def is_over(self, notice: Notice) -> bool:
        """Whether it was delivered or given up."""
        last = self.last(notice)
        return last is not None and last.answer is not None and last.answer.is_final

    def _tried(self, folder: str, number: int) -> Tried | None:
        begun = self._shelf.read(f"{folder}{number:04d}-begun.json", NoticeTry)
        answer = self._shelf.read(f"{folder}{number:04d}-answer.json", NoticeAnswer)
        return None if begun is None else Tried(number, begun, answer)


def _folder(job: str, name: str) -> str:
    return f"jobs/{job}/notices/{name}/"
