"""Speaking a job's lines: pieces are said, joined, brought to their loudness, and written. A frame is a waveform.

Each line has chance of its own, seeded when it begins, and is said by itself: its sound does not depend on what else
is in its chunk. PyTorch's chance is one for the whole process, so lines of networks are said one at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pipeline.errors import ConfigError, InputError, ModelError
from pipeline.film.deliverables import SPEECH
from pipeline.film.mix import RATE
from pipeline.painter import Easel, Work
from pipeline.scratch import scratch_folder
from pipeline.speech.brief import LineBrief, SpeechBrief
from pipeline.speech.espeak import EspeakVoice
from pipeline.speech.joining import Line, joined
from pipeline.speech.level import levelled
from pipeline.speech.sound import blocks_of, write
from pipeline.speech.text import pieces, spelled
from pipeline.speech.timings import Timings
from pipeline.speech.voices import ABOUT, Asked, Spoken, Voice
from pipeline.speech.waveform import HEIGHT, WIDTH, waveform
from pipeline.stream import spread

_CHANCE = threading.Lock()
"""Held while a line is said by a network."""

_GREY = 128
"""Of what cannot be said."""

_SEEDS = 2**63


@dataclass(frozen=True)
class _Made:
    """One line."""

    frame: int
    line: Line | None
    timings: Timings | None = None
    remarks: tuple[str, ...] = ()
    problem: str = ""


class SpeechPainter:
    """Says the lines of one job."""

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a SpeechBrief."""
        self._brief = SpeechBrief.model_validate(inputs)
        self._easel = easel
        self._voices: dict[int, Voice] = {}
        self.batch = 1
        """The worker looks after each line whether to stop."""

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The chunk's waveforms: (HEIGHT, WIDTH, 3) uint8, each after its line's files were given.

        What cannot be said is told by `work.fail`, and is grey.
        Raises: ModelError if a model cannot be used; ConfigError if what speaks is not here; TransientError;
        Interrupted.
        """
        wanted = range(work.start, work.stop)
        lines = (self._brief.lines[frame] for frame in wanted)
        for place in dict.fromkeys(line.voice for line in lines if not line.problem):
            self._open(place, work)

        def say(frame: int) -> _Made:
            return self._line(frame, work)

        # Rules need no chance, and are said side by side.
        with scratch_folder("speech") as folder:
            for made in spread(say, wanted, threads=self._easel.lanes, name="say"):
                yield self._given(made, work, folder)

    def _open(self, place: int, work: Work) -> None:
        """Have a voice ready; those of networks stay in memory with their models."""
        told = self._brief.voices[place]
        if told.model is None:
            speaker = EspeakVoice(told.variant)
            self._voices[place] = speaker
            work.note(f"voice {told.name}: {speaker.said}")
            return
        with work.watch.time("load_s"):
            work.pulse(f"loading the voice {told.name}")
            model = work.model(told.model)
        files = tuple(work.file(file) for file in told.files)
        self._voices[place] = model.voice(speaker=told.speaker, files=files)
        work.note(f"voice {told.name}: {ABOUT[told.engine].title}, a trained model")

    def _line(self, frame: int, work: Work) -> _Made:
        line = self._brief.lines[frame]
        if line.problem:
            return _Made(frame, None, problem=line.problem)
        try:
            with work.watch.time("model_s"):
                spoken = self._spoken(frame, line, work)
        except InputError as error:
            if isinstance(error, ModelError | ConfigError):
                # No other line would fare better.
                raise
            return _Made(frame, None, problem=f"line {line.name}: {error}")
        samples, sound, remark = levelled(spoken.samples, self._brief.loudness)
        timings = Timings(
            duration_s=round(samples.size / RATE, 6),
            loudness=None if sound.is_silent else round(sound.loudness, 2),
            pieces=spoken.said,
        )
        remarks = (f"{line.name}: {remark}",) if remark else ()
        return _Made(frame, Line(samples, spoken.said), timings, remarks)

    def _spoken(self, frame: int, line: LineBrief, work: Work) -> Line:
        """The line, said piece by piece. Raises: InputError if it cannot be."""
        told, voice = self._brief.voice(frame), self._voices[line.voice]
        about = ABOUT[told.engine]
        asked = Asked(language=line.language, speed=line.speed, seed=line.seed)
        text = line.text if about.spells else spelled(line.text, line.language)
        row = pieces(text, line.language, about.longest)

        def say() -> list[Spoken]:
            made = []
            for number, piece in enumerate(row, 1):
                work.pulse(f"{line.name}: piece {number} of {len(row)}")
                spoken = voice.say(piece.text, asked)
                if not np.isfinite(spoken.samples).all():
                    # Joined, such a piece would be silence, and missing.
                    raise ModelError(f"voice {told.name}: gives values that are not finite; its weights are damaged")
                made.append(spoken)
            return made

        if told.is_trained:
            with _CHANCE, torch.random.fork_rng(_devices(self._easel.device)):
                torch.manual_seed(line.seed % _SEEDS)
                said = say()
        else:
            said = say()
        made = joined(list(zip(row, said, strict=True)), speed=line.speed)
        if not any(each.stop_s > each.start_s for each in made.said):
            raise InputError("the voice made no sound of it; write it otherwise, or name another voice")
        return made

    def _given(self, made: _Made, work: Work, folder: Path) -> np.ndarray:
        """A line's files, given to the worker; its waveform."""
        if made.line is None or made.timings is None:
            work.fail(made.frame, made.problem)
            return np.full((HEIGHT, WIDTH, 3), _GREY, np.uint8)
        facts = self._brief.facts(made.frame)
        place = self._brief.voice(made.frame).model
        if place is not None and place < len(work.model_digests):
            facts["modelSha256"] = work.model_digests[place].rpartition(" ")[2]
        work.describe(made.frame, facts)
        for name in self._brief.clips:
            path = folder / f"{made.frame}{SPEECH[name].suffix}"
            with work.watch.time(f"{name}_s"):
                if name == "timings":
                    path.write_bytes(made.timings.as_json())
                else:
                    write(blocks_of(made.line.samples), name, path)
            work.clip(made.frame, name, path)
        for remark in made.remarks:
            work.remark(made.frame, remark)
            work.note(remark)
        return waveform(made.line.samples, made.line.said)


def _devices(device: torch.device) -> list[torch.device]:
    """Those whose chance is to be left as it was."""
    return [device] if device.type == "cuda" else []
