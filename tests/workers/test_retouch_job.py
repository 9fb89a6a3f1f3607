"""Retouch jobs from their job files to what is delivered, through real Redis, real Celery workers and the stitcher."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.film.loudness import measured_file
from pipeline.images import decode_image, encode_png
from pipeline.provenance import tell
from tests.media import number_of, numbered_picture, packet_payloads, write_picture, write_sound
from tests.workers.farm import Farm


def job(source: Path, output: Path, **keys: object) -> str:
    """A retouch job file."""
    lines = {"kind": "retouch", "source": source, "output": output, **keys}
    return "\n".join(f"{key}: {value}" for key, value in lines.items())


EDITS = (
    "[exposure: 0.3, curves: {all: [[0, 0.05], [1, 0.95]]}, crop: {aspect: 1:1, anchor: saliency}, resize: 64, "
    "sharpen: 0.5, grain: {amount: 0.3, size: 1.5}, caption: {text: hello, from: 0.2, to: 0.6}, fade: {in: 0.2}]"
)


def test_chunks_change_no_pixel_and_sound_is_brought_to_its_loudness(
    shared_farm: Farm, media: Path, tmp_path: Path
) -> None:
    write_sound(tmp_path / "click.wav", Fraction(1, 4), "pcm_s16le")
    keys = {
        "edits": EDITS,
        "trim": "{from: 0.5, to: 2}",
        "speed": 1.5,
        "sound": f"{{mix: {tmp_path}/click.wav, loudness: -28, channels: mono}}",
    }
    results = {
        chunk: shared_farm.finish(
            shared_farm.submit(job(media / "clip.mp4", tmp_path / str(chunk), chunk=chunk, **keys))
        )
        for chunk in (5, 100)
    }
    assert results[5].frames_sha256 == results[100].frames_sha256
    film = tmp_path / "5" / "clip-h264.mp4"
    with av.open(str(film)) as container:
        track = container.streams.video[0]
        assert (track.width, track.height, track.frames) == (64, 64, 24)
    assert measured_file(film).loudness == pytest.approx(-28, abs=0.5)
    other = tmp_path / "100" / "clip-h264.mp4"
    assert packet_payloads(film, "audio") == packet_payloads(other, "audio") != []
    certificate = json.loads((tmp_path / "5" / "certificate.json").read_text())
    assert [check["passed"] for check in certificate["checks"] if check["name"] == "h264 loudness"] == [True]
    # No model had a hand in it.
    assert tell(film).source_type is None


def test_a_film_that_is_only_cut_keeps_its_frames_and_its_sounds_packets(
    shared_farm: Farm, media: Path, tmp_path: Path
) -> None:
    text = job(media / "clip.mp4", tmp_path / "out", frames="11-14", deliver="[h264, png]")
    shared_farm.finish(shared_farm.submit(text))
    pictures = sorted((tmp_path / "out/png").iterdir())
    assert [path.stem for path in pictures] == [f"clip.{number:04d}" for number in range(11, 15)]
    assert [number_of(decode_image(path.read_bytes())) for path in pictures] == [10, 11, 12, 13]
    kept = packet_payloads(tmp_path / "out/clip-h264.mp4", "audio")
    assert set(kept) <= set(packet_payloads(media / "clip.mp4", "audio"))


def test_pictures_of_sixteen_bits_keep_each_bit_that_no_edit_changes(shared_farm: Farm, tmp_path: Path) -> None:
    codes = np.arange(65_536, dtype=np.uint16).reshape(256, 256)
    pixels = np.dstack([codes, codes.T, codes[::-1]])
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/deep.png").write_bytes(encode_png(pixels))
    write_picture(tmp_path / "photos/small.png", numbered_picture(1))
    text = job(tmp_path / "photos", tmp_path / "out", edits="[crop: {size: 90x60}, saturation: 1]", deliver="[png16]")
    shared_farm.finish(shared_farm.submit(text))
    made = decode_image((tmp_path / "out/png16/deep.png").read_bytes(), deep=True)
    assert np.array_equal(made, pixels[98:158, 83:173])
    assert decode_image((tmp_path / "out/png16/small.png").read_bytes()).shape == (60, 90, 3)


def test_a_picture_that_is_too_small_for_its_crop_fails_its_job_and_is_named(shared_farm: Farm, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for name, size in (("large", (96, 64)), ("small", (40, 40))):
        write_picture(tmp_path / f"photos/{name}.png", numbered_picture(1, *size))
    plan = shared_farm.submit(job(tmp_path / "photos", tmp_path / "out", edits="[crop: 90x60]"))
    ended = shared_farm.wait(plan.job, lambda seen: seen.state == "failed", "failed")
    assert "crop: 90x60 is larger than a picture of 40x40 px" in ended.error
