"""What an errand tells its painter of earlier frames, and its receipt of the painter's."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from jobs.cache import FrameCache
from jobs.records import Blob, Generation, Plan
from jobs.truth import Truth
from pipeline.images import encode_png
from pipeline.painter import Work
from pipeline.provenance.label import Label
from pipeline.storage import open_store
from pipeline.stream import Stopwatch
from tests.jobs.making import make_plan, make_receipt
from workers.errand import Errand
from workers.lease import Lease
from workers.residents import Residents

KEY = "ab" * 16 + "/" + "cd" * 32


class Held:
    """A lease that nobody takes away."""

    token = 7

    def check(self, frames: int, note: str = "") -> None:
        """Goes on."""


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    return Truth(open_store(str(tmp_path)))


@pytest.fixture
def plan(truth: Truth) -> Plan:
    made = make_plan("film-b", chunks=3, size=4)
    truth.accept(made, {})
    return made


def errand(truth: Truth, plan: Plan, *, chunk: int = 1, generation: int = 1, cached: bool = True) -> Errand:
    cache = FrameCache(truth) if cached else None
    lease, residents = cast(Lease, Held()), cast(Residents, None)
    return Errand(plan, chunk, generation, lease, truth, residents, Stopwatch(), cache)


def work(made: Errand, start: int = 4, stop: int = 8) -> Work:
    return made.work(start, stop, lead_in=0)


def keep(truth: Truth, data: bytes) -> None:
    """Another job has painted the frame of KEY."""
    blob = Blob(key="jobs/film-a/attempts/0/0.png", size=len(data), sha256=hashlib.sha256(data).hexdigest())
    truth.store.put(blob.key, data)
    receipt = make_receipt(make_plan("film-a"), 0).model_copy(update={"frames": (blob,), "keys": (KEY,)})
    truth.put_receipt(receipt)
    FrameCache(truth).add(receipt)


def test_found_frames_are_the_pixels_that_were_painted(truth: Truth, plan: Plan) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    keep(truth, encode_png(pixels))
    recall = work(errand(truth, plan)).recall
    assert recall is not None
    found = recall(KEY)
    assert found is not None
    np.testing.assert_array_equal(found, pixels)


def test_what_is_no_picture_is_not_found(truth: Truth, plan: Plan) -> None:
    keep(truth, b"whole, and yet no picture")
    recall = work(errand(truth, plan)).recall
    assert recall is not None
    assert recall(KEY) is None


def test_chunks_that_were_ordered_again_are_painted(truth: Truth, plan: Plan) -> None:
    keep(truth, encode_png(np.zeros((2, 2, 3), np.uint8)))
    truth.add_generation(plan.job, Generation(number=2, chunks=(1,), reason="redo"))
    found = {}
    for chunk in (1, 2):
        recall = work(errand(truth, plan, chunk=chunk, generation=2)).recall
        assert recall is not None
        found[chunk] = recall(KEY) is not None
    assert found == {1: False, 2: True}


def test_no_keys_are_asked_for_without_a_cache(truth: Truth, plan: Plan) -> None:
    made = errand(truth, plan, cached=False)
    assert work(made).recall is None
    assert (made.keys, made.recalled) == ((), 0)


def test_frames_that_were_not_painted_have_no_key(truth: Truth, plan: Plan) -> None:
    made = errand(truth, plan)
    work(made, 4, 6).remember(4, "a/1", False)
    work(made, 4, 6).remember(5, "a/2", True)
    work(made, 7, 8).remember(7, "a/4", False)
    assert (made.keys, made.recalled) == (("a/1", "a/2", "", "a/4"), 1)


def test_frames_with_clips_are_painted_always(truth: Truth, plan: Plan) -> None:
    keep(truth, encode_png(np.zeros((2, 2, 3), np.uint8)))
    clipped = plan.model_copy(update={"deliver": ("png", "gif"), "clips": ("gif",)})
    assert work(errand(truth, clipped)).recall is None


def test_labelled_frames_are_kept_apart_and_plain_ones_still_found(truth: Truth, plan: Plan) -> None:
    keep(truth, encode_png(np.zeros((2, 2, 3), np.uint8)))
    shown = plan.model_copy(update={"label": Label(text="AI"), "rate": None})
    made = errand(truth, shown)
    recall = work(made).recall
    assert recall is not None
    assert recall(KEY) is not None
    work(made).remember(4, KEY, True)
    other = errand(truth, shown.model_copy(update={"label": Label(text="KI")}))
    work(other).remember(4, KEY, True)
    assert len({KEY, made.keys[0], other.keys[0]}) == 3
    assert made.keys[0].partition("/")[0] == KEY.partition("/")[0]


def test_frames_of_a_film_that_show_no_label_any_more_are_found_by_others(truth: Truth, plan: Plan) -> None:
    shown = plan.model_copy(update={"label": Label(text="AI", seconds=0.25), "rate": "24"})
    made = errand(truth, shown)
    for frame in range(4, 8):
        work(made).remember(frame, KEY, False)
    assert made.keys == ("", "", KEY, KEY)
