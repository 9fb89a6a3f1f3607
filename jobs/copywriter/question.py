"""One question for texts that are no poster's, and its checked answer, kept as posters' copy is."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.copywriter.keys import Copy
from jobs.copywriter.request import CopyRequest
from jobs.copywriter.write import Check, write
from jobs.desk import Desk


@dataclass(frozen=True)
class Question:
    """What is asked, and what the answer must be besides."""

    request: CopyRequest
    copy: Copy
    check: Check

    def answer(self, desk: Desk) -> list[str] | None:
        """The texts in their order; None if they are not known and the desk may not ask, or has no endpoint.

        Raises: as `write`.
        """
        written = write([self.request], self.copy, desk, check=self.check, key="brief").get(self.request.key)
        return None if written is None else [written[name] for name in self.copy.texts]
