"""A training's state in a folder: in parts, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.training import state


def test_a_state_is_kept_in_parts_and_the_earlier_one_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "_PART_BYTES", 1000)
    for iteration in (3, 12):
        state.keep_state(tmp_path, {"iteration": iteration, "weights": torch.arange(1000.0) * iteration})
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[0] == "state-0000012.0"
    assert len(names) > 3
    assert max(path.stat().st_size for path in tmp_path.glob("state-*")) <= 1000
    kept = state.kept_state(tmp_path)
    assert kept is not None
    assert kept["iteration"] == 12
    assert torch.equal(kept["weights"], torch.arange(1000.0) * 12)


def test_without_a_state_there_is_none(tmp_path: Path) -> None:
    assert state.kept_state(tmp_path) is None


@pytest.mark.parametrize("harm", ["remove", "change", "index"])
def test_a_damaged_state_is_refused_by_name(tmp_path: Path, harm: str) -> None:
    state.keep_state(tmp_path, {"iteration": 1, "weights": torch.zeros(3)})
    part = tmp_path / "state-0000001.0"
    match harm:
        case "remove":
            part.unlink()
        case "change":
            part.write_bytes(part.read_bytes()[:-1] + b"x")
        case "index":
            (tmp_path / "state.json").write_text('{"files": 1}')
    with pytest.raises(ModelError, match=r"state\.json: is no whole state of a training"):
        state.kept_state(tmp_path)
