"""Jobs that find frames of earlier jobs, through real workers: fewer are painted, and no bit of the result differs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from jobs import spec
from jobs.cache import recalled
from jobs.control import redo
from jobs.estimate.measure import measure
from jobs.records import Plan, Receipt, Result
from jobs.session import Session
from jobs.submit import plan_job
from pipeline import provenance
from pipeline.motion import bvh_text
from pipeline.motion.bvh import bvh_of
from tests.interiors.making import write_designer
from tests.media import write_film
from tests.motion.making import walk
from tests.portraits.making import write_generator
from tests.workers.farm import Farm, farm, write_style
from tests.workers.test_film_job import job


@pytest.fixture(scope="module")
def cached_farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """A farm whose jobs find each other's frames."""
    with farm(tmp_path_factory.mktemp("cached"), cache="on") as made, made.workers():
        yield made


def receipts(made: Farm, plan: Plan) -> list[Receipt]:
    return [receipt for receipt in made.truth.receipts(plan) if receipt is not None]


def movie(result: Result) -> str:
    """The digest of the film that people watch."""
    [digest] = [made.sha256 for made in result.deliverables if made.name in ("h264", "prores")]
    return digest


def found(made: Farm, text: str) -> tuple[int, Plan, Result]:
    """How many frames of a job were found, and what became of it."""
    plan = made.submit(text)
    result = made.finish(plan)
    return recalled(receipts(made, plan))[0], plan, result


@pytest.mark.parametrize("consistency", ["none", "flow"])
def test_other_chunks_ranges_and_deliverables_paint_nothing_twice(
    cached_farm: Farm, shared_farm: Farm, media: Path, tmp_path: Path, consistency: str
) -> None:
    keys = {"frames": "1-14", "consistency": consistency, "cuts": "[7]", "strength": 0.9}
    count, _, cold = found(cached_farm, job(media, tmp_path / "a", chunk=5, **keys))
    assert count == 0
    for chunk in (4, 12):
        deliver = "[h264, jpeg]" if chunk == 4 else "[h264]"
        count, plan, warm = found(cached_farm, job(media, tmp_path / f"b{chunk}", chunk=chunk, deliver=deliver, **keys))
        assert count == 14
        assert not any("model_s" in receipt.timings for receipt in receipts(cached_farm, plan))
        plain = shared_farm.finish(shared_farm.submit(job(media, tmp_path / f"c{chunk}", chunk=chunk, **keys)))
        assert cold.frames_sha256 == warm.frames_sha256 == plain.frames_sha256
        assert movie(warm) == movie(plain)


def test_one_changed_shot_is_painted_and_the_others_are_found(
    cached_farm: Farm, shared_farm: Farm, media: Path, tmp_path: Path
) -> None:
    second = write_style(tmp_path / "second.safetensors", seed=1)
    keys = {"frames": "31-54", "cuts": "[39, 47]", "consistency": "flow", "preserve_color": "luminance", "size": 81}
    found(cached_farm, job(media, tmp_path / "a", **keys))
    changed = {**keys, "shots": f"{{2: {second}}}", "crossfade": f"{{frames: 50-52, to: {second}}}"}
    count, _, warm = found(cached_farm, job(media, tmp_path / "b", chunk=7, **changed))
    plain = shared_farm.finish(shared_farm.submit(job(media, tmp_path / "c", chunk=7, **changed)))
    # The first shot, and the third up to the passage.
    assert count == 8 + 3
    assert (warm.frames_sha256, movie(warm)) == (plain.frames_sha256, movie(plain))


def test_deep_frames_are_found_in_sixteen_bits(
    cached_farm: Farm, shared_farm: Farm, media: Path, tmp_path: Path
) -> None:
    source = write_film(
        tmp_path / "deep.mov", 10, rate=Fraction(24), size=(62, 34), codec="prores_ks", pix_fmt="yuv422p10le"
    )
    keys = {"source": source, "deliver": "[prores]"}
    found(cached_farm, job(media, tmp_path / "a", chunk=3, **keys))
    count, plan, warm = found(cached_farm, job(media, tmp_path / "b", chunk=4, **keys))
    plain = shared_farm.finish(shared_farm.submit(job(media, tmp_path / "c", chunk=4, **keys)))
    assert (plan.deep, count) == (True, 10)
    assert (warm.frames_sha256, movie(warm)) == (plain.frames_sha256, movie(plain))


def test_portraits_of_the_same_styles_are_found_however_they_came_by_them(
    cached_farm: Farm, shared_farm: Farm, tmp_path: Path
) -> None:
    write_generator(tmp_path / "small.safetensors")
    text = f"kind: portraits\nmodel: {tmp_path}/small.safetensors\noutput: {tmp_path}/"
    assert found(cached_farm, f"{text}a\nseeds: 0-5")[0] == 0
    count, _, warm = found(cached_farm, f"{text}b\nseeds: 3-8\nchunk: 2\ndeliver: [png, jpeg]")
    cold = shared_farm.finish(shared_farm.submit(f"{text}c\nseeds: 3-8"))
    assert count == 3
    assert warm.frames_sha256 == cold.frames_sha256
    facts = provenance.read((tmp_path / "b/png/seed0004.png").read_bytes())
    assert facts is not None
    assert (facts["seed"], facts["model"]) == ("4", "small")
    assert found(cached_farm, f"{text}d\nmix: {{rows: 1, columns: 2-3, layers: 0-2}}")[0] == 3
    assert found(cached_farm, f"{text}e\nseeds: 0-5\nedit: {{direction: 'sefa:0', strength: 0}}")[0] == 6
    assert found(cached_farm, f"{text}f\nseeds: 0-5\nnoise: none")[0] == 0
    assert found(cached_farm, f"{text}g\nseeds: 0-5\ndeliver: [png16]")[0] == 0


def test_designs_of_the_same_latents_are_found_however_they_came_by_them(
    cached_farm: Farm, shared_farm: Farm, tmp_path: Path
) -> None:
    write_designer(tmp_path / "rooms.safetensors")
    text = f"kind: interiors\nmodel: {tmp_path}/rooms.safetensors\nsize: 96\noutput: {tmp_path}/"
    assert found(cached_farm, f"{text}a\nseeds: 0-3")[0] == 0
    count, _, warm = found(cached_farm, f"{text}b\nseeds: 2-5\nchunk: 3\ndeliver: [png, jpeg]")
    cold = shared_farm.finish(shared_farm.submit(f"{text}c\nseeds: 2-5"))
    assert count == 2
    assert warm.frames_sha256 == cold.frames_sha256
    facts = provenance.read((tmp_path / "b/png/seed0003.png").read_bytes())
    assert facts is not None
    assert (facts["seed"], facts["model"]) == ("3", "rooms")
    assert found(cached_farm, f"{text}d\naround: {tmp_path}/a/png/seed0001.png")[0] == 1
    assert found(cached_farm, f"{text}e\nseeds: 0-3\nstrips: [sofa]")[0] == 4 + 1
    assert found(cached_farm, f"{text}f\nseeds: 0-3".replace("size: 96", "size: 64"))[0] == 0


def test_a_motion_is_drawn_once(cached_farm: Farm, tmp_path: Path) -> None:
    bvh_text.write(bvh_of(walk(0.2)), tmp_path / "walk.bvh")
    text = f"kind: motion\nclips: [{{file: {tmp_path}/walk.bvh}}]\nsize: 64x36\noutput: {tmp_path}/"
    assert found(cached_farm, f"{text}a")[0] == 0
    assert found(cached_farm, f"{text}b\nchunk: 4\ndeliver: [gif, bvh]")[0] == 6
    assert (tmp_path / "b/clip-01-walk.bvh").exists()
    assert found(cached_farm, f"{text}c\nbackground: transparent\ndeliver: [png]")[0] == 0


def test_a_redo_paints_what_was_found(cached_farm: Farm, media: Path, tmp_path: Path) -> None:
    keys = {"frames": "1-12", "strength": 0.8}
    found(cached_farm, job(media, tmp_path / "a", **keys))
    count, plan, before = found(cached_farm, job(media, tmp_path / "b", chunk=4, **keys))
    assert count == 12
    redo(plan.job, [6], cached_farm.truth)
    cached_farm.redo(plan)
    cached_farm.wait(plan.job, lambda seen: seen.generation == 2 and seen.state == "done", "redone")
    assert [receipt.recalled for receipt in receipts(cached_farm, plan)] == [4, 0, 4]
    after = cached_farm.truth.result(plan.job, 2)
    assert after is not None
    assert after.frames_sha256 == before.frames_sha256


def test_frames_whose_pictures_are_gone_or_damaged_are_painted(cached_farm: Farm, media: Path, tmp_path: Path) -> None:
    keys = {"frames": "1-12", "strength": 0.7, "consistency": "flow"}
    _, first, before = found(cached_farm, job(media, tmp_path / "a", **keys))
    blobs = [blob for receipt in receipts(cached_farm, first) for blob in receipt.frames]
    store = cached_farm.truth.store
    store.delete(blobs[2].key)
    picture = bytearray(store.get(blobs[7].key))
    picture[len(picture) // 2] ^= 1
    store.put(blobs[7].key, bytes(picture))
    count, _, after = found(cached_farm, job(media, tmp_path / "b", chunk=5, **keys))
    assert count == 10
    assert after.frames_sha256 == before.frames_sha256


def test_without_the_cache_no_keys_are_made(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    plan = shared_farm.submit(job(media, tmp_path / "a", frames="1-4"))
    shared_farm.finish(plan)
    assert {receipt.keys for receipt in receipts(shared_farm, plan)} == {()}
    assert not list(shared_farm.truth.store.list("cache/"))


def test_an_estimate_paints_its_frames_and_leaves_none(cached_farm: Farm, media: Path, tmp_path: Path) -> None:
    text = job(media, tmp_path / "out", frames="41-52", chunk=12)
    painted = cached_farm.finish(cached_farm.submit(text))
    before = [entry.key for entry in cached_farm.truth.store.list("cache/")]
    checked, located = spec.parse(text, path="job.yaml", folder=cached_farm.folder)
    plan = plan_job(checked, located, cached_farm.config)
    session = Session(cached_farm.config, cached_farm.truth, cached_farm.ledger, cached_farm.queue)
    made = measure([(3, 4), (7, 9)], checked, plan, session, report=lambda frames: None, check=lambda workers: None)
    assert painted.frames == 12
    assert 0 <= made.first_s < 60
    assert [(receipt.recalled, receipt.timings["model_s"] > 0) for receipt in made.receipts] == [(0, True)] * 2
    assert [entry.key for entry in cached_farm.truth.store.list("cache/")] == before
