import errno
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import AccessDenied, InputError, ObjectNotFound, StorageFull
from pipeline.storage import Store, files, open_store
from pipeline.storage.digests import digest_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


@pytest.fixture
def store(root: Path) -> Store:
    return open_store(str(root))


def everything_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def fail_with(code: int) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


def test_a_folder_that_does_not_exist_is_empty(store: Store, root: Path) -> None:
    assert list(store.list()) == []
    assert not store.exists("a")
    assert not root.exists()


def test_a_link_out_of_the_root_is_neither_read_nor_listed(store: Store, root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    store.put("inside", b"x")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to(tmp_path)
    (root / "alias").symlink_to(root / "inside")
    for key in ("link", "folder/secret"):
        with pytest.raises(InputError, match="symbolic link"):
            store.get(key)
    with pytest.raises(InputError, match="symbolic link"):
        store.put("folder/new", b"x")
    with pytest.raises(InputError, match="symbolic link"):
        store.delete("folder/secret")
    assert store.get("alias") == b"x"
    assert [entry.key for entry in store.list()] == ["alias", "inside"]


@pytest.mark.timeout(30)
def test_a_pipe_is_no_object_and_is_not_waited_for(store: Store, root: Path, tmp_path: Path) -> None:
    store.put("inside", b"x")
    os.mkfifo(root / "pipe")
    (root / "link").symlink_to("pipe")
    for key in ("pipe", "link"):
        for read in (store.get, store.open, store.size):
            with pytest.raises(ObjectNotFound, match="a pipe or a device"):
                read(key)
        with pytest.raises(ObjectNotFound):
            store.download(key, tmp_path / "copy")
        with pytest.raises(ObjectNotFound):
            store.copy_from(store, key, "new")
        with pytest.raises(ObjectNotFound):
            digest_of(store, key, expected=1 << 30)
        assert not store.exists(key)
    assert [entry.key for entry in store.list()] == ["inside"]
    with pytest.raises(InputError, match="is a pipe or a device, not a file"):
        store.upload(root / "pipe", "new")
    assert not store.put_if_absent("pipe", b"x")
    store.put("pipe", b"x")
    assert store.get("pipe") == store.get("link") == b"x"


def test_a_put_replaces_a_link_and_not_what_it_leads_to(store: Store, root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"mine")
    root.mkdir()
    (root / "key").symlink_to(tmp_path / "outside")
    store.put("key", b"new")
    assert store.get("key") == b"new"
    assert (tmp_path / "outside").read_bytes() == b"mine"


def test_a_root_that_is_itself_a_link_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    open_store(str(tmp_path / "link")).put("a/b", b"x")
    assert (tmp_path / "real" / "a" / "b").read_bytes() == b"x"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_nothing_behind(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    store.put("old", b"old")
    monkeypatch.setattr(os, "fsync", fail_with(code))
    for write in (store.put, store.put_if_absent):
        with pytest.raises(StorageFull, match="no space"):
            write("new", b"new")
    with pytest.raises(StorageFull):
        store.put("old", b"new")
    assert everything_below(root) == ["old"]
    assert store.get("old") == b"old"


def test_a_forbidden_folder_is_access_denied() -> None:
    if not Path("/sys/kernel").is_dir():
        pytest.skip("needs Linux's /sys, where not even root may make folders")
    with pytest.raises(AccessDenied):
        open_store("/sys/kernel").put("atelier/x", b"x")


def test_a_name_too_long_for_the_file_system_is_an_input_error(store: Store) -> None:
    with pytest.raises(InputError, match="too long"):
        store.put("x" * 300, b"")


def test_a_file_cannot_be_a_folder_too(store: Store) -> None:
    store.put("a", b"x")
    store.put("f/b", b"x")
    with pytest.raises(InputError):
        store.put("a/b", b"x")
    for write in (store.put, store.put_if_absent):
        with pytest.raises(InputError, match="is a folder"):
            write("f", b"x")
    store.delete("f")
    assert store.get("f/b") == b"x"
    assert store.get("a") == b"x"
    with pytest.raises(ObjectNotFound):
        store.get("f")


def test_unfinished_writes_are_not_listed_and_their_names_not_taken(store: Store, root: Path) -> None:
    store.put("a/b", b"x")
    (root / "a" / ".atelier-0123.part").write_bytes(b"half")
    assert [entry.key for entry in store.list()] == ["a/b"]
    with pytest.raises(InputError, match="unfinished"):
        store.get("a/.atelier-0123.part")


def test_a_sweep_removes_only_old_unfinished_writes(store: Store, root: Path) -> None:
    store.put("done", b"x")
    for name, age_s in {"a/.atelier-old.part": 100, ".atelier-young.part": 0}.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"half")
        os.utime(root / name, (time.time() - age_s,) * 2)
    [found] = store.sweep(older_than_s=50, dry_run=True)
    assert (found.key, found.size) == ("a/.atelier-old.part", 4)
    assert (root / found.key).exists()
    assert store.sweep(older_than_s=50) == [found]
    assert everything_below(root) == [".atelier-young.part", "done"]


def test_a_writer_killed_in_the_middle_leaves_nothing_that_lists(store: Store, root: Path) -> None:
    script = (
        "import sys; from pipeline.storage import open_store\n"
        "store = open_store(sys.argv[1]); number = 0\n"
        "while True: store.put('same', b'%d' % (number % 10) * 3_000_000); number += 1\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(root)]) as writer:
        while not store.exists("same"):
            time.sleep(0.01)
        time.sleep(0.05)
        writer.kill()
    assert [entry.key for entry in store.list()] == ["same"]
    data = store.get("same")
    assert data == data[:1] * 3_000_000


def test_delete_removes_folders_that_became_empty(store: Store, root: Path) -> None:
    store.put("a/b/c", b"")
    store.put("a/d", b"")
    store.delete("a/b/c")
    assert everything_below(root) == ["a", "a/d"]
    store.delete("a/d")
    assert root.is_dir()
    assert everything_below(root) == []


def test_puts_and_deletes_of_one_folder_do_not_disturb_each_other(store: Store) -> None:
    def churn(number: int) -> None:
        for _ in range(40):
            store.put(f"deep/er/{number}", b"x")
            store.delete(f"deep/er/{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(churn, range(8)))
    assert list(store.list()) == []


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP])
def test_without_hard_links_a_race_still_has_one_winner(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(os, "link", fail_with(code))
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda number: store.put_if_absent("claim", b"%d" % number), range(16)))
    assert sum(won) == 1
    assert store.get("claim") == b"%d" % won.index(True)
    assert everything_below(root) == ["claim"]


def test_racing_processes_have_one_winner(store: Store, root: Path) -> None:
    script = (
        "import sys; from pipeline.storage import open_store; s = open_store(sys.argv[1])\n"
        "print(sum(s.put_if_absent(f'k{n}', sys.argv[2].encode()) for n in range(100)))"
    )
    command = [sys.executable, "-c", script, str(root)]
    racers = [subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE) for n in range(4)]
    assert sum(int(racer.communicate(timeout=60)[0]) for racer in racers) == 100
    assert len(list(store.list())) == 100


def test_a_lost_answer_to_a_link_does_not_lose_the_win(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link

    def link_twice(source: Path, target: Path) -> None:
        link(source, target)
        link(source, target)

    monkeypatch.setattr(os, "link", link_twice)
    assert store.put_if_absent("claim", b"mine")


def test_a_copy_shares_no_bytes_with_its_original(store: Store, root: Path) -> None:
    store.put("original", b"abc")
    store.copy_from(store, "original", "copy")
    with (root / "copy").open("r+b") as file:
        file.write(b"X")
    assert store.get("original") == b"abc"


def test_a_kernel_that_cannot_copy_is_no_hindrance(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.os, "copy_file_range", fail_with(errno.EXDEV), raising=False)
    store.put("original", b"abc" * 100_000)
    store.copy_from(store, "original", "copy")
    assert store.get("copy") == b"abc" * 100_000


def test_names_that_cannot_be_keys_are_not_listed(store: Store, root: Path) -> None:
    store.put("good", b"")
    (root / "line\nbreak").touch()
    Path(os.fsdecode(os.fsencode(root) + b"/\xff")).touch()
    assert [entry.key for entry in store.list()] == ["good"]
