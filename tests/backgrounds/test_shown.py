"""What a poster's painter gets of a background."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from jobs.kinds import resolve
from pipeline.backgrounds.brief import Painted
from pipeline.backgrounds.kept import Kept
from pipeline.errors import InputError, JobHalted, MediaError, ModelError
from pipeline.images import encode_png
from pipeline.motion import bvh_text
from pipeline.motion.bvh import bvh_of
from pipeline.painter import Work
from pipeline.provenance import embed
from pipeline.upscale import Upscaler
from tests.backgrounds.making import RATE, planned
from tests.interiors.making import photograph
from tests.media import number_of
from tests.motion.making import walk
from tests.portraits.making import write_generator

WALK = "background: {kind: portraits, model: faces.safetensors, seeds: 0-4, walk: true}"


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and bool((one == other).all())


# What other kinds paint


def test_pictures_are_those_of_the_kinds_own_painter(folder: Path, kept: Kept) -> None:
    made = planned(WALK, folder)
    backgrounds, painted = made.backgrounds(kept), made.brief.painted
    assert painted is not None
    painter = resolve(painted.painter)(painted.inputs, made.easel, deep=False)
    frames = list(painter.paint(made.work(start=0, stop=17)))
    assert same(backgrounds.picture(2, made.work()), frames[2])
    shown = backgrounds.frames(12, RATE, made.work(), loop=True)
    assert len(shown) == 12
    assert all(same(one, other) for one, other in zip(shown, frames[5:], strict=True))


def test_a_figure_before_nothing_keeps_its_alpha(folder: Path, kept: Kept) -> None:
    bvh_text.write(bvh_of(walk(1)), folder / "walk.bvh")
    text = "kind: motion, clips: [{file: walk.bvh}], size: 64x36, background: transparent, shadow: 0"
    made = planned(f"background: {{{text}}}", folder)
    frame = made.backgrounds(kept).frames(4, RATE, made.work())[2]
    assert frame.shape == (36, 64, 4)
    # It is small, and nothing that knows no alpha enlarges it.
    assert made.backgrounds(kept).picture(0, made.work(), canvas_px=1080).shape == (36, 64, 4)
    assert 0.5 < (frame[..., 3] == 0).mean() < 1


def test_each_variant_has_a_picture_of_its_own_and_says_of_which_seed(folder: Path, kept: Kept) -> None:
    made = planned(WALK, folder)
    backgrounds, work = made.backgrounds(kept), made.work()
    seeds = [backgrounds.facts(index, work)["seed"] for index in range(7)]
    assert seeds == ["0", "1", "2", "3", "4", "0", "1"]
    assert same(backgrounds.picture(1, work), backgrounds.picture(6, work))
    facts = backgrounds.facts(1, work)
    assert (facts["background"], facts["model"]) == ("portraits", "faces")
    assert len(facts["modelSha256"]) == 64
    assert "w" not in facts


def test_a_variants_loop_begins_at_its_own_picture(folder: Path, kept: Kept) -> None:
    made = planned(WALK.replace("0-4", "0-2"), folder)
    backgrounds, work = made.backgrounds(kept), made.work()
    assert backgrounds.moves()
    for index in range(3):
        first = backgrounds.frames(12, RATE, work, index=index, loop=True)[0]
        difference = np.abs(first.astype(int) - backgrounds.picture(index, work))
        # The picture at the keyframe, but for the last bit: its latent went another way.
        assert difference.max() <= 1


def test_what_was_painted_is_not_painted_again(folder: Path, kept: Kept) -> None:
    made = planned(WALK, folder)
    first = list(made.backgrounds(kept).frames(12, RATE, made.work(), loop=True))
    made.calls.clear()
    again = made.backgrounds(kept)
    assert all(map(same, first, again.frames(12, RATE, made.work(), loop=True)))
    assert again.frames(12, RATE, made.work(), loop=True).facts(3)["walkFrame"] == "3"
    assert made.calls == []


def test_frames_are_the_same_in_any_order_and_without_room(folder: Path, kept: Kept, tmp_path: Path) -> None:
    made = planned(WALK, folder)
    first = list(made.backgrounds(kept).frames(12, RATE, made.work(), loop=True))
    nowhere = Kept(tmp_path, room_bytes=0)
    backgrounds = made.backgrounds(nowhere)
    shown = backgrounds.frames(12, RATE, made.work(), loop=True)
    assert all(same(shown[frame], first[frame]) for frame in (11, 3, 4, 0, 7))
    made.calls.clear()
    # The last ones that were painted are there all the same: one by one they would be painted ever anew.
    assert all(map(same, shown, first))
    assert made.calls.count("model") <= 1


def test_threads_share_what_one_of_them_paints(folder: Path, kept: Kept, tmp_path: Path) -> None:
    made = planned(WALK, folder)
    first = list(made.backgrounds(kept).frames(12, RATE, made.work(), loop=True))
    made.calls.clear()
    (tmp_path / "more").mkdir()
    shown = made.backgrounds(Kept(tmp_path / "more")).frames(12, RATE, made.work(), loop=True)
    with ThreadPoolExecutor(4) as pool:
        assert all(map(same, pool.map(shown.__getitem__, range(12)), first))
    # One for each place that a thread happened to begin at, at most.
    assert made.calls.count("model") <= 4


def test_other_seeds_and_other_models_are_other_pictures(folder: Path, kept: Kept, tmp_path: Path) -> None:
    write_generator(tmp_path / "faces.safetensors", "stylegan2", seed=1)
    text = "background: {kind: portraits, model: faces.safetensors, seeds: 3}"
    told = [planned(text, folder), planned(text, tmp_path), planned(text.replace("3", "4"), folder)]
    pictures = [made.backgrounds(kept).picture(0, made.work()).tobytes() for made in told]
    assert len(set(pictures)) == 3


def test_the_nested_painter_touches_nothing_of_the_posters(folder: Path, kept: Kept) -> None:
    made = planned(WALK, folder)
    list(made.backgrounds(kept).frames(12, RATE, made.work(recall=lambda key: None), loop=True))
    assert set(made.calls) == {"model", "pulse"}


def test_what_a_nested_painter_gives_besides_frames_nobody_takes(
    folder: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Work] = []

    class Spy:
        batch = 1

        def __init__(self, inputs: Any, easel: Any, *, deep: bool) -> None: ...

        def paint(self, work: Work) -> list[np.ndarray]:
            seen.append(work)
            return [np.zeros((16, 16, 3), np.uint8)]

    made = planned(WALK, folder)
    monkeypatch.setattr("pipeline.portraits.painter.PortraitPainter", Spy)
    made.backgrounds(kept).picture(1, made.work())
    given = {field.name for field in fields(Work) if getattr(seen[0], field.name) is not field.default}
    assert given == {
        *("start", "stop", "watch", "model", "file", "pulse", "load_state", "save_state"),
        *("model_digests", "describe", "fail", "note"),
    }
    assert (seen[0].start, seen[0].stop) == (1, 2)
    with pytest.raises(InputError, match="background: too dark"):
        seen[0].fail(1, "too dark")


def test_frames_of_other_jobs_are_found(folder: Path, kept: Kept) -> None:
    made = planned(WALK, folder)
    asked: list[str] = []

    def recall(key: str) -> np.ndarray:
        asked.append(key)
        return np.full((16, 16, 3), 9, np.uint8)

    assert (made.backgrounds(kept).picture(0, made.work(recall=recall)) == 9).all()
    assert len(asked) == 1


def test_a_paused_job_stops_painting_its_background(folder: Path, kept: Kept) -> None:
    made = planned(WALK, folder)

    def pulse(note: str) -> None:
        raise JobHalted("paused")

    backgrounds = made.backgrounds(kept)
    with pytest.raises(JobHalted):
        backgrounds.picture(0, made.work(pulse=pulse))
    assert backgrounds.picture(0, made.work()).shape == (16, 16, 3)


def test_a_plan_calls_nothing_but_painters(folder: Path, kept: Kept) -> None:
    for entry in ("os:system", "pipeline.os:system", "jobs.fade:FadePainter", "pipeline..x:FadePainter"):
        with pytest.raises(ValueError, match="painter"):
            Painted(kind="fade", name="fade", painter=entry, inputs={}, chunks=(0, 1))
    made = planned(WALK, folder)
    assert made.plan.brief.painted is not None
    gone = made.plan.brief.painted.model_copy(update={"painter": "pipeline.fade:FadePainter"})
    made.plan = replace(made.plan, brief=made.plan.brief.model_copy(update={"painted": gone}))
    with pytest.raises(ModelError, match=r"pipeline.fade:FadePainter.*version"):
        made.backgrounds(kept).picture(0, made.work())


def test_a_painted_film_is_that_of_its_own_job_across_cuts(folder: Path, kept: Kept) -> None:
    text = "{kind: film, source: ten.mp4, style: {painting: five.png}, cuts: [4], consistency: flow, play: hold}"
    made = planned(f"background: {text}", folder)
    painted = made.brief.painted
    assert painted is not None
    painter = resolve(painted.painter)(painted.inputs, made.easel, deep=False)
    frames = [*painter.paint(made.work(start=0, stop=3)), *painter.paint(made.work(start=3, stop=10))]
    shown = made.backgrounds(kept).frames(10, Fraction(5), made.work())
    # Not in order: no frame may know which was asked for before it.
    for frame in (8, 2, 0, 5, 9):
        assert same(shown[frame], frames[frame])


def test_a_picture_is_painted_in_a_style(folder: Path, kept: Kept) -> None:
    made = planned("background: {kind: film, source: five.png, style: {painting: both/2.png}}", folder)
    backgrounds, work = made.backgrounds(kept), made.work()
    assert not backgrounds.moves()
    picture = backgrounds.picture(0, work)
    facts = backgrounds.facts(0, work)
    assert (facts["background"], facts["style"], len(facts["modelSha256"])) == ("film", "2.png", 64)
    assert picture.shape == (64, 96, 3)
    assert not same(picture, np.asarray(Image.open(folder / "five.png")))
    assert all(same(frame, picture) for frame in backgrounds.frames(3, RATE, work))


def test_what_grows_frame_by_frame_is_painted_whole_and_once(folder: Path, kept: Kept) -> None:
    text = "{kind: artwork, content: five.png, paintings: both/2.png, size: 24, iterations: 4, becoming: 3}"
    made = planned(f"background: {text}", folder)
    backgrounds = made.backgrounds(kept)
    states: dict[str, bytes] = {}

    def save(state: bytes, part: str = "main") -> None:
        states[part] = state

    work = made.work(save_state=save, load_state=lambda part="main": states.get(part))
    last = backgrounds.picture(0, work)
    asked = len(made.calls)
    shown = list(backgrounds.frames(6, RATE, work))
    assert same(shown[-1], last)
    assert not same(shown[0], last)
    assert len(made.calls) == asked
    assert states
    assert all(part.startswith("background-") for part in states)


def test_a_photographs_likeness_is_a_background_and_its_latents_go_nowhere(folder: Path, kept: Kept) -> None:
    text = "{kind: projection, model: faces.safetensors, photograph: likeness.png, steps: 2}"
    Image.fromarray(photograph(64, 64)).save(folder / "likeness.png")
    made = planned(f"background: {text}", folder)
    backgrounds, work = made.backgrounds(kept), made.work()
    assert backgrounds.picture(0, work).shape == (16, 16, 3)
    assert backgrounds.facts(0, work)["background"] == "projection"
    assert "deliver" not in made.calls


# The user's own files


def test_variants_take_files_by_turns_whether_they_move_or_not(folder: Path, kept: Kept) -> None:
    made = planned("background: [five.png, ten.mp4]", folder)
    backgrounds, work = made.backgrounds(kept), made.work()
    assert [backgrounds.moves(index) for index in range(3)] == [False, True, False]
    assert [number_of(backgrounds.picture(index, work)) for index in range(3)] == [5, 5, 5]
    assert [number_of(frame) for frame in backgrounds.frames(3, RATE, work)] == [5, 5, 5]
    held = backgrounds.frames(12, Fraction(5), work, index=1)
    assert [number_of(frame) for frame in held] == [*range(10), 9, 9]
    assert backgrounds.facts(0, work) == backgrounds.facts(1, work) == {}


@pytest.mark.parametrize(
    ("play", "numbers"),
    [
        ("loop", [0, 1, 3, 5, 6, 8]),
        ("stretch", [0, 1, 3, 5, 7, 9]),
        ("hold", [0, 1, 2, 3, 4, 5]),
        ("bounce", [0, 0, 2, 3, 2, 0]),
    ],
)
def test_a_film_becomes_as_long_as_the_poster(folder: Path, kept: Kept, play: str, numbers: list[int]) -> None:
    made = planned(f"background: {{files: ten.mp4, play: {play}}}", folder)
    shown = made.backgrounds(kept).frames(6, Fraction(5), made.work())
    assert [number_of(frame) for frame in shown] == numbers


def test_moments_between_two_frames_show_both_if_asked_for(folder: Path, kept: Kept) -> None:
    made = planned("background: {files: ten.mp4, play: hold, blend: true}", folder)
    shown = made.backgrounds(kept).frames(20, Fraction(10), made.work())
    middle = (shown[6].astype(int) + shown[8]) / 2
    assert np.abs(shown[7] - middle).max() <= 0.5
    assert same(shown[6], shown[6])


def test_at_a_loops_seam_its_last_frame_and_its_first_are_mixed(folder: Path, kept: Kept) -> None:
    made = planned(WALK.replace("walk: true", "walk: {frames: 9}, blend: true"), folder)
    shown = made.backgrounds(kept).frames(12, RATE, made.work(), loop=True)
    plain = planned(WALK.replace("walk: true", "walk: {frames: 9}"), folder)
    frames = list(plain.backgrounds(kept).frames(9, Fraction(6), plain.work(), loop=True))
    # The twelfth of twelve is at 8.25 of nine.
    assert np.abs(shown[11] - (0.75 * frames[8] + 0.25 * frames[0])).max() <= 0.5


def test_a_picture_that_says_what_made_it_says_so_on(folder: Path, kept: Kept, tmp_path: Path) -> None:
    told = {"model": "portraits", "seed": "3", "w": "AAAA", "wShape": "1"}
    (tmp_path / "face.png").write_bytes(embed(encode_png(np.zeros((8, 8, 3), np.uint8)), told))
    made = planned("background: face.png", tmp_path)
    facts = made.backgrounds(kept).facts(0, made.work())
    assert facts == {"model": "portraits", "seed": "3", "background": "face.png"}


def test_a_film_that_was_replaced_is_refused(tmp_path: Path, folder: Path, kept: Kept) -> None:
    film = tmp_path / "ten.mp4"
    film.write_bytes((folder / "ten.mp4").read_bytes())
    made = planned("background: ten.mp4", tmp_path)
    film.write_bytes((folder / "both" / "10.mp4").read_bytes())
    with pytest.raises(MediaError, match="has changed since the job was planned"):
        made.backgrounds(kept).picture(0, made.work())


# How large they are


def test_small_pictures_are_enlarged_and_large_ones_are_not(folder: Path, kept: Kept) -> None:
    made = planned(WALK, folder)
    backgrounds, work = made.backgrounds(kept), made.work()
    small = backgrounds.picture(0, work)
    for canvas_px, side in ((0, 16), (48, 16), (50, 32), (127, 32), (128, 64), (256, 64), (600, 128)):
        assert backgrounds.picture(0, work, canvas_px=canvas_px).shape == (side, side, 3)
    assert same(backgrounds.picture(0, work, canvas_px=256), Upscaler.open().enlarge(np.array(small), 64))
    assert backgrounds.frames(3, RATE, work, canvas_px=256)[1].shape == (64, 64, 3)
    assert len(backgrounds.facts(0, work, canvas_px=256)["upscalerSha256"]) == 64
    assert "upscalerSha256" not in backgrounds.facts(0, work)


@pytest.mark.parametrize(("said", "side"), [("true", 32), ("false", 16)])
def test_whether_they_are_enlarged_can_be_said(folder: Path, kept: Kept, said: str, side: int) -> None:
    made = planned(f"{WALK[:-1]}, upscale: {said}}}", folder)
    assert made.backgrounds(kept).picture(0, made.work(), canvas_px=20).shape == (side, side, 3)
