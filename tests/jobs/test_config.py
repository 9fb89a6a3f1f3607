"""Settings: environment, then file, then defaults; secrets from the environment only."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from jobs.config import Settings, config_file, settings
from pipeline.errors import ConfigError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file that the environment names."""
    path = tmp_path / "atelier.yaml"
    path.write_text("")
    monkeypatch.setenv("ATELIER_CONFIG", str(path))
    return path


def test_defaults_need_nothing() -> None:
    assert config_file() is None
    assert (settings().redis_url, settings().window, settings().max_attempts) == (None, 2, 3)


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_CHUNK_FRAMES", "24")
    monkeypatch.setenv("ATELIER_STORE", "s3://films/jobs")
    monkeypatch.setenv("ATELIER_DEVICE", "")
    assert (settings().chunk_frames, settings().store, settings().device) == (24, "s3://films/jobs", "auto")


def test_environment_outranks_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("window: 5\nbatch: 4\n")
    monkeypatch.setenv("ATELIER_WINDOW", "7")
    assert (settings().window, settings().batch) == (7, 4)


def test_usual_file_is_found(tmp_path: Path) -> None:
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "atelier.yaml").write_text("window: 9\n")
    assert settings().window == 9


def test_empty_file_is_all_defaults(file: Path) -> None:
    file.write_text("# nothing yet\n")
    assert settings() == Settings()


def test_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings()
    monkeypatch.setenv("ATELIER_WINDOW", "7")
    assert settings() is before


def test_unknown_name_in_the_file_names_the_nearest(file: Path) -> None:
    file.write_text("chunk_frame: 5\n")
    with pytest.raises(ConfigError, match=r"atelier.yaml: chunk_frame: no such setting; did you mean chunk_frames"):
        settings()


def test_every_wrong_setting_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("batch: -1\n")
    monkeypatch.setenv("ATELIER_WINDOW", "0")
    with pytest.raises(ConfigError) as caught:
        settings()
    assert "ATELIER_WINDOW: '0' is not right; write a whole number of at least 1" in str(caught.value)
    assert f"{file}: batch: -1 is not right; write a whole number of at least 0" in str(caught.value)


def numbers(kind: type) -> list[str]:
    return [name for name, field in Settings.model_fields.items() if field.annotation is kind]


@pytest.mark.parametrize("name", numbers(int))
@pytest.mark.parametrize("value", ["x", "1.5", "-1", "x" * 5000, "9" * 5000])
def test_wrong_whole_number_says_what_is_right(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"ATELIER_{name.upper()}", value)
    with pytest.raises(ConfigError) as caught:
        settings()
    right = r"'\S+' is not right; write a whole number of at least [0-9]+(, up to [0-9,]+)?"
    assert re.fullmatch(f"ATELIER_{name.upper()}: {right}", str(caught.value))


@pytest.mark.parametrize("name", numbers(float))
@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e30", "1e400", "long"])
def test_endless_number_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"ATELIER_{name.upper()}", value)
    with pytest.raises(ConfigError, match=rf"ATELIER_{name.upper()}: '{value}' is not right; write a number .*, up to"):
        settings()


def test_word_that_is_no_choice_names_the_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_PRECISION", "double")
    with pytest.raises(ConfigError, match="'double' is not right; write auto, float32, bfloat16 or float16"):
        settings()


@pytest.mark.parametrize(
    "text",
    ["redis_password: hunter2\n", "redis_url: redis://:hunter2@host/0\n", "redis_url: redis://host?password=hunter2\n"],
)
def test_secrets_in_the_file_are_refused_and_not_repeated(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError, match="ATELIER_REDIS_PASSWORD") as caught:
        settings()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("value", ["[redis://:hunter2@host/0]", "{redis://host: hunter2}"])
def test_address_that_is_no_text_is_not_repeated(file: Path, value: str) -> None:
    file.write_text(f"redis_url: {value}\n")
    with pytest.raises(ConfigError, match="redis_url: is no text; write one value") as caught:
        settings()
    assert "hunter2" not in str(caught.value)


def test_user_name_in_the_file_is_no_secret(file: Path) -> None:
    file.write_text("redis_url: redis://me@host:6379/0\n")
    assert settings().redis_url == "redis://me@host:6379/0"


@pytest.mark.parametrize(
    "url",
    [
        "localhost:6379",
        "localhost",
        "http://host:6379/0",
        "redis://host:notaport",
        "redis://host:99999",
        "redis://",
        "redis://host/jobs",
        "redis://[::1",
        "unix://",
        "unix://run/redis.sock",
    ],
)
def test_wrong_redis_address_says_what_is_right(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ATELIER_REDIS_URL", url)
    with pytest.raises(ConfigError) as caught:
        settings()
    assert str(caught.value) == (
        "ATELIER_REDIS_URL: it is no address of a Redis; write redis://host:6379/0, or unix:///path.sock"
    )


@pytest.mark.parametrize(
    "url", ["redis://host", "redis://host:6379/", "rediss://me@[::1]:6380/2", "unix:///run/r?db=1"]
)
def test_right_redis_addresses_are_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ATELIER_REDIS_URL", url)
    assert settings().redis_url == url


@pytest.mark.parametrize(
    "url",
    [
        "redis://:hunter2@host:notaport",
        "redis://h:6379/0?password=hunter2&foo=1",
        "http://h/?password=hunter2",
        "redis:hunter2",
    ],
)
def test_wrong_address_with_a_password_is_not_repeated(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ATELIER_REDIS_URL", url)
    with pytest.raises(ConfigError, match="ATELIER_REDIS_URL: it is no address") as caught:
        settings()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("store", ["s3://AKIAX:hunter2@bucket/p", "S3://hunter2@bucket", "https://me:hunter2@host/p"])
def test_store_with_credentials_in_it_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, store: str) -> None:
    monkeypatch.setenv("ATELIER_STORE", store)
    with pytest.raises(ConfigError, match="ATELIER_STORE: ") as caught:
        settings()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(("said", "meant"), [("", "~/.atelier"), ("~/x", "~/x"), ("here", "{cwd}/here")])
def test_home_is_absolute_and_empty_is_unset(tmp_path: Path, said: str, meant: str) -> None:
    environment = os.environ | {"ATELIER_HOME": said, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from jobs.config import HOME; print(HOME)"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == os.path.expanduser(meant.format(cwd=tmp_path))


def test_log_level_is_checked_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_LOG", "verbose")
    with pytest.raises(ConfigError, match="ATELIER_LOG: 'verbose' is no level"):
        settings()


@pytest.mark.parametrize("text", ["[", "just words", "- a\n", "a: b: c\n"])
def test_file_that_holds_no_settings_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError, match=str(file)):
        settings()


def test_missing_file_is_named(file: Path) -> None:
    file.unlink()
    with pytest.raises(ConfigError, match=f"{file}: cannot be read"):
        settings()


@pytest.mark.parametrize(
    ("url", "merged"),
    [
        ("redis://host:6379/0", "redis://:p%40ss%2Fword@host:6379/0"),
        ("rediss://ann@host/1", "rediss://ann:p%40ss%2Fword@host/1"),
        ("unix:///run/redis.sock", "unix://:p%40ss%2Fword@/run/redis.sock"),
    ],
)
def test_password_is_merged_into_the_address(monkeypatch: pytest.MonkeyPatch, url: str, merged: str) -> None:
    monkeypatch.setenv("ATELIER_REDIS_PASSWORD", "p@ss/word")
    config = Settings(redis_url=url)
    assert config.authenticated_redis_url() == merged
    assert unquote(str(urlsplit(merged).password)) == "p@ss/word"


def test_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_REDIS_PASSWORD", "hunter2")
    monkeypatch.setenv("ATELIER_REDIS_URL", "redis://host/0")
    shown = f"{settings()} {settings()!r} {settings().model_dump()} {settings().model_dump_json()}"
    assert "hunter2" not in shown
    assert "hunter2" in settings().authenticated_redis_url()


def test_no_redis_says_what_to_do() -> None:
    with pytest.raises(ConfigError, match="no Redis is configured: set ATELIER_REDIS_URL"):
        settings().authenticated_redis_url()


def test_store_options_follow_the_settings() -> None:
    options = Settings(s3_endpoint="http://here:1", s3_addressing="path", s3_threads=3).store_options()
    assert (options.endpoint_url, options.addressing, options.threads) == ("http://here:1", "path", 3)


def test_every_setting_explains_itself() -> None:
    source = Path(__file__).parents[2].joinpath("jobs", "config.py").read_text().splitlines()
    for name in Settings.model_fields:
        [line] = [number for number, text in enumerate(source) if text.startswith(f"    {name}: ")]
        assert source[line + 1].strip().startswith('"""'), name
