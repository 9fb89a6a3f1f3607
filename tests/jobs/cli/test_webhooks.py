"""`atelier webhooks`: who was told, what they answered, and telling them now; no query is shown."""

from __future__ import annotations

import pytest

from jobs import control
from jobs.records import Hook
from jobs.webhooks.outbox import Outbox
from tests.jobs.cli.conftest import Shell
from tests.jobs.deployment import Deployment
from tests.jobs.hook_server import receiving
from tests.jobs.making import make_plan


@pytest.fixture
def failed(cluster: Shell, deployment: Deployment) -> Shell:
    """A cluster with a job that has failed, told to nobody yet."""
    cluster.set(webhook_private="on")
    deployment.accept(make_plan())
    return cluster


def fail(deployment: Deployment, url: str) -> None:
    """The job fails, and the address is to be told."""
    Outbox(deployment.truth).add_hook("film-1", Hook(url=f"{url}?token=secret", on=("failed",)))
    control.fail("film-1", 1, "the source is gone", deployment.truth, deployment.ledger)


def test_what_was_told_is_shown_without_the_addresses_query(failed: Shell, deployment: Deployment) -> None:
    with receiving(500, 204) as receiver:
        fail(deployment, receiver.url)
        assert [row["state"] for row in failed.json("webhooks", "film")] == ["waiting"]
        tried = failed("webhooks", "film", "--send")
        assert "answers 500" in failed("explain", "film").stdout
        [row] = failed.json("webhooks", "film", "--send")
    assert (row["state"], row["status"], row["tries"], row["next_at"]) == ("delivered", 204, 2, None)
    assert row["url"] == receiver.url
    told = failed("explain", "film")
    assert f"{receiver.url} was told that it failed, at try 2." in told.stdout
    assert "500" in tried.stdout
    assert "secret" not in tried.output + told.output


def test_a_job_without_webhooks_says_so(failed: Shell) -> None:
    done = failed("webhooks", "film")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "nobody was told anything of film-1" in done.stderr


def test_check_says_who_will_be_told(shell: Shell) -> None:
    file = shell.job_file(notify="{url: 'https://hook.example/a?token=secret', on: [done, failed]}")
    checked = shell("check", file)
    assert "https://hook.example/a, when it is done or failed" in checked.stdout
    assert shell.json("check", file)["notify"] == {"url": "https://hook.example/a", "on": ["done", "failed"]}
    assert "secret" not in checked.output + shell("check", file, "--json").output
