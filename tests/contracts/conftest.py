"""Every store that the contract runs over."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.storage import Store, StoreOptions, creates_atomically, open_store

NAMED_URL = os.environ.get("ATELIER_TEST_S3_URL")
STORES = ["local", "swift", "moto"] + ["named"] * bool(NAMED_URL)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store below a fresh prefix, set up as an application would after its probe."""
    if request.param == "local":
        yield open_store(str(tmp_path / "store"))
        return
    if request.param == "named":
        yield from _named_store(str(NAMED_URL))
        return
    server = request.getfixturevalue(f"{request.param}_s3")
    server.use(monkeypatch)
    options = replace(server.options, page_keys=20, atomic_create=request.param == "moto")
    yield open_store(f"{server.url}/{uuid.uuid4().hex}", options)


def _named_store(url: str) -> Iterator[Store]:
    """A store at `url`, on the server ATELIER_S3_ENDPOINT names, with credentials from the environment."""
    options = StoreOptions(endpoint_url=os.environ.get("ATELIER_S3_ENDPOINT"), part_bytes=5 << 20, page_keys=20)
    root = f"{url.rstrip('/')}/{uuid.uuid4().hex}"
    options = replace(options, atomic_create=creates_atomically(open_store(root, options)))
    store = open_store(root, options)
    yield store
    for entry in list(store.list()):
        store.delete(entry.key)
