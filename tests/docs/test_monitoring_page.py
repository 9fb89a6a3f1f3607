"""docs/monitoring.md has every metric, alert and span as the code has them."""

from __future__ import annotations

import json

import pytest
import yaml

from jobs.logs import work
from jobs.logs.formats import Json
from jobs.metrics.table import METRICS
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs/monitoring.md"
LINES = PAGE.read_text(encoding="utf-8").splitlines()
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())


def rows(head: str) -> list[str]:
    """The rows of the table with that head."""
    begin = LINES.index(head) + 2
    return LINES[begin : LINES.index("", begin)]


def test_every_metric_stands_there_as_the_table_has_it() -> None:
    expected = [
        f"| `{row.name}` | {row.type} | {', '.join(f'`{label}`' for label in row.labels) or '—'} | {row.help} |"
        for row in METRICS.values()
    ]
    assert rows("| metric | type | labels | meaning |") == expected


def test_every_alert_stands_there_with_what_to_do() -> None:
    rules = [rule for group in ALERTS["groups"] for rule in group["rules"]]
    expected = [
        f"| `{rule['alert']}` | {rule['labels']['severity']} | {rule['annotations']['runbook']} |" for rule in rules
    ]
    assert rows("| alert | severity | what to do |") == expected


def test_the_line_of_the_log_has_the_keys_that_are_written(caplog: pytest.LogCaptureFixture) -> None:
    import logging

    [example] = [json.loads(text) for text in blocks(PAGE, "json")]
    with work.at("film-1", 0, 17), caplog.at_level("INFO"):
        logging.getLogger("workers.x").info("done")
        line = json.loads(Json("cpu-0@studio").format(caplog.records[-1]))
    assert list(example) == list(line)
