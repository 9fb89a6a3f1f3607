"""The proxy between workers and store: a pane of glass, until it is told to misbehave."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobs.drill.faults import Act, Fault, cut_answer, cut_request, never_answer, refuse
from jobs.drill.proxy import Proxy
from pipeline.errors import ObjectNotFound, StorageFull, StorageUnavailable
from pipeline.storage import Store, StoreOptions, open_store
from tests.servers import S3Server


def test_bytes_pass_as_they_are(store: Store, direct: Store) -> None:
    data = os.urandom(300_000)
    store.put("a/b", data)
    assert direct.get("a/b") == data
    assert store.get("a/b") == data
    assert (store.size("a/b"), store.exists("a/c")) == (len(data), False)
    assert [entry.key for entry in store.list()] == ["a/b"]


def test_creating_deleting_and_errors_pass(store: Store) -> None:
    assert store.put_if_absent("once", b"1")
    assert not store.put_if_absent("once", b"2")
    store.delete("once")
    with pytest.raises(ObjectNotFound):
        store.get("once")


def test_uploads_in_parts_pass(bucket: S3Server, proxy: Proxy, direct: Store, tmp_path: Path) -> None:
    options = StoreOptions(endpoint_url=proxy.endpoint, addressing="path", part_bytes=5 << 20)
    (tmp_path / "large").write_bytes(os.urandom(11 << 20))
    open_store(bucket.url, options).upload(tmp_path / "large", "large")
    assert direct.get("large") == (tmp_path / "large").read_bytes()


def test_signatures_stay_valid(swift_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    swift_s3.use(monkeypatch)
    proxy = Proxy(swift_s3.endpoint)
    options = StoreOptions(endpoint_url=proxy.endpoint, addressing="path", attempts=1)
    try:
        open_store(swift_s3.url, options).put("signed", b"yes")
        assert open_store(swift_s3.url, swift_s3.options).get("signed") == b"yes"
    finally:
        proxy.close()


@pytest.mark.parametrize(
    "act",
    [
        refuse(500, "InternalError"),
        refuse(503, "ServiceUnavailable"),
        refuse(503, "SlowDown"),
        never_answer(0.05),
        cut_answer,
        cut_request,
    ],
)
def test_a_fault_that_stays_is_a_store_that_is_away(proxy: Proxy, store: Store, act: Act) -> None:
    with proxy.misbehaving(Fault(act)), pytest.raises(StorageUnavailable):
        store.put("key", b"data")


@pytest.mark.parametrize("act", [refuse(503, "SlowDown"), never_answer(0.05), cut_answer, cut_request])
def test_a_fault_that_passes_is_not_noticed(proxy: Proxy, store: Store, act: Act) -> None:
    with proxy.misbehaving(Fault(act, most=2)) as fault:
        store.put("key", b"data")
        assert store.get("key") == b"data"
    assert fault.met == 2
    assert not fault.has_more


def test_a_full_store_says_so(proxy: Proxy, store: Store) -> None:
    with proxy.misbehaving(Fault(refuse(507, "InsufficientStorage"))), pytest.raises(StorageFull):
        store.put("key", b"data")


def test_a_lost_answer_is_of_a_deed_done(proxy: Proxy, store: Store, direct: Store) -> None:
    with proxy.misbehaving(Fault(cut_answer, most=1)):
        assert store.put_if_absent("once", b"data")
    assert direct.get("once") == b"data"


def test_half_a_put_leaves_nothing(proxy: Proxy, store: Store, direct: Store) -> None:
    with proxy.misbehaving(Fault(cut_request)), pytest.raises(StorageUnavailable):
        store.put("half", os.urandom(100_000))
    assert not direct.exists("half")


def test_a_fault_meets_only_the_methods_it_names(proxy: Proxy, store: Store) -> None:
    store.put("key", b"data")
    with proxy.misbehaving(Fault(refuse(500, "InternalError"), methods="PUT POST")):
        assert store.get("key") == b"data"
        with pytest.raises(StorageUnavailable):
            store.put("key", b"other")


def test_a_proxy_that_behaves_again_has_forgotten_its_faults(proxy: Proxy, store: Store) -> None:
    with proxy.misbehaving(Fault(refuse(500, "InternalError"))):
        proxy.behave()
        store.put("key", b"data")


def test_a_server_that_is_gone_is_a_store_that_is_away(moto_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    moto_s3.use(monkeypatch)
    proxy = Proxy("http://127.0.0.1:9")
    try:
        with pytest.raises(StorageUnavailable):
            open_store("s3://nobody", StoreOptions(endpoint_url=proxy.endpoint, addressing="path", attempts=1)).get("a")
    finally:
        proxy.close()
