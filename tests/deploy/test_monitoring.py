"""The dashboard and the alerts ask for metrics and labels that there are, in PromQL that Prometheus' grammar takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml
from promql_parser import AggregateExpr, BinaryExpr, Call, MatrixSelector, ParenExpr, SubqueryExpr, UnaryExpr

from jobs.metrics.scrape import families
from jobs.metrics.table import METRICS, Metric
from tests.deploy.compose import ROOT

DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboards/atelier.json").read_text())
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())
PROMETHEUS = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
PROVISIONED = ROOT / "deploy/grafana/provisioning"

SCRAPED = {"job", "instance", "pod"}
"""Labels that Prometheus adds; `pod` in a cluster."""

PROCESS = {"instance", "pod"}
"""Those of them that differ between the web processes of one farm."""

GROWTH = {"rate", "increase", "irate"}

RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def queries() -> Iterator[tuple[str, str]]:
    """Every query: where it stands, and as Grafana would send it."""
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in PANELS:
        for target in panel["targets"]:
            query = target["expr"].replace("$__rate_interval", "1m").replace("$queue", "gpu|cpu")
            yield f"{panel['title']} {target['refId']}", query


def row_of(name: str) -> Metric:
    """The row of the table that a series is of."""
    return next(row for row in METRICS.values() if name in families([row.name]))


def problems(query: str) -> list[str]:
    """What is wrong with a query."""
    return [problem for node, within in nodes(promql_parser.parse(query)) for problem in wrong(node, within)]


def nodes(node: Any, within: str = "") -> Iterator[tuple[Any, str]]:
    """Every part of a query, and the function that it is an argument of."""
    yield node, within
    match node:
        case Call():
            for argument in node.args:
                yield from nodes(argument, node.func.name)
        case AggregateExpr() | ParenExpr() | UnaryExpr() | SubqueryExpr():
            yield from nodes(node.expr)
        case BinaryExpr():
            yield from nodes(node.lhs)
            yield from nodes(node.rhs)
        case MatrixSelector():
            yield from nodes(node.vector_selector, within)


def summed_twice(node: Any, gathered: bool = False) -> Iterator[str]:
    """The metrics of the whole farm of which more than one process' numbers are left when they are put to use."""
    match node:
        case AggregateExpr():
            yield from summed_twice(node.expr, str(node.op) in ("max", "min") and dropped(node) >= PROCESS)
        case Call():
            for argument in node.args:
                yield from summed_twice(argument, gathered)
        case ParenExpr() | UnaryExpr() | SubqueryExpr():
            yield from summed_twice(node.expr, gathered)
        case BinaryExpr():
            yield from summed_twice(node.lhs, gathered)
            yield from summed_twice(node.rhs, gathered)
        case MatrixSelector():
            yield from summed_twice(node.vector_selector, gathered)
        case _ if names(node) - {"up"} and row_of(node.name).source != "here" and not gathered:
            yield node.name


def dropped(node: AggregateExpr) -> set[str]:
    """Which of Prometheus' own labels an aggregation leaves out."""
    if node.modifier is None:
        return SCRAPED
    named = set(node.modifier.labels)
    return named if "Without" in str(node.modifier.type) else SCRAPED - named


def names(node: Any) -> set[str]:
    """The metrics below a part of a query."""
    return {part.name for part, _ in nodes(node) if type(part).__name__ == "VectorSelector"}


def labels_of(node: Any) -> set[str]:
    """The labels that some metric below a part of a query has."""
    return {label for name in names(node) if name != "up" for label in row_of(name).labels} | {"le"} | SCRAPED


def wrong(node: Any, within: str) -> Iterator[str]:
    """What is wrong with one part."""
    kind = type(node).__name__
    if kind == "VectorSelector":
        if node.name != "up" and node.name not in families(METRICS):
            yield f"no metric {node.name}"
            return
        asked = {matcher.name for matcher in node.matchers.matchers}
        if asked - labels_of(node):
            yield f"{node.name} has no label {asked - labels_of(node)}"
        grows = node.name != "up" and row_of(node.name).type != "gauge"
        if grows != (within in GROWTH):
            yield f"{node.name} within {within or 'nothing'}"
    if kind == "AggregateExpr" and node.modifier is not None and set(node.modifier.labels) - labels_of(node.expr):
        yield f"nothing to sum by {set(node.modifier.labels) - labels_of(node.expr)}"
    if (
        kind == "Call"
        and node.func.name == "histogram_quantile"
        and not all(name.endswith("_bucket") for name in names(node))
    ):
        yield f"no buckets in {names(node)}"


@pytest.mark.parametrize(("where", "query"), list(queries()), ids=[where for where, _ in queries()])
def test_queries_ask_for_what_there_is(where: str, query: str) -> None:
    assert problems(query) == []


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("atelier_no_such > 0", "no metric atelier_no_such"),
        ('rate(atelier_jobs_ended_total{job_name="x"}[5m])', "has no label"),
        ("sum by (kind) (atelier_backlog_chunks)", "nothing to sum by"),
        ("rate(atelier_jobs[5m])", "atelier_jobs within rate"),
        ("histogram_quantile(0.9, rate(atelier_stitch_seconds_sum[5m]))", "no buckets"),
    ],
)
def test_wrong_queries_are_noticed(query: str, problem: str) -> None:
    assert any(problem in each for each in problems(query))


@pytest.mark.parametrize(("where", "query"), list(queries()), ids=[where for where, _ in queries()])
def test_what_several_web_processes_tell_alike_counts_once(where: str, query: str) -> None:
    assert list(summed_twice(promql_parser.parse(query))) == []


@pytest.mark.parametrize(
    ("query", "twice"),
    [
        ("sum(atelier_jobs)", True),
        ("atelier_jobs_stalled > 0", True),
        ("max without (instance) (rate(atelier_leases_taken_total[5m]))", True),
        ("max by (instance) (atelier_jobs)", True),
        ("max(sum by (kind) (atelier_jobs))", True),
        ("1 - sum(max without (instance, pod) (atelier_jobs))", False),
        ("min(atelier_redis_up)", False),
        ("sum(atelier_web_streams)", False),
    ],
)
def test_what_would_count_twice_is_noticed(query: str, twice: bool) -> None:
    assert any(summed_twice(promql_parser.parse(query))) == twice


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    for rule in RULES:
        assert rule["alert"].startswith("Atelier")
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        for name in ("summary", "runbook"):
            assert rule["annotations"][name].endswith(".")
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


def test_a_dashboard_that_is_gone_is_an_alert_as_one_that_fails_is() -> None:
    [down] = [promql_parser.parse(rule["expr"]) for rule in RULES if rule["alert"] == "AtelierDown"]
    assert 'absent(up{job="atelier"})' in down.prettify()
    assert [scrape["job_name"] for scrape in PROMETHEUS["scrape_configs"]] == ["atelier"]


def test_alerts_name_labels_that_their_queries_leave() -> None:
    for rule in RULES:
        used = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
        assert used <= labels_of(promql_parser.parse(rule["expr"])), rule["alert"]


def test_panels_have_places_of_their_own() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + dx, place["y"] + dy) for dx in range(place["w"]) for dy in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_every_metric_is_on_the_dashboard_or_in_an_alert() -> None:
    used = {row_of(name).name for _, query in queries() for name in names(promql_parser.parse(query)) if name != "up"}
    # Versions, and what the totals of other rows say as well.
    assert METRICS.keys() - used == {"atelier_build_info", "atelier_jobs_entered_total"}


def test_prometheus_scrapes_the_dashboard_with_a_token_from_a_file() -> None:
    [scrape] = PROMETHEUS["scrape_configs"]
    assert (scrape["job_name"], scrape["metrics_path"]) == ("atelier", "/metrics")
    assert scrape["authorization"].keys() == {"type", "credentials_file"}
    assert scrape["static_configs"] == [{"targets": ["web:8642"]}]
    for name in PROMETHEUS["rule_files"]:
        assert (ROOT / "deploy/prometheus" / name).is_file()


def test_grafana_finds_the_data_source_and_the_dashboard() -> None:
    [source] = yaml.safe_load((PROVISIONED / "datasources/prometheus.yml").read_text())["datasources"]
    [provider] = yaml.safe_load((PROVISIONED / "dashboards/atelier.yml").read_text())["providers"]
    chosen = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert chosen["datasource"]["current"]["value"] == source["uid"]
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
    assert chosen["queue"]["definition"] == "label_values(atelier_backlog_chunks, queue)"
