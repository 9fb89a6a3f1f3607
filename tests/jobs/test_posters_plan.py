"""Posters job files: what they plan, and every sentence about what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jobs.config import Settings
from jobs.desk import Desk
from jobs.draft import draft
from jobs.records import Plan
from jobs.spec import JobSpecProblems, canonical, parse
from jobs.submit import plan_job
from pipeline.images import encode_png
from pipeline.poster.brief import PosterBrief
from pipeline.provenance import Marks, embed_file
from pipeline.typography import shipped
from tests.jobs.deployment import Deployment
from tests.jobs.model_server import model
from tests.media import write_sound
from tests.portraits.making import write_generator

TEMPLATE = """\
title: Plain
variables:
  headline: {default: {en: Hello, de: Hallo}, most: 20}
  logo: {default: ""}
palettes:
  ink: {paper: "#fff", ink: "#111", accent: red, soft: "#777"}
  night: {paper: "#000", ink: "#eee", accent: red, soft: "#999"}
palette: ink
layers:
  - {layer: shape, fill: paper, box: {within: canvas}}
  - {layer: logo, logo: "{logo}", when: "{logo}"}
  - {layer: text, text: "{headline}", motion: [{preset: rise, at: 1, over: 1}]}
"""

AUDIENCES = "audience,locale,headline,logo\nstudents,en de,,\nfriends,en,Come,mark.png\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What job files name."""
    made = tmp_path_factory.mktemp("posters")
    (made / "plain.yaml").write_text(TEMPLATE, encoding="utf-8")
    (made / "audiences.csv").write_text(AUDIENCES, encoding="utf-8")
    (made / "mark.png").write_bytes(encode_png(np.zeros((20, 40, 3), np.uint8)))
    write_generator(made / "faces.safetensors")
    (made / "fonts").mkdir()
    package, name = shipped.FAMILIES["Caveat"][0]
    from importlib.resources import files

    (made / "fonts/Mine.ttf").write_bytes((files(package) / name).read_bytes())
    return made


def text(*changes: str, **keys: object) -> str:
    lines = {"kind": "posters", "template": "plain.yaml", "audiences": "audiences.csv", "output": "out", **keys}
    return "\n".join([*(f"{key}: {value}" for key, value in lines.items()), *changes])


def planned(folder: Path, *changes: str, **keys: object) -> Plan:
    return plan_job(*parse(text(*changes, **keys), path="job.yaml", folder=folder), Settings())


def brief(plan: Plan) -> PosterBrief:
    return PosterBrief.model_validate(plan.inputs)


def problems(folder: Path, *changes: str, **keys: object) -> str:
    with pytest.raises(JobSpecProblems) as caught:
        planned(folder, *changes, **keys)
    return str(caught.value).replace(f"{folder}/", "")


def test_every_audience_language_and_size_is_a_frame(folder: Path) -> None:
    plan = planned(folder, sizes="[200x250, square]")
    assert plan.frames == 6
    assert plan.names[:2] == ("students-en-200x250", "students-en-1080x1080")
    assert [variant.values["headline"] for variant in brief(plan).variants[::2]] == ["Hello", "Hallo", "Come"]
    assert (plan.deliver, plan.clips, plan.rate, plan.manifest, plan.on_error) == (("png",), (), None, True, "skip")
    assert plan.origin is None


def test_what_moves_is_a_clip_of_each_poster(folder: Path) -> None:
    plan = planned(folder, deliver="[png, h264, gif]", duration=4, fps=25, most_bytes="{gif: 3 MB}")
    assert (plan.clips, plan.rate) == (("h264", "gif"), "25")
    made = brief(plan)
    assert (made.frames, made.duration_s, made.loop, made.most_bytes) == (100, 4, True, {"gif": 3_000_000})


def test_a_sound_is_everybodys_or_each_languages(folder: Path) -> None:
    for name in ("jingle", "voice.en", "voice.de"):
        write_sound(folder / f"{name}.wav", codec="pcm_s16le")
    plan = planned(folder, deliver="[h264]", sound="jingle.wav")
    both = brief(plan)
    assert [both.heard(variant.locale) for variant in both.variants] == ["", "", ""]
    assert [plan.files[added.file].name for added in both.sounds[""].added] == ["jingle.wav"]
    plan = planned(
        folder, deliver="[h264]", sound="{mix: [{file: 'voice.{locale}.wav', at: 1, duck: 9}], loudness: -16}"
    )
    made = brief(plan)
    assert set(made.sounds) == {"en", "de"}
    assert made.sounds["de"].added[0].duck is not None
    assert plan.origin is None
    (folder / "voice.de.wav").unlink()
    left = planned(folder, deliver="[h264]", sound="'voice.{locale}.wav'")
    assert [note for note in left.notes if "voice.de.wav: no such file; check the path" in note]
    assert [bool(variant.problem) for variant in brief(left).variants] == [
        variant.locale == "de" for variant in made.variants
    ]


def test_a_sound_that_cannot_be_heard_is_told(folder: Path) -> None:
    write_sound(folder / "jingle.wav", codec="pcm_s16le")
    assert "sound: there is none in png, gif; ask for h264 as well" in problems(
        folder, deliver="[png, gif]", sound="jingle.wav"
    )
    assert "sound: names no file; write sound: voice.flac" in problems(
        folder, deliver="[h264]", sound="{loudness: -16}"
    )
    assert "nothing.wav: no such file; check the path" in problems(folder, deliver="[h264]", sound="nothing.wav")
    assert "sound: 3 is none; write voice.flac" in problems(folder, deliver="[h264]", sound=3)


def test_a_sound_that_a_program_made_marks_its_posters(folder: Path) -> None:
    write_sound(folder / "told.wav", codec="pcm_s16le")
    embed_file(folder / "told.wav", {}, Marks(origin="generated", producer="Studio"))
    plan = planned(folder, deliver="[h264]", sound="told.wav")
    assert (plan.origin, brief(plan).spoken) == ("composed", ("",))


def test_pictures_and_fonts_go_with_the_job_once(folder: Path) -> None:
    plan = planned(folder, sizes="[200x250, square]", fonts="fonts")
    assert [file.name for file in plan.files] == ["mark.png", "Mine.ttf"]
    assert brief(plan).pictures == {"mark.png": 0}
    assert [(font.file, font.last) for font in brief(plan).fonts] == [(1, False)]


def test_backgrounds_of_a_model_bring_it_along_and_say_so(folder: Path) -> None:
    made = "{kind: portraits, model: faces.safetensors, seeds: 3-5}"
    plan = planned(folder, background=made, backgrounds="{own: mark.png}")
    assert {"", "own"} == brief(plan).backgrounds.keys()
    assert plan.models
    assert plan.origin == "composed"
    assert [variant.seed for variant in brief(plan).variants] == ["3", "3", "4"]


def test_the_same_job_file_is_the_same_job_until_something_it_reads_changes(folder: Path, tmp_path: Path) -> None:
    for name in ("plain.yaml", "audiences.csv", "mark.png"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    first = planned(tmp_path).job
    assert planned(tmp_path).job == first
    (tmp_path / "audiences.csv").write_text(AUDIENCES.replace("Come", "Go"), encoding="utf-8")
    second = planned(tmp_path).job
    (tmp_path / "plain.yaml").write_text(TEMPLATE.replace("red", "blue"), encoding="utf-8")
    assert len({first, second, planned(tmp_path).job}) == 3


def test_groups_see_their_own_words(folder: Path) -> None:
    plan = planned(folder, groups="{a: {palette: night}, b: {share: 3, values: {headline: Hi}}}")
    assert {variant.group for variant in brief(plan).variants} <= {"a", "b"}
    assert all((variant.palette == "night") == (variant.group == "a") for variant in brief(plan).variants)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("audience,palette\na,blue\nb,\n", "left out: audiences.csv:2: palette 'blue' is none of ink, night, picture"),
        ("audience,logo\na,gone.png\nb,\n", "left out: audiences.csv:2: "),
        ("audience,headline\na,\U00012000\nb,\n", "left out: audiences.csv:2: "),
    ],
)
def test_an_audience_that_is_wrong_is_left_out_or_stops_the_job(
    folder: Path, tmp_path: Path, rows: str, said: str
) -> None:
    (tmp_path / "plain.yaml").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "audiences.csv").write_text(rows, encoding="utf-8")
    plan = planned(tmp_path)
    assert [bool(variant.problem) for variant in brief(plan).variants] == [True, False]
    assert any(note.startswith(said) for note in plan.notes)
    assert said.removeprefix("left out: ") in problems(tmp_path, on_error="fail")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"template": "plane"}, "job.yaml:2: template: 'plane' is no template; there are"),
        ({"template": "gone.yaml"}, "job.yaml:2: gone.yaml: no such template"),
        ({"audiences": "gone.csv"}, "job.yaml:3: gone.csv"),
        ({"audiences": "7"}, "job.yaml:3: audiences: write the path of a table, or a list"),
        ({"sizes": "[10x10]"}, "job.yaml:5: sizes: 10x10: a poster's sides are 64 to 10,000 px"),
        ({"palette": "blue"}, "job.yaml:5: palette: 'blue' is none of the template's ink, night, picture"),
        ({"palette": "{paper: white}"}, "job.yaml:5: palette: has no ink"),
        ({"values": "{headlin: x}"}, "job.yaml:5: 'headlin' is no variable of the template; it has headline, logo"),
        ({"groups": "{a: {palette: blue}}"}, "palette: 'blue' is none of"),
        ({"groups": "{a: {share: 0}}"}, "groups.a.share"),
        ({"fonts": "gone"}, "job.yaml:5: fonts: fonts gone: no such folder"),
        ({"deliver": "[h264]", "duration": 1}, "the animation has 1 s; make it longer"),
        ({"fps": 90}, "job.yaml:5: fps: 90 is out of range; posters move at 1 to 60"),
        ({"most_bytes": "{gif: big}"}, "most_bytes: 'big' is no size; write 8 MB"),
        ({"background": "{kind: portraits, model: faces.safetensors, seeds: x}"}, "job.yaml:5: "),
        ({"background": "gone.jpg"}, "job.yaml:5: background: gone.jpg"),
        ({"copy": "{brief: x, texts: {title: {most_letters: 5}}}"}, "copy: 'title' is no variable of the template"),
        ({"copy": "{brief: x, texts: {headline: {most_letters: 50}}}"}, "the template has room for 20"),
        ({"locales": "[german!]"}, "is no language tag"),
        ({"delivr": "[png]"}, "job.yaml:5: unknown key 'delivr'; did you mean 'deliver'?"),
    ],
)
def test_what_is_wrong_with_a_job_file_is_said_with_its_line(folder: Path, keys: dict[str, object], said: str) -> None:
    table = {"audiences": "[{audience: a}]"} if "locales" in keys else {}
    assert said in problems(folder, **{**table, **keys})


def test_too_many_posters_are_refused_before_any_is_made(folder: Path) -> None:
    spec, located = parse(text(), path="job.yaml", folder=folder)
    with pytest.raises(JobSpecProblems, match="3 posters; at most 2 are allowed"):
        plan_job(spec, located, Settings(max_frames=2))


def test_without_an_endpoint_the_templates_own_words_are_used_and_that_is_said(folder: Path) -> None:
    keys = "{brief: An opening, texts: {headline: {most_letters: 20}}}"
    plan = planned(folder, copy=keys)
    assert brief(plan).variants[0].values["headline"] == "Hello"
    assert any("no endpoint is set" in note for note in plan.notes)


def test_words_that_were_written_are_part_of_the_job(folder: Path) -> None:
    written = "{students/de: {headline: Kommt alle}}"
    keys = "{brief: An opening, texts: {headline: {most_letters: 20}}, written: " + written + "}"
    spec, located = parse(text(copy=keys), path="job.yaml", folder=folder)
    plan = draft(spec, located, Settings(), token="").plan
    assert [variant.values["headline"] for variant in brief(plan).variants] == ["Hello", "Kommt alle", "Come"]
    assert canonical(spec)["copy"]["written"] == {"students/de": {"headline": "Kommt alle"}}
    assert plan.origin == "composed"


def test_a_language_model_writes_what_no_row_gives(folder: Path, deployment: Deployment) -> None:
    keys = "{brief: An opening, texts: {headline: {most_letters: 20}}}"
    with model({"headline": "Kommt alle"}, {"headline": "Come all"}) as server:
        config = deployment.settings.model_copy(
            update={"copy_url": server.url, "copy_model": "small", "copy_retries": 0, "copy_threads": 1}
        )
        begun = draft(*parse(text(copy=keys), path="job.yaml", folder=folder), config, token="")
        assert any("2 texts would be asked" in note for note in begun.plan.notes)
        plan = begun.completed(Desk(config, deployment.truth, may_ask=True)).plan
    words = [variant.values["headline"] for variant in brief(plan).variants]
    # The third one's row has a headline of its own, and nobody is asked for it.
    assert len(server.asked) == 2
    assert sorted(words[:2]) == ["Come all", "Kommt alle"]
    assert words[2] == "Come"
    assert plan.origin == "composed"


def test_names_of_files_keep_the_marks_on_letters_and_nothing_else_odd(folder: Path) -> None:
    rows = "[{audience: हिन्दी भाषा, locale: hi}, {audience: สวัสดี}, {audience: ../../etc/passwd}, {audience: '..'}]"
    names = planned(folder, audiences=rows, values="{headline: Hi}", sizes="[200x250]").names
    assert names == ("हिन्दी-भाषा-hi-200x250", "สวัสดี-en-200x250", "etc-passwd-en-200x250", "audience-en-200x250")


def test_languages_may_be_written_in_many_ways(folder: Path) -> None:
    rows = '[{audience: a, locale: "de_AT, EN"}, {audience: b, locale: "de;"}, {audience: c, locale: ","}]'
    found = brief(planned(folder, audiences=rows, sizes="[200x250]")).variants
    said = [(variant.audience, variant.locale, variant.values["headline"]) for variant in found]
    assert said == [("a", "de-AT", "Hallo"), ("a", "en", "Hello"), ("b", "de", "Hallo"), ("c", "en", "Hello")]


def test_a_background_that_is_missing_is_told_before_anything_is_made(folder: Path) -> None:
    said = problems(folder, template="exhibition", audiences="[{audience: a}]")
    assert "audiences, audience 1: layer background shows a background, and the job has none; add the key" in said
    said = problems(folder, audiences="[{audience: a}]", palette="picture", values="{headline: Hi}")
    assert "palette: picture takes colours from a background, and the job has none" in said
    said = problems(folder, audiences="[{audience: a, group: x}]", groups="{x: {}, y: {background: harbour}}")
    assert "background 'harbour' is none of the job's backgrounds; there are none" in said


def test_no_message_is_longer_than_one_reads(folder: Path) -> None:
    rows = ", ".join(f"{{audience: a{number}, palette: nosuch}}" for number in range(30))
    assert problems(folder, audiences=f"[{rows}]").splitlines()[-1].strip() == "and 10 more"


def test_a_templates_own_film_is_planned_and_an_empty_path_is_no_layer(folder: Path) -> None:
    layers = TEMPLATE.replace('layer: logo, logo: "{logo}", when: "{logo}"', 'layer: film, film: "{logo}"')
    (folder / "moving.yaml").write_text(layers, encoding="utf-8")
    plan = planned(folder, template="moving.yaml")
    assert list(brief(plan).backgrounds) == ["mark.png"]
    said = problems(folder, template="moving.yaml", audiences="[{audience: a, logo: gone.mp4}]")
    assert "audiences, audience 1: gone.mp4: no such film, picture or folder" in said
