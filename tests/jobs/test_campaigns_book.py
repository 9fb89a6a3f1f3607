"""The records of campaigns: two who write at once, names, and the last run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from jobs.arbiter import Arbiter
from jobs.campaigns.book import Book
from jobs.campaigns.enlist import enlist
from jobs.campaigns.records import Run
from jobs.ledger import Ledger
from jobs.spec import JobSpecProblems
from jobs.truth import Truth
from pipeline.errors import InputError
from tests.jobs.campaigning import BEGIN, FIRST, WEEK, Office
from tests.jobs.deployment import Deployment


@pytest.fixture
def office(deployment: Deployment, tmp_path: Path) -> Office:
    """A store without campaigns, on a Friday noon."""
    return Office(deployment, tmp_path)


def at_once(count: int, act: Callable[[int], object]) -> list[str]:
    """What came of so many doing it at the same moment: `done`, or the problem."""

    def tried(number: int) -> str:
        try:
            act(number)
        except InputError as error:
            return str(error)
        return "done"

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(tried, range(count)))


def test_name_that_two_want_is_ones(office: Office) -> None:
    file = office.file()
    answers = at_once(6, lambda _: enlist(file, None, office.book, office.deployment.settings, BEGIN))
    assert answers.count("done") == 1
    others = {answer for answer in answers if answer != "done"}
    assert others == {
        "there is a campaign 'autumn' already; choose another with --name, or `atelier campaign remove autumn` first"
    }


def test_name_that_is_taken_between_two_looks_stays_taken(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    first = office.add()
    office.book.remove("autumn")
    exists, store = office.deployment.truth.store.exists, office.deployment.truth.store

    def slowly(key: str) -> bool:
        there = exists(key)
        if key.endswith("000003.json"):
            # Just after we looked, somebody adds it.
            store.put_if_absent(key, first.model_copy(update={"number": 3, "life": 3}).model_dump_json().encode())
        return there

    monkeypatch.setattr(store, "exists", slowly)
    with pytest.raises(InputError, match="there is a campaign 'autumn' already"):
        office.book.add(lambda number: first.model_copy(update={"number": number}), "autumn")
    assert office.book.newest() == {"autumn": 3}


def test_changes_at_the_same_moment_all_happen(office: Office) -> None:
    office.add()
    names = [f"c{number}" for number in range(3)]
    for name in names:
        office.add(name)
    changes = [lambda: office.book.pause("autumn"), lambda: office.book.resume("autumn", FIRST)]
    assert set(at_once(4, lambda number: changes[number % 2]())) == {"done"}
    newest = office.book.newest()
    found = [office.book.version("autumn", number).change for number in range(1, newest["autumn"] + 1)]
    assert found[0] == "added"
    # Each change follows from the one before: nobody wrote over another's.
    assert all(before != after for before, after in pairwise(found))
    assert [newest[name] for name in names] == [1, 1, 1]


def test_version_that_a_listing_does_not_show_yet_is_seen(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add()
    office.book.pause("autumn")
    store = office.deployment.truth.store
    listed = store.list
    monkeypatch.setattr(
        store, "list", lambda prefix="": (entry for entry in listed(prefix) if not entry.key.endswith("000002.json"))
    )
    assert office.book.campaign("autumn").is_paused


def test_removed_and_added_again_it_is_another(office: Office) -> None:
    first = office.add()
    office.book.remove("autumn")
    assert office.book.campaigns() == []
    again = office.add()
    assert (first.life, again.life) == (1, 3)
    assert [campaign.name for campaign in office.book.campaigns()] == ["autumn"]


def test_runs_are_claimed_through_the_stores_arbiter(office: Office, ledger: Ledger) -> None:
    store = office.deployment.truth.store

    def lax(key: str, data: bytes) -> bool:
        raise AssertionError("this store lets several create one key")

    book = Book(Truth(store, Arbiter(store, ledger).create))
    store.put_if_absent = lax  # type: ignore[method-assign]
    run = Run("autumn", FIRST)
    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(lambda by: book.claim(run, version=1, by=str(by), at=FIRST), range(6)))
    assert won.count(True) == 1
    claim, attempt = book.claimed(run), book.attempt(run)
    assert claim is not None
    assert attempt is not None
    assert claim.by == attempt.by == str(won.index(True))


def test_last_run_is_found_months_back_and_only_in_this_life(office: Office) -> None:
    first = office.add()
    for run in (Run("autumn", FIRST), Run("autumn", FIRST + WEEK, ordered=True)):
        office.book.claim(run, version=1, by="a", at=run.at)
    assert office.book.last_run(first, FIRST + 60 * WEEK) == Run("autumn", FIRST + WEEK, ordered=True)
    assert office.book.last_run(first, FIRST + 60 * WEEK, ordered=False) == Run("autumn", FIRST)
    assert office.book.last_run(first, FIRST - timedelta(seconds=1)) is None
    office.book.remove("autumn")
    office.clock.go_to(FIRST + 2 * WEEK)
    assert office.book.last_run(office.add(), FIRST + 60 * WEEK) is None


def test_keys_say_which_run_it_is() -> None:
    for run in (Run("autumn", FIRST), Run("autumn", FIRST, ordered=True)):
        assert Run.of("autumn", run.key) == run
    assert Run("autumn", FIRST, ordered=True).key == "20261207T050000Z-now"


@pytest.mark.parametrize(
    ("name", "such"),
    [
        ("Herbst Aktion", "as in herbst-aktion"),
        ("ärger", "as in rger"),
        ("a/b", "as in a-b"),
        ("../x", "as in x"),
        ("-x", "as in x"),
        ("", "as in autumn-sale"),
        ("x" * 64, "as in xxx"),
        ("秋", "as in autumn-sale"),
        ("a\n", "as in a"),
    ],
)
def test_odd_name_is_told_a_right_one(office: Office, name: str, such: str) -> None:
    with pytest.raises(InputError, match="is no name for a campaign; write letters, digits, - and _") as caught:
        enlist(office.file(), name, office.book, office.deployment.settings, BEGIN)
    assert such in str(caught.value)


def test_file_with_an_odd_name_is_told_of_the_option(office: Office) -> None:
    file = office.file("Herbst (1)")
    with pytest.raises(InputError, match=r"Herbst \(1\)\.yaml: .*, as in herbst-1; give it one with --name"):
        enlist(file, None, office.book, office.deployment.settings, BEGIN)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("autum", "did you mean autumn?"),
        ("Autumn", "did you mean autumn?"),
        ("../versions/autumn", "`atelier campaign list` lists them"),
    ],
)
def test_unknown_name_is_told_the_nearest(office: Office, name: str, right: str) -> None:
    office.add()
    with pytest.raises(InputError, match=f"no campaign '{name}' in ") as caught:
        office.book.pause(name)
    assert str(caught.value).endswith(right)


# Adding


def test_job_file_without_a_schedule_is_told_how(office: Office) -> None:
    file = office.file(schedule=None)
    with pytest.raises(
        JobSpecProblems, match="'schedule' is missing: a campaign's job file says when; write schedule: "
    ):
        enlist(file, None, office.book, office.deployment.settings, BEGIN)


def test_schedule_that_is_over_is_refused_at_its_end(office: Office) -> None:
    file = office.file(schedule="{cron: '@daily', end: 2026-11-30}")
    with pytest.raises(JobSpecProblems, match=r"autumn\.yaml:6: schedule: is over: 2026-11-30 has passed"):
        enlist(file, None, office.book, office.deployment.settings, BEGIN)


def test_what_cannot_be_planned_is_not_added(office: Office) -> None:
    file = office.file(frames="5-9")
    with pytest.raises(JobSpecProblems, match=r"autumn\.yaml:\d+: frames: 5-9 leaves the source"):
        enlist(file, None, office.book, office.deployment.settings, BEGIN)
    assert office.book.campaigns() == []


@pytest.mark.parametrize(
    ("cron", "output", "lacking"),
    [
        ("0 6 * * *", "out/", "{date}"),
        ("0 6,18 * * *", "out/{date}/", "{time}"),
        ("0 6 * * *", "out/{date}/", ""),
        ("*/5 * * * *", "out/{date}/{time}/", ""),
    ],
)
def test_runs_that_meet_in_one_place_are_told(office: Office, cron: str, output: str, lacking: str) -> None:
    file = office.file(cron=cron, output=output)
    notes = enlist(file, None, office.book, office.deployment.settings, BEGIN).notes
    said = f"output: runs replace what those before them made in the same place; {lacking} in it keeps them apart"
    assert [note for note in notes if note.startswith("output")] == ([said] if lacking else [])


def test_relative_paths_stay_those_of_the_job_files_folder(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    office.file()
    monkeypatch.chdir(tmp_path)
    enlist("autumn.yaml", None, office.book, office.deployment.settings, BEGIN)
    monkeypatch.chdir("/")
    office.clock.go_to(FIRST)
    office.scheduler().work()
    [job] = office.deployment.truth.jobs()
    assert office.deployment.truth.plan(job).output == f"{tmp_path}/out/autumn/2026-12-07/0600/"
