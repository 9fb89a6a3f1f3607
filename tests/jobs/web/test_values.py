"""What a job file holds, for the form beside it."""

from __future__ import annotations

import httpx
import pytest


def test_values_stand_as_they_were_written(viewer: httpx.Client) -> None:
    file = "kind: film\nshots: {2: great-wave}\nschedule: {start: 2026-12-01}\nstrenght: .inf # misspelt\n"
    answer = viewer.post("/api/v1/values", json={"file": file})
    assert answer.json() == {
        "values": {
            "kind": "film",
            "shots": {"2": "great-wave"},
            "schedule": {"start": "2026-12-01"},
            "strenght": "inf",
        }
    }


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("kind: [", "this is no YAML: line 2"),
        ("a: &x [1]\nb: *x", "line 2: aliases (*x) are not used in job files"),
        ("", "a job file is a list of `key: value`"),
        ("- film", "a job file is a list of `key: value`"),
        ("1: 2", "a job file is a list of `key: value`"),
    ],
)
def test_what_holds_no_values_is_told_so(viewer: httpx.Client, file: str, says: str) -> None:
    answer = viewer.post("/api/v1/values", json={"file": file})
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


def test_bytes_and_sets_are_shown_as_text(viewer: httpx.Client) -> None:
    answer = viewer.post("/api/v1/values", json={"file": "a: !!binary /w==\nb: !!set {1, 2}"})
    assert answer.json()["values"] == {"a": "b'\\xff'", "b": [1, 2]}
