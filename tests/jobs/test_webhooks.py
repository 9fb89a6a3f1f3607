"""Webhooks: what is told of a job's end, to whom, how often, and that nobody waits for who does not answer."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from jobs import config as configuration
from jobs import control
from jobs.config import Settings
from jobs.draft import draft
from jobs.records import Hook, Notice, NoticeTry, Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import submit
from jobs.truth import Truth, now
from jobs.webhooks.announce import announce
from jobs.webhooks.courier import Courier, due_at, pause
from jobs.webhooks.outbox import Outbox
from pipeline.errors import ConfigError
from tests.jobs.deployment import Deployment
from tests.jobs.hook_server import Receiver, receiving
from tests.jobs.making import make_plan, make_result
from workers import postman
from workers.postman import Postman

SECRET = "a-secret-of-enough-letters"
CONFIG = Settings(webhook_private="on", webhook_timeout_s=2, webhook_tries=3, webhook_secret=SECRET)


def ended(
    truth: Truth, *urls: str, job: str = "film-1", on: tuple[str, ...] = ("done",), config: Settings = CONFIG
) -> Plan:
    """A job that is done, and whose addresses are to be told."""
    plan = _accepted(truth, *urls, job=job, on=on)
    truth.put_result(make_result(plan).model_copy(update={"submitted_at": now(), "finished_at": now()}))
    announce(job, 1, truth, config)
    return plan


def _accepted(truth: Truth, *urls: str, job: str = "film-1", on: tuple[str, ...] = ("done",)) -> Plan:
    first, *others = urls
    plan = make_plan(job).model_copy(update={"notify": Hook(url=first, on=on)})
    truth.accept(plan, {})
    for url in others:
        Outbox(truth).add_hook(job, Hook(url=url, on=on))
    return plan


def notice(truth: Truth, job: str = "film-1") -> Notice:
    """The only one of a job."""
    [found] = Outbox(truth).notices(job)
    return found


def deliver(truth: Truth, *, config: Settings = CONFIG, early: bool = True) -> str:
    """Try once; why it failed."""
    answer = Courier(truth, config, by="a").deliver(notice(truth), early=early)
    assert answer is not None
    return answer.error


def arrived(receiver: Receiver, count: int = 1) -> None:
    """Wait until so many webhooks have come."""
    ends = time.monotonic() + 5
    while len(receiver.bodies) < count:
        assert time.monotonic() < ends, receiver.bodies
        time.sleep(0.01)


# What is told


def test_a_job_that_is_done_is_told_with_everything_it_delivered(truth: Truth) -> None:
    with receiving() as receiver:
        plan = ended(truth, receiver.url)
        assert deliver(truth) == ""
    told, [headers] = receiver.told(), receiver.headers
    assert {key: told[key] for key in ("version", "event", "job", "kind", "state", "output", "frames", "chunks")} == {
        "version": 1,
        "event": "done",
        "job": plan.job,
        "kind": "film",
        "state": "done",
        "output": "/out",
        "frames": 40,
        "chunks": 4,
    }
    assert told["deliverables"] == []
    assert headers["Content-Type"] == "application/json"
    assert headers["Atelier-Event"] == "done"
    assert headers["Atelier-Delivery"] == told["delivery"] == notice(truth).delivery
    assert list(Outbox(truth).due()) == []


def test_a_job_that_fails_is_told_with_the_reason(deployment: Deployment) -> None:
    with receiving() as receiver:
        plan = _accepted(deployment.truth, receiver.url, on=("failed",))
        control.fail(plan.job, 1, "the source is gone", deployment.truth, deployment.ledger)
        deliver(deployment.truth)
    assert (receiver.told()["state"], receiver.told()["reason"]) == ("failed", "the source is gone")
    assert "deliverables" not in receiver.told()


@pytest.mark.parametrize(("on", "events"), [(("done", "failed"), []), (("cancelled",), ["cancelled"])])
def test_only_what_was_asked_for_is_told(deployment: Deployment, on: tuple[str, ...], events: list[str]) -> None:
    plan = _accepted(deployment.truth, "https://example.org/", on=on)
    control.cancel(plan.job, deployment.truth, deployment.ledger)
    assert [each.event for each in Outbox(deployment.truth).notices(plan.job)] == events


def test_a_job_without_addresses_costs_nothing(truth: Truth) -> None:
    truth.accept(make_plan(), {})
    truth.put_result(make_result(make_plan()))
    announce("film-1", 1, truth, CONFIG)
    assert Outbox(truth).notices("film-1") == []


def test_the_settings_address_is_told_of_every_job_and_the_same_one_once(truth: Truth) -> None:
    config = CONFIG.model_copy(update={"webhook_url": "http://farm.example/"})
    ended(truth, "https://example.org/", job="film-a", config=config)
    ended(truth, "http://farm.example/", job="film-b", config=config)
    assert {each.url for each in Outbox(truth).notices("film-a")} == {"https://example.org/", "http://farm.example/"}
    assert notice(truth, "film-b").url == "http://farm.example/"


def test_announcing_twice_tells_once(truth: Truth) -> None:
    with receiving() as receiver:
        ended(truth, receiver.url)
        deliver(truth)
        announce("film-1", 1, truth, CONFIG)
        assert list(Outbox(truth).due()) == []
    assert len(receiver.bodies) == 1


def test_a_job_that_fails_twice_is_told_twice(deployment: Deployment) -> None:
    plan = _accepted(deployment.truth, "https://example.org/", on=("failed",))
    for reason in ("one", "two"):
        control.fail(plan.job, 1, reason, deployment.truth, deployment.ledger)
        deployment.truth.clear_ending(plan.job, 1)
        time.sleep(0.002)
    assert len(Outbox(deployment.truth).notices(plan.job)) == 2


# How it is signed


def test_a_receiver_can_check_who_it_is_from(truth: Truth) -> None:
    with receiving() as receiver:
        ended(truth, receiver.url)
        deliver(truth)
    moment, signature = receiver.headers[0]["Atelier-Signature"].split(",")
    expected = hmac.new(SECRET.encode(), moment.removeprefix("t=").encode() + b"." + receiver.bodies[0], hashlib.sha256)
    assert signature == f"v1={expected.hexdigest()}"
    assert abs(int(moment.removeprefix("t=")) - time.time()) < 5


def test_two_secrets_sign_while_one_replaces_the_other(truth: Truth) -> None:
    config = Settings(webhook_private="on", webhook_secret=f"{SECRET} another-secret-of-letters")
    with receiving() as receiver:
        ended(truth, receiver.url)
        deliver(truth, config=config)
    assert receiver.headers[0]["Atelier-Signature"].count("v1=") == 2


def test_without_a_secret_nothing_is_signed(truth: Truth) -> None:
    with receiving() as receiver:
        ended(truth, receiver.url)
        deliver(truth, config=Settings(webhook_private="on"))
    assert "Atelier-Signature" not in receiver.headers[0]


def test_a_secret_that_could_be_guessed_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_WEBHOOK_SECRET", f"{SECRET} hunter2")
    with pytest.raises(ConfigError, match="fewer than 16 characters could be guessed") as caught:
        configuration.settings()
    assert "hunter2" not in str(caught.value)


# How often


def test_what_does_not_arrive_is_tried_again_with_the_same_body_and_id(truth: Truth) -> None:
    with receiving(500, 302, 200) as receiver:
        ended(truth, receiver.url)
        assert [deliver(truth).partition(": ")[2] for _ in range(3)] == ["answers 500", "answers 302", ""]
    assert len(set(receiver.bodies)) == 1
    assert len({headers["Atelier-Delivery"] for headers in receiver.headers}) == 1


def test_it_is_given_up_after_so_many_tries(truth: Truth) -> None:
    with receiving(500) as receiver:
        ended(truth, receiver.url)
        for _ in range(3):
            deliver(truth)
        assert Courier(truth, CONFIG, by="a").deliver(notice(truth), early=True) is None
    assert len(receiver.bodies) == 3
    assert list(Outbox(truth).due()) == []


def test_an_address_that_is_gone_is_given_up_at_once(truth: Truth) -> None:
    with receiving(410) as receiver:
        ended(truth, receiver.url)
        deliver(truth)
    assert list(Outbox(truth).due()) == []


def test_pauses_double_and_differ_and_have_an_end(truth: Truth) -> None:
    ended(truth, "https://example.org/")
    config = Settings(webhook_pause_s=30)
    pauses = [pause(notice(truth), number, config) for number in range(1, 30)]
    assert all(15 * 2**n <= pauses[n] <= 30 * 2**n for n in range(8))
    assert max(pauses) <= 6 * 3600
    other = notice(truth).model_copy(update={"name": "other"})
    assert pause(other, 1, config) != pauses[0]


def test_nothing_is_tried_before_its_time(truth: Truth) -> None:
    with receiving(500) as receiver:
        ended(truth, receiver.url)
        deliver(truth)
        last = Outbox(truth).last(notice(truth))
        assert 10 < due_at(notice(truth), last, CONFIG) - time.time() <= 30
        assert Courier(truth, CONFIG, by="a").deliver(notice(truth)) is None
    assert len(receiver.bodies) == 1


def test_of_many_who_want_to_one_tries(truth: Truth) -> None:
    with receiving() as receiver, ThreadPoolExecutor(8) as pool:
        ended(truth, receiver.url)
        wanted = notice(truth)
        answers = pool.map(lambda n: Courier(truth, CONFIG, by=f"{n}").deliver(wanted, early=True), range(8))
        assert sum(answer is not None for answer in answers) == 1
    assert len(receiver.bodies) == 1


def test_a_try_that_goes_on_is_left_alone_and_one_that_died_is_followed_by_another(truth: Truth) -> None:
    with receiving() as receiver:
        ended(truth, receiver.url)
        outbox, wanted = Outbox(truth), notice(truth)
        outbox.begin(wanted, 1, NoticeTry(at=now(), by="busy"))
        assert Courier(truth, CONFIG, by="a").deliver(wanted, early=True) is None
        outbox.begin(wanted, 2, NoticeTry(at="2026-01-01T00:00:00.000Z", by="dead"))
        assert Courier(truth, CONFIG, by="a").deliver(wanted) is not None
    assert [tried.number for tried in outbox.tries(wanted)] == [1, 2, 3]
    assert len(receiver.bodies) == 1


# Who does not answer


def _hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def _drip(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(60):
        handler.wfile.write(b"H")
        time.sleep(0.05)


def _drip_after_answering(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(60):
        handler.wfile.write(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("reply", [_hang, _drip])
def test_who_hangs_or_drips_costs_one_timeout(truth: Truth, reply: Any) -> None:
    with receiving(reply) as receiver:
        ended(truth, receiver.url)
        began = time.monotonic()
        assert "no answer came within 0.3 s" in deliver(
            truth, config=CONFIG.model_copy(update={"webhook_timeout_s": 0.3})
        )
        assert time.monotonic() - began < 1


def test_an_answer_counts_though_its_body_never_ends(truth: Truth) -> None:
    with receiving(_drip_after_answering) as receiver:
        ended(truth, receiver.url)
        assert deliver(truth) == ""


def test_who_hangs_holds_up_nobody_else(truth: Truth) -> None:
    with receiving(_hang) as hanging, receiving() as other:
        for number in range(3):
            ended(truth, hanging.url, other.url, job=f"film-{number}")
        began = time.monotonic()
        assert Postman(truth, CONFIG.model_copy(update={"webhook_timeout_s": 0.5})).round() == 3
        assert time.monotonic() - began < 1.5
        # The others of the same host were not even tried.
        assert (len(other.bodies), len(hanging.bodies)) == (3, 1)


def test_a_look_does_not_wait_for_the_postman(truth: Truth) -> None:
    with receiving(_hang) as receiver:
        ended(truth, receiver.url)
        carrier = Postman(truth, CONFIG.model_copy(update={"webhook_timeout_s": 0.5}))
        began = time.monotonic()
        for _ in range(3):
            carrier.tick()
        assert time.monotonic() - began < 0.2
        arrived(receiver)
        carrier.leave()
    assert len(receiver.bodies) == 1


def test_a_worker_tells_at_once_and_does_not_wait(truth: Truth) -> None:
    with receiving(_hang, 200) as receiver:
        ended(truth, receiver.url)
        began = time.monotonic()
        postman.tell_soon("film-1", truth, CONFIG.model_copy(update={"webhook_timeout_s": 0.3}))
        assert time.monotonic() - began < 0.2
        postman.wait()
        assert "no answer" in Outbox(truth).last(notice(truth)).answer.error  # type: ignore[union-attr]
        deliver(truth)


def test_a_store_that_is_away_costs_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    from pipeline.storage import open_store

    postman.tell_soon("film-1", Truth(open_store(str(tmp_path / "file"))), CONFIG)
    postman.wait()
    assert [thread for thread in threading.enumerate() if thread.name == "postman"] == []


# Where it may lead


def test_a_private_address_is_not_connected_to(truth: Truth) -> None:
    with receiving() as receiver:
        ended(truth, receiver.url)
        said = deliver(truth, config=Settings())
        assert "leads to 127.0.0.1, an address of a private network or of this machine" in said
    assert receiver.bodies == []
    assert list(Outbox(truth).due()) == []


def test_the_settings_own_address_may_be_a_private_one(truth: Truth) -> None:
    with receiving() as receiver:
        config = Settings(webhook_url=receiver.url)
        ended(truth, receiver.url, config=config)
        assert deliver(truth, config=config) == ""


# Job files


def job_text(url: str, seed: int = 1) -> str:
    """A job file that tells that address."""
    keys = "kind: portraits\nmodel: portraits\nchunk: 1\noutput: out/\n"
    return f"{keys}seeds: {seed}\n" + (f"notify: {{url: '{url}', on: done}}\n" if url else "")


def plan_of(folder: Path, url: str, config: Settings) -> Any:
    """The draft of that file."""
    return draft(*parse(job_text(url), path="job.yaml", folder=folder), config)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.0.0.1", "[::1]", "169.254.169.254", "a.localhost."])
def test_a_job_file_cannot_name_a_private_address(host: str, tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(JobSpecProblems, match=r"job\.yaml:6: notify: .* is this machine or in a private network"):
        plan_of(tmp_path, f"http://{host}:8080/hook", settings)
    assert plan_of(tmp_path, f"http://{host}/", settings.model_copy(update={"webhook_private": "on"})).plan.notify


def test_who_is_told_is_no_part_of_what_the_job_is(deployment: Deployment, tmp_path: Path) -> None:
    jobs = set()
    for url in ("", "https://a.example/", "https://b.example/", "https://b.example/"):
        made = plan_of(tmp_path, url, deployment.settings)
        submit(made.spec, made.plan, deployment.truth, deployment.ledger, deployment.queue, deployment.settings)
        jobs.add(made.plan.job)
    [job] = jobs
    told = Outbox(deployment.truth).hooks(deployment.truth.plan(job))
    assert {hook.url for hook in told} == {"https://a.example/", "https://b.example/"}
    assert "notify" not in deployment.truth.spec(job)


# Whoever dies


def test_a_result_whose_stitcher_died_is_told_of_by_the_reconciler(deployment: Deployment) -> None:
    plan = _accepted(deployment.truth, "https://example.org/")
    deployment.publish_result(plan)
    deployment.wipe()
    deployment.look()
    assert notice(deployment.truth).event == "done"
    assert deployment.truth.active() == []


def test_notices_of_a_job_that_expired_are_forgotten(truth: Truth) -> None:
    ended(truth, "https://example.org/")
    for entry in list(truth.store.list("jobs/")):
        truth.store.delete(entry.key)
    assert Postman(truth, CONFIG).round() == 0
    assert list(Outbox(truth).due()) == []


def test_a_damaged_notice_holds_up_no_other(truth: Truth) -> None:
    with receiving() as receiver:
        ended(truth, receiver.url, job="film-a")
        truth.store.put(f"jobs/film-a/notices/{notice(truth, 'film-a').name}/notice.json", b"{}")
        ended(truth, receiver.url, job="film-b")
        assert Postman(truth, CONFIG).round() == 1
