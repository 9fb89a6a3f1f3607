"""One POST and its answer: bounded in time and size, to an address that was looked at, without redirects."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.addresses import check_address, is_public, shown
from pipeline.errors import InputError, ServiceUnavailable
from pipeline.post import post
from tests.security.tls import Authority, Identity


@contextmanager
def talking(talk: Callable[[socket.socket], None], identity: Identity | None = None) -> Iterator[int]:
    """The port of a server that does this with each connection, by TLS if it has an identity."""
    context = None
    if identity is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity.certificate, identity.key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection = listener.accept()[0]
                    if context is not None:
                        connection = context.wrap_socket(connection, server_side=True)
                    with connection:
                        talk(connection)
                except OSError:
                    if listener.fileno() < 0:
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _heard(connection: socket.socket) -> bytes:
    """The whole question: who closes before all is read breaks the connection off."""
    heard = b""
    while not heard.endswith(b"{}"):
        heard += connection.recv(65536)
    return heard


def _answer(connection: socket.socket) -> None:
    _heard(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def _drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    # Without a length: whatever ends it looks like an end.
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def _say(url: str, *, timeout_s: float = 5, most_bytes: int = 100, **options: object) -> tuple[int, bytes, bool]:
    answer = post(url, b"{}", {}, timeout_s=timeout_s, most_bytes=most_bytes, **options)  # type: ignore[arg-type]
    return answer.status, answer.body, answer.is_whole


def test_an_answer_comes_back() -> None:
    with talking(_answer) as port:
        assert _say(f"http://127.0.0.1:{port}/hook?a=b") == (200, b"ok", True)


def test_what_is_sent_names_the_host_and_asks_for_no_packing() -> None:
    heard: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        heard.append(_heard(connection))
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with talking(listen) as port:
        _say(f"http://localhost:{port}/hook?a=b#c")
        first, *headers = heard[0].partition(b"\r\n\r\n")[0].decode().split("\r\n")
        assert first == "POST /hook?a=b HTTP/1.1"
        assert {f"Host: localhost:{port}", "Accept-Encoding: identity"} <= set(headers)


def test_more_than_is_wanted_is_not_read() -> None:
    def talk(connection: socket.socket) -> None:
        _heard(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n" + b"x" * 5000)

    with talking(talk) as port:
        assert _say(f"http://127.0.0.1:{port}/", most_bytes=10) == (200, b"x" * 10, False)


@pytest.mark.parametrize("talk", [_drip, lambda connection: time.sleep(0.6)])
def test_a_deadline_is_for_the_whole_answer(talk: Callable[[socket.socket], None]) -> None:
    with talking(talk) as port:
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable, match=r"no answer came within 0\.3 s"):
            _say(f"http://127.0.0.1:{port}/", timeout_s=0.3)
        assert time.monotonic() - began < 1


def test_a_handshake_that_drips_is_over_at_the_deadline() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")
        for _ in range(100):
            connection.sendall(b"\x00")
            time.sleep(0.05)

    began = time.monotonic()
    with talking(talk) as port, pytest.raises(ServiceUnavailable, match=r"no answer came within 0\.3 s"):
        _say(f"https://127.0.0.1:{port}/", timeout_s=0.3)
    assert time.monotonic() - began < 2


def test_a_redirect_is_an_answer() -> None:
    def talk(connection: socket.socket) -> None:
        _heard(connection)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")

    with talking(talk) as port:
        assert _say(f"http://127.0.0.1:{port}/") == (302, b"", True)


def test_the_certificate_is_the_hosts_though_its_address_is_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path, "ours")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with talking(_answer, authority.issue("localhost")) as port:
        assert _say(f"https://localhost:{port}/") == (200, b"ok", True)
        with pytest.raises(ServiceUnavailable, match="its certificate is not trusted"):
            _say(f"https://127.0.0.1:{port}/")
    monkeypatch.delenv("SSL_CERT_FILE")
    with talking(_answer, authority.issue("localhost")) as port, pytest.raises(ServiceUnavailable, match="not trusted"):
        _say(f"https://localhost:{port}/")


def test_no_connection_is_made_to_an_address_that_may_not_be_reached() -> None:
    heard: list[socket.socket] = []
    with talking(heard.append) as port:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
            with pytest.raises(InputError, match="an address of a private network or of this machine"):
                _say(f"http://{host}:{port}/hook", may_reach=is_public)
    assert heard == []


def test_one_private_address_among_others_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 80)) for host in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    with pytest.raises(InputError, match=r"http://example\.org/: leads to 10\.0\.0\.1"):
        _say("http://example.org/", may_reach=is_public)


def test_a_name_is_looked_up_once_and_that_address_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere a moment later makes no difference."""
    looked: list[str] = []
    real = socket.getaddrinfo

    def lookup(host: str, *others: object, **more: object) -> object:
        looked.append(host)
        return real("127.0.0.1" if host == "hook.example" else host, *others, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with talking(_answer) as port:
        assert _say(f"http://hook.example:{port}/")[0] == 200
    assert looked.count("hook.example") == 1


def test_a_host_that_is_not_found_is_said_so() -> None:
    with pytest.raises(ServiceUnavailable, match=r"http://nowhere\.invalid/: "):
        _say("http://nowhere.invalid/?token=secret")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        *[(address, False) for address in ("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254")],
        *[(address, False) for address in ("100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.2.1")],
        *[(address, False) for address in ("::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1")],
        *[(address, False) for address in ("64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:db8::1")],
    ],
)
def test_which_addresses_are_public(address: str, expected: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is expected


@pytest.mark.parametrize(
    "url",
    [
        *("", "host", "ftp://host/", "file:///etc/passwd", "http:///path", "http://host:99999/", "http://[::1/"),
        *("http://me:secret@host/", "http://host/a b", "http://host/\r\nX: y", "http://hóst/", "http://host\\@other/"),
    ],
)
def test_what_is_no_address_is_refused_without_repeating_a_secret(url: str) -> None:
    with pytest.raises(InputError) as caught:
        check_address(url)
    assert "secret" not in str(caught.value)


def test_an_address_is_shown_without_query_and_user() -> None:
    assert shown("https://me:secret@host:8/a/b?token=secret#c") == "https://host:8/a/b"
