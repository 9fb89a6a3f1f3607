"""What is said about a drill: counts, medians, and whether it passed."""

from __future__ import annotations

import json

from jobs.drill.compare import Made
from jobs.drill.report import Played, Report, Struck, describe


def struck(trouble: str, recovery_s: float | None = 1.0, at_s: float | None = 0.5) -> Struck:
    return Struck(trouble, 0.3, "what it did", at_s, recovery_s)


def report(*rounds: Played) -> Report:
    return Report(
        command="atelier drill",
        seed=1,
        frames=24,
        chunks=6,
        undisturbed_s=3.0,
        frames_sha256="0" * 64,
        store="S3",
        left_out={"clock-jump": "there is no C compiler"},
        rounds=list(rounds),
    )


def test_recovery_is_told_by_median_and_maximum() -> None:
    told = report(*(Played(n, "identical", 4, (struck("delay", float(n)),)) for n in (1, 2, 9)))
    (row,) = told.summaries()
    assert (row.struck, row.median_s, row.max_s) == (3, 2.0, 9.0)


def test_a_moment_that_never_came_counts_apart() -> None:
    told = report(Played(1, "identical", 4, (struck("delay", None, None),)))
    (row,) = told.summaries()
    assert (row.struck, row.missed, row.median_s) == (0, 1, None)


def test_repeated_frames_are_told_where_a_trouble_was_alone() -> None:
    alone = Played(1, "identical", 4, (struck("delay"),), repeated_frames=3)
    both = Played(2, "identical", 4, (struck("delay"), struck("reorder")), repeated_frames=40)
    assert {row.trouble: row.repeated_frames for row in report(alone, both).summaries()} == {
        "delay": 3,
        "reorder": None,
    }


def test_one_bad_round_fails_the_drill() -> None:
    good = Played(1, "identical", 4, ())
    assert report(good).passed
    for verdict in ("differs", "hung", "failed"):
        assert not report(good, Played(2, verdict, 4, ())).passed


def test_both_forms_tell_everything() -> None:
    told = report(Played(7, "differs", 4, (struck("delay"),), trouble=("file png/film.0003.png: differs",)))
    assert json.loads(told.as_json())["rounds"][0]["trouble"] == ["file png/film.0003.png: differs"]
    page = told.as_markdown()
    for words in ("| delay | 1 | 0 | 1.0 s | 1.0 s |", "png/film.0003.png", "Left out: clock-jump", "0 of 1 rounds"):
        assert words in page


def test_every_difference_is_named() -> None:
    one = Made("aa", {"h264": "1"}, {"film.mp4": "1", "png/1.png": "2"})
    other = Made("bb", {"h264": "2"}, {"film.mp4": "1", "png/2.png": "2"})
    assert one.differences(one) == []
    assert one.differences(other) == [
        "the digest over all frames",
        "deliverable h264: differs",
        "file png/1.png: should not be there",
        "file png/2.png: is missing",
    ]


def test_rounds_that_nothing_struck_count_apart() -> None:
    missed = Played(1, "identical", 4, (struck("delay", None, None),))
    bad = Played(2, "failed", 4, (struck("delay", None, None),))
    met = Played(3, "identical", 4, (struck("delay"), struck("reorder", None, None)))
    told = report(missed, bad, met)
    assert [played.is_untouched for played in told.rounds] == [True, False, False]
    body = json.loads(told.as_json())
    assert (body["identical"], body["untouched"], body["passed"]) == (2, 1, False)
    assert "2 of 3 rounds bit-identical" in told.as_markdown()
    assert "; in 1 of them nothing struck, which proves nothing" in told.as_markdown()
    assert "identical, nothing struck |" in told.as_markdown()
    assert report(missed).passed
    assert report(met).caveat == ""


def test_a_recovery_that_was_not_seen_has_no_time() -> None:
    told = report(Played(1, "hung", 120, (struck("delay", None),)), Played(2, "identical", 4, (struck("delay", 2.0),)))
    (row,) = told.summaries()
    assert (row.struck, row.median_s, row.max_s) == (2, 2.0, 2.0)
    assert describe(told.rounds[0].struck[0]) == "delay at 0.5 s (what it did), no recovery seen"
