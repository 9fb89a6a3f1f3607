"""docs/configuration.md says of every setting what the code says, and names no setting that there is not."""

from __future__ import annotations

import ast
import inspect
import re
import types
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic.fields import FieldInfo

from jobs import config
from jobs.config import HOME, SECRETS, Settings
from tests.deploy.compose import ROOT

PAGE = (ROOT / "docs/configuration.md").read_text()
OTHERS = {"ATELIER_CONFIG", "ATELIER_HOME", "ATELIER_LOG"}
SIGNS = {"ge": "≥ ", "gt": "> ", "le": "≤ "}


def docstrings() -> dict[str, str]:
    """What jobs/config.py says about each setting."""
    [settings] = [n for n in ast.walk(ast.parse(inspect.getsource(config))) if getattr(n, "name", "") == "Settings"]
    assert isinstance(settings, ast.ClassDef)
    pairs = zip(settings.body, settings.body[1:], strict=False)
    return {
        field.target.id: inspect.cleandoc(doc.value.value).replace("\n", " ")
        for field, doc in pairs
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant) and isinstance(doc.value.value, str)
    }


def default(field: FieldInfo) -> str:
    """A default as it is written in YAML; none is a dash."""
    value = str(field.default).replace(str(HOME), "~/.atelier")
    return "—" if field.default is None else f"`{value}`"


def values(field: FieldInfo) -> str:
    """Which values are taken."""
    limits = [f"{SIGNS[name]}{number:,}" for m in field.metadata for name, number in vars_of(m) if name in SIGNS]
    kinds: list[Any] = [kind for kind in get_args(field.annotation) or [field.annotation] if kind is not types.NoneType]
    if all(isinstance(kind, str) for kind in kinds):
        return ", ".join(f"`{kind}`" for kind in kinds)
    return " ".join([{int: "whole number", float: "number"}.get(kinds[0], "text"), ", ".join(limits)]).strip()


def vars_of(limit: Any) -> list[tuple[str, Any]]:
    """The fields of a pydantic constraint."""
    return [(name, getattr(limit, name)) for name in SIGNS if hasattr(limit, name)]


def row(name: str) -> str:
    """The line of the page's table."""
    field = Settings.model_fields[name]
    where = "only in the environment" if name in SECRETS else f"`{name}`"
    cells = [f"`ATELIER_{name.upper()}`", where, default(field), values(field), docstrings()[name]]
    return f"| {' | '.join(cells)} |"


def test_every_setting_stands_there_as_the_code_has_it() -> None:
    for name in Settings.model_fields:
        assert row(name) in PAGE.splitlines()


def test_no_other_variable_of_ours_stands_there() -> None:
    known = {f"ATELIER_{name.upper()}" for name in Settings.model_fields} | OTHERS
    known |= {f"ATELIER_{name.upper()}_FILE" for name in SECRETS}
    assert set(re.findall(r"ATELIER_[A-Z0-9_]+", PAGE)) == known


def test_the_example_file_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    file = tmp_path / "atelier.yaml"
    file.write_text(example)
    monkeypatch.setenv("ATELIER_CONFIG", str(file))
    assert config.settings().store.startswith("s3://")
