"""A rediss:// Redis is believed only with the right certificate of the right host, by the ledger and by Celery."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from jobs.config import Settings, settings
from jobs.ledger import Ledger
from jobs.queue import Queue
from jobs.tls import tls_options
from pipeline.errors import ConfigError, QueueUnavailable
from tests.security.tls import Authority, Identity, tls_before


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Whom we trust."""
    return Authority(tmp_path, "ours")


Serve = Callable[..., str]


@pytest.fixture
def serve(redis_url: str) -> Iterator[Serve]:
    """`serve(identity)` gives the address of a TLS server before the Redis."""
    with ExitStack() as servers:

        def start(identity: Identity, *, host: str = "localhost", clients: Path | None = None) -> str:
            path = Path(redis_url.removeprefix("unix://"))
            return f"rediss://{host}:{servers.enter_context(tls_before(path, identity, clients=clients))}/0"

        yield start


def ping(config: Settings) -> None:
    """Ask the ledger's Redis for a sign of life."""
    with closing(Ledger(config.authenticated_redis_url(), tls=tls_options(config))) as ledger:
        ledger.ping()


def test_redis_of_our_own_authority_is_believed(authority: Authority, serve: Serve) -> None:
    ping(Settings(redis_url=serve(authority.issue("localhost")), redis_ca=authority.file))


def test_messages_travel_by_tls_too(authority: Authority, serve: Serve) -> None:
    config = Settings(redis_url=serve(authority.issue("localhost")), redis_ca=authority.file)
    with closing(Queue(config)) as queue:
        queue.render("film-1", 0, 1, queue="gpu")
    with closing(Ledger(config.authenticated_redis_url(), tls=tls_options(config))) as ledger:
        assert ledger.messages(["gpu"]) == 1


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("another authority", "an authority that we do not know vouches for it; name that in ATELIER_REDIS_CA"),
        ("another host", "its certificate is of another host; write the host as the certificate names it"),
        ("another address", "its certificate is of another host; write the host as the certificate names it"),
        ("expired", "its certificate has expired; renew it"),
    ],
)
def test_wrong_certificate_is_one_sentence(
    tmp_path: Path, authority: Authority, serve: Serve, case: str, says: str
) -> None:
    (tmp_path / "theirs").mkdir()
    url = {
        "another authority": lambda: serve(Authority(tmp_path / "theirs", "theirs").issue("localhost")),
        "another host": lambda: serve(authority.issue("redis.elsewhere.lan")),
        "another address": lambda: serve(authority.issue("10.0.0.1"), host="127.0.0.1"),
        "expired": lambda: serve(authority.issue("localhost", days=(-20, -1))),
    }[case]()
    with pytest.raises(ConfigError, match=f"Redis is not trusted: {re.escape(says)}$"):
        ping(Settings(redis_url=url, redis_ca=authority.file))


def test_wrong_certificate_stops_messages_too(authority: Authority, serve: Serve) -> None:
    config = Settings(redis_url=serve(authority.issue("localhost", days=(-20, -1))), redis_ca=authority.file)
    with closing(Queue(config)) as queue, pytest.raises(ConfigError, match="its certificate has expired; renew it"):
        queue.render("film-1", 0, 1, queue="gpu")


def test_unknown_authority_is_refused_without_a_setting_too(authority: Authority, serve: Serve) -> None:
    with pytest.raises(ConfigError, match="ATELIER_REDIS_CA"):
        ping(Settings(redis_url=serve(authority.issue("localhost"))))


def ping_until_told(config: Settings) -> None:
    """In TLS 1.3 the server may hang up while we write, before we have read why."""
    for _ in range(10):
        with suppress(QueueUnavailable):
            ping(config)


def test_server_may_ask_for_our_certificate(authority: Authority, serve: Serve) -> None:
    url = serve(authority.issue("localhost"), clients=authority.file)
    client = authority.issue("worker.lan")
    ping(Settings(redis_url=url, redis_ca=authority.file, redis_certificate=client.certificate, redis_key=client.key))
    with pytest.raises(ConfigError, match="it wants a certificate of ours; name one in ATELIER_REDIS_CERTIFICATE"):
        ping_until_told(Settings(redis_url=url, redis_ca=authority.file))


@pytest.mark.parametrize(
    ("content", "says"), [(None, "is no file"), ("hello\n", "holds no certificates"), ("", "holds no certificates")]
)
def test_wrong_authority_file_names_the_setting(tmp_path: Path, content: str | None, says: str) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    config = Settings(redis_url="rediss://localhost:1/0", redis_ca=tmp_path / "ca.pem")
    with pytest.raises(ConfigError, match=f"ATELIER_REDIS_CA: .*{says}"):
        tls_options(config)


def test_key_needs_its_certificate(authority: Authority) -> None:
    identity = authority.issue("worker.lan")
    with pytest.raises(ConfigError, match="ATELIER_REDIS_KEY is of a certificate"):
        tls_options(Settings(redis_url="rediss://localhost:1/0", redis_key=identity.key))
    other = authority.issue("other.lan")
    with pytest.raises(ConfigError, match=r"ATELIER_REDIS_CERTIFICATE: .*holds no a?.*certificate and its key"):
        tls_options(
            Settings(redis_url="rediss://localhost:1/0", redis_certificate=identity.certificate, redis_key=other.key)
        )


@pytest.mark.parametrize("query", ["ssl_cert_reqs=none", "ssl_check_hostname=false", "ssl_ca_certs="])
def test_address_cannot_loosen_the_checks(monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    monkeypatch.setenv("ATELIER_REDIS_URL", f"rediss://host:6380/0?{query}")
    with pytest.raises(ConfigError, match="ATELIER_REDIS_URL: certificates are always checked"):
        settings()
