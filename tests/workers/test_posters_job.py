"""Posters from their job file to their files and manifest, through real Redis, real Celery workers and the stitcher."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from jobs.verify import verify_folder
from pipeline import provenance
from pipeline.images import encode_png
from pipeline.storage import StoreOptions
from tests.media import write_sound
from tests.portraits.making import write_generator
from tests.workers.farm import Farm

TEMPLATE = """\
title: Plain
variables: {headline: {default: Hello}}
palettes: {ink: {paper: white, ink: "#111", accent: red, soft: "#777"}}
palette: ink
duration: 1
layers:
  - {layer: background, motion: [{preset: ken-burns}]}
  - layer: text
    name: head
    text: "{headline}"
    size: 14
    smallest: 12
    lines: 1
    motion: [{preset: fade, over: 0.4}]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the job files name."""
    made = tmp_path_factory.mktemp("posters")
    (made / "plain.yaml").write_text(TEMPLATE, encoding="utf-8")
    rows = (
        "audience,locale,headline,palette\nstudents,en,Hi,\nlong,en,Much too long for so small a box,\nodd,en,,blue\n"
    )
    (made / "audiences.csv").write_text(rows, encoding="utf-8")
    (made / "sea.png").write_bytes(encode_png(np.full((90, 90, 3), (30, 60, 120), np.uint8)))
    write_generator(made / "faces.safetensors")
    return made


def job(folder: Path, output: Path, **keys: object) -> str:
    lines = {
        "kind": "posters",
        "template": folder / "plain.yaml",
        "audiences": folder / "audiences.csv",
        "sizes": "[120x150, 150x120]",
        "output": output,
        **keys,
    }
    return "\n".join(f"{key}: {value}" for key, value in lines.items())


def test_posters_are_made_but_for_those_that_cannot_be(shared_farm: Farm, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    made_of = f"{{kind: portraits, model: {folder / 'faces.safetensors'}, seeds: 7-8}}"
    sound = folder / "jingle.wav"
    write_sound(sound, codec="pcm_s16le")
    text = job(folder, output, background=made_of, fps=10, deliver="[png, h264, gif]", label="on", sound=sound)
    plan = shared_farm.submit(text)
    result = shared_farm.finish(plan)

    names = [f"students-en-{size}" for size in ("120x150", "150x120")]
    assert sorted(path.stem for path in (output / "png").iterdir()) == names
    assert sorted(path.name for path in (output / "gif").iterdir()) == [f"{name}.gif" for name in names]
    with av.open(str(output / f"h264/{names[0]}.mp4")) as movie:
        assert sum(1 for _ in movie.decode(video=0)) == 10
        assert (movie.streams.video[0].width, movie.streams.video[0].height) == (120, 150)
    with av.open(str(output / f"h264/{names[0]}.mp4")) as movie:
        heard = np.concatenate([frame.to_ndarray() for frame in movie.decode(audio=0)], axis=1)
        assert (heard.shape[0], np.abs(heard).max() > 0.1) == (2, True)
    assert len(result.bad) == 4
    assert "does not fit" in result.bad[3]
    assert "audiences.csv:4: palette 'blue' is none of" in result.bad[5]
    told = [note for note in result.notes if "palette 'blue'" in note or "does not fit" in note]
    assert len(told) == 3, "each once, however many sizes"
    assert all(note.startswith("left out: ") for note in told)
    with Image.open(output / "contact-sheet.jpg") as sheet:
        assert not (np.abs(np.asarray(sheet.convert("RGB"), int) - 128).max(axis=2) <= 2).mean() > 0.2, "no grey ones"
    assert verify_folder(str(output), StoreOptions()).is_whole

    manifest = json.loads((output / "manifest.json").read_bytes())
    assert (manifest["made"], manifest["failed"]) == (2, 4)
    first, *_, last = manifest["posters"]
    assert (first["audience"], first["seed"], first["texts"], first["duration_s"]) == (
        "students",
        "7",
        {"headline": "Hi"},
        1,
    )
    for file in first["files"]:
        assert hashlib.sha256((output / file["file"]).read_bytes()).hexdigest() == file["sha256"]
    assert [file["deliverable"] for file in first["files"]] == ["png", "h264", "gif"]
    assert last["files"] == []
    rows = list(csv.DictReader(io.StringIO((output / "manifest.csv").read_text(encoding="utf-8-sig"))))
    assert [row["png_file"] for row in rows] == [f"png/{name}.png" for name in names] + [""] * 4

    for name in (f"png/{names[0]}.png", f"h264/{names[0]}.mp4", f"gif/{names[0]}.gif"):
        told = provenance.tell(output / name)
        assert told.source_type == provenance.COMPOSED
        assert (told.facts["seed"], told.facts["poster"]) == ("7", names[0])


def test_posters_of_ones_own_pictures_are_the_same_in_other_chunks(
    shared_farm: Farm, folder: Path, tmp_path: Path
) -> None:
    digests = []
    for chunk in (1, 6):
        output = tmp_path / f"out{chunk}"
        text = job(folder, output, background=folder / "sea.png", deliver="[png, jpeg, pdf]", chunk=chunk)
        result = shared_farm.finish(shared_farm.submit(text))
        digests.append(
            (result.frames_sha256, [row.sha256 for row in result.deliverables if row.name in ("jpeg", "pdf")])
        )
    assert digests[0] == digests[1]
    with Image.open(tmp_path / "out1/png/students-en-120x150.png") as picture:
        # The ground of what is no background's pixel any more but a picture's own.
        assert np.asarray(picture)[-1, -1].tolist() == [30, 60, 120]
    assert provenance.read((tmp_path / "out1/png/students-en-120x150.png").read_bytes()) is None
