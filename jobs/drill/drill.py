"""The whole drill: the film as it should be, then round after round of trouble."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs import control
from jobs.drill.compare import Made, clean, made, remove_all
from jobs.drill.farm import Farm
from jobs.drill.film import CHUNK, SIZE_PX, draw_film, first_frames
from jobs.drill.report import Played, Report
from jobs.drill.rounds import play
from jobs.drill.scene import Watch
from jobs.drill.seeds import Round
from jobs.drill.whole import flaws
from jobs.records import Plan
from pipeline.errors import AtelierError, InputError

STYLE = "starry-night"
_LOOK_S = 0.05
_SETTLE_S = 5.0


class Drill:
    """A drill on one farm."""

    def __init__(self, farm: Farm, *, film: str | None, limit_s: float) -> None:
        """`film`: a local film of the user's, whose beginning is painted; drawn if there is none. `limit_s`: a round's.

        Everything of the drill lies in the store below a folder of its own.
        """
        self._farm, self._limit_s = farm, limit_s
        self._folder = f"drill/{uuid.uuid4().hex[:12]}"
        self._jobs = 0
        self._film = Path(film) if film else draw_film(farm.folder / "drill.mp4")
        self._frames = first_frames(str(self._film))

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Have the farm up and the film in the store; remove what the drill has stored in the end."""
        self._farm.mend()
        try:
            self._farm.truth.store.upload(self._film, self._source)
            yield
        finally:
            remove_all(self._farm.truth.store, f"{self._folder}/")

    def undisturbed(self, report: Callable[[Plan, Made, float], Report]) -> Report:
        """Paint the film in peace. `report` makes the report of it.

        Raises: AtelierError if even that fails.
        """
        began = time.monotonic()
        plan = self._farm.submit(self._job_file(), token=self._token())
        watch = Watch(self._farm, plan)
        while not watch.over:
            if time.monotonic() - began > self._limit_s:
                raise AtelierError(
                    f"the undisturbed film was not done in {self._limit_s:.0f} s; the logs are in {self._farm.folder}"
                )
            watch.look()
            time.sleep(_LOOK_S)
        ending = self._farm.truth.ending(plan.job, 1)
        if ending is not None:
            raise AtelierError(f"the undisturbed film {ending.state}: {ending.reason}")
        seconds = time.monotonic() - began
        if wrong := flaws(plan, self._farm.truth, self._farm.config):
            raise AtelierError(f"the undisturbed film is not whole: {'; '.join(wrong)}")
        self._reference = made(plan, self._farm.truth, self._farm.config)
        self._leave(plan)
        return report(plan, self._reference, round(seconds, 2))

    def round(self, planned: Round) -> Played:
        """Play one round, keep its logs if anything is wrong, and mend what is broken."""
        self._farm.mend()
        job_file, token = self._job_file(), self._token()
        plan = self._farm.plan(job_file, token=token)
        try:
            played = self._played(planned, job_file, token)
            if played.verdict != "identical":
                played = self._kept(played, plan)
        finally:
            self._farm.mend()
            self._leave(plan)
        return played

    def _played(self, planned: Round, job_file: str, token: str) -> Played:
        began = time.monotonic()
        try:
            return play(self._farm, planned, job_file, self._reference, token=token, limit_s=self._limit_s)
        except AtelierError as error:
            return Played(planned.seed, "failed", round(time.monotonic() - began, 2), (), trouble=(str(error),))

    def _job_file(self) -> str:
        self._jobs += 1
        lines: dict[str, object] = {
            "kind": "film",
            "source": self._address(self._source),
            "style": STYLE,
            "size": SIZE_PX,
            "chunk": CHUNK,
            "deliver": ["h264", "png"],
            "output": self._address(f"{self._folder}/out-{self._jobs:04d}") + "/",
        }
        if self._frames:
            lines["frames"] = self._frames
        return "\n".join(f"{name}: {json.dumps(value)}" for name, value in lines.items())

    @property
    def _source(self) -> str:
        return f"{self._folder}/film{self._film.suffix}"

    def _address(self, key: str) -> str:
        return f"{self._farm.truth.store.url}/{key}"

    def _token(self) -> str:
        return f"{self._folder} {self._jobs}"

    def _kept(self, played: Played, plan: Plan) -> Played:
        """The round with its logs in a folder that stays."""
        folder = Path(tempfile.mkdtemp(prefix=f"atelier-drill-{played.seed}-"))
        for log in self._farm.folder.glob("*.log"):
            shutil.copy(log, folder)
        told = {"round": repr(played), "events": self._events(plan), "plan": plan.model_dump(mode="json")}
        (folder / "round.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
        return Played(**{**played.__dict__, "logs": str(folder)})

    def _events(self, plan: Plan) -> list[dict[str, object]]:
        try:
            return self._farm.ledger.events(plan.job)
        except AtelierError as error:
            return [{"what": str(error)}]

    def _leave(self, plan: Plan) -> None:
        """Have the ledger done with a job, and remove it from the store."""
        truth, ledger = self._farm.truth, self._farm.ledger
        if not truth.store.exists(f"index/{plan.job}"):
            return
        try:
            control.cancel(plan.job, truth, ledger, reason="its drill is over")
        except InputError:
            self._settle(plan)
        clean(plan, truth, self._farm.config)

    def _settle(self, plan: Plan) -> None:
        """Give the last worker the time to say that the job is done."""
        deadline = time.monotonic() + _SETTLE_S
        while plan.job in self._farm.ledger.jobs() and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
