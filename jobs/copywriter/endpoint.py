"""The endpoint that writes: one question to `/chat/completions` as OpenAI's servers and their likes take it.

It asks again where that may help, and says in one sentence what to do where it does not. Its key is shown nowhere, not
even where the server repeats it.
"""

from __future__ import annotations

import json
import logging
import random
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from jobs.config import Settings
from jobs.copywriter.letters import cleaned
from jobs.copywriter.request import schema
from pipeline.addresses import shown
from pipeline.errors import AccessDenied, ConfigError, InputError, ServiceUnavailable
from pipeline.post import Answer, post

log = logging.getLogger(__name__)

_MOST_BYTES = 1_000_000
"""Of an answer."""

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 60.0
"""A server that wants to be left alone for longer is asked another day."""

_LATER = {408, 409, 425, 429}
"""Besides all from 500 on."""

_SAID = 200
"""Characters of a server's own words that are repeated."""


@dataclass(frozen=True)
class Said:
    """What the model said."""

    content: str
    is_cut: bool
    """Whether it ran out of the length that it may have."""


class _Later(Exception):
    """It may answer another time."""

    def __init__(self, reason: str, *, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Endpoint:
    """An OpenAI-compatible server and a model of it. Safe among threads."""

    def __init__(self, config: Settings) -> None:
        """Raises: ConfigError if the settings name no server, or no model."""
        if config.copy_url is None or config.copy_model is None:
            missing = "COPY_URL" if config.copy_url is None else "COPY_MODEL"
            raise ConfigError(f"no endpoint writes copy: set ATELIER_{missing}, as docs/copy.md says")
        self._config = config
        self._url = f"{config.copy_url}/chat/completions"
        self._key = config.copy_key.get_secret_value() if config.copy_key else ""
        self._over = threading.Event()

    def stop(self) -> None:
        """Ask nothing again: somebody else's question has failed."""
        self._over.set()

    def ask(self, messages: list[dict[str, str]], names: list[str], *, seed: int) -> Said:
        """The model's answer, which should be JSON of these names.

        Raises: AccessDenied, ConfigError, InputError if asking again cannot help; ServiceUnavailable if it did not.
        """
        body = json.dumps(self._question(messages, names, seed)).encode()
        for attempt in range(self._config.copy_retries + 1):
            if self._over.is_set():
                raise ServiceUnavailable(f"{self._where}: is not asked any more, for another question failed")
            try:
                return self._once(body)
            except _Later as later:
                self._wait(later, attempt)
        raise AssertionError("the last one waits no more, and raises")

    def _wait(self, later: _Later, attempt: int) -> None:
        """Wait before asking again. Raises: ServiceUnavailable instead, after the last time or if it is too long."""
        pause_s = later.after_s
        if pause_s is None:
            pause_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt) * random.uniform(0.5, 1)
        if pause_s > _LONGEST_PAUSE_S:
            raise ServiceUnavailable(f"{later}, and wants to be asked again in {pause_s:,.0f} s; try then") from later
        if attempt >= self._config.copy_retries or self._over.is_set():
            times = "once" if attempt == 0 else f"{attempt + 1} times"
            raise ServiceUnavailable(f"{later}; it was asked {times}; what was answered is kept, try again") from later
        log.info("%s; asked again in %.1f s", later, pause_s)
        self._over.wait(pause_s)

    def _question(self, messages: list[dict[str, str]], names: list[str], seed: int) -> dict[str, Any]:
        formats: dict[str, dict[str, Any]] = {
            "schema": {
                "type": "json_schema",
                "json_schema": {"name": "texts", "strict": True, "schema": schema(names)},
            },
            "object": {"type": "json_object"},
        }
        question: dict[str, Any] = {"model": self._config.copy_model, "messages": messages, "seed": seed}
        if self._config.copy_format in formats:
            question["response_format"] = formats[self._config.copy_format]
        return question

    def _once(self, body: bytes) -> Said:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            answer = post(self._url, body, headers, timeout_s=self._config.copy_timeout_s, most_bytes=_MOST_BYTES)
        except ServiceUnavailable as error:
            raise _Later(str(error)) from error
        if answer.status != 200:
            raise self._refused(answer)
        return self._read(answer)

    def _read(self, answer: Answer) -> Said:
        """What the answer carries. Raises: _Later if it is none."""
        if not answer.is_whole:
            raise _Later(f"{self._where}: the endpoint answers with more than {_MOST_BYTES:,} bytes")
        try:
            choice = json.loads(answer.body)["choices"][0]
            content = choice["message"]["content"]
            reason = choice.get("finish_reason")
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            what = f"{self._where}: the endpoint's answer is no chat completion in JSON"
            raise _Later(f"{what}; does ATELIER_COPY_URL end with /v1?") from error
        # A model that refuses says so beside its content, which is empty then.
        return Said(content if isinstance(content, str) else "", is_cut=reason == "length")

    def _refused(self, answer: Answer) -> Exception:
        """What an answer other than 200 means."""
        said = self._words(answer)
        status = answer.status
        what = f"{self._where}: the endpoint answers {status}{said}"
        if status in (401, 403):
            advice = (
                "put its key into ATELIER_COPY_KEY" if not self._key else "it takes no such key as ATELIER_COPY_KEY"
            )
            return AccessDenied(f"{what}; {advice}")
        if status in _LATER or status >= 500:
            return _Later(what, after_s=_after(answer.headers.get("Retry-After")))
        if status == 404:
            return ConfigError(f"{what}; check ATELIER_COPY_URL and ATELIER_COPY_MODEL ({self._config.copy_model})")
        if 300 <= status < 400:
            return ConfigError(f"{what}; redirects are not followed, so write into ATELIER_COPY_URL where it leads")
        advice = "where it knows no response_format, set ATELIER_COPY_FORMAT to object or text"
        return InputError(f"{what}; {advice}")

    def _words(self, answer: Answer) -> str:
        """The server's own words, where it has any: one line, without the key."""
        try:
            body = json.loads(answer.body)
            error = body.get("error", body.get("message", body.get("detail")))
            words = error.get("message") if isinstance(error, dict) else error
        except (ValueError, AttributeError, RecursionError):
            return ""
        if not isinstance(words, str) or not words.strip():
            return ""
        if self._key:
            words = words.replace(self._key, "…")
        return f" ({cleaned(words)[:_SAID]})"

    @property
    def _where(self) -> str:
        return shown(self._url)


def _after(said: str | None) -> float | None:
    """Seconds until a server wants to be asked again: a number or a date; None if it does not say."""
    if not said:
        return None
    if said.strip().isdecimal():
        return float(said.strip()[:9])
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
