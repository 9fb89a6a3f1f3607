"""Temporary folders go with their process, or with the next sweep."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pipeline.scratch import scratch_folder, sweep_scratch

WAITING = """
import time
from pipeline.scratch import scratch_folder, sweep_scratch

with scratch_folder("chunk") as folder:
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def start() -> tuple[subprocess.Popen[str], Path]:
    """A process with a folder, and the folder."""
    process = subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_folder_is_empty_and_goes_in_the_end(place: Path) -> None:
    with scratch_folder("chunk") as folder:
        assert list(folder.iterdir()) == []
        (folder / "file").write_bytes(b"x")
        assert sweep_scratch() == 0
        assert (folder / "file").exists()
    assert list(place.iterdir()) == []


def test_the_folder_of_a_living_process_stays_and_that_of_a_killed_one_goes(place: Path) -> None:
    process, folder = start()
    try:
        (folder / "segment.mp4").write_bytes(b"x")
        assert sweep_scratch() == 0
        assert (folder / "segment.mp4").exists()
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert sweep_scratch() == 1
        assert list(place.iterdir()) == []
    finally:
        process.kill()
        process.communicate()


def test_folders_of_others_stay(place: Path) -> None:
    (place / "atelier-chunk-foreign").mkdir()
    (place / "elsewhere").mkdir()
    (place / "elsewhere" / ".lock").touch()
    (place / "atelier-link").symlink_to(place / "elsewhere")
    assert sweep_scratch() == 0
    assert len(list(place.iterdir())) == 3
