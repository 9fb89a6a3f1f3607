"""How loud a sound is to be, as job files say it: a number of LUFS, or `{target: -23, peak: -1}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from jobs.kinds.keys import Keys
from jobs.kinds.values import shown
from pipeline.film.sound_edits import Loudness


class LoudnessKeys(Keys):
    """How loud the whole is to be, by EBU R 128."""

    target: Annotated[
        float, Field(ge=-70, le=-5, description="LUFS: -23 for broadcast, -16 or -14 for the web")
    ] = -23.0
    peak: Annotated[float, Field(ge=-20, le=0, description="true peak that is not exceeded, in dBTP")] = -1.0

    def wanted(self) -> Loudness:
        """As a plan holds it."""
        return Loudness(target=self.target, peak=self.peak)


def keyed(value: object) -> object:
    """A number is the target. Raises: ValueError of what is no loudness; `none` is a word of some kinds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"target": value}
    if value in (None, "none") or isinstance(value, Mapping | LoudnessKeys):
        return value
    raise ValueError(f"loudness: {shown(value)} is none; write LUFS, as -19, or {{target: -19, peak: -1}}")


Levelled = Annotated[LoudnessKeys | None, BeforeValidator(keyed, json_schema_input_type=float | LoudnessKeys | None)]
"""Keys, or the target alone."""
