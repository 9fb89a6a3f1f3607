"""Motion job files: what they plan, and every sentence about what is wrong with one."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from jobs.cli.check import _facts
from jobs.config import Settings
from jobs.kinds.motion import paced
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.images import encode_png
from pipeline.motion import bvh_text
from pipeline.motion.brief import MotionBrief
from pipeline.motion.bvh import bvh_of
from tests.interiors.making import write_designer
from tests.media import numbered_picture
from tests.motion.making import AMC, ASF, renamed, walk
from tests.motion.movers import write_mover


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a generator, recordings, and damaged ones."""
    made = tmp_path_factory.mktemp("motions")
    write_mover(made / "cmu.safetensors")
    write_designer(made / "rooms.safetensors")
    (made / "sky.png").write_bytes(encode_png(numbered_picture(1, 64, 36)))
    for name, clip in (("walk", walk(2)), ("fast", walk(1, 120)), ("odd", renamed(walk(1), {"LeftArm": "Fin"}))):
        bvh_text.write(bvh_of(clip), made / f"{name}.bvh")
    whole = (made / "walk.bvh").read_text()
    spoilt: dict[str, Callable[[str], str]] = {
        "missing": lambda text: text.replace("CHANNELS 6 Xposition Yposition", "CHANNELS 5 Xposition", 1),
        "nan": lambda text: text.replace("\n0.000000", "\nnan", 1),
        "empty": lambda text: text[: text.index("Frames:")] + "Frames: 0\nFrame Time: 0.0333333\n",
        "short": lambda text: text[: text.rindex("\n", 0, -2)] + "\n",
    }
    for name, spoil in spoilt.items():
        (made / f"{name}.bvh").write_text(spoil(whole))
        assert (made / f"{name}.bvh").read_text() != whole
    (made / "02_01.amc").write_text(AMC)
    (made / "alone").mkdir()
    (made / "alone/03_01.amc").write_text(AMC)
    (made / "02.asf").write_text(ASF)
    return made


def spec_of(folder: Path, text: str) -> Any:
    """The checked spec of a job file, and where its keys are."""
    return parse(f"kind: motion\noutput: out/\n{text}", path="m.yaml", folder=folder)


def planned(folder: Path, text: str) -> Plan:
    """The plan of a job file in the folder."""
    spec, located = spec_of(folder, text)
    return plan_job(spec, located, Settings())


def test_clips_follow_each_other_at_the_films_rate(folder: Path) -> None:
    text = """\
model: cmu.safetensors
clips:
  - {action: walk, seconds: 1.5, seed: 3}
  - {file: walk.bvh, start: 0.5}
  - {file: fast.bvh, end: 0.5}
  - {action: sword, seconds: 2}
fps: 24
chunk: 50
deliver: [h264, bvh]
"""
    plan = planned(folder, text)
    brief = MotionBrief.model_validate(plan.inputs)
    assert [act.frames for act in brief.acts] == [36, 36, 12, 48]
    assert (plan.frames, plan.rate, plan.chunks) == (132, "24", ((0, 50), (50, 100), (100, 132)))
    assert plan.products == ("clip-01-walk.bvh", "clip-02-walk.bvh", "clip-03-fast.bvh", "clip-04-sword.bvh")
    assert [file.name for file in plan.files] == ["walk.bvh", "fast.bvh"]
    assert plan.notes == (
        "walk.bvh: 30 frames a second, shown at 24",
        "fast.bvh: 120 frames a second, shown at 24",
    )
    assert (plan.origin, plan.stem, plan.deliver) == ("generated", "cmu", ("h264",))
    # Who swings a sword holds one.
    assert [figure.prop for figure in brief.figures] == ["sword"]
    facts = _facts(plan)
    assert ("clips", "1-36  walk, seed 3") in facts
    assert ("", "37-72  walk.bvh") in facts


def test_figures_move_together(folder: Path) -> None:
    text = """\
clips: [{file: walk.bvh}, {file: fast.bvh}, {file: walk.bvh, start: 1}]
together: true
places: [[-1, 0], [1, 0, 180], [0, 2.5]]
palette: [ember, '#4068CE']
holds: [sword, nothing]
camera: {move: orbit, angle: -20, round: 8}
trails: {kind: ribbons, of: blade}
floor: plain
background: ['#203040', '#a0b0c0']
size: hd
deliver: [contact-sheet]
"""
    plan = planned(folder, text)
    brief = MotionBrief.model_validate(plan.inputs)
    assert (plan.frames, plan.origin, plan.marks, plan.models, plan.deliver) == (60, None, None, (), ())
    assert [figure.palette for figure in brief.figures] == ["ember", "#4068CE", "ember"]
    assert [figure.prop for figure in brief.figures] == ["sword", None, "sword"]
    assert [figure.place for figure in brief.figures] == [(-1, 0), (1, 0), (0, 2.5)]
    assert [figure.facing_deg for figure in brief.figures] == [None, 180, None]
    assert (brief.width, brief.height, brief.camera.move, brief.camera.round_s) == (1280, 720, "orbit", 8)
    assert (brief.grid, brief.colours) == (False, ("#203040", "#a0b0c0"))
    assert brief.trails is not None
    assert brief.trails.of == ("blade",)
    assert ("clips", "1-60  walk.bvh, figure 1") in _facts(plan)


def test_joints_that_nobody_knows_can_be_named(folder: Path) -> None:
    plan = planned(folder, "clips: [{file: odd.bvh, joints: {LeftArm: Fin}}]\n")
    known = planned(folder, "clips: [{file: walk.bvh, end: 1}]\n")
    assert plan.frames == known.frames == 30


@pytest.mark.parametrize(
    ("background", "origin"),
    [
        ("sky.png", None),
        ("{kind: interiors, model: rooms.safetensors, seeds: 1}", "composed"),
        ("{kind: motion, clips: [{file: fast.bvh}], background: '#102030', size: 4k}", "composed"),
    ],
)
def test_backgrounds_are_those_of_posters(folder: Path, background: str, origin: str | None) -> None:
    plan = planned(folder, f"clips: [{{file: walk.bvh}}]\nbackground: {background}\n")
    assert plan.origin == origin
    assert MotionBrief.model_validate(plan.inputs).behind is not None
    made = planned(
        folder, f"model: cmu.safetensors\nclips: [{{action: run}}, {{file: walk.bvh}}]\nbackground: {background}\n"
    )
    assert made.origin == "composed"


def test_a_motion_is_as_long_as_a_poster_where_nobody_says_how_long(folder: Path) -> None:
    def lasts(text: str) -> tuple[int, str | None]:
        spec, located = spec_of(folder, f"model: cmu.safetensors\n{text}")
        plan = plan_job(paced(spec, Fraction(6), Fraction(25)), located, Settings())
        return plan.frames, plan.rate

    assert lasts("clips: [{action: walk}, {action: run}]") == (150, "25")
    assert lasts("clips: [{action: walk}, {action: run, seconds: 2}]") == (150, "25")
    assert lasts("clips: [{action: walk, seconds: 3}]\nfps: 30") == (90, "30")
    assert lasts("clips: [{action: walk}, {action: run}]\ntogether: true") == (150, "25")
    assert lasts("clips: [{action: walk}, {file: walk.bvh}]") == (150, "25")


def test_the_same_file_is_the_same_job(folder: Path) -> None:
    text = "clips: [{file: walk.bvh}]\nbackground: transparent\ndeliver: [prores-4444, png, webp-still]\n"
    assert planned(folder, text).job == planned(folder, text).job != planned(folder, text + "shadow: 0\n").job


ONE = "clips: [{file: walk.bvh}]\n"
MADE = "model: cmu.safetensors\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'clips' is missing"),
        ("clips: walk", "m.yaml:3: clips: is a list of what is done"),
        ("clips: [walk]", "m.yaml:3: clips: 'walk' is no clip; write {action: walk, seconds: 4}"),
        ("clips: [{seconds: 4}]", "m.yaml:3: clips: a clip has an `action` or a `file`"),
        ("clips:\n- {file: walk.bvh, action: walk}", "m.yaml:4: clips: a clip has an `action` or a `file`, not both"),
        ("clips:\n- {file: walk.bvh, seed: 2}", "m.yaml:4: clips: 'seed' is an action's; leave it out of {file: walk"),
        (MADE + "clips:\n- {action: run, end: 2}", "m.yaml:5: clips: 'end' is a recording's; leave it out"),
        ("clips:\n- {file: walk.bvh, start: 2, end: 1}", "m.yaml:4: clips: ends at 1 s, before it begins at 2 s"),
        ("clips:\n- {action: walk}", "m.yaml:4: clips: 'walk' is an action; add the generator that makes it"),
        (MADE + ONE, "m.yaml:3: model: all clips are recordings, which need none"),
        (
            MADE + "clips:\n- action: walk\n- action: jumps",
            "m.yaml:6: clips: nobody trained 'jumps'; did you mean 'jump'? the model knows jump, run, sword, walk",
        ),
        (MADE + "clips: [{action: fly}]", "clips: nobody trained 'fly'; the model knows jump, run, sword, walk"),
        (
            MADE + "clips:\n- action: walk\n  seconds: 0",
            "m.yaml:6: seconds: 0 is out of range; a clip lasts 0.1 to 600 seconds",
        ),
        (MADE + "clips:\n- {action: walk, seconds: .nan}", "m.yaml:5: seconds: nan is out of range"),
        (
            MADE + "clips:\n- {action: walk, path: [[0, 0], [0, 0]]}",
            "m.yaml:5: path: a path needs two points or more, each at least 5 cm from the one before",
        ),
        (MADE + "clips:\n- {action: walk, path: [[0, 0], [0, .nan]]}", "m.yaml:5: path: [0, nan] is no point within"),
        (MADE + "clips:\n- {action: walk, path: left}", "m.yaml:5: path: has at most 100 points that are passed"),
        ("model: rooms.safetensors\nclips: [{action: walk}]", "rooms.safetensors: is a designer and moves nobody"),
        ("clips:\n- file: gone.bvh", "gone.bvh: no such file; check the path"),
        ("clips:\n- file: missing.bvh", "missing.bvh:5: Hips has no channel Yposition beside Xposition, Zposition"),
        ("clips:\n- file: nan.bvh", "Hips's Xposition is nan, which is no place or angle; export the file again"),
        ("clips:\n- file: empty.bvh", "has no frames; export it with the motion"),
        ("clips:\n- file: short.bvh", "says that it has 60 frames and has 59; it is cut off"),
        (
            "clips:\n- file: odd.bvh",
            "m.yaml:4: odd.bvh: no joint is known as LeftArm among Hips, LeftUpLeg, LeftLeg, LeftFoot, LeftToeBase, "
            "RightUpLeg, …; say which it is, as in joints: {LeftArm: ",
        ),
        (
            "clips:\n- {file: odd.bvh, joints: {LeftAm: Fin}}",
            "joints: 'LeftAm' is no joint of ours; did you mean 'LeftArm'",
        ),
        ("clips:\n- {file: odd.bvh, joints: {LeftArm: fin}}", "odd.bvh: has no joint 'fin'; did you mean 'Fin'?"),
        ("clips:\n- file: sky.png", "sky.png: is no file of motion that is read; give .bvh, or .amc with its .asf"),
        ("clips:\n- file: 02.asf", "02.asf: is a skeleton, which does not move; give its .amc as `file`"),
        ("clips:\n- file: alone/03_01.amc", "its skeleton is not beside it; put the ASF file there as 03.asf"),
        ("clips:\n- file: 02_01.amc", "m.yaml:4: 02_01.amc: no joint is known as LeftUpLeg among root, leg, foot"),
        ("clips:\n- file: gone.amc", "gone.amc: no such recording; check the path"),
        ("clips:\n- {file: walk.bvh, skeleton: 02.asf}", "has its own skeleton; leave `skeleton` out"),
        ("clips:\n- file: s3://b/02_01.amc", "needs its skeleton; give the .asf as `skeleton`"),
        (
            "clips:\n- file: walk.bvh\n  start: 3",
            "m.yaml:5: walk.bvh: lasts 2.00 s, at 30 frames a second; 3 to 2 s are no part of it",
        ),
        ("clips:\n- file: walk.bvh\n  end: 3", "m.yaml:5: walk.bvh: lasts 2.00 s, at 30 frames a second; 0 to 3 s are"),
        (
            ONE + "background: transparent",
            "m.yaml:4: background: h264 cannot be transparent; write deliver: [prores-4444], or others of",
        ),
        (ONE + "background: transparent\ndeliver: [png, gif]", "m.yaml:5: deliver: gif cannot be transparent"),
        (
            ONE + "background: {kind: motion, clips: [{file: fast.bvh}], background: transparent}",
            "m.yaml:4: background: figures behind figures need a background of their own",
        ),
        (ONE + "background: '#12345'", "m.yaml:4: background: '#12345' is no colour; write six digits"),
        (ONE + "background: gone.png", "gone.png: no such film, picture or folder"),
        (ONE + "camera: orbits", "'orbits' is not one of follow, orbit, fixed; did you mean 'orbit'?"),
        (ONE + "camera: {move: fixed, round: 3}", "m.yaml:4: camera: 'round' is of orbit, and the camera is to fixed"),
        (ONE + "camera: {lens: 100}", "m.yaml:4: camera.lens: input should be less than or equal to 90"),
        (ONE + "palette: [embr]", "m.yaml:4: palette: 'embr' is no palette; did you mean 'ember'?"),
        (ONE + "palette: [ember, moss]", "m.yaml:4: palette: has 2, and the job 1 figure(s); clips have figures of"),
        (ONE + "places: [[0, 0], [1, 0]]", "m.yaml:4: places: has 2, and the job has 1 figure; give one for each"),
        (ONE + "places: [[0]]", "m.yaml:4: places: [0] is none"),
        (ONE + "size: 8k", "m.yaml:4: size: '8k' is no size; write 1920x1080, or one of hd, full-hd, 4k, square"),
        (ONE + "size: 8x8", "m.yaml:4: size: 8x8 is out of range; sides are 16 to 8192 px"),
        (ONE + "fps: fast", "m.yaml:4: fps: 'fast' is no frame rate"),
        (ONE + "trails: smoke", "'smoke' is not one of ghosts, ribbons"),
        (ONE + "deliver: [prores4444]", "m.yaml:4: deliver: 'prores4444' is not one of bvh, contact-sheet, h264"),
        (ONE + "together: maybe", "m.yaml:4: together: input should be a valid boolean"),
        (ONE + "holds: [axe]", "m.yaml:4: holds.0: 'axe' is not one of sword, nothing"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(folder: Path, text: str, said: str) -> None:
    with pytest.raises(JobSpecProblems) as caught:
        planned(folder, text)
    [problem] = caught.value.problems
    assert said in problem
    assert "\n" not in problem
    assert problem.startswith("m.yaml:")
