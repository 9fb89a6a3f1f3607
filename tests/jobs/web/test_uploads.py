"""Files that are sent: whole in the store, or not there at all."""

from __future__ import annotations

import hashlib
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from jobs.config import Settings
from jobs.web.problems import Refusal
from jobs.web.receiving import check_room, tidy
from tests.jobs.deployment import Deployment
from tests.jobs.web.conftest import OPERATOR, Site, settings_of


@pytest.fixture(scope="module")
def web_settings(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A dashboard that takes files of at most 3 MB."""
    return settings_of(redis_server, tmp_path_factory.mktemp("site"), web_upload_gb=0.003)


@pytest.fixture(scope="module", autouse=True)
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where files pass through."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("scratch")
        patch.setattr(tempfile, "tempdir", str(folder))
        yield folder


def test_a_file_is_sent_in_pieces(operator: httpx.Client, farm: Deployment) -> None:
    data = bytes(range(256)) * 10_000
    pieces = (data[at : at + 100_000] for at in range(0, len(data), 100_000))
    answer = operator.put("/api/v1/uploads/bay.mp4", content=pieces)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["size"], told["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    key = told["url"].removeprefix(farm.truth.store.url + "/")
    assert key.startswith("uploads/")
    assert farm.truth.store.get(key) == data


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("bay.mp4", "bay.mp4"),
        ("..", "upload"),
        (".hidden.png", "hidden.png"),
        ("a b\x00c\n.png", "a_b_c_.png"),
        ("..\\..\\evil.exe", "evil.exe"),
        ("shot.%04d.png", "shot._04d.png"),
        ("海边.mp4", "海边.mp4"),
        ("x" * 300 + ".mp4", "x" * 146 + ".mp4"),
        ("-rf", "rf"),
    ],
)
def test_names_are_made_harmless(sent: str, kept: str) -> None:
    assert tidy(sent) == kept


def test_a_file_that_says_it_is_too_large_is_refused_at_once(site: Site) -> None:
    answer = _talk(site, _head("bay.mp4", "Content-Length: 10000000000"))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"a file may have 3,000,000 bytes" in answer


def test_a_file_without_room_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="make room in TMPDIR") as refused:
        check_room(10**18, tmp_path)
    assert refused.value.status == 507


def test_a_file_that_turns_out_too_large_is_refused(site: Site, scratch: Path) -> None:
    chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
    answer = _talk(site, _head("bay.mp4", "Transfer-Encoding: chunked") + chunk * 3)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert not list(scratch.iterdir())


def test_a_sender_who_leaves_leaves_nothing(site: Site, farm: Deployment, scratch: Path) -> None:
    before = len(list(farm.truth.store.list("uploads/")))
    with socket.create_connection(site.address) as sender:
        sender.sendall(_head("bay.mp4", "Content-Length: 2000000") + bytes(1_200_000))
        _until(lambda: list(scratch.iterdir()))
    _until(lambda: not list(scratch.iterdir()))
    assert len(list(farm.truth.store.list("uploads/"))) == before


def test_who_may_look_sends_nothing(viewer: httpx.Client) -> None:
    assert viewer.put("/api/v1/uploads/bay.mp4", content=b"x").status_code == 403


def _head(name: str, *more: str) -> bytes:
    lines = [f"PUT /api/v1/uploads/{name} HTTP/1.1", "Host: x", f"Authorization: Bearer {OPERATOR}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def _talk(site: Site, sent: bytes) -> bytes:
    with socket.create_connection(site.address, timeout=5) as talk:
        talk.sendall(sent)
        said = bytearray()
        while not said.endswith(b"}"):
            said += talk.recv(65_536)
        return bytes(said)


def _until(is_so: object) -> None:
    deadline = time.monotonic() + 5
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)
