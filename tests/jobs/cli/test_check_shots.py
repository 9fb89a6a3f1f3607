"""`atelier check` lists the shots of a job that depends on them, so that `shots` can name them."""

from __future__ import annotations

from tests.jobs.cli.conftest import Shell
from tests.jobs.files import write_checkpoint


def test_shots_are_listed_with_their_frames_and_styles(shell: Shell) -> None:
    write_checkpoint(shell.folder / "other.safetensors", fill=1)
    fade = "{frames: 1006-1007, to: other.safetensors}"
    path = shell.job_file(cuts="[1003, 1005]", shots="{2: other.safetensors}", crossfade=fade)
    result = shell("check", path)
    assert result.exit_code == 0, result.output
    assert "shots       1  1001-1002  my.safetensors\n" in result.stdout
    assert "  2  1003-1004  other.safetensors\n" in result.stdout
    passage = "my.safetensors, my.safetensors → other.safetensors in 1006-1007, other.safetensors"
    assert f"  3  1005-1008  {passage}\n" in result.stdout
    assert "3 shots" in result.stdout


def test_job_that_depends_on_no_shots_lists_none(shell: Shell) -> None:
    path = shell.job_file()
    assert "\n  shots " not in shell("check", path).stdout
    assert shell.json("check", path)["shots"] == []


def test_many_shots_are_counted_and_listed_for_scripts(shell: Shell, monkeypatch) -> None:
    monkeypatch.setattr("jobs.cli.check._SHOTS_TOLD", 2)
    path = shell.job_file(cuts="[1002, 1003, 1004]")
    assert "and 2 more; --json lists them" in shell("check", path).stdout
    told = shell.json("check", path)["shots"]
    assert told[-1] == {"number": 4, "first": 1004, "last": 1008, "style": "my.safetensors"}


def test_controls_are_said(shell: Shell) -> None:
    path = shell.job_file(size=100, paint_size=50, strength=0.5, preserve_color="true", consistency="flow", cuts="none")
    said = shell("check", path).stdout
    assert "50x38 px, delivered at 100x75 px, 8 bits a channel" in said
    assert "my.safetensors, strength 0.5, colours kept by luminance, held still along the flow" in said
    assert "4 chunks of at most 2 frames, each led in to by up to 15" in said
