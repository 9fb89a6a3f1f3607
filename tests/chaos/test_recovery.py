"""What counts as a recovery: a sign that was seen, in a film that was done."""

from __future__ import annotations

import time

from jobs.drill.compare import Made
from jobs.drill.report import Struck
from jobs.drill.rounds import Performance, play
from jobs.drill.seeds import Blow, Round
from tests.chaos.stage import Stage

NOTHING = Made("", {}, {})


def struck(stage: Stage, trouble: str) -> Performance:
    """A trouble that has struck."""
    performance = stage.performance(trouble)
    performance.step()
    assert performance.scene.struck is not None
    return performance


def told(performance: Performance, *, is_done: bool = True) -> Struck:
    performance.step()
    performance.end()
    return performance.told(time.monotonic(), is_done=is_done)


def test_a_new_frame_is_a_recovery(stage: Stage) -> None:
    token = stage.paint(0, frames=5)
    performance = struck(stage, "duplicate")
    performance.step()
    assert not performance.ended
    assert stage.hand.tick(0, token, frames=6) == "ok"
    stage.watch.look()
    assert told(performance).recovery_s is not None


def test_a_frame_done_before_the_blow_is_none(stage: Stage) -> None:
    token = stage.paint(0, frames=5)
    assert stage.hand.tick(0, token, frames=6) == "ok"
    performance = struck(stage, "duplicate")
    stage.watch.look()
    performance.step()
    assert not performance.ended
    assert told(performance).recovery_s is None


def test_a_film_that_is_over_before_a_sign_has_shown_no_recovery(stage: Stage) -> None:
    for trouble in ("duplicate", "delay", "redis-flush"):
        performance = struck(stage, trouble)
        stage.watch.over = True
        assert told(performance).recovery_s is None
        stage.watch.over = False
        stage.submit("", token="")


def test_a_film_that_stays_done_is_no_new_sign(stage: Stage) -> None:
    performance = struck(stage, "duplicate")
    stage.ledger.end(stage.job.job, "done", generation=1)
    for _ in range(2):
        stage.watch.look()
    assert told(performance).recovery_s is None


def test_a_film_that_is_not_done_has_not_recovered(stage: Stage) -> None:
    performance = struck(stage, "duplicate")
    performance.scene.recover()
    assert told(performance, is_done=False).recovery_s is None


def test_a_round_that_hangs_tells_no_recovery(stage: Stage) -> None:
    planned = Round(1, (Blow("duplicate", 0.0, 1), Blow("redis-flush", 0.0, 2)))
    played = play(stage, planned, "", NOTHING, token="", limit_s=0.3)
    assert played.verdict == "hung"
    assert [row.recovery_s for row in played.struck] == [None, None]
    assert all(row.at_s is not None for row in played.struck)


def test_a_round_that_fails_tells_no_recovery(stage: Stage) -> None:
    stage.truth.put_ending(stage.job.job, 1, state="failed", reason="it had to")
    stage.ledger.end(stage.job.job, "failed", generation=1)
    stage.watch.look()
    played = play(stage, Round(1, (Blow("two-submitters", 0.0, 1),)), "", NOTHING, token="", limit_s=5)
    assert (played.verdict, played.trouble) == ("failed", ("failed: it had to",))
    assert played.struck[0].at_s is not None
    assert played.struck[0].recovery_s is None
