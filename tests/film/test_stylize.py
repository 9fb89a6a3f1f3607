"""The film painter: what each control does to the pixels, and that chunks, batches and lanes do nothing to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from pipeline.errors import JobHalted, MediaError
from pipeline.film.brief import FilmBrief, Look, Span
from pipeline.film.decode import read_frames
from pipeline.film.probe import probe
from pipeline.film.steady import LEAD_IN
from pipeline.film.stylize import FilmPainter
from pipeline.images import encode_png
from pipeline.models.any_painting import AnyPainting
from pipeline.models.frames import each_frame
from pipeline.models.palette import match_palette
from pipeline.models.style import StyleNetwork
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch
from pipeline.tensors import to_tensor
from tests.media import numbered_picture, write_film, write_picture

FRAMES, CUT = 14, 8
WIDTH, HEIGHT = 94, 63


class Tint(nn.Module):
    """Paints every frame in one colour, and remembers what shapes it saw."""

    def __init__(self, red: float, green: float, blue: float) -> None:
        super().__init__()
        self.colour = torch.tensor([red, green, blue]).view(1, 3, 1, 1)
        self.seen: list[tuple[int, ...]] = []

    def forward(self, frames: Tensor) -> Tensor:
        self.seen.append(tuple(frames.shape))
        return self.colour.expand_as(frames).clone()


class MeanColour(nn.Module):
    """Paints every frame in the mean colour of its paintings, at a strength."""

    def bind(
        self, paintings: Sequence[Tensor], weights: Sequence[float], *, strength: float = 1.0
    ) -> Callable[[Tensor], Tensor]:
        shares = torch.tensor(weights) / sum(weights)
        means = torch.stack([painting.mean((2, 3), keepdim=True) for painting in paintings])
        mean = (shares.view(-1, 1, 1, 1, 1) * means).sum(0)
        return lambda frames: frames.lerp(mean.expand_as(frames), strength)


RED, GREEN = partial(Tint, 1.0, 0.0, 0.0), partial(Tint, 0.0, 1.0, 0.0)


def random_style(seed: int) -> nn.Module:
    """A small network of ours with random weights."""
    torch.manual_seed(seed)
    return StyleNetwork(half=8, quarter=8, blocks=1).eval()


class Recoloured(nn.Module):
    """Gives each frame the mean and deviation of its paintings: a network for any painting, in small."""

    def bind(
        self, paintings: Sequence[Tensor], weights: Sequence[float], *, strength: float = 1.0
    ) -> Callable[[Tensor], Tensor]:
        shares = torch.tensor(weights) / sum(weights)
        found = [torch.stack([p.mean((2, 3), keepdim=True), p.std((2, 3), keepdim=True)]) for p in paintings]
        mean, deviation = sum(share * moments for share, moments in zip(shares, found, strict=True))

        def recolour(frame: Tensor) -> Tensor:
            own = frame - frame.mean((2, 3), keepdim=True)
            painted = own / own.std((2, 3), keepdim=True).clamp(min=1e-3) * deviation + mean
            return frame.lerp(painted, strength).clamp(0, 1)

        return partial(each_frame, recolour)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """As workers have it: frames side by side, each on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two shots: frames 0-7, and 8-13, upside down and darker. Odd sides; no frame is changed by its codec."""
    pictures = [numbered_picture(number, WIDTH, HEIGHT) for number in range(FRAMES)]
    pictures[CUT:] = [np.ascontiguousarray(picture[::-1] // 2) for picture in pictures[CUT:]]
    path = tmp_path_factory.mktemp("film") / "clip.mkv"
    return str(write_film(path, pictures, codec="ffv1", pix_fmt="bgr0"))


def brief_of(source: str, *, rate: Fraction | None = None, looks: Sequence[Look] = (), **controls: Any) -> FilmBrief:
    """A brief over all frames of a source; one look, of the first network, unless it says otherwise."""
    probed = probe(source, rate=rate)
    return FilmBrief(
        source=probed,
        offset=0,
        looks=tuple(looks) or (Look(name="first", models=(0,)),),
        **{"spans": (Span(start=0, stop=probed.frames, look=0),), **controls},
    )


def paint(
    brief: FilmBrief,
    *networks: nn.Module,
    files: Sequence[bytes] = (),
    chunks: Sequence[tuple[int, int]] = (),
    batch: int = 1,
    lanes: int = 2,
    deep: bool = False,
    lead_in: int = 0,
    pulse: Callable[[str], None] = lambda note: None,
) -> list[np.ndarray]:
    """The job's frames, as a worker has them painted."""
    easel = Easel(device=torch.device("cpu"), precision=torch.float32, batch=batch, lanes=lanes, options=StoreOptions())
    painter = FilmPainter(brief.model_dump(mode="json"), easel, deep=deep)
    frames: list[np.ndarray] = []
    for start, stop in chunks or [(0, brief.source.frames)]:
        work = Work(
            start=start,
            stop=stop,
            watch=Stopwatch(),
            lead_in=lead_in,
            model=lambda index, precision=None: networks[index],
            file=lambda index: files[index],
            pulse=pulse,
        )
        frames.extend(painter.paint(work))
    return frames


def sources(film: str) -> list[np.ndarray]:
    return list(read_frames(probe(film), 0, FRAMES))


def colour(frame: np.ndarray) -> list[int]:
    """The colour of a frame that has but one."""
    assert (frame == frame[0, 0]).all()
    return [int(value) for value in frame[0, 0]]


def equal(ours: list[np.ndarray], others: list[np.ndarray]) -> bool:
    return len(ours) == len(others) and all(map(np.array_equal, ours, others))


# Strength and size


def test_strength_nought_is_the_source_and_asks_for_no_network(film: str) -> None:
    assert equal(paint(brief_of(film, strength=0.0, preserve_color="luminance", steady=True)), sources(film))


def test_half_the_strength_is_half_way(film: str) -> None:
    for source, made in zip(sources(film), paint(brief_of(film, strength=0.5), RED()), strict=True):
        assert np.abs(made[..., 0] - (source[..., 0] / 2 + 127.5)).max() <= 0.5
        assert np.abs(made[..., 1] - source[..., 1] / 2).max() <= 0.5


def test_networks_see_the_painting_size_and_films_keep_theirs(film: str) -> None:
    tint = RED()
    made = paint(brief_of(film, paint_size=32), tint)
    assert set(tint.seen) == {(1, 3, 21, 32)}
    assert {frame.shape for frame in made} == {(HEIGHT, WIDTH, 3)}


def test_a_film_may_be_painted_larger_than_it_is_delivered(film: str) -> None:
    tint = RED()
    assert paint(brief_of(film, size=47, paint_size=188), tint)[0].shape == (32, 47, 3)
    assert set(tint.seen) == {(1, 3, 128, 188)}


def test_painting_small_paints_coarser(film: str) -> None:
    def detail(paint_size: int | None) -> float:
        frame = paint(brief_of(film, paint_size=paint_size), random_style(0), chunks=[(0, 1)])[0]
        return float(cv2.Laplacian(frame, cv2.CV_64F).var())

    assert detail(32) < 0.5 * detail(None)


# Colours


def test_luminance_keeps_the_colours_of_the_source(film: str) -> None:
    def chroma(frame: np.ndarray) -> np.ndarray:
        small = cv2.resize(frame, (12, 8), interpolation=cv2.INTER_AREA).astype(np.float32)
        return small - small @ np.array([0.2126, 0.7152, 0.0722], np.float32)[:, None]

    grey = partial(Tint, 0.5, 0.5, 0.5)()
    kept = paint(brief_of(film, preserve_color="luminance"), grey)[0]
    source = sources(film)[0]
    edges = slice(0, 1)
    assert np.abs(chroma(kept) - chroma(source))[edges].mean() < 0.2 * np.abs(chroma(source))[edges].mean()
    assert kept.astype(float) @ [0.2126, 0.7152, 0.0722] == pytest.approx(127.5, abs=1.5)


def test_palette_takes_the_colours_of_each_shots_first_frame(film: str) -> None:
    painting = np.random.default_rng(0).integers(0, 255, (20, 20, 3), np.uint8)
    look = Look(name="noise", models=(0,), paintings=((0, 1.0),))
    brief = brief_of(film, looks=[look], preserve_color="palette", shots=(0, CUT))
    made, source = paint(brief, MeanColour(), files=[encode_png(painting)], batch=3), sources(film)
    for number, frame in enumerate(made):
        first = source[0 if number < CUT else CUT]
        matched = match_palette(to_tensor(painting[None]), to_tensor(first[None]))
        assert colour(frame) == pytest.approx([255 * float(value) for value in matched.mean((0, 2, 3))], abs=1)
    assert colour(made[0]) != colour(made[CUT])


def test_paintings_keep_their_colours_unless_asked(film: str) -> None:
    look = Look(name="blue", models=(0,), paintings=((0, 1.0),))
    painting = encode_png(np.full((9, 9, 3), (0, 0, 255), np.uint8))
    assert colour(paint(brief_of(film, looks=[look]), MeanColour(), files=[painting])[0]) == [0, 0, 255]


# Paintings


def test_paintings_count_by_their_weights_and_alpha(film: str) -> None:
    files = [encode_png(np.full((9, 9, 3), value, np.uint8)) for value in (0, 200)]
    mixed = Look(name="mixed", models=(0,), paintings=((0, 1.0), (1, 3.0)))
    assert colour(paint(brief_of(film, looks=[mixed]), MeanColour(), files=files)[0]) == [150, 150, 150]
    none = mixed.model_copy(update={"alpha": 0.0})
    assert equal(paint(brief_of(film, looks=[none]), MeanColour(), files=files), sources(film))


def test_another_painting_is_another_film(film: str) -> None:
    torch.manual_seed(7)
    network = AnyPainting(coarse=8, quarter=8, half=8, full=8).eval()
    first, second = (np.random.default_rng(seed).integers(0, 255, (40, 30, 3), np.uint8) for seed in (1, 2))
    second[..., 2] //= 8
    looks = [Look(name=str(place), models=(0,), paintings=((place, 1.0),)) for place in (0, 1)]
    files = [encode_png(first), encode_png(second)]
    ours, other = (
        paint(brief_of(film, looks=[look], size=32), network, files=files, chunks=[(0, 1)])[0] for look in looks
    )
    assert np.abs(ours.astype(int) - other).mean() > 0.3


def test_damaged_painting_is_named(film: str) -> None:
    look = Look(name="wave.jpg", models=(0,), paintings=((0, 1.0),))
    with pytest.raises(MediaError, match=r"wave\.jpg"):
        paint(brief_of(film, looks=[look]), MeanColour(), files=[b"no picture"])


# Shots and crossfades


LOOKS = [Look(name="red", models=(0,)), Look(name="green", models=(1,))]


def test_each_shot_has_its_style(film: str) -> None:
    spans = (Span(start=0, stop=CUT, look=1), Span(start=CUT, stop=FRAMES, look=0))
    made = paint(brief_of(film, looks=LOOKS, spans=spans, shots=(0, CUT)), RED(), GREEN(), batch=4)
    assert [colour(frame) for frame in made] == [[0, 255, 0]] * CUT + [[255, 0, 0]] * (FRAMES - CUT)


@pytest.mark.parametrize("batch", [1, 3])
def test_crossfade_goes_evenly_from_one_style_to_the_other(film: str, batch: int) -> None:
    spans = (
        Span(start=0, stop=4, look=0),
        Span(start=4, stop=8, look=0, fades_to=1),
        Span(start=8, stop=FRAMES, look=1),
    )
    made = [colour(frame) for frame in paint(brief_of(film, looks=LOOKS, spans=spans), RED(), GREEN(), batch=batch)]
    assert made[:4] == [[255, 0, 0]] * 4
    assert made[4:8] == [[204, 51, 0], [153, 102, 0], [102, 153, 0], [51, 204, 0]]
    assert made[8:] == [[0, 255, 0]] * 6


# Consistency


def test_consistency_calms_what_flickers(film: str) -> None:
    class Flicker(nn.Module):
        def forward(self, frames: Tensor) -> Tensor:
            # Chance that hangs on every bit of the frame, as a network's does.
            generator = torch.Generator().manual_seed(int(frames.double().sum() * 1e6))
            return (frames + 0.3 * torch.rand(frames.shape, generator=generator) - 0.15).clamp(0, 1)

    def unrest(steady: bool) -> float:
        frames = np.stack(paint(brief_of(film, steady=steady, shots=(0, CUT)), Flicker())).astype(float)
        return float(np.abs(np.diff(frames[:CUT, : HEIGHT // 5], axis=0)).mean())

    assert unrest(steady=True) < 0.75 * unrest(steady=False)


def test_frames_that_lead_in_are_painted_and_thrown_away(film: str) -> None:
    notes: list[str] = []
    tint = RED()
    made = paint(brief_of(film, steady=True, shots=(0, CUT)), tint, chunks=[(6, CUT)], lead_in=4, pulse=notes.append)
    assert (len(made), len(tint.seen), len(notes)) == (2, 6, 4)


def test_nothing_leads_in_across_a_cut(film: str) -> None:
    tint = RED()
    paint(brief_of(film, steady=True, shots=(0, CUT)), tint, chunks=[(CUT + 1, FRAMES)], lead_in=4)
    assert len(tint.seen) == FRAMES - CUT


def test_painter_stops_while_it_leads_in(film: str) -> None:
    def halt(note: str) -> None:
        raise JobHalted("cancelled")

    with pytest.raises(JobHalted):
        paint(brief_of(film, steady=True), RED(), chunks=[(6, 8)], lead_in=4, pulse=halt)


# Chunks, batches and lanes


def everything(film: str) -> tuple[FilmBrief, list[nn.Module], list[bytes]]:
    """Every control at once: a learnt style fades to a painting within the first shot; the second has its own."""
    looks = [
        Look(name="first", models=(0,)),
        Look(name="wave", models=(1,), paintings=((0, 2.0), (1, 1.0)), alpha=0.8),
        Look(name="second", models=(2,)),
    ]
    spans = (
        Span(start=0, stop=2, look=0),
        Span(start=2, stop=7, look=0, fades_to=1),
        Span(start=7, stop=CUT, look=1),
        Span(start=CUT, stop=FRAMES, look=2),
    )
    brief = brief_of(
        film,
        looks=looks,
        spans=spans,
        shots=(0, CUT),
        size=80,
        paint_size=48,
        preserve_color="luminance",
        strength=0.9,
        steady=True,
    )
    chance = np.random.default_rng(0)
    files = [encode_png(chance.integers(0, 255, (30, 40, 3), np.uint8)) for _ in range(2)]
    return brief, [random_style(0), Recoloured(), random_style(1)], files


@pytest.mark.parametrize("deep", [False, True])
def test_chunks_batches_and_lanes_change_no_pixel_under_every_control(film: str, deep: bool) -> None:
    brief, networks, files = everything(film)
    whole = paint(brief, *networks, files=files, chunks=[(0, CUT), (CUT, FRAMES)], lead_in=LEAD_IN, deep=deep)
    threes = [(0, 3), (3, 6), (6, CUT), (CUT, 11), (11, FRAMES)]
    cut = paint(brief, *networks, files=files, lead_in=LEAD_IN, chunks=threes, batch=4, lanes=1, deep=deep)
    assert equal(whole, cut)
    assert whole[0].dtype == (np.uint16 if deep else np.uint8)


def test_chunks_change_no_pixel_when_paintings_take_each_shots_palette(film: str) -> None:
    _, networks, files = everything(film)
    look = Look(name="wave", models=(0,), paintings=((0, 1.0),))
    brief = brief_of(film, looks=[look], shots=(0, CUT), preserve_color="palette", size=40)
    whole = paint(brief, networks[1], files=files)
    chunks = [(start, min(start + 3, CUT)) for start in range(0, CUT, 3)] + [(CUT, FRAMES)]
    assert equal(whole, paint(brief, networks[1], files=files, chunks=chunks, batch=2))


def test_batch_halves_when_memory_runs_out(film: str) -> None:
    class Hungry(Tint):
        def forward(self, frames: Tensor) -> Tensor:
            if len(frames) > 2:
                raise torch.OutOfMemoryError("8 frames do not fit")
            return super().forward(frames)

    hungry = Hungry(0.0, 0.0, 1.0)
    made = paint(brief_of(film), hungry, batch=8, lanes=1)
    assert [colour(frame) for frame in made] == [[0, 0, 255]] * FRAMES
    assert {shape[0] for shape in hungry.seen} == {2}


# Odd sources


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (2, 1), (17, 9)])
@pytest.mark.parametrize("controls", [{}, {"paint_size": 16}, {"preserve_color": "luminance", "strength": 0.5}])
def test_tiny_pictures_come_out_as_large_as_they_went_in(
    tmp_path: Path, size: tuple[int, int], controls: dict[str, Any]
) -> None:
    picture = write_picture(tmp_path / "tiny.png", np.full((*size, 3), 90, np.uint8))
    [made] = paint(brief_of(str(picture), **controls), random_style(0))
    assert made.shape == (*size, 3)


def test_tiny_sequences_are_held_still(tmp_path: Path) -> None:
    for number in range(3):
        write_picture(tmp_path / f"a.{number}.png", np.full((1, 1, 3), 90 * number, np.uint8))
    made = paint(brief_of(str(tmp_path / "a.%d.png"), rate=Fraction(24), steady=True), random_style(0))
    assert [frame.shape for frame in made] == [(1, 1, 3)] * 3


def test_pictures_of_a_folder_keep_their_sizes_and_styles(tmp_path: Path) -> None:
    sizes = [(20, 30), (20, 30), (31, 9), (1, 1)]
    for number, size in enumerate(sizes):
        write_picture(tmp_path / f"{number}.png", np.full((*size, 3), 40 * number, np.uint8))
    spans = (Span(start=0, stop=1, look=0), Span(start=1, stop=4, look=1))
    made = paint(brief_of(str(tmp_path), looks=LOOKS, spans=spans, shots=(0, 1, 2, 3)), RED(), GREEN(), batch=4)
    assert [frame.shape[:2] for frame in made] == sizes
    assert [colour(frame) for frame in made] == [[255, 0, 0], *[[0, 255, 0]] * 3]


def test_deep_frames_are_mixed_without_a_step_of_eight_bits(tmp_path: Path) -> None:
    ramp = np.broadcast_to(np.arange(0, 65_536, 64, dtype=np.uint16)[None, :, None], (4, 1024, 3))
    cv2.imwrite(str(tmp_path / "ramp.png"), ramp)
    [made] = paint(brief_of(str(tmp_path / "ramp.png"), strength=0.5), RED(), deep=True)
    assert len(np.unique(made)) > 900


def test_a_fade_from_black_stays_a_fade(tmp_path: Path) -> None:
    picture = numbered_picture(1, WIDTH, HEIGHT)
    shown = [0.0, 0.0, 0.01, 0.05, 0.2, 1.0]
    pictures = [(picture * share).astype(np.uint8) for share in shown]
    film = write_film(tmp_path / "fade.mkv", pictures, codec="ffv1", pix_fmt="bgr0")
    made = paint(brief_of(str(film)), random_style(0))
    light = [float(frame.mean()) for frame in made]
    assert light[:2] == [0.0, 0.0]
    assert light[2] < 8
    assert light[2] < light[3] < light[4]
    bright = brief_of(str(write_film(tmp_path / "one.mkv", [picture], codec="ffv1", pix_fmt="bgr0")))
    assert np.array_equal(made[-1], paint(bright, random_style(0))[0])
