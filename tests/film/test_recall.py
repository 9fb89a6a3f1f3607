"""Frames that were painted before are not painted again, and those beside them are the same to the last bit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.device import make_deterministic
from pipeline.film.brief import FilmBrief, Look, Span
from pipeline.film.frame import Frame
from pipeline.film.recall import batches, needed
from pipeline.film.steady import LEAD_IN
from pipeline.images import encode_png
from tests.film.gallery import Counted, Gallery, in_chunks
from tests.film.test_stylize import Recoloured, brief_of, equal, paint, random_style
from tests.media import numbered_picture, write_film, write_picture

FRAMES, CUT = 44, 27
WIDTH, HEIGHT = 47, 31
PAINTINGS = [encode_png(np.random.default_rng(n).integers(0, 255, (30, 40, 3), np.uint8)) for n in range(2)]
LOOKS = [
    Look(name="first", models=(0,)),
    Look(name="wave", models=(1,), paintings=((0, 2.0), (1, 1.0)), alpha=0.8),
    Look(name="second", models=(2,)),
]
FADE = (
    Span(start=0, stop=3, look=0),
    Span(start=3, stop=9, look=0, fades_to=1),
    Span(start=9, stop=CUT, look=1),
    Span(start=CUT, stop=FRAMES, look=2),
)
EVERYTHING: dict[str, Any] = {
    "looks": LOOKS,
    "spans": FADE,
    "shots": (0, CUT),
    "size": 40,
    "paint_size": 32,
    "preserve_color": "luminance",
    "strength": 0.9,
}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """As workers have it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def pictures() -> list[np.ndarray]:
    """Two shots of odd sides."""
    made = [numbered_picture(number, WIDTH, HEIGHT) for number in range(FRAMES)]
    return made[:CUT] + [np.ascontiguousarray(picture[::-1] // 2) for picture in made[CUT:]]


def lossless(path: Path, frames: list[np.ndarray]) -> str:
    return str(write_film(path, frames, codec="ffv1", pix_fmt="bgr0"))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> str:
    return lossless(tmp_path_factory.mktemp("film") / "clip.mkv", pictures())


def networks() -> list[Any]:
    return [Counted(random_style(0)), Recoloured(), Counted(random_style(1))]


def painted(*made: nn.Module) -> int:
    return sum(network.frames for network in made if isinstance(network, Counted))


# Another job over the same frames


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("steady", [False, True])
def test_other_chunks_find_every_frame_and_ask_for_no_network(film: str, steady: bool, deep: bool) -> None:
    brief, gallery = brief_of(film, steady=steady, **EVERYTHING), Gallery()
    options: dict[str, Any] = {"files": PAINTINGS, "deep": deep}
    whole = gallery.paint(brief, *networks(), chunks=in_chunks(5, 0, CUT, FRAMES), **options)
    assert gallery.found == 0
    plain = paint(brief, *networks(), chunks=in_chunks(8, 0, CUT, FRAMES), lead_in=LEAD_IN * steady, **options)
    assert equal(whole, plain)
    for size in (8, 24):
        fresh = networks()
        again = gallery.paint(brief, *fresh, chunks=in_chunks(size, 0, CUT, FRAMES), **options)
        assert (gallery.found, painted(*fresh)) == (FRAMES, 0)
        assert equal(whole, again)


@cache
def unbroken(film: str, steady: bool) -> tuple[Gallery, list[np.ndarray]]:
    """The film under all controls, and who remembers it."""
    gallery = Gallery()
    brief, chunks = brief_of(film, steady=steady, **EVERYTHING), in_chunks(9, 0, CUT, FRAMES)
    return gallery, gallery.paint(brief, *networks(), files=PAINTINGS, chunks=chunks)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("steady", [False, True])
def test_frames_around_gaps_are_those_of_an_unbroken_film(film: str, steady: bool, seed: int) -> None:
    remembered, whole = unbroken(film, steady)
    brief, gallery = brief_of(film, steady=steady, **EVERYTHING), Gallery({**remembered.pictures}, remembered.keys)
    chance = np.random.default_rng(seed)
    lost = [number for number in range(FRAMES) if chance.random() < (0.05, 0.3, 0.8)[seed % 3]]
    gallery.forget(lost)
    chunks = in_chunks(int(chance.integers(1, 30)), 0, CUT, FRAMES)
    made = gallery.paint(brief, *networks(), files=PAINTINGS, chunks=chunks, batch=1 + seed % 3, lanes=1 + seed % 2)
    assert gallery.found == FRAMES - len(lost)
    assert equal(whole, made)


def test_only_what_leads_in_to_a_gap_is_painted_besides_it(film: str) -> None:
    brief, gallery, network = brief_of(film, steady=True), Gallery(), Counted(random_style(0))
    gallery.paint(brief, network)
    gallery.forget([20, 40])
    network.frames = 0
    gallery.paint(brief, network)
    # 5 to 20, and 25 to 40.
    assert (gallery.found, network.frames) == (FRAMES - 2, 2 * (LEAD_IN + 1))


def test_one_changed_shot_leaves_the_other_as_it_was(film: str) -> None:
    gallery, shots = Gallery(), (0, CUT)
    one = brief_of(film, looks=LOOKS, shots=shots, steady=True)
    gallery.paint(one, *networks(), chunks=[(0, CUT), (CUT, FRAMES)])
    spans = (Span(start=0, stop=CUT, look=0), Span(start=CUT, stop=FRAMES, look=2))
    changed = brief_of(film, looks=LOOKS, spans=spans, shots=shots, steady=True)
    fresh = networks()
    made = gallery.paint(changed, *fresh, chunks=in_chunks(7, 0, CUT, FRAMES))
    assert gallery.found == CUT
    assert fresh[0].frames == 0
    assert equal(made, paint(changed, *networks(), chunks=[(0, CUT), (CUT, FRAMES)], lead_in=LEAD_IN))


def ranged(film: str, start: int, stop: int, *, shots: tuple[int, ...], **controls: Any) -> FilmBrief:
    """A brief over a part of the film; `shots` count from its first frame."""
    spans = (Span(start=0, stop=stop - start, look=0),)
    return brief_of(film, spans=spans, shots=shots, **controls).model_copy(update={"offset": start})


@pytest.mark.parametrize("steady", [False, True])
def test_another_range_finds_the_frames_that_it_shares(film: str, steady: bool) -> None:
    gallery = Gallery()
    first = ranged(film, 0, FRAMES, shots=(0, CUT), steady=steady)
    gallery.paint(first, random_style(0), chunks=[(0, CUT), (CUT, FRAMES)])
    part = ranged(film, 10, 40, shots=(0, CUT - 10), steady=steady)
    chunks = in_chunks(8, 0, CUT - 10, 30)
    made = gallery.paint(part, random_style(0), chunks=chunks)
    # The first shot begins elsewhere, and with it the memory: those frames are others.
    assert gallery.found == (40 - CUT if steady else 30)
    assert equal(made, paint(part, random_style(0), chunks=chunks, lead_in=LEAD_IN * steady))


def test_a_recut_film_finds_the_shots_that_were_kept(film: str, tmp_path: Path) -> None:
    gallery = Gallery()
    shot: dict[str, Any] = {"steady": True, "preserve_color": "luminance"}
    gallery.paint(brief_of(film, shots=(0, CUT), **shot), random_style(0), chunks=[(0, CUT), (CUT, FRAMES)])
    kept = pictures()
    recut = lossless(tmp_path / "recut.mkv", kept[CUT:] + kept[:12])
    brief = brief_of(recut, shots=(0, FRAMES - CUT), **shot)
    chunks = in_chunks(6, 0, FRAMES - CUT, FRAMES - CUT + 12)
    made = gallery.paint(brief, random_style(0), chunks=chunks)
    assert gallery.found == len(made) == FRAMES - CUT + 12
    assert equal(made, paint(brief, random_style(0), chunks=chunks, lead_in=LEAD_IN))


def test_paintings_in_a_shots_colours_are_found_as_long_as_it_begins_alike(film: str, tmp_path: Path) -> None:
    look = Look(name="wave", models=(0,), paintings=((0, 1.0),))
    controls: dict[str, Any] = {"looks": [look], "preserve_color": "palette", "size": 40}
    gallery = Gallery()
    whole = gallery.paint(brief_of(film, shots=(0, CUT), **controls), Recoloured(), files=PAINTINGS)
    gallery.forget(range(0, FRAMES, 2))
    again = gallery.paint(brief_of(film, shots=(0, CUT), **controls), Recoloured(), files=PAINTINGS, batch=3)
    assert gallery.found == FRAMES // 2
    assert equal(whole, again)
    late = brief_of(film, shots=(0, 4, CUT), **controls)
    made = gallery.paint(late, Recoloured(), files=PAINTINGS)
    assert gallery.found == 4 + FRAMES - CUT
    assert equal(made, paint(late, Recoloured(), files=PAINTINGS))


def test_pictures_of_a_folder_are_found_each_by_itself(tmp_path: Path) -> None:
    sizes = [(20, 30), (20, 30), (31, 9), (1, 1), (20, 30)]
    for number, size in enumerate(sizes):
        write_picture(tmp_path / f"{number}.png", np.full((*size, 3), 40 * number, np.uint8))
    gallery, brief, network = Gallery(), brief_of(str(tmp_path)), Counted(random_style(0))
    whole = gallery.paint(brief, network, batch=4)
    gallery.forget([1, 3])
    assert equal(whole, gallery.paint(brief, network, batch=4))
    assert gallery.found == 3
    assert network.largest <= 4


@pytest.mark.gpu
def test_batches_that_found_frames_have_thinned_out_are_the_same_on_a_gpu(film: str) -> None:
    make_deterministic(torch.device("cuda"))
    brief, gallery, network = brief_of(film, steady=True), Gallery(), random_style(0).cuda()
    whole = gallery.paint(brief, network, batch=8, lanes=1, device="cuda")
    gallery.forget([1, 2, 5, 9, 30, 31, 40])
    assert equal(whole, gallery.paint(brief, network, batch=8, lanes=1, device="cuda"))
    assert gallery.found == FRAMES - 7


# What tells frames apart


def keys(brief: FilmBrief, *, files: list[bytes] = PAINTINGS, **options: Any) -> list[str]:
    gallery = Gallery()
    gallery.paint(brief, *networks(), files=files, frames=4, **options)
    return gallery.keys


@pytest.mark.parametrize(
    "change",
    [
        {"strength": 0.5},
        {"paint_size": 24},
        {"preserve_color": None},
        {"preserve_color": "palette"},
        {"steady": True},
        {"size": 36},
        {"looks": [LOOKS[2], *LOOKS[1:]]},
    ],
    ids=str,
)
def test_other_settings_are_other_frames(film: str, change: dict[str, Any]) -> None:
    controls = {**EVERYTHING, "spans": (Span(start=0, stop=FRAMES, look=0),)}
    assert not {*keys(brief_of(film, **controls))} & {*keys(brief_of(film, **{**controls, **change}))}


@pytest.mark.parametrize(
    "change",
    [
        {"looks": [LOOKS[0], LOOKS[1].model_copy(update={"alpha": 0.7}), LOOKS[2]]},
        {"looks": [LOOKS[0], LOOKS[1].model_copy(update={"paintings": ((0, 2.0), (1, 3.0))}), LOOKS[2]]},
        {"spans": (Span(start=0, stop=FRAMES, look=0, fades_to=2),)},
        {"spans": (Span(start=0, stop=FRAMES - 1, look=0, fades_to=1), Span(start=FRAMES - 1, stop=FRAMES, look=1))},
    ],
    ids=str,
)
def test_other_paintings_and_passages_are_other_frames(film: str, change: dict[str, Any]) -> None:
    controls = {**EVERYTHING, "spans": (Span(start=0, stop=FRAMES, look=0, fades_to=1),)}
    assert not {*keys(brief_of(film, **controls))} & {*keys(brief_of(film, **{**controls, **change}))}


@pytest.mark.parametrize(
    "change",
    [{"deep": True}, {"precision": torch.bfloat16}, {"names": "xbc"}, {"names": "axc"}, {"files": PAINTINGS[::-1]}],
    ids=["depth", "precision", "network", "other network", "paintings"],
)
def test_other_networks_files_and_precisions_are_other_frames(film: str, change: dict[str, Any]) -> None:
    brief = brief_of(film, **{**EVERYTHING, "spans": (Span(start=0, stop=FRAMES, look=0, fades_to=1),)})
    assert not {*keys(brief)} & {*keys(brief, **change)}


def test_chunks_lanes_and_what_is_not_looked_at_change_no_key(film: str) -> None:
    brief, cut = brief_of(film, steady=True), in_chunks(3, 0, FRAMES)
    one, other = Gallery(), Gallery()
    one.paint(brief, random_style(0))
    renamed = brief_of(film, steady=True, looks=[Look(name="else", models=(0,))])
    other.paint(renamed, random_style(0), chunks=cut, lanes=1, names="abz")
    assert one.keys == other.keys
    assert len({*one.keys}) == FRAMES
    assert len({key.partition("/")[0] for key in one.keys}) == 1


def test_frames_that_nothing_led_in_to_are_known_from_those_that_were(film: str) -> None:
    brief, whole, bare = brief_of(film, steady=True), Gallery(), Gallery()
    whole.paint(brief, random_style(0))
    chunks = [(0, 5), (20, FRAMES)]
    bare.paint(brief, random_style(0), chunks=chunks, lead_in=0)
    shared = {*whole.keys} & {*bare.keys}
    assert shared == {*whole.keys[:5], *whole.keys[20 + LEAD_IN :]}
    for key in shared:
        np.testing.assert_array_equal(whole.pictures[key], bare.pictures[key])


def test_no_keys_are_made_where_nothing_is_painted(film: str) -> None:
    gallery = Gallery()
    gallery.paint(brief_of(film, strength=0.0), random_style(0))
    assert {*gallery.keys} == {""}


def test_found_pictures_of_another_size_are_not_taken(film: str) -> None:
    gallery, brief = Gallery(), brief_of(film)
    whole = gallery.paint(brief, random_style(0))
    gallery.pictures[gallery.keys[3]] = whole[3][1:]
    gallery.pictures[gallery.keys[4]] = whole[4].astype(np.uint16)
    assert equal(whole, gallery.paint(brief, random_style(0)))
    assert gallery.found == FRAMES - 2


# In what order


def row(text: str, start: int = 0) -> list[Frame]:
    """Frames from a text: `x` was found, `.` was not."""
    pixel = np.zeros((1, 1, 3), np.uint8)
    found = {"x": pixel, ".": None}
    return [Frame(n, pixel, pixel, pixel, found=found[letter]) for n, letter in enumerate(text, start)]


@pytest.mark.parametrize(
    ("frames", "lead_in", "wanted"),
    [
        ("xx.xx", 0, "xx.xx"),
        ("xxxx.xxx.", 2, "xx...x..."),
        ("xxxxx", 2, "xxxxx"),
        (".....", 2, "....."),
        (".xxxx.", 9, "......"),
        ("", 3, ""),
    ],
)
def test_what_leads_in_to_a_missing_frame_is_needed(frames: str, lead_in: int, wanted: str) -> None:
    seen = list(needed(row(frames), start=0, lead_in=lead_in))
    assert "".join(".x"[not frame.is_needed] for frame in seen) == wanted
    assert [frame.number for frame in seen] == list(range(len(frames)))


def test_frames_before_the_chunk_are_needed_for_others_only() -> None:
    seen = list(needed(row("...xx.x"), start=3, lead_in=3))
    assert [frame.is_needed for frame in seen] == [False, False, True, True, True, True, False]


@pytest.mark.parametrize("size", [1, 3])
def test_found_frames_take_no_room_in_a_batch(size: int) -> None:
    frames = list(needed(row("xx.x.xxx....xxxxxxxxx.x"), start=0, lead_in=0))
    made = list(batches(frames, size, lambda frame: 0))
    assert [frame.number for batch in made for frame in batch] == list(range(len(frames)))
    assert all(sum(frame.is_needed for frame in batch) <= size for batch in made)
    assert all(len(batch) <= 2 * size for batch in made)
    if size == 3:
        assert max(sum(frame.is_needed for frame in batch) for batch in made) == size
