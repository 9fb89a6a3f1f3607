import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import (
    AccessDenied,
    AtelierError,
    ConfigError,
    InputError,
    IntegrityError,
    ObjectNotFound,
    StorageFull,
    StorageUnavailable,
)
from pipeline.storage import Store, StoreOptions, open_store
from tests.processes import free_port
from tests.servers import S3Server
from tests.storage.faulty_s3 import Answer, FaultyS3, faulty_s3, refusal

SECRET = "wJalrXUtnFEMIhunter2"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    S3Server(endpoint="", env={"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET}).use(monkeypatch)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")


def store_at(endpoint: str, **options: object) -> Store:
    base = StoreOptions(endpoint_url=endpoint, addressing="path", attempts=2, connect_timeout_s=1, read_timeout_s=1)
    return open_store("s3://bucket/prefix", replace(base, **options))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal(404, "NoSuchKey"), ObjectNotFound),
        (refusal(404, "NoSuchBucket"), InputError),
        (refusal(403, "AccessDenied"), AccessDenied),
        (refusal(403, "InvalidAccessKeyId"), AccessDenied),
        (refusal(403, "SignatureDoesNotMatch"), AccessDenied),
        (refusal(403, "RequestTimeTooSkewed"), AccessDenied),
        (refusal(301, "PermanentRedirect", **{"x-amz-bucket-region": "eu-west-1"}), ConfigError),
        (refusal(400, "AuthorizationHeaderMalformed"), ConfigError),
        (refusal(400, "InvalidRequest"), InputError),
        (refusal(400, "BadDigest"), StorageUnavailable),
        (refusal(500, "InternalError"), StorageUnavailable),
        (refusal(503, "SlowDown"), StorageUnavailable),
        (refusal(429, "TooManyRequests"), StorageUnavailable),
        (Answer(502, b"<html>bad gateway</html>"), StorageUnavailable),
        (Answer(507, b""), StorageFull),
        (refusal(400, "QuotaExceeded"), StorageFull),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_every_answer_of_a_server_has_its_error(answer: Answer, expected: type[AtelierError]) -> None:
    with faulty_s3(answer) as server:
        for call in (lambda s: s.get("key"), lambda s: s.put("key", b"x"), lambda s: list(s.list())):
            with pytest.raises(expected) as raised:
                call(store_at(server.endpoint))
            assert type(raised.value) is expected
            assert "s3://bucket/prefix/" in str(raised.value)
            assert SECRET not in f"{raised.value!r}{raised.value.__cause__!r}"


def test_a_server_that_is_gone_is_unavailable_soon(tmp_path: Path) -> None:
    store = store_at(f"http://127.0.0.1:{free_port()}")
    (tmp_path / "film").write_bytes(b"x")
    started = time.monotonic()
    for call in (
        lambda: store.get("key"),
        lambda: store.exists("key"),
        lambda: store.put_if_absent("key", b""),
        lambda: store.upload(tmp_path / "film", "key"),
        lambda: store.download("key", tmp_path / "copy"),
    ):
        with pytest.raises(StorageUnavailable):
            call()
    assert time.monotonic() - started < 15
    assert not (tmp_path / "copy").exists()


def test_a_server_that_never_answers_is_unavailable_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        store = store_at(f"http://127.0.0.1:{listener.getsockname()[1]}", attempts=1, read_timeout_s=0.2)
        with pytest.raises(StorageUnavailable):
            store.get("key")


def test_a_passing_fault_is_not_noticed() -> None:
    with faulty_s3(refusal(503, "SlowDown"), Answer(body=b"whole")) as server:
        assert store_at(server.endpoint).get("key") == b"whole"


def test_an_answer_that_breaks_off_is_asked_for_again() -> None:
    with faulty_s3(Answer(body=b"half", promised=8), Answer(body=b"complete")) as server:
        assert store_at(server.endpoint).get("key") == b"complete"


def test_answers_that_always_break_off_are_unavailable() -> None:
    with faulty_s3(Answer(body=b"half", promised=8)) as server, pytest.raises(StorageUnavailable):
        store_at(server.endpoint).get("key")


def test_an_object_replaced_while_it_is_read_is_noticed() -> None:
    head = Answer(headers={"ETag": '"one"'}, promised=10)
    with faulty_s3(head, refusal(412, "PreconditionFailed")) as server:
        file = store_at(server.endpoint).open("key")
        with pytest.raises(IntegrityError, match="replaced"):
            file.read(4)
        assert server.requests[-1][1]["if-match"] == '"one"'


def _answer_of_writer(server: FaultyS3, writer: str | None) -> None:
    """Have the server remember who wrote first, once it has been asked."""
    first = server.requests[0][1]["x-amz-meta-writer"]
    server.answers[:] = [Answer(headers={"x-amz-meta-writer": writer or first})]


@pytest.mark.parametrize(("writer", "won"), [(None, True), ("somebody-else", False)])
def test_a_create_whose_answer_got_lost_knows_whether_it_won(writer: str | None, won: bool) -> None:
    class Remembering(FaultyS3):
        def next_answer(self) -> Answer:
            if len(self.requests) == 3:
                _answer_of_writer(self, writer)
            return super().next_answer()

    with faulty_s3(Answer(silent=True), refusal(412, "PreconditionFailed"), Answer()) as server:
        server.__class__ = Remembering
        assert store_at(server.endpoint).put_if_absent("key", b"x") is won
        assert [method for method, _ in server.requests] == ["PUT", "PUT", "HEAD"]


def test_a_conflict_between_creators_is_tried_again() -> None:
    with faulty_s3(refusal(409, "ConditionalRequestConflict"), Answer()) as server:
        assert store_at(server.endpoint).put_if_absent("key", b"x")
    with faulty_s3(refusal(409, "ConditionalRequestConflict"), refusal(412, "PreconditionFailed")) as server:
        assert not store_at(server.endpoint).put_if_absent("key", b"x")


def test_conflicts_without_end_are_unavailable() -> None:
    with faulty_s3(refusal(409, "ConditionalRequestConflict")) as server, pytest.raises(StorageUnavailable):
        store_at(server.endpoint).put_if_absent("key", b"x")


def test_a_server_without_create_only_puts_is_looked_at_first() -> None:
    with faulty_s3(refusal(501, "NotImplemented"), Answer()) as server:
        assert not store_at(server.endpoint).put_if_absent("key", b"x")
    with faulty_s3(refusal(501, "NotImplemented"), Answer(404), Answer(200), Answer(200)) as server:
        assert store_at(server.endpoint).put_if_absent("key", b"x")
        assert "if-none-match" not in server.requests[-1][1]


def test_a_store_known_not_to_be_atomic_is_looked_at_first() -> None:
    with faulty_s3(Answer()) as server:
        assert not store_at(server.endpoint, atomic_create=False).put_if_absent("key", b"x")
        assert [method for method, _ in server.requests] == ["HEAD"]


def test_a_server_that_refuses_checksums_gets_none_from_then_on() -> None:
    with faulty_s3(refusal(501, "NotImplemented"), Answer()) as server:
        store = store_at(server.endpoint)
        store.put("a", b"x")
        store.put("b", b"x")
        assert ["x-amz-checksum-crc32" in headers for _, headers in server.requests] == [True, False, False]


def test_missing_credentials_say_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(ConfigError, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        store_at("http://127.0.0.1:9").get("key")


def test_an_unknown_profile_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(ConfigError, match="nobody"):
        store_at("http://127.0.0.1:9")


def test_the_bucket_stands_in_the_path_or_in_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest: resolve("127.0.0.1", *rest))
    with faulty_s3(Answer(body=b"x")) as server:
        endpoint = server.endpoint.replace("127.0.0.1", "s3.example")
        store_at(endpoint, addressing="path").get("key")
        store_at(endpoint, addressing="virtual").get("key")
        hosts = [headers["host"].partition(":")[0] for _, headers in server.requests]
        assert hosts == ["s3.example", "bucket.s3.example"]
