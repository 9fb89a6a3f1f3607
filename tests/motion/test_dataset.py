"""A folder and its labels become clips and windows; what cannot be used is told."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.motion import bvh, bvh_text, dataset, labels
from pipeline.motion.opening import open_clip
from tests.motion.making import AMC, ASF, walk


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("motion")
    for name, clip in (("walk", walk(2)), ("stoop", walk(1, bend=0.6)), ("fast", walk(1, 60))):
        bvh_text.write(bvh.bvh_of(clip), made / f"{name}.bvh")
    (made / "broken.bvh").write_text("HIERARCHY\n")
    (made / "02.asf").write_text(ASF)
    (made / "02_01.amc").write_text(AMC)
    return made


def read(text: str) -> labels.Labels:
    return labels.read(text.encode(), "labels.csv")


def test_rows_become_clips_of_our_figure_in_order(folder: Path) -> None:
    told: list[int] = []
    rows = "file,action,start,end\nwalk.bvh,walk,,\nstoop.bvh,stoop low,,\nwalk.bvh,stroll,0.5,1.5\n"
    motions = dataset.load(folder, read(rows), report=told.append)
    assert motions.classes == ("stoop low", "stroll", "walk")
    assert [(take.action, take.clip.frames) for take in motions.takes] == [
        ("walk", 60),
        ("stoop low", 30),
        ("stroll", 30),
    ]
    assert motions.seconds() == {"stoop low": 1, "stroll": 1, "walk": 2}
    assert (motions.rate, motions.problems, told) == (30, (), [1, 2, 3])
    again = dataset.load(folder, read(rows))
    assert all(np.array_equal(a.features, b.features) for a, b in zip(motions.takes, again.takes, strict=True))


def test_rates_that_differ_are_told_or_brought_to_one(folder: Path) -> None:
    rows = read("file,action\nwalk.bvh,walk\nfast.bvh,walk\n")
    said = "labels.csv: walk.bvh has 30 frames a second and fast.bvh 60; say a rate, and all are brought to it"
    with pytest.raises(MediaError, match=re.escape(said)):
        dataset.load(folder, rows)
    assert [take.clip.frames for take in dataset.load(folder, rows, rate=Fraction(20)).takes] == [40, 20]
    told = read("file,action,fps\nwalk.bvh,walk,30\nfast.bvh,walk,30\n")
    assert [take.clip.frames for take in dataset.load(folder, told).takes] == [60, 60]


def test_what_cannot_be_used_is_told_row_by_row(folder: Path) -> None:
    rows = "file,action,start,end\nwalk.bvh,walk,,\nbroken.bvh,fall,,\ngone.bvh,walk,,\nwalk.bvh,walk,3,4\n"
    rows += "notes.txt,fall,,\n02_01.amc,fall,,\nwalk.bvh,walk,0,0.03\n"
    motions = dataset.load(folder, read(rows))
    assert len(motions.takes) == 1
    assert [problem[:42] for problem in motions.problems] == [
        "labels.csv:3: broken.bvh: has no line MOTI",
        "labels.csv:4: gone.bvh: no such file",
        "labels.csv:5: walk.bvh lasts 2.00 s and ha",
        "labels.csv:6: notes.txt: is no file of mot",
        "labels.csv:7: 02_01.amc: no joint is known",
        "labels.csv:8: walk.bvh has one frame there",
        "labels.csv: 'fall' is left without a clip,",
    ]
    said = r"labels\.csv: no clip of .* can be used: labels\.csv:2: a\.bvh: no such file; .*; and 2 more"
    with pytest.raises(MediaError, match=said):
        dataset.load(folder, read("file,action\n" + "".join(f"{name}.bvh,x\n" for name in "abcde")))


def test_windows_cover_takes_to_their_ends(folder: Path) -> None:
    motions = dataset.load(folder, read("file,action\nwalk.bvh,walk\nstoop.bvh,stoop\n"))
    made = motions.windows(25, stride=20)
    assert [(window.take, window.start, window.action) for window in made] == [
        *((0, 0, 1), (0, 20, 1), (0, 35, 1)),
        *((1, 0, 0), (1, 5, 0)),
    ]
    with pytest.raises(MediaError, match="stoop: its longest clip has 30 frames and a window 31"):
        motions.windows(31)


def test_mirrored_takes_follow_their_own(folder: Path) -> None:
    motions = dataset.load(folder, read("file,action\nwalk.bvh,walk\n")).with_mirrored()
    here, there = motions.takes
    assert there.features[:, 0] == pytest.approx(-here.features[:, 0], abs=1e-4)
    assert there.features[:, 3] == pytest.approx(here.features[:, 3])


def test_skeletons_are_found_beside_their_motions(tmp_path: Path) -> None:
    path = tmp_path / "07_02.amc"
    path.write_text(AMC)
    with pytest.raises(
        MediaError, match=r"07_02\.amc: its skeleton is not beside it; put the ASF file there as 07\.asf"
    ):
        open_clip(path)
    (tmp_path / "any.asf").write_text(ASF)
    assert open_clip(path).rate == 120
    (tmp_path / "07.asf").write_text(ASF.replace("length 9", "length 18"))
    assert open_clip(path, rate=Fraction(60)).skeleton.offsets_m[2, 1] == pytest.approx(-18 * 0.0254 / 0.45)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "labels.csv:1: begins with file,action and, if wanted, start, end and fps"),
        (
            "file;action\na;b\n",
            "labels.csv:1: begins with file,action and, if wanted, start, end and fps; here semicolons",
        ),
        ("file,action,mood\n", "labels.csv:1: begins with file,action and, if wanted, start, end and fps; 'mood'"),
        ("file,action\n", "labels.csv: has names of columns and no rows"),
        ("file,action\na.bvh\n", "labels.csv:2: has 1 columns where 2 belong"),
        ("file,action\n../a.bvh,walk\n", "labels.csv:2: '../a.bvh' is no file of the folder"),
        ("file,action\nC:\\a.bvh,walk\n", "labels.csv:2: 'C:/a.bvh' is no file of the folder"),
        ("file,action\na.bvh,\n", "labels.csv:2: '' is no name of an action"),
        ("file,action\na.bvh,<b>\n", "labels.csv:2: '<b>' is no name of an action"),
        ("file,action,start,end\na.bvh,walk,2,1\n", "labels.csv:2: ends at 1 s, before it starts"),
        ("file,action,start\na.bvh,walk,soon\n", "labels.csv:2: start is 'soon'; write seconds"),
        ("file,action,start\na.bvh,walk,-1\n", "labels.csv:2: start is -1; write seconds from 0 on"),
        ("file,action,fps\na.bvh,walk,fast\n", "labels.csv:2: fps is 'fast'; write frames a second"),
        ("file,action,fps\na.bvh,walk,0\n", "labels.csv:2: fps is 0; from 1 to 1000 are read"),
        ("file,action\na\udcff,b\n", "labels.csv: is no CSV file in UTF-8"),
    ],
)
def test_labels_that_are_wrong_are_told(text: str, said: str) -> None:
    with pytest.raises(MediaError, match="^" + re.escape(said)):
        labels.read(text.encode("utf-8", "surrogateescape"), "labels.csv")


def test_labels_may_name_their_columns_in_any_order() -> None:
    made = read("FPS,end,action,file\n30000/1001,2.5,Wave Hand,sub/a.bvh\n,,walk,b.bvh\n")
    assert made.rows[0] == labels.Row("sub/a.bvh", "Wave Hand", 0, 2.5, Fraction(30000, 1001), 2)
    assert made.rows[1] == labels.Row("b.bvh", "walk", 0, None, None, 3)
    assert made.actions == ("Wave Hand", "walk")
