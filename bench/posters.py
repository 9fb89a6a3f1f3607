"""What a poster costs: still, in motion, and beside MoviePy composing the same layers.

    python -m bench.posters [--template T] [--size 1080x1350] [--seconds 6] [--fps 30] [--rounds 3] [--moviepy]

Figures are CPU seconds of this process and its children, OpenCV in one thread; what is loaded once, fonts and pictures,
is loaded before. `--moviepy` needs `pip install moviepy`, which the project does not depend on. There the same picture
comes nearer as far, under the same gradient, with the same three lines of words drawn before as pictures that fade in;
no MoviePy user would set words anew for each frame. Both encode H.264 by libx264 with one preset and quality.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.machine import describe
from jobs.posters.templates import find
from pipeline.drawing import rooms
from pipeline.film.clips import encode_clips
from pipeline.poster.canvas import Canvas, parse_size
from pipeline.poster.compose import Poster, compose
from pipeline.poster.layers import Scene
from pipeline.poster.motion import Timeline
from pipeline.poster.template import Template
from pipeline.typography.fonts import FontSet

PICTURE_PX = 1600
ZOOM = 1.12
COMES_IN = {"Faces of Nobody": (0.3, 0.9), "Portraits of people who never were": (0.9, 0.9), "Book a visit": (1.3, 0.9)}
"""Words, when they begin to come in, and for how long; in seconds."""

PALETTE = {"paper": "#101418", "ink": "#F4EFE6", "accent": "#F2B84B", "soft": "#D7D2CA"}

SAME = {
    "title": "The same as MoviePy's",
    "palettes": {"night": PALETTE},
    "palette": "night",
    "layers": [
        {"layer": "background", "motion": [{"preset": "ken-burns", "zoom": ZOOM}]},
        {"layer": "gradient", "colours": ["black/0%", "black/80%"]},
        *(
            {
                "layer": "text",
                "text": words,
                "size": size,
                "box": {"top": top, "height": "20%"},
                "contrast": "as-is",
                "motion": [{"preset": "fade", "at": COMES_IN[words][0], "over": COMES_IN[words][1], "leave": False}],
            }
            for words, size, top in zip(COMES_IN, (9, 4, 4), ("60%", "74%", "82%"), strict=True)
        ),
    ],
}
"""One picture, one gradient, three texts: what both compose."""


_SAME = "the same as MoviePy's"


def say(line: str) -> None:
    """One line of the report."""
    print(line)  # noqa: T201


class Room:
    """A drawn room as background."""

    is_film = False

    def __init__(self) -> None:
        small = rooms.draw(rooms.sample(7), 512)
        self.pixels = cv2.resize(small, (PICTURE_PX, PICTURE_PX), interpolation=cv2.INTER_CUBIC)

    def frame(self, number: int | None) -> np.ndarray:
        """See Footage."""
        return self.pixels


def scene(template: Template, canvas: Canvas, room: Room, *, seconds: float | None, rate: Fraction) -> Scene:
    """The template with its own words."""
    count = 0 if seconds is None else round(seconds * rate)
    values = {name: told.said("en") or "" for name, told in template.variables.items()}
    palette = template.palettes.get(template.palette, next(iter(template.palettes.values())))
    return Scene(
        canvas=canvas,
        values={
            **values,
            "audience": "all",
            "locale": "en",
            "group": "",
            "background": "room",
            "width": "",
            "height": "",
        },
        palette=palette,
        families=template.fonts,
        fonts=FontSet.shipped,
        locale="en",
        picture=lambda path: np.zeros((1, 1, 4), np.uint8),
        footage=lambda name: room,
        mirrored=False,
        timeline=None if seconds is None else Timeline(seconds, False),
        times=[float(number / rate) for number in range(count)],
    )


def cpu_s() -> float:
    """Of this process and its children that have ended."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def timed(work: Callable[[], Any], rounds: int) -> tuple[float, float, float]:
    """CPU seconds of a call: least, middle, most."""
    found = []
    for _ in range(rounds):
        begun = cpu_s()
        work()
        found.append(cpu_s() - begun)
    return min(found), statistics.median(found), max(found)


def encode(frames: Iterator[np.ndarray], rate: Fraction) -> None:
    """As a job does, to H.264."""
    with tempfile.TemporaryDirectory() as folder:
        encode_clips(frames, {"h264": Path(folder) / "poster.mp4"}, rate=rate)


def moviepy_clip(canvas: Canvas, room: Room, still: Poster, seconds: float) -> Any:
    """The same layers in MoviePy: words are cut out of our own still, so that both show the same letters."""
    from moviepy import CompositeVideoClip, ImageClip, vfx

    width, height = canvas.width, canvas.height
    scale = max(width, height) / PICTURE_PX
    zooming = ImageClip(room.pixels).with_duration(seconds).resized(lambda at: scale * (1 + (ZOOM - 1) * at / seconds))
    clips = [zooming.with_position("center")]
    shade = np.zeros((height, width, 4), np.uint8)
    shade[..., 3] = np.linspace(0, 0.8 * 255, height).astype(np.uint8)[:, None]
    clips.append(ImageClip(shade).with_duration(seconds))
    for (begins, over), (top, bottom) in zip(COMES_IN.values(), ((0.58, 0.73), (0.73, 0.81), (0.81, 0.9)), strict=True):
        rows = slice(int(top * height), int(bottom * height))
        light = still.still[rows].max(axis=2)
        words = np.dstack([np.full_like(still.still[rows], 240), np.where(light > 160, light, 0).astype(np.uint8)])
        clip = ImageClip(words).with_duration(seconds - begins).with_start(begins)
        clips.append(clip.with_effects([vfx.CrossFadeIn(over)]).with_position((0, rows.start)))
    return CompositeVideoClip(clips, size=(width, height)).with_duration(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--template", default="exhibition")
    parser.add_argument("--size", default="1080x1350", help="of the still")
    parser.add_argument("--film-size", default="1920x1080", help="of what moves")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--moviepy", action="store_true")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    rate, room = Fraction(args.fps), Room()
    template, same = find(args.template).template, Template.model_validate(SAME)
    canvas, film = parse_size(args.size), parse_size(args.film_size)
    count = round(args.seconds * rate)
    say(describe())

    def still() -> Poster:
        return compose(template, scene(template, canvas, room, seconds=None, rate=rate))

    still()
    least, middle, most = timed(still, 10 * args.rounds)
    say(f"{args.template}, still, {args.size}: {middle * 1000:.0f} ms of CPU ({least * 1000:.0f} to {most * 1000:.0f})")

    def moving(which: Template) -> Iterator[np.ndarray]:
        made = compose(which, scene(which, film, room, seconds=args.seconds, rate=rate))
        return made.stage.frames(count, rate)

    def told(label: str, found: tuple[float, float, float]) -> float:
        least, middle, most = found
        real = args.seconds / middle
        say(
            f"{label}: {middle:.2f} s of CPU ({least:.2f} to {most:.2f}) for {args.seconds:g} s, {real:.2f} x real time"
        )
        return middle

    ours: dict[str, float] = {}
    for name, which in ((args.template, template), (_SAME, same)):
        told(
            f"{name}, {args.film_size} at {args.fps}, frames",
            timed(lambda w=which: [0 for _ in moving(w)], args.rounds),
        )
        both = timed(lambda w=which: encode(moving(w), rate), args.rounds)
        ours[name] = told(f"{name}, {args.film_size} at {args.fps}, to H.264", both)
    if not args.moviepy:
        return
    made = compose(same, scene(same, film, room, seconds=None, rate=rate))
    clip = moviepy_clip(film, room, made, args.seconds)
    frames = told("MoviePy, frames", timed(lambda: [0 for _ in clip.iter_frames(fps=args.fps)], args.rounds))
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / "poster.mp4")
        options = {
            "codec": "libx264",
            "preset": "veryfast",
            "threads": 2,
            "logger": None,
            "ffmpeg_params": ["-crf", "18"],
        }
        theirs = told(
            "MoviePy, to H.264", timed(lambda: clip.write_videofile(target, fps=args.fps, **options), args.rounds)
        )
    say(f"to H.264, MoviePy takes {theirs / ours[_SAME]:.1f} times our CPU; its frames alone take {frames:.2f} s")


if __name__ == "__main__":
    main()
