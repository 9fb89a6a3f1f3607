"""Files of the web, from a real server."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from pipeline.addresses import Address, is_public
from pipeline.errors import AccessDenied, AtelierError, InputError, SourceMissing, StorageUnavailable
from pipeline.web import Bounds, fetched, is_web
from tests.security.tls import Authority
from tests.web import answering


class Server(BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self) -> None:
        """`/moved` leads to the model, `/out` to a file of the machine, `/short` breaks off."""
        match self.path.partition("?")[0]:
            case "/model.pkl":
                self._answer(200, b"weights")
            case "/moved.pkl":
                self._answer(302, b"", Location="/model.pkl")
            case "/out.pkl":
                self._answer(302, b"", Location="file:///etc/hostname")
            case "/aside.pkl":
                port = self.server.server_address[1]
                self._answer(302, b"", Location=f"http://127.0.0.2:{port}/model.pkl")
            case "/drip.pkl":
                self._drip()
            case "/short.pkl":
                self._answer(200, b"wei", length=7)
            case "/secret.pkl":
                self._answer(403, b"")
            case "/broken.pkl":
                self._answer(500, b"")
            case _:
                self._answer(404, b"")

    def _drip(self) -> None:
        # Without a length: whatever ends it looks like an end.
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.02)
        except OSError:
            self.close_connection = True

    def _answer(self, code: int, body: bytes, *, length: int | None = None, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    """Its address."""
    with answering(Server) as address:
        yield address


@pytest.mark.parametrize("path", ["model.pkl", "moved.pkl", "model.pkl?sign=abc"])
def test_a_file_is_fetched_whole_under_its_name(web: str, path: str) -> None:
    with fetched(f"{web}/{path}") as copy:
        assert copy.read_bytes() == b"weights"
        assert copy.name == path.partition("?")[0]
    assert not copy.exists()


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("gone.pkl", SourceMissing, "no such file; the server answers 404 Not Found"),
        ("secret.pkl", AccessDenied, "we may not read it; the server answers 403"),
        ("broken.pkl", StorageUnavailable, "cannot be fetched; the server answers 500"),
        ("short.pkl", StorageUnavailable, "broke off after 3 of 7 bytes"),
        ("out.pkl", StorageUnavailable, "cannot be fetched"),
        ("", InputError, "names no file; write https://host/path/model.pkl"),
    ],
)
def test_what_cannot_be_fetched_is_said_in_a_sentence(web: str, path: str, kind: type[AtelierError], said: str) -> None:
    with pytest.raises(kind) as caught, fetched(f"{web}/{path}?sign=abc"):
        pass
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "sign=abc" not in str(caught.value)


def test_nobody_listening_is_said_in_a_sentence() -> None:
    with pytest.raises(StorageUnavailable, match="cannot be fetched"), fetched("http://127.0.0.1:9/model.pkl"):
        pass


def test_a_private_address_is_not_even_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    # A proxy would reach it for us.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://localhost:{listener.getsockname()[1]}/model.pkl"
        with (
            pytest.raises(InputError, match=r"leads to (127\.0\.0\.1|::1), an address of a private network"),
            fetched(url, Bounds(may_reach=is_public)),
        ):
            pass
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_redirects_are_held_to_the_same_addresses(web: str) -> None:
    bounds = Bounds(may_reach=_first)
    with fetched(f"{web}/moved.pkl", bounds) as copy:
        assert copy.read_bytes() == b"weights"
    with pytest.raises(InputError, match=r"leads to 127\.0\.0\.2"), fetched(f"{web}/aside.pkl", bounds):
        pass


def _first(address: Address) -> bool:
    return str(address) == "127.0.0.1"


@pytest.mark.parametrize("bounds", [Bounds(within_s=0.2), Bounds(within_s=0.2, may_reach=_first)])
def test_a_server_that_drips_is_given_up(web: str, bounds: Bounds) -> None:
    began = time.monotonic()
    with (
        pytest.raises(StorageUnavailable, match=r"did not come whole within 0\.2 s"),
        fetched(f"{web}/drip.pkl", bounds),
    ):
        pass
    assert time.monotonic() - began < 1.5


def test_no_more_is_read_than_may_come(web: str) -> None:
    with pytest.raises(InputError, match="has more than 6 bytes"), fetched(f"{web}/model.pkl", Bounds(most_bytes=6)):
        pass


def test_certificates_are_checked_where_addresses_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bounds = Bounds(may_reach=_first)
    authority = Authority(tmp_path, "ours")
    with answering(Server, authority.issue("127.0.0.1")) as address:
        with (
            pytest.raises(StorageUnavailable, match="certificate verify failed"),
            fetched(f"{address}/model.pkl", bounds),
        ):
            pass
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        with fetched(f"{address}/model.pkl", bounds) as copy:
            assert copy.read_bytes() == b"weights"


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(InputError) as caught, fetched("https://me:pa55@host/model.pkl"):
        pass
    assert "pa55" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://host/é☃.pkl",
        "http://a..b/x.pkl",
        f"http://{'a' * 64}.org/x.pkl",
        "https://[/x.pkl",
        "http://host:port/x.pkl",
        "http://host/a b.pkl",
        "http:///x.pkl",
    ],
)
def test_what_is_no_address_is_said_in_a_sentence(url: str) -> None:
    with pytest.raises(InputError) as caught, fetched(url):
        pass
    assert "\n" not in str(caught.value)


def test_only_web_addresses_are() -> None:
    assert [is_web(url) for url in ("https://a/b", "HTTP://a/b", "s3://a/b", "/a/b", "file:///a")] == [
        True,
        True,
        False,
        False,
        False,
    ]
