"""What every store promises. Runs over a folder, OpenStack Swift, moto, and the server ATELIER_TEST_S3_URL names."""

from __future__ import annotations

import random
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.errors import InputError, ObjectNotFound
from pipeline.storage import Entry, Store, open_store

TEN_MB = random.Random(1).randbytes(10_000_000 + 17)
ODD_KEYS = [
    "ünï/çødé 雪.png",
    "a b+c&d=e%20f?g#h.txt",
    "~tilde/'quotes\"/semi;colon,",
    "back\\slash",
    "..dots/...",
    "*?[x]",
]


def test_what_was_put_comes_back(store: Store) -> None:
    store.put("a/b.bin", b"\x00\xff" * 1000)
    assert store.get("a/b.bin") == b"\x00\xff" * 1000
    assert store.exists("a/b.bin")
    assert store.size("a/b.bin") == 2000


def test_an_object_may_be_empty(store: Store) -> None:
    store.put("empty", b"")
    assert store.get("empty") == b""
    assert store.size("empty") == 0
    assert list(store.list()) == [Entry("empty", 0)]
    with store.open("empty") as file:
        assert file.read() == b""


def test_ten_megabytes_come_back(store: Store) -> None:
    store.put("big", TEN_MB)
    assert store.size("big") == len(TEN_MB)
    assert store.get("big") == TEN_MB


def test_put_replaces(store: Store) -> None:
    store.put("key", b"the first and longer one")
    store.put("key", b"second")
    assert store.get("key") == b"second"


@pytest.mark.parametrize("key", ODD_KEYS)
def test_odd_keys_are_kept_as_they_are(store: Store, key: str) -> None:
    store.put(key, key.encode())
    assert store.get(key) == key.encode()
    assert [entry.key for entry in store.list()] == [key]
    store.delete(key)
    assert not store.exists(key)


@pytest.mark.parametrize(
    "key", ["", "/abs", "../up", "a/../b", "a//b", "a/", "./a", "a/.", "new\nline", "nul\x00", "\ud800"]
)
def test_keys_that_leave_the_root_or_cannot_be_named_are_refused(store: Store, key: str) -> None:
    for touch in (store.get, store.exists, store.size, store.delete, store.open):
        with pytest.raises(InputError):
            touch(key)
    with pytest.raises(InputError):
        store.put(key, b"")
    with pytest.raises(InputError):
        store.put_if_absent(key, b"")


def test_a_missing_key_is_not_found(store: Store, tmp_path: Path) -> None:
    assert not store.exists("nothing/here")
    for touch in (store.get, store.size, store.open):
        with pytest.raises(ObjectNotFound, match="nothing/here"):
            touch("nothing/here")
    with pytest.raises(ObjectNotFound):
        store.download("nothing/here", tmp_path / "file")
    with pytest.raises(ObjectNotFound):
        store.copy_from(store, "nothing/here", "copy")
    assert not (tmp_path / "file").exists()
    assert not store.exists("copy")


def test_delete_may_be_repeated(store: Store) -> None:
    store.put("a/b/c", b"x")
    store.delete("a/b/c")
    store.delete("a/b/c")
    assert not store.exists("a/b/c")
    assert list(store.list()) == []


def test_a_beginning_of_a_key_is_no_object(store: Store) -> None:
    store.put("a/b", b"x")
    assert not store.exists("a")
    with pytest.raises(ObjectNotFound):
        store.get("a")


def test_listing_is_sorted_by_the_whole_key(store: Store) -> None:
    keys = ["a/b/c", "a.b", "a0", "B", "a/é", "a/z", "a-/b", "😀", "\uffee"]
    for key in keys:
        store.put(key, b"")
    assert [entry.key for entry in store.list()] == sorted(keys, key=str.encode)


def test_listing_goes_on_beyond_one_page(store: Store) -> None:
    keys = [f"frames/{number:04d}.png" for number in range(45)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put(key, b"x"), reversed(keys)))
    assert [entry.key for entry in store.list("frames/")] == keys


def test_a_listing_says_when_each_object_was_written(store: Store) -> None:
    store.put("clock", b"")
    [before] = store.list("clock")
    assert abs(before.modified - time.time()) < 5  # a server's clock may be another
    time.sleep(1.1)  # S3 tells whole seconds
    store.copy_from(store, "clock", "copy")
    store.put("clock", b"")
    written = {entry.key: entry.modified for entry in store.list()}
    assert written["clock"] > before.modified
    assert written["copy"] > before.modified


def test_listing_takes_any_beginning_of_a_key(store: Store) -> None:
    for key in ["f/0001.png", "f/0002.png", "f/1000.png", "fx/1", "g"]:
        store.put(key, b"1234")
    assert list(store.list("f/0")) == [Entry("f/0001.png", 4), Entry("f/0002.png", 4)]
    assert [entry.key for entry in store.list("f")] == ["f/0001.png", "f/0002.png", "f/1000.png", "fx/1"]
    assert [entry.key for entry in store.list("f/")] == ["f/0001.png", "f/0002.png", "f/1000.png"]
    assert list(store.list("h/")) == []
    with pytest.raises(InputError):
        list(store.list("../"))


def test_create_only_put_refuses_a_key_that_exists(store: Store) -> None:
    assert store.put_if_absent("claim", b"first")
    assert not store.put_if_absent("claim", b"second")
    assert store.get("claim") == b"first"
    store.delete("claim")
    assert store.put_if_absent("claim", b"third")


def test_sixteen_racing_writers_have_one_winner(store: Store) -> None:
    if not store.atomic_create:
        pytest.skip("this server lets several racing creators win, and says so")
    with ThreadPoolExecutor(16) as pool:
        for race in range(5):
            key = f"race/{race}"
            won = list(pool.map(lambda n, key=key: store.put_if_absent(key, b"%d" % n), range(16)))
            assert sum(won) == 1
            assert store.get(key) == b"%d" % won.index(True)


def test_a_reader_seeks_like_a_file(store: Store) -> None:
    store.put("big", TEN_MB)
    rng = random.Random(2)
    with store.open("big") as file:
        assert file.seekable()
        assert file.read(5) == TEN_MB[:5]
        assert file.seek(-7, 2) == len(TEN_MB) - 7
        assert file.read() == TEN_MB[-7:]
        for _ in range(8):
            start, length = rng.randrange(len(TEN_MB)), rng.randrange(100_000)
            file.seek(start)
            assert file.read(length) == TEN_MB[start : start + length]
        file.seek(len(TEN_MB) + 5)
        assert file.read(1) == b""
        file.seek(0)
        assert file.read() == TEN_MB


def test_files_go_in_and_out(store: Store, tmp_path: Path) -> None:
    for name, data in {"small": b"abc", "large": TEN_MB, "empty": b""}.items():
        (tmp_path / name).write_bytes(data)
        store.upload(tmp_path / name, f"in/{name}")
        store.download(f"in/{name}", tmp_path / "deep" / "down" / name)
        assert (tmp_path / "deep" / "down" / name).read_bytes() == data
    assert sorted(path.name for path in (tmp_path / "deep" / "down").iterdir()) == ["empty", "large", "small"]


def test_uploading_a_file_that_is_missing_says_so(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFound, match="gone"):
        store.upload(tmp_path / "gone.mov", "key")
    assert not store.exists("key")


def test_a_copy_within_a_store_is_independent(store: Store) -> None:
    store.put("original", TEN_MB)
    store.copy_from(store, "original", "a/copy")
    store.put("original", b"changed")
    assert store.get("a/copy") == TEN_MB
    store.copy_from(store, "original", "original")
    assert store.get("original") == b"changed"


def test_copies_between_a_store_and_a_folder_go_both_ways(store: Store, tmp_path: Path) -> None:
    folder = open_store(str(tmp_path / "folder"))
    store.put("k", b"bytes")
    folder.copy_from(store, "k", "there")
    store.copy_from(folder, "there", "back")
    assert store.get("back") == b"bytes"


def test_a_link_fetches_the_object_without_credentials(store: Store) -> None:
    store.put("a b/ü.bin", b"bytes")
    link = store.link("a b/ü.bin", expires_s=60)
    if not link.startswith("http"):
        assert Path(link).read_bytes() == b"bytes"
        return
    with urllib.request.urlopen(link, timeout=10) as answer:
        assert answer.read() == b"bytes"
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in link
    assert "X-Amz-Expires=60" in link


def test_a_link_is_to_something_and_does_not_last_for_ever(store: Store) -> None:
    with pytest.raises(ObjectNotFound):
        store.link("nothing/here", expires_s=60)
    store.put("k", b"v")
    for expires_s in (0, -1, 7 * 86_400 + 1, float("nan"), float("inf")):
        with pytest.raises(InputError, match="write a second to 7 days"):
            store.link("k", expires_s=expires_s)


def test_the_url_opens_the_same_store(store: Store) -> None:
    store.put("k", b"v")
    assert store.url in repr(store)
    assert type(store)(store.url, getattr(store, "_options", None)).get("k") == b"v"


def test_nothing_unfinished_is_nothing_to_sweep(store: Store) -> None:
    store.put("k", b"v")
    assert store.sweep(older_than_s=3600) == store.sweep(older_than_s=3600, dry_run=True) == []
    assert store.get("k") == b"v"
