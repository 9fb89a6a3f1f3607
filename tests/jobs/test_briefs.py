"""Briefs: prompts and narrations that a language model writes, over a real endpoint; once, and then part of the job."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.config import Settings
from jobs.copywriter import narration, prompts
from jobs.copywriter.narration import NarrationBrief
from jobs.copywriter.prompts import PicturesBrief
from jobs.desk import Desk
from jobs.draft import draft
from jobs.kinds.base import FieldProblem
from jobs.kinds.diffusion import prepare
from jobs.kinds.diffusion_keys import DiffusionSpec
from jobs.spec import JobSpecProblems, canonical, parse
from jobs.truth import Truth
from tests.diffusion.folders import write_folder
from tests.jobs.model_server import Model
from tests.jobs.test_copywriter import desk_at
from tests.speech.folders import write_vits

WRITTEN = {"prompt_1": "A ferry at dawn, wide view", "prompt_2": "Ropes on a wet quay, close"}

BRIEF = "brief: {about: A ferry line in autumn, prompts: 2, tone: photographic}"


def file_of(tmp_path: Path, text: str = BRIEF) -> str:
    write_folder(tmp_path / "sd", "sd")
    return f"kind: diffusion\nmodel: sd\noutput: out/\nseeds: 0-1\n{text}"


def test_prompts_are_asked_for_once_and_are_then_part_of_the_job(truth: Truth, tmp_path: Path) -> None:
    spec, located = parse(file_of(tmp_path), path="d.yaml", folder=tmp_path)
    with desk_at(truth, WRITTEN) as (desk, server):
        config = desk.config.model_copy(update={"store": truth.store.url})
        begun = draft(spec, located, config)
        assert begun.plan.frames == 4
        assert begun.plan.notes == ("brief: 2 prompts would be asked of small on submission; they are part of the job",)
        assert server.asked == []
        plan = begun.completed(Desk(config, truth, may_ask=True)).plan
        assert [row["prompt"] for row in plan.inputs["subjects"]] == list(WRITTEN.values())
        # The same file again is the same job, and asks nobody.
        again = draft(spec, located, config).completed(Desk(config, truth, may_ask=True))
        assert (again.plan.job, len(server.asked)) == (plan.job, 1)
    assert canonical(again.spec)["brief"]["written"] == list(WRITTEN.values())
    assert "You write prompts from which a diffusion model makes pictures" in server.told(0, 0)
    assert "photographic" in server.told(0)


def test_many_prompts_are_asked_for_in_turns_and_none_twice(truth: Truth) -> None:
    first = {f"prompt_{number}": f"A boat with {number} sails" for number in range(1, 9)}
    with desk_at(truth, first, {"prompt_1": "A boat with 1 sails"}, {"prompt_1": "A quay"}) as (desk, server):
        brief = prompts.write_prompts(PicturesBrief(about="boats", prompts=9), desk, lambda text: "")
    assert brief.written == [*first.values(), "A quay"]
    assert "A boat with 8 sails" in server.told(1)
    assert "prompt_1 is there already; write another" in server.told(2)


def test_words_on_the_farms_list_are_told_to_the_model_and_never_taken(truth: Truth, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("sword\n", encoding="utf-8")
    armed, plain = {"prompt_1": "A knight with a Sword"}, {"prompt_1": "A knight on a bridge"}

    def prepared(seed: int, last: dict[str, str]) -> tuple[DiffusionSpec, Model]:
        text = f"brief: {{about: knights, prompts: 1, tries: 2, seed: {seed}}}"
        spec, _ = parse(file_of(tmp_path, text), path="d.yaml", folder=tmp_path)
        assert isinstance(spec, DiffusionSpec)
        with desk_at(truth, armed, last) as (desk, server):
            config = desk.config.model_copy(update={"prompt_blocklist": str(tmp_path / "words.txt")})
            return prepare(spec, Desk(config, truth, may_ask=True)), server

    made, server = prepared(1, plain)
    assert made.brief is not None
    assert made.brief.written == [plain["prompt_1"]]
    assert "prompt_1 has 'sword', which may not be used" in server.told(1)
    with pytest.raises(
        FieldProblem, match="brief: pictures: after 2 tries prompt_1 has 'sword', which may not be used"
    ):
        prepared(2, armed)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "brief: boats",
            "d.yaml:5: brief: 4 prompts are not written, for no endpoint is set (ATELIER_COPY_URL)",
        ),
        ("brief: boats\nprompts: boats", "brief: stands in place of prompts; leave one of them out"),
        ("steps: 3", "'prompts' is missing: what is to be seen, as in [a red door]; or write a brief"),
        ("brief: {about: boats, prompts: 65}", "65"),
        ("brief: {about: ...}", "has no letter in it; write words"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(JobSpecProblems) as problems:
        draft(*parse(file_of(tmp_path, text), path="d.yaml", folder=tmp_path), Settings(store=str(tmp_path / "store")))
    assert said in str(problems.value)


def test_written_prompts_need_no_endpoint(tmp_path: Path) -> None:
    text = "brief: {about: boats, prompts: 1, written: [A boat]}"
    spec, located = parse(file_of(tmp_path, text), path="d.yaml", folder=tmp_path)
    plan = draft(spec, located, Settings(store=str(tmp_path / "store"))).plan
    assert plan.inputs["subjects"][0]["prompt"] == "A boat"


def test_a_narration_is_as_long_as_it_is_to_last(truth: Truth) -> None:
    brief = NarrationBrief(about="Why tides come twice a day", seconds=40)
    asked = narration.question(brief, "en", lambda text: "")
    assert [text.most_letters for text in asked.copy.texts.values()] == [280, 280]
    dense = narration.question(brief, "zh", lambda text: "")
    assert [text.most_letters for text in dense.copy.texts.values()] == [90, 90]
    right = "The tide turns, and turns again. " * 8
    replies = [{"paragraph_1": right, "paragraph_2": "Too short."}, {"paragraph_1": right, "paragraph_2": right}]
    with desk_at(truth, *replies) as (desk, server):
        done = narration.write_narration(brief, "en", desk, lambda text: "")
    assert done.written == [right.strip()] * 2
    assert "paragraph_2 has 10 letters, and is to have 168 to 280" in server.told(1)
    assert "You write what a narrator says" in server.told(0, 0)
    silent = Desk(Settings(), truth, may_ask=False)
    assert narration.write_narration(brief, "en", silent, lambda text: "").written == []


def test_a_voice_gets_a_narration_in_its_own_language_and_letters(truth: Truth, tmp_path: Path) -> None:
    write_vits(tmp_path / "deu", language="deu", letters="abcdefghijklmnopqrstuvwxyzäöüß .")
    text = "kind: speech\nbrief: {about: Tides, seconds: 5}\nvoice: deu\nlanguage: de\noutput: out/"
    spec, located = parse(text, path="s.yaml", folder=tmp_path)
    right = "die flut kommt jeden tag zweimal und geht wieder."
    with desk_at(truth, {"paragraph_1": f"{right} 42"}, {"paragraph_1": right}) as (desk, server):
        config = desk.config.model_copy(update={"store": truth.store.url})
        begun = draft(spec, located, config)
        assert begun.plan.notes == (
            "brief: the narration would be asked of small on submission; it is part of the job",
        )
        plan = begun.completed(Desk(config, truth, may_ask=True)).plan
    assert [line["text"] for line in plan.inputs["lines"]] == [right]
    assert "paragraph_1 cannot be said by the voice" in server.told(1)
    assert "German" in server.told(0)
    with pytest.raises(JobSpecProblems, match="brief: nobody has written it, for no endpoint is set"):
        draft(spec, located, Settings(store=str(tmp_path / "store")))
