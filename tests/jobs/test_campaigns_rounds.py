"""What schedulers do: each run is fired once, whoever dies; what was missed is caught up as the campaign says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs import control
from jobs.campaigns import firing
from jobs.campaigns.records import Run
from jobs.campaigns.standing import Last, standings
from pipeline.errors import QueueUnavailable, StorageUnavailable
from tests.jobs.campaigning import BEGIN, FIRST, WEEK, Office, Scheduler
from tests.jobs.deployment import Deployment

FIRST_KEY = "20261207T050000Z"


@pytest.fixture
def office(deployment: Deployment, tmp_path: Path) -> Office:
    """A store without campaigns, on a Friday noon."""
    return Office(deployment, tmp_path)


def last(office: Office, name: str = "autumn") -> Last:
    """What became of a campaign's last run."""
    [row] = [row for row in standings(office.deployment.truth, None, office.clock.at) if row.campaign.name == name]
    assert row.last is not None
    return row.last


# Firing


def test_nothing_is_fired_before_its_time(office: Office) -> None:
    office.add()
    scheduler = office.scheduler()
    assert scheduler.work() == []
    assert scheduler.rounds.next == FIRST
    office.clock.go_to(FIRST - timedelta(seconds=1))
    assert scheduler.work() == []


def test_at_its_time_a_run_is_planned_and_submitted(office: Office) -> None:
    office.add()
    scheduler = office.scheduler()
    scheduler.work()
    office.clock.go_to(FIRST)
    assert scheduler.work() == [FIRST_KEY]
    [job] = office.deployment.truth.active()
    assert office.jobs() == ["autumn/2026-12-07/0600"]
    assert office.deployment.seen(job).state == "running"
    assert office.deployment.take() != []
    assert (scheduler.work(), office.book.open(), scheduler.rounds.next) == ([], [], FIRST + WEEK)


def test_every_run_is_a_job_of_its_own_even_in_one_place(office: Office) -> None:
    office.add(output="out/")
    scheduler = office.scheduler()
    for week in range(3):
        office.clock.go_to(FIRST + week * WEEK)
        scheduler.work()
        office.finish()
    assert len(office.deployment.truth.jobs()) == 3


def test_two_schedulers_fire_once(office: Office) -> None:
    office.add(cron="* * * * *")
    both = [office.scheduler("a"), office.scheduler("b")]
    for _ in range(3):
        office.clock.wait(60)
        assert sorted(len(scheduler.work()) for scheduler in both) == [0, 1]
        both.reverse()
    assert office.jobs() == [f"autumn/2026-12-04/130{minute}" for minute in (1, 2, 3)]


def test_schedulers_that_look_at_the_same_moment_fire_once(office: Office) -> None:
    office.add()
    office.clock.go_to(FIRST)
    crowd = [office.scheduler(str(number)) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        fired = list(pool.map(lambda scheduler: scheduler.work(), crowd))
    assert sorted(fired) == [*([[]] * 7), [FIRST_KEY]]
    assert len(office.deployment.truth.jobs()) == 1


def test_campaign_added_today_fires_for_no_day_before(office: Office) -> None:
    office.clock.go_to(FIRST + timedelta(minutes=1))
    office.add(catch_up="all")
    assert office.scheduler().work() == []


def test_other_campaigns_are_fired_whatever_is_wrong_with_one(office: Office) -> None:
    for name in ("autumn", "broken", "gone", "zone"):
        office.add(name)
    gone = office.book.version("gone", 1)
    office.deployment.truth.store.put("campaigns/versions/broken/000001.json", b"{")
    zone = office.book.version("zone", 1).model_dump_json().replace("Europe/Berlin", "Europe/Atlantis")
    office.deployment.truth.store.put("campaigns/versions/zone/000001.json", zone.encode())
    text = gone.model_copy(update={"text": gone.text.replace("shots/", "nowhere/")})
    office.deployment.truth.store.put("campaigns/versions/gone/000001.json", text.model_dump_json().encode())
    office.clock.go_to(FIRST)
    office.scheduler().work()
    assert office.jobs() == ["autumn/2026-12-07/0600"]


# Dying


def test_claimed_and_never_submitted_the_run_is_another_schedulers(office: Office) -> None:
    office.add()
    dies, lives = office.scheduler("a"), office.scheduler("b")
    office.clock.go_to(FIRST)
    assert dies.look() == [FIRST_KEY]
    assert lives.work() == []
    office.clock.wait(office.deployment.settings.lease_s - 1)
    assert lives.work() == []
    office.clock.wait(2)
    assert lives.work() == [FIRST_KEY]
    assert office.jobs() == ["autumn/2026-12-07/0600"]
    assert lives.work() == office.book.open() == []


def dying(patch: pytest.MonkeyPatch, place: str) -> None:
    """Whoever comes there ends, before it does anything."""

    def end(*_: Any, **__: Any) -> Any:
        raise SystemExit

    patch.setattr(place, end)


@pytest.mark.parametrize(
    "place",
    [
        "jobs.campaigns.book.Book.claim",
        "jobs.campaigns.firing.draft",
        "jobs.campaigns.book.Book.intend",
        "jobs.campaigns.firing.submit_planned",
        "jobs.truth.Truth.activate",
        "jobs.ledger.Ledger.create",
        "jobs.submit.publish",
        "jobs.campaigns.book.Book.end",
        "jobs.campaigns.book.Book.close",
    ],
)
def test_wherever_a_scheduler_dies_the_run_is_fired_once(
    office: Office, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    office.add()
    office.clock.go_to(FIRST)
    with monkeypatch.context() as patch:
        dying(patch, place)
        with pytest.raises(SystemExit):
            office.scheduler("a").work()
    # What is read meanwhile must not make another job of it.
    (office.folder / "shots/shot.1001.png").write_bytes((office.folder / "shots/shot.1002.png").read_bytes())
    office.deployment.wipe()
    other = office.scheduler("b")
    other.work()
    office.clock.wait(office.deployment.settings.lease_s + 1)
    other.work()
    [job] = office.deployment.truth.active()
    assert office.jobs() == ["autumn/2026-12-07/0600"]
    assert last(office).job == job
    assert other.work() == office.book.open() == []
    office.deployment.look()
    assert office.deployment.seen(job).state == "running"


def test_opened_and_never_claimed_the_run_is_fired_all_the_same(office: Office) -> None:
    office.add()
    office.clock.go_to(FIRST)
    run = Run("autumn", FIRST)
    office.book.claim(run, version=1, by="a", at=FIRST)
    office.deployment.truth.store.delete(f"campaigns/runs/autumn/{FIRST_KEY}.json")
    # By now a later one is due, and the earlier would not be looked for.
    office.clock.go_to(FIRST + WEEK)
    other = office.scheduler("b")
    other.work()
    office.clock.wait(office.deployment.settings.lease_s + 1)
    other.work()
    assert office.jobs() == ["autumn/2026-12-07/0600", "autumn/2026-12-14/0600"]


def test_scheduler_that_plans_for_long_and_breathes_keeps_its_run(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.add()
    slow, other = office.scheduler("a"), office.scheduler("b")
    office.clock.go_to(FIRST)
    draft, seen = firing.draft, []

    def slowly(*given: Any, **named: Any) -> Any:
        for _ in range(10):
            office.clock.wait(office.deployment.settings.lease_s / 2)
            slow.rounds.breathe()
            seen.append(other.look())
        return draft(*given, **named)

    monkeypatch.setattr(firing, "draft", slowly)
    slow.work()
    assert seen == [[]] * 10
    assert office.jobs() == ["autumn/2026-12-07/0600"]
    assert office.book.open() == []


def test_scheduler_that_wakes_up_late_submits_nothing_twice(office: Office) -> None:
    office.add()
    late, other = office.scheduler("a"), office.scheduler("b")
    office.clock.go_to(FIRST)
    late.look()
    other.look()
    office.clock.wait(office.deployment.settings.lease_s + 1)
    other.look()
    # Both are at it now, and the source is another one for the second.
    late.fire()
    (office.folder / "shots/shot.1001.png").write_bytes((office.folder / "shots/shot.1002.png").read_bytes())
    other.fire()
    assert len(office.deployment.truth.jobs()) == 1


def test_plan_that_came_too_late_is_dropped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add()
    late, other = office.scheduler("a"), office.scheduler("b")
    office.clock.go_to(FIRST)
    late.look()
    draft = firing.draft

    def slowly(*given: Any, **named: Any) -> Any:
        begun = draft(*given, **named)
        monkeypatch.setattr(firing, "draft", draft)
        other.look()
        office.clock.wait(office.deployment.settings.lease_s + 1)
        other.work()
        return replace(begun, plan=begun.plan.model_copy(update={"job": "film-other"}))

    monkeypatch.setattr(firing, "draft", slowly)
    late.fire()
    assert "film-other" not in office.deployment.truth.jobs()
    assert len(office.deployment.truth.jobs()) == 1
    assert [entry.key for entry in office.deployment.truth.store.list("campaigns/plans/")] == []
    assert office.book.open() == []


def test_job_that_was_cancelled_is_not_begun_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add()
    office.clock.go_to(FIRST)
    with monkeypatch.context() as patch:
        dying(patch, "jobs.campaigns.book.Book.end")
        with pytest.raises(SystemExit):
            office.scheduler("a").work()
    [job] = office.deployment.truth.active()
    control.cancel(job, office.deployment.truth, office.deployment.ledger)
    other = office.scheduler("b")
    other.work()
    office.clock.wait(office.deployment.settings.lease_s + 1)
    other.work()
    assert (last(office).job, last(office).state) == (job, "cancelled")


def test_run_that_kills_its_schedulers_is_given_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add()
    office.clock.go_to(FIRST)
    with monkeypatch.context() as patch:
        dying(patch, "jobs.campaigns.firing.draft")
        for name in "abc":
            scheduler = office.scheduler(name)
            scheduler.look()
            office.clock.wait(office.deployment.settings.lease_s + 1)
            with pytest.raises(SystemExit):
                scheduler.work()
    survivor = office.scheduler("d")
    survivor.work()
    office.clock.wait(office.deployment.settings.lease_s + 1)
    assert survivor.work() == []
    assert last(office).why == "3 schedulers died while they planned it; look at their logs"
    assert office.book.open() == []


# Catching up


def caught_up(office: Office, catch_up: str, missed: timedelta) -> list[str]:
    """What is fired after a downtime that begins in the first run."""
    office.add(catch_up=catch_up)
    scheduler = office.scheduler()
    office.clock.go_to(FIRST)
    scheduler.work()
    office.clock.go_to(FIRST + missed)
    found = office.scheduler("b").work()
    assert scheduler.work() == [] or not found
    return found


def test_skip_leaves_out_what_was_missed(office: Office) -> None:
    assert caught_up(office, "skip", 3 * WEEK + timedelta(hours=1)) == []
    office.clock.go_to(FIRST + 4 * WEEK)
    assert len(office.scheduler("c").work()) == 1


def test_skip_forgives_a_scheduler_that_is_a_little_late(office: Office) -> None:
    assert caught_up(office, "skip", 2 * WEEK + timedelta(minutes=4)) == ["20261221T050000Z"]


def test_once_makes_up_for_the_latest(office: Office) -> None:
    assert caught_up(office, "once", 3 * WEEK + timedelta(days=1)) == ["20261228T050000Z"]


def test_all_makes_up_for_everything_the_oldest_first(office: Office) -> None:
    assert caught_up(office, "all", 3 * WEEK + timedelta(days=1)) == [
        "20261214T050000Z",
        "20261221T050000Z",
        "20261228T050000Z",
    ]
    assert office.jobs() == [f"autumn/2026-12-{day}/0600" for day in ("07", "14", "21", "28")]


def test_all_of_a_long_time_are_claimed_by_and_by_and_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.campaigns.rounds._AT_ONCE", 3)
    office.add(cron="* * * * *", catch_up="all")
    office.clock.wait(12 * 60)
    both = [office.scheduler("a"), office.scheduler("b")]
    claimed = [len(scheduler.look()) for scheduler in [*both, *both, *both, *both]]
    assert claimed[:2] == [3, 3]
    assert sorted(run.key for scheduler in both for run in scheduler.given) == [
        f"20261204T12{minute:02d}00Z" for minute in range(1, 13)
    ]


def test_while_redis_is_away_nothing_is_claimed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add(cron="* * * * *")
    scheduler = office.scheduler()
    with monkeypatch.context() as patch:

        def away(*_: object) -> None:
            raise QueueUnavailable("Redis does not answer")

        patch.setattr("jobs.ledger.Ledger.ping", away)
        for _ in range(5):
            office.clock.wait(60)
            with pytest.raises(QueueUnavailable):
                scheduler.work()
    assert scheduler.work() == ["20261204T120500Z"]


def test_clock_that_was_wrong_stops_no_campaign(office: Office) -> None:
    office.add()
    scheduler = office.scheduler()
    office.clock.at = BEGIN + 52 * WEEK
    assert len(scheduler.work()) == 1
    office.clock.at = FIRST
    assert scheduler.work() == [FIRST_KEY]


# Pausing and removing


def test_what_is_missed_while_paused_is_not_caught_up(office: Office) -> None:
    office.add(catch_up="all")
    scheduler = office.scheduler()
    office.book.pause("autumn")
    office.clock.go_to(FIRST + timedelta(minutes=1))
    assert scheduler.work() == []
    assert scheduler.rounds.next is None
    office.book.resume("autumn", office.clock.at)
    assert scheduler.work() == []
    office.clock.go_to(FIRST + WEEK)
    assert scheduler.work() == ["20261214T050000Z"]


def test_paused_nothing_is_submitted_and_resumed_what_was_claimed_is(office: Office) -> None:
    office.add()
    office.clock.go_to(FIRST)
    office.scheduler("a").look()
    office.book.pause("autumn")
    other = office.scheduler("b")
    other.look()
    office.clock.wait(3600)
    assert other.work() == []
    office.book.resume("autumn", office.clock.at)
    other.work()
    office.clock.wait(office.deployment.settings.lease_s + 1)
    assert other.work() == [FIRST_KEY]


def test_removed_campaign_fires_no_more_and_its_jobs_stay(office: Office) -> None:
    office.add()
    scheduler = office.scheduler()
    office.clock.go_to(FIRST)
    scheduler.work()
    office.book.remove("autumn")
    office.clock.go_to(FIRST + WEEK)
    assert scheduler.work() == []
    assert len(office.deployment.truth.active()) == 1


def test_run_of_a_removed_campaign_is_ended_even_if_its_name_is_taken_again(office: Office) -> None:
    office.add()
    office.clock.go_to(FIRST)
    office.scheduler("a").look()
    office.book.remove("autumn")
    office.add()
    other = office.scheduler("b")
    other.work()
    office.clock.wait(office.deployment.settings.lease_s + 1)
    other.work()
    ended = office.book.ended(Run("autumn", FIRST))
    assert ended is not None
    assert ended.error == "the campaign was removed before this run of it was submitted"
    assert office.deployment.truth.jobs() == []


# Failing


def test_source_that_vanished_fails_the_run_and_says_so(office: Office) -> None:
    office.add()
    scheduler = office.scheduler()
    for picture in (office.folder / "shots").iterdir():
        picture.unlink()
    office.clock.go_to(FIRST)
    scheduler.work()
    seen = last(office)
    assert (seen.job, seen.state) == ("", "failed")
    assert f"{office.folder}/autumn.yaml:2: " in seen.why
    assert scheduler.work() == office.book.open() == []
    office.file()
    office.clock.go_to(FIRST + WEEK)
    scheduler.work()
    assert office.jobs() == ["autumn/2026-12-14/0600"]


def test_what_may_go_better_later_is_tried_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add()
    scheduler = office.scheduler()
    office.clock.go_to(FIRST)
    with monkeypatch.context() as patch:

        def away(*_: object, **__: object) -> None:
            raise StorageUnavailable("s3://films: does not answer")

        patch.setattr("jobs.campaigns.firing.draft", away)
        scheduler.work()
        assert (last(office).state, last(office).why) == ("put off", "s3://films: does not answer")
        tries = 0
        for _ in range(60):
            office.clock.wait(1)
            tries += len(scheduler.work())
        assert tries == 2, "after 10 and 20 seconds more"
    office.clock.wait(41)
    scheduler.work()
    office.clock.wait(41)
    scheduler.work()
    assert office.jobs() == ["autumn/2026-12-07/0600"]


def test_after_a_day_it_is_given_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add()
    scheduler = office.scheduler()

    def away(*_: object, **__: object) -> None:
        raise StorageUnavailable("s3://films: does not answer")

    monkeypatch.setattr("jobs.campaigns.firing.draft", away)
    office.clock.go_to(FIRST)
    scheduler.work()
    scheduler.look()
    office.clock.wait(86_401)
    assert scheduler.work() == []
    assert last(office).why == "given up after a day: s3://films: does not answer"


def test_bug_in_planning_ends_one_run_alone(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add()
    monkeypatch.setattr("jobs.campaigns.firing.canonical", lambda spec: 1 / 0)
    office.clock.go_to(FIRST)
    office.scheduler().work()
    assert last(office).why == "division by zero (ZeroDivisionError; a bug in Atelier)"


def test_output_of_an_unfinished_run_fails_the_next(office: Office) -> None:
    office.add(output="out/")
    scheduler = office.scheduler()
    office.clock.go_to(FIRST)
    scheduler.work()
    first = last(office).job
    office.clock.go_to(FIRST + WEEK)
    scheduler.work()
    assert f"job {first} is not finished and writes to" in last(office).why


def test_daylight_saving_moves_the_run(office: Office) -> None:
    office.clock.at = BEGIN.replace(year=2027, month=3, day=26)
    office.add(cron="0 6 * * *")
    scheduler = office.scheduler()
    fired = []
    for _ in range(24 * 3):
        office.clock.wait(3600)
        fired += scheduler.work()
        office.finish()
    assert fired == ["20270327T050000Z", "20270328T040000Z", "20270329T040000Z"]


def test_scheduler_knows_when_to_wake_up(office: Office) -> None:
    scheduler = office.scheduler()
    assert isinstance(scheduler, Scheduler)
    scheduler.look()
    assert scheduler.rounds.next is None
    office.add("later", cron="0 7 * * mon")
    office.add("sooner")
    scheduler.look()
    assert scheduler.rounds.next == FIRST
