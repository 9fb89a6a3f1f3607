"""Retouch job files: what is planned, and what is refused, at its line."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.images import encode_png
from pipeline.provenance import Marks, embed
from pipeline.retouch.brief import RetouchBrief
from tests.media import numbered_picture, write_film, write_picture, write_sound
from tests.retouch.test_edits import IDENTITY_CUBE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two films, pictures, and files that edits read."""
    made = tmp_path_factory.mktemp("retouch")
    write_film(made / "clip.mp4", 48, size=(160, 90), sound="aac")
    write_film(made / "silent.mp4", 12)
    (made / "photos").mkdir()
    for number, size in enumerate(((96, 64), (64, 96))):
        write_picture(made / f"photos/{number}.png", numbered_picture(number, *size))
    (made / "deep.png").write_bytes(encode_png(np.full((40, 60, 3), 999, np.uint16)))
    (made / "same.cube").write_bytes(IDENTITY_CUBE)
    (made / "broken.cube").write_bytes(IDENTITY_CUBE.replace(b"1 0 1", b"1 nan 1"))
    (made / "logo.png").write_text("no picture")
    write_sound(made / "music.wav", codec="pcm_s16le")
    return made


def planned(folder: Path, lines: str, source: str = "clip.mp4") -> Plan:
    """The plan of a job file of these lines, which begin at its fourth."""
    text = f"kind: retouch\nsource: {source}\noutput: out/\n{lines}\n"
    spec, located = parse(text, path="job.yaml", folder=folder)
    return plan_job(spec, located, Settings())


def brief(plan: Plan) -> RetouchBrief:
    """What the plan's painter reads."""
    return RetouchBrief.model_validate(plan.inputs)


def test_edits_are_planned_in_their_order_with_their_files_pinned(folder: Path) -> None:
    edits = "[exposure: 1, lut: same.cube, crop: 16:10, resize: {size: 72x45}, lut: {file: same.cube, strength: 0.5}]"
    plan = planned(folder, f"edits: {edits}")
    made = brief(plan)
    assert [step.edit for step in made.steps] == ["exposure", "lut", "crop", "resize", "lut"]
    assert [step.files for step in made.steps] == [{}, {"file": 0}, {}, {}, {"file": 0}]
    assert [file.name for file in plan.files] == ["same.cube"]
    assert (made.width, made.height, plan.deliver, plan.origin) == (72, 45, ("h264",), None)
    assert made.steps[2].read().sized(160, 90) == (144, 90)


def test_another_table_is_another_job(folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "look.cube"
    jobs = []
    for data in (IDENTITY_CUBE, IDENTITY_CUBE.replace(b"1 0 1", b"1 0.5 1")):
        table.write_bytes(data)
        jobs.append(planned(folder, f"edits: [lut: {table}]").job)
    assert jobs[0] != jobs[1]


@pytest.mark.parametrize(
    ("lines", "first", "frames", "offset"),
    [
        ("frames: 5-10", 5, 6, 4),
        ("trim: {from: 0.5, to: 1}", 13, 12, 12),
        ("trim: {from: '0:01.51'}", 38, 11, 37),
        ("speed: 2", 1, 24, 0),
        ("speed: 0.5\ntrim: {to: 1}", 1, 48, 0),
        ("speed: 1.5\nframes: 2-48", 1, 32, 1),
    ],
)
def test_trimming_and_speed_choose_frames(folder: Path, lines: str, first: int, frames: int, offset: int) -> None:
    plan = planned(folder, lines)
    assert (plan.first, plan.frames, brief(plan).offset) == (first, frames, offset)
    shown = [brief(plan).shown(frame) for frame in range(frames)]
    assert shown[0] == offset
    assert shown[-1] < 48


def test_pictures_become_pictures_with_their_names(folder: Path) -> None:
    plan = planned(folder, "edits: [crop: 1:1]", "photos/")
    assert (plan.deliver, plan.names, plan.rate) == (("png",), ("0", "1"), None)


def test_a_deep_picture_stays_deep_where_that_can_be_kept(folder: Path) -> None:
    assert planned(folder, "deliver: [png16]", "deep.png").deep
    assert not planned(folder, "deliver: [jpeg]", "deep.png").deep


def test_sound_is_left_alone_unless_something_is_done_to_it(folder: Path) -> None:
    assert brief(planned(folder, "trim: {from: 1}")).sound is None
    assert brief(planned(folder, "speed: 2")).sound is not None
    made = brief(planned(folder, "sound: {mix: [music.wav], loudness: -20, fade: {out: 1}}")).sound
    assert made is not None
    assert (made.added[0].file, made.loudness and made.loudness.target, made.fade_out_s) == (0, -20, 1)
    assert brief(planned(folder, "sound: none")).sound == made.model_copy(
        update={"keeps_own": False, "added": (), "loudness": None, "fade_out_s": 0.0}
    )


def test_what_a_model_made_goes_on_saying_so(folder: Path, tmp_path: Path) -> None:
    assert planned(folder, "", "photos/").marks is None
    made = tmp_path / "made"
    made.mkdir()
    for number, name in enumerate(("a", "b")):
        data = encode_png(numbered_picture(number))
        marks = Marks(origin="generated", producer="Studio")
        (made / f"{name}.png").write_bytes(embed(data, {}, marks) if number else data)
    plan = planned(folder, "", f"{made}/")
    assert plan.marks is not None
    assert plan.marks.origin == "composed"


def test_a_films_anchor_is_a_point_and_a_pictures_is_looked_for_in_each(folder: Path) -> None:
    edits = "edits: [crop: {aspect: 1:1, anchor: saliency}]"
    assert isinstance(brief(planned(folder, edits)).steps[0].keys["anchor"], list)
    assert brief(planned(folder, edits, "photos/")).steps[0].keys["anchor"] == "saliency"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("edits:\n  - exposre: 1", "5: unknown key 'exposre'; did you mean 'exposure'?"),
        ("edits:\n  - sharpen\n  - exposure: 99", "6: edits.1.exposure: input should be less than or equal to 10"),
        ("edits:\n  - exposure: 1\n    grain: 0.1", "5: edits: exposure and grain are two edits in one"),
        ("edits:\n  - grain:", "5: edits: a step says nothing; write grain:"),
        ("edits:\n  - exposure: yes", "5: exposure: is true, as YAML reads it; write exposure: 0.5"),
        ("edits: {exposure: 1}", "4: edits: is a list, done from top to bottom"),
        ("edits:\n  - curves: {red: [[0, 0], [1, 1], [0.5, 1]]}", "5: red: points go from dark to light, and 0.5"),
        ("edits:\n  - curves: {red: [[0, 0], [1, 2]]}", "5: red: [1, 2] is out of range"),
        ("edits:\n  - crop: 200x90", "5: crop: 200x90 is larger than a picture of 160x90 px"),
        ("edits:\n  - resize: 80\n  - crop: [60, 0, 30, 30]", "6: crop: reaches to 90x30 in a picture of 80x45 px"),
        ("edits:\n  - crop: {aspect: 1:1, size: 8x8}", "5: crop: takes one of aspect, size and box"),
        ("edits:\n  - lut: broken.cube", "/broken.cube: line 7: 'nan' is no number that a colour can have"),
        ("edits:\n  - lut: absent.cube", "absent.cube: no such file; check the path"),
        ("edits:\n  - watermark: logo.png", "logo.png: is no picture that we can read"),
        (
            "edits:\n  - watermark: {picture: logo.png, anchor: saliency}",
            "5: anchor: what is laid over a picture stands",
        ),
        ("edits:\n  - caption: film.txt\n  - caption: {file: film.txt}", "6: caption:"),
        (
            "edits:\n  - title: {text: hello, from: 3, to: 2}",
            "5: it is to go at 2 s, before it comes at 3; exchange from and to",
        ),
        ("trim: {from: 1, to: 9}", "4: trim: 9 s is beyond the film, which lasts 2.000 s"),
        ("trim: {from: 1}\nframes: 1-3", "4: trim: says by time what frames says by number"),
        ("speed: 9", "4: speed: 9 is out of range"),
        ("sound: loud", "4: sound: 'loud' says nothing of a sound; write none, or {loudness: -23}"),
        ("sound: {loudness: 3}", "4: sound.loudness: input should be less than or equal to -5"),
        ("sound:\n  replace: logo.png", "5: sound: "),
        ("sound:\n  replace: silent.mp4", "silent.mp4: has no sound; give a .wav"),
        ("sound: {loudness: -23}\ndeliver: [gif, png]", "4: sound: there is none in gif, png; ask for h264 as well"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(folder: Path, lines: str, said: str) -> None:
    with pytest.raises(JobSpecProblems) as raised:
        planned(folder, lines)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("edits: [fade: {in: 1}]", "4: fade: a folder of pictures has no time"),
        ("trim: {from: 1}", "4: trim: a folder of pictures has no time"),
        ("speed: 2", "4: speed: a folder of pictures does not move"),
        ("sound: none", "4: sound: a folder of pictures has none"),
        ("deliver: [h264]", "4: deliver: h264 cannot be made of a folder of pictures"),
    ],
)
def test_pictures_have_no_time(folder: Path, lines: str, said: str) -> None:
    with pytest.raises(JobSpecProblems, match=said):
        planned(folder, lines, "photos/")


def test_a_silent_film_has_no_sound_to_edit(folder: Path) -> None:
    with pytest.raises(JobSpecProblems, match=r"4: sound: the film has none of its own; write \{replace: music.flac\}"):
        planned(folder, "sound: {loudness: -23}", "silent.mp4")
    made = brief(planned(folder, "sound: {replace: music.wav, loudness: -23}", "silent.mp4"))
    assert made.sound is not None
    assert made.moment(11).last == Fraction(11, 24)
