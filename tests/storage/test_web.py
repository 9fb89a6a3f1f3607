"""Files of the web, from a real server."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from pipeline.errors import AccessDenied, AtelierError, InputError, SourceMissing, StorageUnavailable
from pipeline.web import fetched, is_web
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
            case "/short.pkl":
                self._answer(200, b"wei", length=7)
            case "/secret.pkl":
                self._answer(403, b"")
            case "/broken.pkl":
                self._answer(500, b"")
            case _:
                self._answer(404, b"")

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
