"""Pictures that a process keeps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.backgrounds.footage import Picture
from pipeline.backgrounds.kept import Kept

ROOT = Path(__file__).parents[2]


def _picture(value: int) -> Picture:
    return Picture(np.full((10, 10, 3), value, np.uint8), {"seed": str(value)})


def test_pictures_come_back_as_they_were_with_what_they_say(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    assert kept.put("a", _picture(7))
    found = kept.get("a")
    assert found is not None
    assert (found.pixels == 7).all()
    assert found.facts == {"seed": "7"}
    assert kept.get("b") is None


def test_nobody_writes_to_them(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.put("a", _picture(7))
    found = kept.get("a")
    assert found is not None
    with pytest.raises(ValueError, match="read-only"):
        found.pixels[0] = 1


def test_who_was_not_asked_for_longest_leaves(tmp_path: Path) -> None:
    kept = Kept(tmp_path, room_bytes=600)
    kept.put("a", _picture(1))
    kept.put("b", _picture(2))
    held = kept.get("a")
    kept.put("c", _picture(3))
    assert [kept.get(key) is not None for key in "abc"] == [True, False, True]
    assert len(list(tmp_path.iterdir())) == 2
    kept.put("d", _picture(4))
    assert held is not None
    assert (held.pixels == 1).all()


def test_what_does_not_fit_is_not_kept(tmp_path: Path) -> None:
    kept = Kept(tmp_path, room_bytes=299)
    assert not kept.put("a", _picture(1))
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_costs_no_job(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "gone")
    assert not kept.put("a", _picture(1))
    assert kept.get("a") is None


def test_they_go_with_their_process(tmp_path: Path) -> None:
    script = (
        "from pipeline.backgrounds.kept import kept_here; from pipeline.backgrounds.footage import Picture\n"
        "import numpy, pathlib\n"
        "kept_here().put('a', Picture(numpy.zeros((4, 4, 3), numpy.uint8)))\n"
        f"print(sum(path.is_file() for path in pathlib.Path({str(tmp_path)!r}).rglob('*')))\n"
    )
    environment = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    # The lock, and the picture.
    assert (done.stdout, done.stderr) == ("2\n", "")
    assert list(tmp_path.iterdir()) == []
