"""The frame cache's index: which stored pictures are found, and what the store is asked for."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import cache
from jobs.cache import FrameCache, forget, note, recalled
from jobs.config import Settings
from jobs.records import Blob, Receipt
from jobs.truth import Truth
from pipeline.errors import StorageFull, StorageUnavailable
from pipeline.storage.base import Entry
from pipeline.storage.local import LocalStore
from pipeline.storage.options import StoreOptions
from tests.jobs.making import make_plan, make_receipt

FAMILY, OTHER = "ab" * 16, "cd" * 16


class Watched(LocalStore):
    """Counts what it is asked for, and fails when told to."""

    def __init__(self, url: str) -> None:
        super().__init__(url, StoreOptions())
        self.asked: Counter[str] = Counter()
        self.fails: Exception | None = None
        self._counting = threading.Lock()

    def _note(self, what: str) -> None:
        if self.fails is not None:
            raise self.fails
        with self._counting:
            self.asked[what] += 1

    def get(self, key: str) -> bytes:
        self._note("get")
        return super().get(key)

    def put(self, key: str, data: bytes) -> None:
        self._note("put")
        super().put(key, data)

    def list(self, prefix: str = "") -> Iterator[Entry]:
        self._note("list")
        return super().list(prefix)


@pytest.fixture
def store(tmp_path: Path) -> Watched:
    return Watched(str(tmp_path))


@pytest.fixture
def truth(store: Watched) -> Truth:
    return Truth(store)


def key(name: str, family: str = FAMILY) -> str:
    return f"{family}/{hashlib.sha256(name.encode()).hexdigest()}"


def painted(
    truth: Truth, job: str, names: str, *, chunk: int = 0, generation: int = 1, data: str = "", family: str = FAMILY
) -> Receipt:
    """A receipt over frames of these one-letter names, and their pictures, in the store and in the cache; a dot is a
    frame without a key."""
    blobs = []
    for name in names:
        picture = f"{data}{name}".encode()
        where = f"{truth.attempt(job, chunk, generation)}/png-{name}.png"
        truth.store.put(where, picture)
        blobs.append(Blob(key=where, size=len(picture), sha256=hashlib.sha256(picture).hexdigest()))
    receipt = make_receipt(make_plan(job, chunks=9), chunk, generation=generation).model_copy(
        update={"frames": tuple(blobs), "keys": tuple("" if name == "." else key(name, family) for name in names)}
    )
    truth.put_receipt(receipt)
    FrameCache(truth).add(receipt)
    return receipt


def test_frames_of_another_job_are_found(truth: Truth) -> None:
    painted(truth, "film-a", "xy")
    found = FrameCache(truth)
    assert [found.get(key(name), job="film-b") for name in "yxz"] == [b"y", b"x", None]


def test_jobs_do_not_look_for_their_own_frames(truth: Truth) -> None:
    painted(truth, "film-a", "x")
    assert FrameCache(truth).get(key("x"), job="film-a") is None


def test_frames_of_another_family_are_others(truth: Truth) -> None:
    painted(truth, "film-a", "x", family=OTHER)
    assert FrameCache(truth).get(key("x"), job="film-b") is None


def test_chunks_of_two_families_are_found_in_both(truth: Truth) -> None:
    receipt = painted(truth, "film-a", "xy")
    mixed = receipt.model_copy(update={"job": "film-c", "keys": (key("x"), key("y", OTHER))})
    truth.put_receipt(mixed)
    FrameCache(truth).add(mixed)
    found = FrameCache(truth)
    assert [found.get(key("y", family), job="film-b") for family in (OTHER, FAMILY)] == [b"y", b"y"]


def test_frames_without_a_key_are_passed_over(truth: Truth) -> None:
    painted(truth, "film-a", "x.z")
    assert FrameCache(truth).get(key("z"), job="film-b") == b"z"


def test_of_two_generations_the_newer_picture_counts(truth: Truth) -> None:
    painted(truth, "film-a", "x", generation=2, data="new ")
    painted(truth, "film-a", "x", data="old ")
    assert FrameCache(truth).get(key("x"), job="film-b") == b"new x"


def test_pictures_that_are_gone_or_damaged_are_none_and_not_asked_for_again(truth: Truth, store: Watched) -> None:
    gone, damaged = painted(truth, "film-a", "xy").frames
    store.delete(gone.key)
    store.put(damaged.key, b"yes")
    found = FrameCache(truth)
    assert [found.get(key(name), job="film-b") for name in "xy"] == [None, None]
    asked = store.asked.total()
    assert [found.get(key(name), job="film-b") for name in "xy"] == [None, None]
    assert store.asked.total() == asked


def test_a_cold_job_lists_each_family_once_and_reads_nothing(truth: Truth, store: Watched) -> None:
    found = FrameCache(truth)
    for number in range(100):
        assert found.get(key(str(number)), job="film-a") is None
        assert found.get(key(str(number), OTHER), job="film-a") is None
    assert store.asked == {"list": 2}


def test_what_others_paint_meanwhile_is_seen_after_two_minutes(truth: Truth) -> None:
    now = [0.0]
    found = FrameCache(truth, clock=lambda: now[0])
    assert found.get(key("x"), job="film-b") is None
    painted(truth, "film-a", "x")
    now[0] = 119
    assert found.get(key("x"), job="film-b") is None
    now[0] = 121
    assert found.get(key("x"), job="film-b") == b"x"


def test_a_job_that_comes_new_sees_what_is_there_at_once(truth: Truth) -> None:
    found = FrameCache(truth, clock=lambda: 0.0)
    assert found.get(key("x"), job="film-b") is None
    painted(truth, "film-a", "x")
    assert found.get(key("x"), job="film-c") == b"x"


def test_each_receipt_is_read_once(truth: Truth, store: Watched) -> None:
    for chunk in range(5):
        painted(truth, "film-a", str(chunk), chunk=chunk)
    found = FrameCache(truth)
    store.asked.clear()
    for job in ("film-b", "film-c", "film-d"):
        found.get(key("none"), job=job)
    assert store.asked == {"list": 3, "get": 5}


def test_dropped_receipts_count_for_nothing_until_they_are_back(truth: Truth) -> None:
    receipt = painted(truth, "film-a", "x")
    truth.drop_receipt("film-a", 0)
    found = FrameCache(truth)
    assert found.get(key("x"), job="film-b") is None
    truth.put_receipt(receipt)
    assert found.get(key("x"), job="film-c") == b"x"


@pytest.mark.parametrize("damage", [b"{", b"", b"\xff", b'{"keys": 3}'])
def test_damaged_receipts_count_for_nothing(truth: Truth, store: Watched, damage: bytes) -> None:
    painted(truth, "film-a", "x")
    store.put(truth.receipt_key("film-a", 0, 1), damage)
    assert FrameCache(truth).get(key("x"), job="film-b") is None


def test_keys_that_are_no_digests_count_for_nothing(truth: Truth, store: Watched) -> None:
    receipt = painted(truth, "film-a", "x")
    odd = receipt.model_copy(update={"keys": (f"{FAMILY}/no digest",)})
    store.put(truth.receipt_key("film-a", 0, 1), odd.model_dump_json().encode())
    assert FrameCache(truth).get(key("x"), job="film-b") is None


@pytest.mark.parametrize("name", ["odd", "film-a/odd", "film-a/000000-0001/more", "film-a/1-x", "film-a/-"])
def test_entries_that_are_none_of_ours_are_passed_over(truth: Truth, store: Watched, name: str) -> None:
    store.put(f"cache/{FAMILY}/{name}", b"")
    painted(truth, "film-b", "x")
    assert FrameCache(truth).get(key("x"), job="film-c") == b"x"
    assert forget(store, "film-b") == 1


def test_forgotten_jobs_leave_what_others_hold(truth: Truth, store: Watched) -> None:
    for job in ("film-a", "film-b", "film-c"):
        painted(truth, job, "x", data=f"{job} ")
    found = FrameCache(truth)
    assert found.get(key("x"), job="film-d") == b"film-c x"
    assert forget(store, "film-b", "film-c") == 2
    assert found.get(key("x"), job="film-e") == b"film-a x"
    assert forget(store, "film-b") == 0


def test_a_full_store_costs_the_entry_and_not_the_chunk(truth: Truth, store: Watched) -> None:
    receipt = painted(truth, "film-a", "x")
    forget(store, "film-a")
    store.fails = StorageFull("no room")
    FrameCache(truth).add(receipt)
    store.fails = None
    assert FrameCache(truth).get(key("x"), job="film-b") is None


def test_a_store_that_is_away_is_no_empty_cache(truth: Truth, store: Watched) -> None:
    painted(truth, "film-a", "x")
    found = FrameCache(truth)
    store.fails = StorageUnavailable("away")
    with pytest.raises(StorageUnavailable):
        found.get(key("x"), job="film-b")
    store.fails = None
    assert found.get(key("x"), job="film-b") == b"x"


def test_a_process_remembers_no_more_frames_than_it_has_room_for(truth: Truth, monkeypatch: pytest.MonkeyPatch) -> None:
    for chunk in range(6):
        painted(truth, "film-a", f"{chunk}", chunk=chunk)
    monkeypatch.setattr(cache, "_AT_ONCE", 2)
    monkeypatch.setattr(cache, "_MOST_FRAMES", 3)
    found = FrameCache(truth)
    assert sum(found.get(key(str(chunk)), job="film-b") is not None for chunk in range(6)) == 4


def test_people_are_told_how_many_frames_were_found() -> None:
    plan = make_plan(chunks=3, size=480)
    receipts = [make_receipt(plan, n).model_copy(update={"recalled": 602 * (n > 0)}) for n in range(3)]
    assert recalled(receipts) == (1204, 1440)
    assert note(1204, 1440) == "1,204 of 1,440 frames were found in the frame cache"
    assert note(0, 1440) is None


@pytest.mark.parametrize(("written", "meant"), [("on", "on"), ("off", "off"), ("'off'", "off")])
def test_the_settings_file_switches_it_although_yaml_reads_on_as_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, meant: str
) -> None:
    file = tmp_path / "atelier.yaml"
    file.write_text(f"cache: {written}\n")
    monkeypatch.setenv("ATELIER_CONFIG", str(file))
    monkeypatch.delenv("ATELIER_CACHE", raising=False)
    assert Settings().cache == meant
