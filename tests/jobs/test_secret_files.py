"""A secret may lie in a file that the environment names; what is wrong with it is one sentence that keeps it secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobs.config import SECRETS, settings
from jobs.secret_files import LONGEST, variable_of
from pipeline.errors import ConfigError

PASSWORD = "hunter2-is-long-enough"
CONTENTS = {"web_tokens": f"operator ann {PASSWORD}\nviewer prometheus {PASSWORD[::-1]}"}
"""What is in the file, where it is not just a password."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of Redis' password, as the environment names it."""
    path = tmp_path / "secret"
    path.write_text(PASSWORD)
    monkeypatch.setenv("ATELIER_REDIS_PASSWORD_FILE", str(path))
    return path


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_lie_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    content = CONTENTS.get(name, PASSWORD)
    (tmp_path / "secret").write_text(f"\n{content} \n")
    monkeypatch.setenv(f"{variable_of(name)}_FILE", str(tmp_path / "secret"))
    assert getattr(settings(), name).get_secret_value() == content


def test_only_secrets_have_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "window").write_text("7")
    monkeypatch.setenv("ATELIER_WINDOW_FILE", str(tmp_path / "window"))
    assert settings().window == 2


def test_an_empty_variable_names_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_REDIS_PASSWORD_FILE", "")
    assert settings().redis_password is None


def test_an_empty_secret_is_none_beside_a_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_REDIS_PASSWORD", "")
    assert settings().redis_password is not None


def test_a_secret_given_twice_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_REDIS_PASSWORD", "another")
    with pytest.raises(ConfigError, match="ATELIER_REDIS_PASSWORD is set as well; take one of the two") as caught:
        settings()
    assert "another" not in str(caught.value)


def test_a_missing_file_is_named(file: Path) -> None:
    file.unlink()
    with pytest.raises(ConfigError, match=f"ATELIER_REDIS_PASSWORD_FILE: {file}: cannot be read: No such file"):
        settings()


def test_a_folder_is_no_secret(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_REDIS_PASSWORD_FILE", str(file.parent))
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        settings()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b" \n", "is empty"), (PASSWORD.encode("utf-16"), "is no text"), (b"x" * (LONGEST + 1), "has more than 65,536")],
)
def test_what_is_no_secret_is_refused_and_not_repeated(file: Path, content: bytes, said: str) -> None:
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=f"ATELIER_REDIS_PASSWORD_FILE: {file}: {said}") as caught:
        settings()
    assert "xxx" not in str(caught.value)


def test_a_secret_that_could_be_guessed_names_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("short")
    (tmp_path / "atelier.yaml").write_text("window: 3\n")
    monkeypatch.setenv("ATELIER_CONFIG", str(tmp_path / "atelier.yaml"))
    monkeypatch.setenv("ATELIER_WEBHOOK_SECRET_FILE", str(tmp_path / "secret"))
    with pytest.raises(ConfigError, match=r"^ATELIER_WEBHOOK_SECRET_FILE: a secret of fewer than 16") as caught:
        settings()
    assert "short" not in str(caught.value)


def test_a_settings_file_names_no_secret_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "atelier.yaml").write_text("redis_password_file: /run/secrets/redis\n")
    monkeypatch.setenv("ATELIER_CONFIG", str(tmp_path / "atelier.yaml"))
    with pytest.raises(ConfigError, match="name the file in the environment, as ATELIER_REDIS_PASSWORD_FILE"):
        settings()


def test_a_secret_of_a_file_is_shown_by_nothing(file: Path) -> None:
    shown = f"{settings()} {settings()!r} {settings().model_dump_json()} {dict(os.environ)}"
    assert PASSWORD not in shown
