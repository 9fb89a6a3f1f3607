"""From a job file with copy to a job: checking costs nothing, submitting asks once, and the texts are part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.config import Settings
from jobs.desk import Desk
from jobs.draft import Draft, draft
from jobs.kinds import KINDS
from jobs.spec import JobSpecProblems, parse
from jobs.submit import submit
from tests.jobs.deployment import Deployment
from tests.jobs.model_server import model, refusing
from tests.jobs.signs import TEXT

RIGHT = {"headline": "Portraits of nobody", "call_to_action": "Come and look"}


@pytest.fixture(autouse=True)
def _signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "signs", "tests.jobs.signs:SIGNS")


def drafted(folder: Path, config: Settings, text: str = TEXT) -> Draft:
    """The job file as `atelier check` plans it."""
    return draft(*parse(text, path="signs.yaml", folder=folder), config)


def with_endpoint(config: Settings, url: str) -> Settings:
    """The settings with an endpoint."""
    return config.model_copy(update={"copy_url": url, "copy_model": "small", "copy_retries": 0})


def test_texts_are_asked_for_once_and_stand_in_the_spec(deployment: Deployment, tmp_path: Path) -> None:
    with model(RIGHT) as server:
        config = with_endpoint(deployment.settings, server.url)
        whole = drafted(tmp_path, config).completed(Desk(config, deployment.truth, may_ask=True))
        job = submit(whole.spec, whole.plan, deployment.truth, deployment.ledger, deployment.queue, config).plan.job
    assert len(server.asked) == 2
    spec = deployment.truth.spec(job)
    assert spec["copy"]["written"] == {"families/en": RIGHT, "students/en": RIGHT}  # type: ignore[index]
    assert deployment.truth.plan(job).notes == ()
    # Afterwards nobody needs the endpoint, and the job is the same.
    assert drafted(tmp_path, config).plan.job == job


def test_checking_asks_nothing_and_says_what_would_be(deployment: Deployment, tmp_path: Path) -> None:
    with model(RIGHT) as server:
        plan = drafted(tmp_path, with_endpoint(deployment.settings, server.url)).plan
    assert server.asked == []
    assert plan.notes == (
        "copy: 4 texts would be asked of small on submission, in 2 questions; they are part of the job",
    )
    assert list(deployment.truth.store.list()) == []


def test_other_texts_are_another_job(deployment: Deployment, tmp_path: Path) -> None:
    jobs = set()
    for seed in (0, 1):
        with model(RIGHT | {"headline": f"Portraits {seed}"}) as server:
            config = with_endpoint(deployment.settings, server.url)
            text = TEXT.replace("copy:\n", f"copy:\n  seed: {seed}\n")
            whole = drafted(tmp_path, config, text).completed(Desk(config, deployment.truth, may_ask=True))
            jobs.add(whole.plan.job)
    assert len(jobs) == 2


def test_nothing_is_asked_for_a_job_file_that_is_wrong(deployment: Deployment, tmp_path: Path) -> None:
    with model(RIGHT) as server, pytest.raises(JobSpecProblems, match=r"signs\.yaml:2: audiences: nobody reads"):
        drafted(tmp_path, with_endpoint(deployment.settings, server.url), TEXT.replace("students", "nobody"))
    assert server.asked == []


def test_a_text_that_does_not_come_right_is_told_at_its_line(deployment: Deployment, tmp_path: Path) -> None:
    with model(RIGHT | {"headline": "x" * 29}) as server:
        config = with_endpoint(deployment.settings, server.url)
        with pytest.raises(
            JobSpecProblems, match=r"signs\.yaml:6: copy: audience '\w+', en: after 4 tries headline has 29"
        ):
            drafted(tmp_path, config).completed(Desk(config, deployment.truth, may_ask=True))
    assert deployment.truth.jobs() == []


def test_a_kind_without_copy_is_planned_once(deployment: Deployment, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    with model(refusing(500)) as server:
        config = with_endpoint(deployment.settings, server.url)
        begun = drafted(tmp_path, config, "kind: portraits\nmodel: portraits\nseeds: 1\noutput: out/\n")
        assert begun.completed(Desk(config, deployment.truth, may_ask=True)) is begun
