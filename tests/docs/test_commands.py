"""docs/commands.md has every command and option; no page has one that there is not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from jobs.cli import guard
from jobs.cli.app import app
from tests.docs.pages import PAGES, ROOT, code, name

GROUP: Any = typer.main.get_command(app)
COMMANDS: dict[str, Any] = GROUP.commands
PAGE = (ROOT / "docs/commands.md").read_text(encoding="utf-8")


def options(command: Any) -> set[str]:
    """The long options of a command."""
    return {word for parameter in command.params for word in parameter.opts if word.startswith("--")} | {"--help"}


def section(command: str) -> str:
    """What the page says about a command."""
    found = re.search(rf"^### `atelier {command}\b.*?(?=^##)", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert found, f"docs/commands.md has no section for {command}"
    return found[0]


def typed(page: Path) -> list[str]:
    """What follows `atelier` wherever a page types it, up to the end of the line or a comment."""
    return re.findall(r"(?:^|[\s$`/])atelier ((?:[a-z]|--)[^\n`|#]*)", code(page), flags=re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_section_with_its_options_and_an_example(command: str) -> None:
    text = section(command)
    assert f"$ atelier {command}" in text
    for option in options(COMMANDS[command]) - {"--help"}:
        assert option in text


def test_every_option_of_the_whole_has_its_word() -> None:
    for option in options(GROUP):
        assert option in PAGE


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_typed_command_exists(page: Path) -> None:
    for words in typed(page):
        if words.startswith("--"):
            assert words.split()[0] in options(GROUP)
            continue
        command = words.split()[0]
        assert command in COMMANDS or command == "COMMAND", words
        if command in COMMANDS:
            assert set(re.findall(r"--[a-z-]+", words)) <= options(COMMANDS[command]), words


def test_the_readme_lists_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `atelier ([a-z]+)", readme, flags=re.MULTILINE)) == set(COMMANDS)


def test_every_exit_code_is_told() -> None:
    told = {int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, flags=re.MULTILINE)}
    assert told == {guard.OK, guard.JOB_FAILED, guard.BAD_INPUT, guard.UNAVAILABLE, guard.BUG, guard.INTERRUPTED}
