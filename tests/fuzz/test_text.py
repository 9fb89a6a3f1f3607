"""Whatever people or programs write as text is understood, or refused by a sentence of ours."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import HealthCheck, example, given, seed
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from jobs import spec
from jobs.campaigns.book import check_name as campaign_name
from jobs.campaigns.cron import Cron
from jobs.campaigns.occasion import Occasion
from jobs.config import Settings, settings
from jobs.kinds import KINDS, kind
from jobs.kinds.styles import shot_range
from jobs.kinds.values import check_cuts, check_frames, check_rate
from jobs.ledger import Ledger
from jobs.ranges import frame_numbers
from jobs.registry import check_name
from pipeline.errors import AtelierError
from pipeline.film import sequences, timecode
from pipeline.speech.text import clean, pieces, spelled, word_starts
from pipeline.storage import open_store, split_url
from pipeline.storage.keys import check_key, check_prefix
from pipeline.storage.options import StoreOptions
from tests.fuzz.child import TOO_LONG_S
from tests.jobs.making import make_plan

COUNT = int(os.environ.get("FUZZ_COUNT") or 100)
"""Inputs of each test; `make fuzz` wants more."""

each = hypothesis(
    max_examples=COUNT,
    deadline=2000 if COUNT <= 200 else TOO_LONG_S * 1000,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

KEYS = sorted({key for name in KINDS for key in kind(name).spec.model_fields} | {"painting", "encoder", "to", "weight"})
WORDS = st.sampled_from(
    [
        *("film", "artwork", "great-wave", "h264", "1-240", "24000/1001", "none", "true", ".inf", ".nan", "~", "1e400"),
        *("0x", "s3://", "file://", "s3://b/k", "..", "/", "\0", "%04d.png", "####.png", "01:00:00;00", "1:1:1"),
        *("2001-01-01", "*a", "&a", "<<", "!!"),
    ]
)
NUMBERS = st.one_of(st.integers(), st.sampled_from([2**31, 2**63, 2**64, 10**30, -1]), st.floats())
SCALARS = st.one_of(WORDS, st.text(max_size=30), NUMBERS, st.booleans(), st.none(), st.dates(), st.binary(max_size=5))
MAPPED = st.one_of(st.sampled_from(KEYS), WORDS, st.integers(), st.none(), st.dates())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(MAPPED, inner, max_size=4),
    max_leaves=8,
)
FILES = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8)
TEXT = st.one_of(
    WORDS, st.text(max_size=80), st.lists(WORDS | st.text("0123456789-,:;./%#é٣ ", max_size=12)).map("".join)
)


def understood(read: Callable[..., object], *given: Any, refused: type[Exception] = AtelierError) -> None:
    """It is read, or refused by a sentence."""
    with suppress(refused):
        read(*given)


def parsed(text: str) -> None:
    """Read the text as a job file."""
    understood(lambda: spec.parse(text, path="job.yaml", folder=Path("/nowhere")))


@each
@given(st.text(max_size=400))
@example("kind: film\nsize: " + "1:" * 300 + "1.5")
@example("kind: !!timestamp x")
@example("? [a]\n: b")
@example("kind: film\n\ud800: x")
def test_any_text_as_a_job_file(text: str) -> None:
    parsed(text)


@each
@given(
    st.lists(st.sampled_from([*KEYS, ":", " ", "\n", "- ", "[", "]", "{", "}", ",", "'", '"', "|", "film", "1", "? "]))
)
def test_any_punctuation_as_a_job_file(parts: list[str]) -> None:
    parsed("kind: film\n" + "".join(parts))


@each
@given(st.sampled_from(list(KINDS)), FILES)
def test_any_structure_as_a_job_file(name: str, values: dict[str, Any]) -> None:
    parsed(yaml.safe_dump({**values, "kind": name}, allow_unicode=True))


@each
@given(st.dictionaries(st.sampled_from(list(Settings.model_fields)) | st.text(max_size=10), VALUES, max_size=5))
def test_any_structure_as_a_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: Any) -> None:
    path = tmp_path / "atelier.yaml"
    path.write_bytes(yaml.safe_dump(values, encoding="utf-8"))
    monkeypatch.setenv("ATELIER_CONFIG", str(path))
    settings.cache_clear()
    understood(settings)
    settings.cache_clear()


def _redis(text: str) -> None:
    os.environ["ATELIER_REDIS_URL"] = text.replace("\0", "")
    settings.cache_clear()
    try:
        Ledger(settings().authenticated_redis_url()).close()
    finally:
        settings.cache_clear()
        del os.environ["ATELIER_REDIS_URL"]


PARSERS: dict[str, Callable[[str], object]] = {
    "range": lambda text: frame_numbers(text, make_plan()),
    "timecode": lambda text: timecode.shifted(text, 10**6, Fraction(30000, 1001)),
    "slow timecode": lambda text: timecode.shifted(text, -(10**12), Fraction(1, 7)),
    "sequence": lambda text: sequences.numbered(text, ["a.1.png", "a.2.png", text], where="x"),
    "order of names": lambda text: sequences.natural_order(text[:1024]),
    "placeholder": sequences.is_pattern,
    "address": split_url,
    "store": lambda text: open_store(text, StoreOptions(endpoint_url="http://127.0.0.1:1")),
    "endpoint": lambda text: StoreOptions(endpoint_url=text),
    "key": check_key,
    "prefix": check_prefix,
    "style's name": check_name,
    "campaign's name": campaign_name,
    "what is said": lambda text: [pieces(said := clean(text), "en", 40), spelled(said, "fr"), word_starts(said, "th")],
}
"""What is read → how. Each raises AtelierError for what it does not understand."""

CHECKS: dict[str, Callable[[Any], object]] = {
    "frames": check_frames,
    "fps": check_rate,
    "shot": lambda value: shot_range(str(value)),
    "cuts": check_cuts,
    "output": lambda value: Occasion("autumn", "2026-12-07", "0600").fill(str(value)),
}
"""Checks of one key of a job file: they raise ValueError, which becomes the sentence at its line."""


@pytest.mark.parametrize("what", PARSERS)
@each
@seed(1)
@given(TEXT)
@example("9" * 5000)
@example("1-" + "9" * 5000)
@example("%0999999999d.png")
@example("%0" + "9" * 5000 + "d.png")
@example("#" * 5000 + ".png")
@example("\ud800")
@example("²-³")
@example("00:00:00;00")
@example("~0")
def test_any_text_as_a_word_of_ours(what: str, text: str) -> None:
    understood(PARSERS[what], text)


@pytest.mark.parametrize("what", CHECKS)
@each
@given(st.one_of(TEXT, NUMBERS, VALUES))
@example("9" * 5000)
@example("1/0")
@example("1e999999999")
def test_any_value_of_a_key(what: str, value: Any) -> None:
    understood(CHECKS[what], value, refused=ValueError)


FIELDS = st.lists(
    st.one_of(
        st.sampled_from(["*", "*/5", "L", "LW", "5L", "fri#2", "0", "1-5", "31", "60", "mon", "jan-mar", "?", "1/0"]),
        st.text("0123456789*/-,#LWmonfeb", min_size=1, max_size=6),
    ),
    min_size=4,
    max_size=6,
).map(" ".join)


@each
@given(FIELDS | TEXT)
@example("0 0 * 2 mon#5")
@example("0 0 31 2 mon#5")
@example("1/1/1/1 * * * *")
@example("9" * 150 + " * * * *")
def test_any_text_as_a_cron(text: str) -> None:
    def times() -> None:
        found = list(islice(Cron(text).after(datetime(2027, 3, 27, tzinfo=UTC), ZoneInfo("Europe/Berlin")), 5))
        assert found == sorted(set(found))

    understood(times, refused=ValueError)


@each
@given(st.one_of(TEXT, st.builds("{}://{}".format, st.sampled_from(["redis", "rediss", "unix"]), TEXT)))
@example("redis://host:6379/0?socket_timeout=x")
@example("redis://host:6379/0?db=x")
@example("redis://h\u2100st/0")
@example("redis://[::1/0")
@example("redis://host/" + "9" * 5000)
def test_any_address_of_a_redis(text: str) -> None:
    # The environment itself takes no lone surrogates.
    with suppress(UnicodeEncodeError):
        understood(_redis, text)
