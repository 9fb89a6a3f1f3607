"""A film from its job file to its deliverables, through real Redis, real Celery workers and the stitcher."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from jobs.control import cancel, pause, redo, resume
from pipeline.errors import InputError
from pipeline.images import decode_image
from pipeline.provenance import COMPOSED, tell
from pipeline.provenance.label import Label, stamp
from tests.media import packet_payloads, write_film
from tests.workers.farm import Farm


def job(media: Path, output: Path, style: str = "fast.safetensors", **keys: object) -> str:
    """A film job file over the shared media."""
    lines = {"kind": "film", "source": media / "clip.mp4", "style": media / style, "output": output, **keys}
    return "\n".join(f"{key}: {value}" for key, value in lines.items())


def test_film_has_the_frames_rate_and_sound_of_its_source(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    result = shared_farm.finish(shared_farm.submit(job(media, tmp_path / "out", chunk=25)))
    film = tmp_path / "out" / "clip-h264.mp4"
    with av.open(str(film)) as container:
        track = container.streams.video[0]
        times = [frame.pts * frame.time_base for frame in container.decode(video=0)]
    assert times == [Fraction(n, 24) for n in range(60)]
    assert (track.average_rate, track.width, track.height) == (24, 160, 90)
    assert packet_payloads(film, "audio") == packet_payloads(media / "clip.mp4", "audio")
    assert result.frames == 60


def test_result_names_every_file_with_its_digest(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    import hashlib

    result = shared_farm.finish(shared_farm.submit(job(media, tmp_path / "out", frames="1-8", deliver="[h264, gif]")))
    for made in result.deliverables:
        assert hashlib.sha256(Path(made.url).read_bytes()).hexdigest() == made.sha256
    assert {Path(made.url).name for made in result.deliverables} == {"clip-h264.mp4", "clip.gif", "contact-sheet.jpg"}
    assert (tmp_path / "out" / "result.json").read_text() == result.model_dump_json(indent=1)


def test_all_that_leaves_says_that_a_model_changed_it(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    label = Label(text="AI", seconds=0.25)
    keys = {"frames": "1-8", "chunk": 3, "deliver": "[h264, h264-mkv, gif, png, tiff]"}
    shared_farm.finish(shared_farm.submit(job(media, tmp_path / "out", label="{text: AI, seconds: 0.25}", **keys)))
    files = [path for path in (tmp_path / "out").rglob("*") if path.suffix not in ("", ".json")]
    assert len(files) == 3 + 2 * 8 + 1
    for told in map(tell, files):
        assert told.source_type == COMPOSED
        assert told.aigc is not None
        assert (told.facts["model"], told.aigc["ContentProducer"]) == ("fast.safetensors", "Atelier")
    assert len({told.aigc["ProduceID"] for told in map(tell, files) if told.aigc}) == len(files)
    pictures = [decode_image(path.read_bytes()) for path in sorted((tmp_path / "out/png").iterdir())]
    assert [(stamp(pixels, label) == pixels).all() for pixels in pictures] == [True] * 6 + [False] * 2


def test_pictures_carry_the_numbers_of_their_source(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    shared_farm.finish(shared_farm.submit(job(media, tmp_path / "out", frames="11-14", deliver="[png, jpeg]", chunk=3)))
    names = [f"clip.{number:04d}" for number in range(11, 15)]
    assert sorted(path.stem for path in (tmp_path / "out" / "png").iterdir()) == names
    assert sorted(path.stem for path in (tmp_path / "out" / "jpeg").iterdir()) == names


@pytest.mark.parametrize("chunk", [7, 100])
def test_chunking_changes_no_pixel(shared_farm: Farm, media: Path, tmp_path: Path, chunk: int) -> None:
    ours = shared_farm.finish(shared_farm.submit(job(media, tmp_path / "a", chunk=chunk)))
    other = shared_farm.finish(shared_farm.submit(job(media, tmp_path / "b", chunk=24)))
    assert ours.frames_sha256 == other.frames_sha256


def test_submitting_twice_is_one_job(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    text = job(media, tmp_path / "out", frames="1-4")
    first = shared_farm.submit(text, token="same")
    shared_farm.finish(first)
    assert shared_farm.submit(text, token="same").job == first.job
    assert shared_farm.ledger.state(first.job) == "done"


def test_vanished_source_fails_its_job_and_no_other(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    write_film(tmp_path / "doomed.mp4", 60, size=(160, 90))
    text = job(media, tmp_path / "out", style="slow.pth", chunk=4).replace(
        str(media / "clip.mp4"), str(tmp_path / "doomed.mp4")
    )
    doomed = shared_farm.submit(text)
    shared_farm.painting(doomed.job)
    (tmp_path / "doomed.mp4").unlink()
    healthy = shared_farm.submit(job(media, tmp_path / "other", frames="1-8"))
    ended = shared_farm.wait(doomed.job, lambda seen: seen.state == "failed", "failed")
    assert "doomed.mp4" in ended.error
    assert shared_farm.truth.ending(doomed.job, 1) is not None
    assert list((tmp_path / "out").iterdir()) == []
    shared_farm.finish(healthy)


def test_pause_takes_effect_within_a_batch_and_resume_goes_on(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    plan = shared_farm.submit(job(media, tmp_path / "out", style="slow.pth", chunk=30, frames="1-60"))
    shared_farm.painting(plan.job)
    pause(plan.job, shared_farm.truth, shared_farm.ledger)
    seen = shared_farm.wait(plan.job, lambda seen: not seen.running, "at rest")
    assert (seen.state, seen.chunks_done) == ("paused", 0)
    resume(plan.job, shared_farm.truth, shared_farm.ledger, shared_farm.queue, ahead=2)
    assert shared_farm.finish(plan).frames == 60


def test_cancelled_job_stops_within_a_batch_and_delivers_nothing(
    shared_farm: Farm, media: Path, tmp_path: Path
) -> None:
    plan = shared_farm.submit(job(media, tmp_path / "out", style="slow.pth", chunk=60))
    shared_farm.painting(plan.job)
    cancel(plan.job, shared_farm.truth, shared_farm.ledger)
    next_one = shared_farm.submit(job(media, tmp_path / "other", frames="1-4"))
    shared_farm.finish(next_one)
    assert shared_farm.truth.done(plan.job, 1) == [False]
    assert list((tmp_path / "out").iterdir()) == []
    with pytest.raises(InputError, match="cancelled already"):
        pause(plan.job, shared_farm.truth, shared_farm.ledger)


def test_redo_renders_only_the_chunks_that_hold_the_frames(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    plan = shared_farm.submit(job(media, tmp_path / "out", chunk=10))
    before = shared_farm.finish(plan)
    generation = redo(plan.job, [12, 19], shared_farm.truth)
    assert generation.chunks == (1,)
    shared_farm.redo(plan)
    after = shared_farm.finish(plan)
    assert after.generation == 2
    assert after.frames_sha256 == before.frames_sha256
    assert shared_farm.truth.wanted(plan.job, 6) == [1, 2, 1, 1, 1, 1]


def test_redo_renders_what_the_store_lost_of_other_chunks(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    plan = shared_farm.submit(job(media, tmp_path / "out", chunk=10, frames="1-30"))
    before = shared_farm.finish(plan)
    lost = next(shared_farm.truth.store.list(f"jobs/{plan.job}/attempts/000000/"))
    shared_farm.truth.store.delete(lost.key)
    redo(plan.job, [25], shared_farm.truth)
    shared_farm.redo(plan)
    after = shared_farm.finish(plan)
    assert after.frames_sha256 == before.frames_sha256
    assert shared_farm.truth.counting(plan.job, 3) == [2, 1, 2]


def test_source_replaced_in_mid_job_fails_the_job(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    write_film(tmp_path / "changing.mp4", 60, size=(160, 90))
    text = job(media, tmp_path / "out", style="slow.pth", chunk=4)
    plan = shared_farm.submit(text.replace(str(media / "clip.mp4"), str(tmp_path / "changing.mp4")))
    shared_farm.painting(plan.job)
    write_film(tmp_path / "changing.mp4", 72, size=(160, 90))
    ended = shared_farm.wait(plan.job, lambda seen: seen.state == "failed", "failed")
    assert "has changed" in ended.error
