"""docs/commands.md has every command and option; no page has one that there is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from jobs.cli import guard
from jobs.cli.app import app
from tests.docs.pages import PAGES, ROOT, code, name

GROUP: Any = typer.main.get_command(app)


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its full name; groups that do something on their own are among them."""
    for word, command in group.commands.items():
        inner = getattr(command, "commands", None)
        if inner is None or command.invoke_without_command:
            yield f"{before}{word}", command
        if inner is not None:
            yield from commands(command, f"{before}{word} ")


COMMANDS: dict[str, Any] = dict(commands(GROUP))
PAGE = (ROOT / "docs/commands.md").read_text(encoding="utf-8")


def options(command: Any) -> set[str]:
    """The long options of a command."""
    return {word for parameter in command.params for word in parameter.opts if word.startswith("--")} | {"--help"}


def section(command: str) -> str:
    """What the page says about a command."""
    found = re.search(rf"^### `atelier {command}\b(?! [a-z]).*?(?=^##)", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert found, f"docs/commands.md has no section for {command}"
    return found[0]


def named(words: str) -> str:
    """The command at the beginning of the words; one word if there is none."""
    first, *others = words.split()
    longer = f"{first} {others[0]}" if others else first
    return longer if longer in COMMANDS else first


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
        command = named(words)
        assert command in COMMANDS or command == "COMMAND", words
        if command in COMMANDS:
            assert set(re.findall(r"--[a-z-]+", words)) <= options(COMMANDS[command]), words


def test_the_readme_lists_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `atelier ([a-z]+)", readme, flags=re.MULTILINE)) == set(GROUP.commands)


def test_every_exit_code_is_told() -> None:
    told = {int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, flags=re.MULTILINE)}
    assert told == {guard.OK, guard.JOB_FAILED, guard.BAD_INPUT, guard.UNAVAILABLE, guard.BUG, guard.INTERRUPTED}
