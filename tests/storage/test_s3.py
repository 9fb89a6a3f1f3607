"""What only an S3 store does, against real servers."""

import multiprocessing
import random
import time
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from pipeline.errors import AccessDenied, InputError
from pipeline.storage import Entry, Store, open_store
from tests.servers import S3Server


@pytest.fixture
def moto(moto_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    moto_s3.use(monkeypatch)
    return moto_s3


@pytest.fixture
def swift(swift_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    swift_s3.use(monkeypatch)
    return swift_s3


def fresh(server: S3Server) -> Store:
    return open_store(f"{server.url}/{uuid.uuid4().hex}", server.options)


def test_a_wrong_secret_is_access_denied(swift: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-secret")
    store = fresh(swift)
    for call in (
        lambda: store.get("k"),
        lambda: store.exists("k"),
        lambda: store.put("k", b""),
        lambda: list(store.list()),
    ):
        with pytest.raises(AccessDenied) as refusal:
            call()
        assert "not-the-secret" not in str(refusal.value)


def test_a_bucket_of_somebody_else_is_access_denied(swift: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test:stranger")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "strange")
    with pytest.raises(AccessDenied, match="AccessDenied"):
        fresh(swift).put("k", b"")


def test_a_missing_bucket_is_named(swift: S3Server, moto: S3Server, tmp_path: Path) -> None:
    for server in (swift, moto):
        server_store = open_store("s3://no-such-bucket", server.options)
        for call in (
            lambda store=server_store: store.get("k"),
            lambda store=server_store: store.exists("k"),
            lambda store=server_store: store.put("k", b""),
            lambda store=server_store: list(store.list()),
            lambda store=server_store: store.download("k", tmp_path / "k"),
        ):
            with pytest.raises((InputError, AccessDenied), match="no-such-bucket"):
                call()


def test_a_sweep_ends_only_old_unfinished_transfers(swift: S3Server) -> None:
    store = fresh(swift)
    store.put("done", b"x" * 6_000_000)
    bucket, _, prefix = store.url.removeprefix("s3://").partition("/")
    where = {"Bucket": bucket, "Key": f"{prefix}/half"}
    begun = store._client.create_multipart_upload(**where)
    store._client.upload_part(**where, UploadId=begun["UploadId"], PartNumber=1, Body=b"1234")
    assert store.sweep(older_than_s=3600) == []
    assert store.sweep(older_than_s=-5, dry_run=True) == [Entry("half", 4)]
    assert store.sweep(older_than_s=-5) == [Entry("half", 4)]
    assert store.sweep(older_than_s=-5) == []
    assert [entry.key for entry in store.list()] == ["done"]


def test_copies_go_between_servers(swift_s3: S3Server, moto: S3Server, tmp_path: Path) -> None:
    data = random.Random(3).randbytes(6_000_000)
    source = fresh(moto)
    source.put("k", data)
    folder = open_store(str(tmp_path))
    folder.copy_from(source, "k", "k")
    with pytest.MonkeyPatch.context() as patch:
        swift_s3.use(patch)
        target = fresh(swift_s3)
        target.copy_from(folder, "k", "a")
        target.copy_from(source, "k", "b")
        assert target.get("a") == target.get("b") == data


def test_a_copy_between_buckets_of_one_server_reads_nothing_here(
    moto: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = fresh(moto), fresh(moto.with_bucket())
    source.put("k", b"x" * 6_000_000)
    monkeypatch.setattr(source, "open", None)
    target.copy_from(source, "k", "k")
    assert target.size("k") == 6_000_000


def test_a_film_is_demuxed_from_the_bucket(swift: S3Server, tmp_path: Path) -> None:
    film, frames = tmp_path / "film.mp4", 30
    with av.open(str(film), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(frames):
            picture = np.full((48, 64, 3), number * 8, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    store = fresh(swift)
    store.upload(film, "film.mp4")
    with store.open("film.mp4") as file, av.open(file) as opened:
        assert sum(1 for _ in opened.decode(video=0)) == frames


def _put_from_child(store: Store, answer: Any) -> None:
    store.put("child", b"from the child")
    answer.put(store.get("parent"))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_uses_the_store_with_connections_of_its_own(moto: S3Server) -> None:
    store = fresh(moto)
    store.put("parent", b"from the parent")
    context = multiprocessing.get_context("fork")
    answer = context.Queue()
    child = context.Process(target=_put_from_child, args=(store, answer))
    child.start()
    assert answer.get(timeout=30) == b"from the parent"
    child.join(timeout=30)
    assert store.get("child") == b"from the child"


def test_sixteen_threads_share_a_store_without_a_warning(moto: S3Server, caplog: pytest.LogCaptureFixture) -> None:
    store = fresh(moto)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: store.put(str(number), b"x" * 1000), range(64)))
    assert "Connection pool is full" not in caplog.text


def test_path_style_and_virtual_style_reach_the_same_bucket(moto: S3Server) -> None:
    path_style = fresh(moto)
    path_style.put("k", b"v")
    assert open_store(path_style.url, replace(moto.options, addressing="auto")).get("k") == b"v"


def status_of(link: str) -> int:
    """What a server answers to whoever has a link, and no credentials."""
    try:
        with urllib.request.urlopen(link, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_link_opens_one_object_for_as_long_as_it_says(swift: S3Server) -> None:
    store = fresh(swift)
    store.put("one", b"1")
    store.put("two", b"2")
    link, brief = store.link("one", expires_s=60), store.link("one", expires_s=1)
    assert status_of(link) == 200
    assert status_of(link.replace("/one?", "/two?")) == 403
    assert status_of(link.replace("X-Amz-Expires=60", "X-Amz-Expires=600")) == 403
    time.sleep(2.1)
    assert status_of(brief) == 403


def test_a_link_names_the_server_as_people_reach_it(moto: S3Server) -> None:
    store = fresh(moto)
    store.put("one", b"1")
    outside = replace(moto.options, link_endpoint_url="https://posters.example")
    link = open_store(store.url, outside).link("one", expires_s=60)
    assert link.startswith(f"https://posters.example/{store.url.removeprefix('s3://')}/one?")
