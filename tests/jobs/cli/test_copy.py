"""Copy from the command line: `check` costs nothing, `submit` asks, and says in one sentence when it cannot."""

from __future__ import annotations

import pytest

from jobs.cli import guard
from jobs.kinds import KINDS
from tests.jobs.cli.conftest import Shell
from tests.jobs.model_server import model, refusing
from tests.jobs.signs import TEXT


@pytest.fixture
def signs(cluster: Shell, monkeypatch: pytest.MonkeyPatch) -> str:
    """A job file with copy."""
    monkeypatch.setitem(KINDS, "signs", "tests.jobs.signs:SIGNS")
    path = cluster.folder / "signs.yaml"
    path.write_text(TEXT)
    return str(path)


def test_check_counts_what_would_be_asked_and_submit_asks_it(cluster: Shell, signs: str) -> None:
    with model({"headline": "Portraits", "call_to_action": "Come"}) as server:
        cluster.set(copy_url=server.url, copy_model="small")
        assert "4 texts would be asked of small on submission, in 2 questions" in cluster("check", signs).stdout
        assert server.asked == []
        job = cluster("submit", signs).stdout.strip()
        assert len(server.asked) == 2
    checked = cluster("check", signs).stdout
    assert job in checked
    assert "would be asked" not in checked


def test_an_endpoint_that_refuses_ends_the_command_with_its_sentence(cluster: Shell, signs: str) -> None:
    with model(refusing(401)) as server:
        cluster.set(copy_url=server.url, copy_model="small", copy_key="sk-secret")
        done = cluster("submit", signs)
    assert (done.exit_code, done.stdout) == (guard.BAD_INPUT, "")
    assert "the endpoint answers 401; it takes no such key as ATELIER_COPY_KEY" in done.stderr
    assert "sk-secret" not in done.output


def test_an_endpoint_that_is_away_is_another_times_matter(cluster: Shell, signs: str) -> None:
    with model(refusing(503)) as server:
        cluster.set(copy_url=server.url, copy_model="small", copy_retries="0")
        assert cluster("submit", signs).exit_code == guard.UNAVAILABLE


def test_without_an_endpoint_check_says_that_the_texts_are_the_templates(cluster: Shell, signs: str) -> None:
    assert "no endpoint is set (ATELIER_COPY_URL)" in cluster("check", signs).stdout
