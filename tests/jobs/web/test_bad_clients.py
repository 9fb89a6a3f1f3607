"""Clients who send by the drop, read nothing, speak no HTTP, or come by the thousand."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr

from jobs.config import Settings
from jobs.web import bodies
from jobs.web.protocol import Protocol
from tests.jobs.web.conftest import OPERATOR, VIEWER, Site, settings_of

STREAMS = 1000
SHARE = 100
"""Of one token."""
MANY = [f"token-of-viewers-{n}" for n in range(STREAMS // SHARE)]


@pytest.fixture(scope="module")
def web_settings(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A dashboard for a thousand viewers."""
    tokens = "; ".join([f"operator olga {OPERATOR}", *(f"viewer {token} {token}" for token in (VIEWER, *MANY))])
    folder = tmp_path_factory.mktemp("site")
    return settings_of(redis_server, folder, web_streams=STREAMS, web_tokens=SecretStr(tokens))


@pytest.fixture
def impatient() -> Iterator[None]:
    """Deadlines that a test can wait for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Protocol, "head_s", 0.2)
        patch.setattr(bodies, "_PATIENCE_S", 0.2)
        yield


def test_a_head_that_comes_by_the_drop_is_cut_off(site: Site, impatient: None) -> None:
    with socket.create_connection(site.address, timeout=5) as talk:
        talk.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ")
        assert _answer(talk)[:13] == b"HTTP/1.1 408 "


def test_so_is_the_second_one_on_a_connection(site: Site, impatient: None) -> None:
    with socket.create_connection(site.address, timeout=5) as talk:
        talk.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        first = bytearray()
        while not first.endswith(b"}"):
            first += talk.recv(65_536)
        assert first[:13] == b"HTTP/1.1 200 "
        talk.sendall(b"GET /he")
        assert _answer(talk)[:13] == b"HTTP/1.1 408 "


def test_who_connects_and_says_nothing_is_let_go(site: Site, impatient: None) -> None:
    with socket.create_connection(site.address, timeout=5) as talk:
        assert b"did not come in 0.2 seconds" in _answer(talk)


@pytest.mark.parametrize("path", ["checks", "uploads/bay.mp4"])
def test_a_body_that_stops_coming_is_refused(site: Site, impatient: None, path: str) -> None:
    method = "PUT" if path.startswith("uploads") else "POST"
    with socket.create_connection(site.address, timeout=5) as talk:
        talk.sendall(_request(method, f"/api/v1/{path}", "Content-Length: 1000") + b"{")
        answer = _answer(talk)
    assert answer[:13] == b"HTTP/1.1 408 "
    assert b"the body came too slowly" in answer


def test_a_body_is_bounded_whether_it_says_so_or_not(site: Site) -> None:
    chunk = b"40000\r\n" + bytes(0x40000) + b"\r\n"
    for head, body in (("Content-Length: 9000000", b""), ("Transfer-Encoding: chunked", chunk * 5)):
        with socket.create_connection(site.address, timeout=5) as talk:
            talk.sendall(_request("POST", "/api/v1/checks", head) + body)
            assert talk.recv(65_536)[:13] == b"HTTP/1.1 413 "


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 40_000,
        b"POST /api/v1/checks HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    ],
)
def test_what_is_no_request_is_told_so(site: Site, sent: bytes) -> None:
    with socket.create_connection(site.address, timeout=5) as talk:
        talk.sendall(sent)
        answer = _answer(talk)
    assert answer[:13] == b"HTTP/1.1 400 "
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 400


def test_a_thousand_viewers_are_kept_up_to_date_and_no_more(site: Site, viewer: httpx.Client) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    try:
        firsts = asyncio.run(_follow(site))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert {first.splitlines()[0] for first in firsts} == {b"event: jobs"}
    assert viewer.get("/api/v1/me").status_code == 200


async def _follow(site: Site) -> list[bytes]:
    """The first event that each viewer is sent, all there at once; one more of a token, or of all, is refused."""
    opened: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    try:
        firsts = []
        for token in MANY:
            for _ in range(SHARE):
                opened.append(await _open(site, token))
            for reader, _ in opened[-SHARE:]:
                assert (await reader.readuntil(b"\r\n\r\n"))[:13] == b"HTTP/1.1 200 "
                firsts.append((await reader.readuntil(b"event: "), await reader.readline())[1])
            reader, writer = await _open(site, token)
            refused = await reader.readuntil(b"\r\n\r\n")
            writer.close()
            assert refused[:13] == (b"HTTP/1.1 429 " if len(firsts) < STREAMS else b"HTTP/1.1 503 ")
        return [b"event: " + first for first in firsts]
    finally:
        for _, writer in opened:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, writer in opened), return_exceptions=True)


async def _open(site: Site, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(*site.address)
    writer.write(_request("GET", "/api/v1/events", token=token))
    return reader, writer


def _request(method: str, path: str, *more: str, token: str = OPERATOR) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def _answer(talk: socket.socket) -> bytes:
    """All that comes until the connection is closed."""
    said = bytearray()
    while piece := talk.recv(65_536):
        said += piece
    return bytes(said)
