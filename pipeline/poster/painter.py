"""Painting posters: each frame of the job is one poster at rest, and its animations are files of their own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.backgrounds.brief import BackgroundBrief
from pipeline.backgrounds.shown import Backgrounds
from pipeline.errors import AccessDenied, ConfigError, InputError, ModelError
from pipeline.film.clips import encode_clips
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.sound_edits import Editing
from pipeline.images import premultiplied, read_premultiplied
from pipeline.painter import Easel, Work
from pipeline.poster.brief import PosterBrief, Variant
from pipeline.poster.canvas import Canvas
from pipeline.poster.compose import Poster, compose
from pipeline.poster.layers import Footage, Scene
from pipeline.poster.layers.pictures import on_white
from pipeline.poster.motion import Timeline
from pipeline.poster.palettes import from_picture
from pipeline.poster.template import PICTURE
from pipeline.scratch import scratch_folder
from pipeline.stream import spread
from pipeline.typography.files import FontFile
from pipeline.typography.fonts import FontSet
from pipeline.typography.locales import locale

_PICTURES_KEPT = 16
"""Of logos and the like, decoded."""

_PLACEHOLDER = 128
"""Grey of a poster that could not be made."""


@dataclass(frozen=True)
class _Made:
    """One poster."""

    frame: int
    pixels: np.ndarray
    clips: Mapping[str, Path] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    problem: str = ""


class PosterPainter:
    """Paints the posters of one job."""

    batch = 1

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a PosterBrief."""
        self._brief = PosterBrief.model_validate(inputs)
        self._easel = easel
        self._backgrounds = {
            name: Backgrounds(BackgroundBrief.model_validate(told), easel)
            for name, told in self._brief.backgrounds.items()
        }
        self._fonts: FontSet | None = None
        self._pictures: OrderedDict[str, np.ndarray] = OrderedDict()

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The chunk's posters at rest: (H, W, 3) uint8, sRGB, each of its own size; their animations go to `work.clip`.

        A poster that cannot be made is told by `work.fail`, and is grey.
        Raises: TransientError; Interrupted; InputError of what all of them need.
        """
        with scratch_folder("posters") as folder:
            frames = range(work.start, work.stop)
            for made in spread(
                lambda frame: self._made(frame, work, folder), frames, threads=self._easel.lanes, name="poster"
            ):
                for remark in made.remarks:
                    work.remark(made.frame, remark)
                if made.problem:
                    work.fail(made.frame, made.problem)
                if made.facts or not self._brief.written:
                    # Before its clips, which say the same of themselves: nothing, if no model had a hand in it.
                    work.describe(made.frame, made.facts)
                for name, path in made.clips.items():
                    work.clip(made.frame, name, path)
                yield made.pixels

    def _made(self, frame: int, work: Work, folder: Path) -> _Made:
        variant = self._brief.variants[frame]
        try:
            if variant.problem:
                raise InputError(variant.problem)
            scene = self._scene(variant, work)
            with work.watch.time("compose_s"):
                poster = compose(self._brief.template, scene)
            clips = self._clips(frame, poster, work, folder, scene.notes) if self._brief.clips else {}
        except (ModelError, AccessDenied, ConfigError):
            # No other poster would fare better.
            raise
        except InputError as error:
            if not self._brief.skips:
                raise
            where = "" if variant.problem or not variant.where else f"{variant.where}, {variant.name}: "
            return _Made(
                frame, np.full((variant.height, variant.width, 3), _PLACEHOLDER, np.uint8), problem=f"{where}{error}"
            )
        return _Made(
            frame,
            poster.still,
            clips,
            self._facts(variant, work),
            tuple(scene.notes),
        )

    def _clips(self, frame: int, poster: Poster, work: Work, folder: Path, notes: list[str]) -> dict[str, Path]:
        """Its animations, by deliverable; `notes` gets what people should know of them."""
        brief, rate = self._brief, Fraction(self._brief.rate)

        def frames() -> Iterator[np.ndarray]:
            for number, pixels in enumerate(poster.stage.frames(brief.frames, rate)):
                if number % max(1, int(rate)) == 0:
                    work.pulse(f"{brief.variants[frame].name}, {float(number / rate):.0f} of {brief.duration_s:g} s")
                yield work.stamp(pixels, number / rate)

        targets = {name: folder / f"{frame}-{name}{DELIVERABLES[name].suffix}" for name in brief.clips}
        with work.watch.time("animate_s"):
            reports = encode_clips(
                frames(),
                targets,
                rate=rate,
                most_bytes=brief.most_bytes,
                loop=brief.loop,
                editing=self._sound(brief.variants[frame], work, folder, frame),
                pulse=lambda: work.pulse(f"{brief.variants[frame].name}, encoding"),
            )
        notes.extend(f"{name}: {note}" for name, report in reports.items() for note in report.notes)
        return targets

    def _sound(self, variant: Variant, work: Work, folder: Path, frame: int) -> Editing | None:
        """What is heard with a poster that moves, its files where libav can read them."""
        edits = self._brief.sounds.get(self._brief.heard(variant.locale))
        if edits is None:
            return None
        files = {}
        for place in {added.file for added in edits.added}:
            files[place] = folder / f"{frame}-sound-{place}"
            files[place].write_bytes(work.file(place))
        return Editing(edits, files, lambda: work.pulse(f"{variant.name}, its sound"))

    def _scene(self, variant: Variant, work: Work) -> Scene:
        brief = self._brief
        timeline = Timeline(float(brief.frames / Fraction(brief.rate)), brief.loop) if brief.clips else None
        times = [float(number / Fraction(brief.rate)) for number in range(brief.frames)] if brief.clips else []

        def footage(name: str) -> Footage:
            called = name.removeprefix("background:") or variant.background
            if called not in self._backgrounds:
                raise InputError(
                    f"the job has no background {called!r}; add it to its backgrounds"
                    if called
                    else "the job has no background; add the key background"
                )
            return _Footage(self._backgrounds[called], variant, brief, work)

        return Scene(
            canvas=Canvas(variant.width, variant.height, *brief.free),
            values=variant.values,
            palette=self._palette(variant, footage),
            families=brief.template.fonts,
            fonts=lambda: self._font_set(work),
            locale=variant.locale,
            picture=lambda path: self._picture(path, work),
            footage=footage,
            mirrored=brief.template.mirror and locale(variant.locale).direction == 1,
            timeline=timeline,
            times=times,
        )

    def _palette(self, variant: Variant, footage: Callable[[str], Footage]) -> Mapping[str, str]:
        if not isinstance(variant.palette, str):
            return variant.palette
        if variant.palette == PICTURE:
            picture = footage("").frame(None)
            return from_picture(picture if picture.shape[2] == 3 else on_white(picture))
        return self._brief.template.palettes[variant.palette]

    def _font_set(self, work: Work) -> FontSet:
        if self._fonts is None:
            own, last = (
                [
                    FontFile(ref.name, data=work.file(ref.file), index=ref.index)
                    for ref in self._brief.fonts
                    if ref.last is is_last
                ]
                for is_last in (False, True)
            )
            self._fonts = FontSet.shipped().with_files(own).with_fallback(last)
        return self._fonts

    def _picture(self, path: str, work: Work) -> np.ndarray:
        if path not in self._brief.pictures:
            raise InputError(f"{path}: is none of the pictures that this job was submitted with")
        found = self._pictures.get(path)
        if found is None:
            found = read_premultiplied(work.file(self._brief.pictures[path]), where=path)
            self._pictures[path] = found
            while len(self._pictures) > _PICTURES_KEPT:
                self._pictures.popitem(last=False)
        return found

    def _facts(self, variant: Variant, work: Work) -> dict[str, str]:
        """What the poster says of the picture behind it, and of itself, if a model made that."""
        shown: Mapping[str, str] = {}
        if variant.background in self._backgrounds:
            shown = self._backgrounds[variant.background].facts(variant.pick, work)
        if self._brief.clips and self._brief.heard(variant.locale) in self._brief.spoken:
            shown = {**shown, "sound": "synthetic"}
        return {**shown, "template": self._brief.template_name, "poster": variant.name} if shown else {}


class _Footage:
    """A background as layers take it."""

    def __init__(self, backgrounds: Backgrounds, variant: Variant, brief: PosterBrief, work: Work) -> None:
        self._backgrounds, self._variant, self._brief, self._work = backgrounds, variant, brief, work
        self._px = min(variant.width, variant.height)
        self.is_film = bool(brief.clips) and backgrounds.moves(variant.pick)

    def frame(self, number: int | None) -> np.ndarray:
        """See pipeline.poster.layers.Footage."""
        if number is None:
            pixels = self._backgrounds.picture(self._variant.pick, self._work, canvas_px=self._px)
        else:
            pixels = self._frames[number]
        return pixels if pixels.shape[2] == 3 else premultiplied(pixels)

    @cached_property
    def _frames(self) -> Any:
        return self._backgrounds.frames(
            self._brief.frames,
            Fraction(self._brief.rate),
            self._work,
            index=self._variant.pick,
            loop=self._brief.loop,
            canvas_px=self._px,
        )
