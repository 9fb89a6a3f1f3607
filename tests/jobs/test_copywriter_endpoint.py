"""An endpoint on bad days: each ends in one clear sentence, in bounded time, and the key is in none of them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from jobs import config as configuration
from jobs.config import Settings
from jobs.copywriter import Copy, CopyRequest, endpoint, write
from jobs.desk import Desk
from jobs.truth import Truth
from pipeline.errors import AccessDenied, AtelierError, ConfigError, InputError, ServiceUnavailable
from tests.jobs.model_server import Reply, model, refusing, say, send
from tests.processes import free_port

RIGHT = {"headline": "Portraits of nobody"}
COPY = Copy.model_validate({"brief": "An exhibition", "texts": {"headline": {"most_letters": 28}}})
KEY = "sk-very-secret-indeed"


@pytest.fixture(autouse=True)
def _without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "_FIRST_PAUSE_S", 0.01)


def asked(truth: Truth, *replies: Reply, **changes: Any) -> tuple[dict[str, str], int]:
    """The texts, and how often the endpoint was asked."""
    with model(*replies) as server:
        return _write(truth, copy_url=server.url, **changes), len(server.asked)


def _write(truth: Truth, **changes: Any) -> dict[str, str]:
    keys = {"copy_model": "small", "copy_key": KEY, "copy_timeout_s": 5, "copy_retries": 1, "copy_threads": 1}
    return write([CopyRequest("all", "en")], COPY, Desk(Settings(**keys | changes), truth, may_ask=True))["all/en"]


def sentence(truth: Truth, kind: type[AtelierError], *replies: Reply, **changes: Any) -> str:
    """What is said of an endpoint that gives these replies."""
    with pytest.raises(kind) as caught:
        asked(truth, *replies, **changes)
    said = str(caught.value)
    assert KEY not in said
    assert "\n" not in said
    return said.partition("/v1/chat/completions: ")[2]


def _hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(2)


def _drip(handler: BaseHTTPRequestHandler) -> None:
    for letter in b"HTTP/1.1 200 OK\r\nX-Patience: " + b"z" * 60:
        handler.wfile.write(bytes([letter]))
        time.sleep(0.05)


@pytest.mark.parametrize("reply", [_hang, _drip])
def test_an_endpoint_that_hangs_or_drips_costs_its_timeout_and_no_more(truth: Truth, reply: Reply) -> None:
    began = time.monotonic()
    said = sentence(truth, ServiceUnavailable, reply, copy_timeout_s=0.3)
    assert time.monotonic() - began < 1.5
    assert said == "no answer came within 0.3 s; it was asked 2 times; what was answered is kept, try again"


def test_nobody_who_listens_is_said_so(truth: Truth) -> None:
    with pytest.raises(ServiceUnavailable, match=r"/chat/completions: nobody listens there; it was asked 2 times"):
        _write(truth, copy_url=f"http://127.0.0.1:{free_port()}/v1")


def test_a_key_that_is_refused_is_not_tried_again_and_not_shown(truth: Truth) -> None:
    said = sentence(truth, AccessDenied, refusing(401, f"Incorrect API key provided: {KEY}. You can\nfind it"))
    assert said.startswith(
        "the endpoint answers 401 (Incorrect API key provided: …. You can find it); it takes no such"
    )


def test_a_key_that_is_missing_is_asked_for(truth: Truth) -> None:
    assert sentence(truth, AccessDenied, refusing(403), copy_key=None).endswith("put its key into ATELIER_COPY_KEY")


def test_the_key_goes_to_the_endpoint(truth: Truth) -> None:
    with model(RIGHT) as server:
        _write(truth, copy_url=server.url)
    assert server.keys == [f"Bearer {KEY}"]


def test_without_a_key_none_is_sent(truth: Truth) -> None:
    with model(RIGHT) as server:
        _write(truth, copy_url=server.url, copy_key=None)
    assert server.keys == [None]


def test_an_endpoint_that_has_too_much_to_do_is_asked_when_it_says(truth: Truth) -> None:
    began = time.monotonic()
    assert asked(truth, refusing(429, "slow down", headers=[("Retry-After", "1")]), RIGHT) == (RIGHT, 2)
    assert 1 <= time.monotonic() - began < 3


def test_an_endpoint_that_wants_to_be_left_alone_for_long_is_not_waited_for(truth: Truth) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=599), usegmt=True)
    for when in ("600", moment):
        said = sentence(truth, ServiceUnavailable, refusing(429, "quota", headers=[("Retry-After", when)]))
        assert (
            said.startswith("the endpoint answers 429 (quota), and wants to be asked again in 59") or "in 600 s" in said
        )


def test_an_endpoint_that_fails_for_a_moment_is_asked_again(truth: Truth) -> None:
    assert asked(truth, refusing(500), refusing(503), RIGHT, copy_retries=2) == (RIGHT, 3)


def test_an_endpoint_that_keeps_failing_is_given_up(truth: Truth) -> None:
    said = sentence(truth, ServiceUnavailable, refusing(500, "out of memory"), copy_retries=2)
    assert said == (
        "the endpoint answers 500 (out of memory); it was asked 3 times; what was answered is kept, try again"
    )


@pytest.mark.parametrize(
    "body", ["<html>Welcome</html>", "{}", '{"choices": []}', '{"choices": [3]}', "[]", "[" * 9999]
)
def test_what_is_no_chat_completion_is_said_so(truth: Truth, body: str) -> None:
    said = sentence(truth, ServiceUnavailable, lambda handler: send(handler, 200, body), copy_retries=0)
    assert said.startswith("the endpoint's answer is no chat completion in JSON; does ATELIER_COPY_URL end with /v1?")


def test_an_answer_that_breaks_off_is_asked_for_again(truth: Truth) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        send(handler, 200, '{"choices": [{"message": {"content": "{}"}}]}', cut=9)

    assert asked(truth, cut, RIGHT) == (RIGHT, 2)
    assert sentence(Truth(truth.store), ServiceUnavailable, cut, copy_model="other").startswith("the answer broke off;")


def test_an_answer_without_end_is_not_read_to_its_end(truth: Truth) -> None:
    said = sentence(truth, ServiceUnavailable, lambda handler: say(handler, "x" * 2_000_000), copy_retries=0)
    assert said.startswith("the endpoint answers with more than 1,000,000 bytes")


def test_a_refusal_is_an_answer_without_texts(truth: Truth) -> None:
    def refuse(handler: BaseHTTPRequestHandler) -> None:
        send(handler, 200, '{"choices": [{"message": {"content": null, "refusal": "I cannot"}}]}')

    assert asked(truth, refuse, RIGHT) == (RIGHT, 2)


def test_a_redirect_is_not_followed(truth: Truth) -> None:
    with model(RIGHT) as other:
        said = sentence(truth, ConfigError, refusing(307, headers=[("Location", f"{other.url}/chat/completions")]))
        assert other.asked == []
    assert said == "the endpoint answers 307; redirects are not followed, so write into ATELIER_COPY_URL where it leads"


def test_a_model_that_is_unknown_is_named(truth: Truth) -> None:
    said = sentence(truth, ConfigError, refusing(404, "model 'small' not found"))
    assert said.endswith("check ATELIER_COPY_URL and ATELIER_COPY_MODEL (small)")


def test_a_question_that_is_refused_says_what_may_help(truth: Truth) -> None:
    said = sentence(truth, InputError, refusing(400, "response_format is not supported"))
    assert said.endswith("where it knows no response_format, set ATELIER_COPY_FORMAT to object or text")


def test_after_one_failure_nothing_more_is_asked(truth: Truth) -> None:
    with model(refusing(401)) as server:
        desk = Desk(Settings(copy_url=server.url, copy_model="small", copy_threads=1), truth, may_ask=True)
        with pytest.raises(AccessDenied):
            write([CopyRequest(f"{number}", "en") for number in range(50)], COPY, desk)
    assert len(server.asked) <= 2


# Settings


def test_an_endpoint_needs_a_model(truth: Truth) -> None:
    with pytest.raises(ConfigError, match="set ATELIER_COPY_MODEL"):
        _write(truth, copy_url="http://localhost:1/v1", copy_model=None)


@pytest.mark.parametrize(
    "url", ["localhost:1234", "ftp://host/v1", "http://", "http://me:secret@host/v1", "http://host/v1?key=secret"]
)
def test_an_endpoint_is_an_address_of_the_web_without_secrets(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_COPY_URL", url)
    with pytest.raises(ConfigError, match="ATELIER_COPY_URL: ") as caught:
        configuration.settings()
    assert "secret" not in str(caught.value)


def test_the_key_is_in_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "atelier.yaml").write_text(f"copy_key: {KEY}\n")
    monkeypatch.setenv("ATELIER_CONFIG", str(tmp_path / "atelier.yaml"))
    with pytest.raises(ConfigError, match="copy_key is a secret; put it into the environment as ATELIER_COPY_KEY"):
        configuration.settings()
