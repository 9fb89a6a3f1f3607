"""What a film job file may say about styles, shots and passages, and what its plan makes of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from jobs.config import Settings
from jobs.kinds.looks import spans_of
from jobs.records import FileRef, Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline import catalog
from pipeline.film.brief import FilmBrief, Span
from pipeline.film.steady import LEAD_IN
from tests.jobs.files import job_text, write_checkpoint, write_sequence

CUTS = "[1006, 1011, 1016, 1021]"
"""Five shots of five frames."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sequence of 25 frames, 1001-1025, two styles, two paintings, and a network for any painting."""
    write_sequence(tmp_path / "shots", 25)
    for number, name in enumerate(("my", "other")):
        write_checkpoint(tmp_path / f"{name}.safetensors", fill=number)
    for number, name in enumerate(("wave", "scream")):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((6, 8, 3), 90 * number, np.uint8))
    (tmp_path / "text.jpg").write_text("no picture")
    weights = write_checkpoint(tmp_path / "any" / "any.safetensors")
    shipped = catalog.Model(
        catalog.ANY_PAINTING,
        "pipeline.models.any_painting:load",
        str(weights),
        catalog.digest(weights),
        "CC BY 4.0",
        "Any painting",
        kind="painting",
    )
    monkeypatch.setitem(catalog.MODELS, catalog.ANY_PAINTING, shipped)
    return tmp_path


def _plan(folder: Path, **changes: object) -> Plan:
    spec, located = parse(job_text(**changes), path="film.yaml", folder=folder)
    return plan_job(spec, located, Settings(chunk_frames=10))


def _brief(folder: Path, **changes: object) -> FilmBrief:
    return FilmBrief.model_validate(_plan(folder, **changes).inputs)


def _problems(folder: Path, **changes: object) -> list[str]:
    with pytest.raises(JobSpecProblems) as caught:
        _plan(folder, **changes)
    return caught.value.problems


def _spans(brief: FilmBrief) -> list[tuple[int, int, str, str | None]]:
    names = [look.name for look in brief.looks]
    fades = [None if span.fades_to is None else names[span.fades_to] for span in brief.spans]
    return [(span.start, span.stop, names[span.look], to) for span, to in zip(brief.spans, fades, strict=True)]


# Paintings


def test_painting_is_pinned_by_its_digest(folder: Path) -> None:
    plan = _plan(folder, style="{painting: wave.png}")
    digest = hashlib.sha256((folder / "wave.png").read_bytes()).hexdigest()
    assert plan.files == (FileRef(name="wave.png", key=f"{folder}/wave.png", sha256=digest),)
    assert [model.name for model in plan.models] == [catalog.ANY_PAINTING]
    assert plan.style == "wave.png"


def test_paintings_have_weights_and_alpha(folder: Path) -> None:
    [look] = _brief(folder, style="{paintings: {wave.png: 0.7, scream.png: 0.3}, alpha: 0.5}").looks
    assert (look.name, look.paintings, look.alpha) == ("wave.png + scream.png", ((0, 0.7), (1, 0.3)), 0.5)


def test_paintings_may_lie_in_a_store(folder: Path) -> None:
    url = f"file://{folder}/wave.png"
    assert _plan(folder, style=f"{{painting: '{url}'}}").files[0].key == f"{folder}/wave.png"


def test_adain_needs_both_its_halves(folder: Path) -> None:
    import torch

    torch.save({"0.weight": torch.zeros(1)}, folder / "encoder.pth")
    torch.save({"1.weight": torch.zeros(1)}, folder / "decoder.pth")
    style = "{painting: wave.png, encoder: encoder.pth, decoder: decoder.pth}"
    assert [model.entry for model in _plan(folder, style=style).models] == [
        "pipeline.models.adain:load_encoder",
        "pipeline.models.adain:load_decoder",
    ]
    [problem] = _problems(folder, style="{painting: wave.png, encoder: encoder.pth}")
    assert "film.yaml:3: style: decoder is missing; AdaIN needs both halves" in problem
    [problem] = _problems(folder, style="{painting: wave.png, encoder: decoder.pth, decoder: encoder.pth}")
    assert "decoder.pth: holds no AdaIN encoder but a decoder" in problem


def test_other_bytes_under_a_paintings_name_are_another_job(folder: Path) -> None:
    before = _plan(folder, style="{painting: wave.png}").job
    (folder / "wave.png").write_bytes((folder / "scream.png").read_bytes())
    assert _plan(folder, style="{painting: wave.png}").job != before


@pytest.mark.parametrize(
    ("style", "says"),
    [
        ("wave.png", "film.yaml:3: wave.png is a picture; write style: {painting: wave.png}"),
        ("{painting: gone.png}", "gone.png: no such painting; check the path"),
        ("{painting: text.jpg}", "text.jpg: is no picture that we can read, or it is damaged"),
        ("{painting: ''}", "film.yaml:3: is empty; write a path or an s3:// address"),
        ("{painting: yes}", "film.yaml:3: painting: is true, as YAML reads it"),
        ("{pianting: wave.png}", "film.yaml:3: unknown key 'pianting'; did you mean 'painting'?"),
        ("{}", "film.yaml:3: style: takes either `painting` or `paintings`"),
        ("{painting: wave.png, paintings: {scream.png: 1}}", "film.yaml:3: style: takes either `painting` or"),
        ("{painting: wave.png, alpha: 2}", "film.yaml:3: style.alpha: input should be less than or equal to 1"),
        ("{painting: wave.png, alpha: true}", "film.yaml:3: alpha: is true, as YAML reads it; write a number"),
        ("{paintings: [wave.png]}", "film.yaml:3: paintings: says how much each counts; write {wave.jpg: 0.7"),
        ("{paintings: {}}", "film.yaml:3: paintings: says how much each counts"),
        ("{paintings: {wave.png: yes}}", "film.yaml:3: paintings: each has a number"),
        ("{paintings: {wave.png: 0}}", "film.yaml:3: style.paintings.wave.png: input should be greater than 0"),
        ("{paintings: {wave.png: .inf}}", "style.paintings.wave.png: input should be a finite number"),
        ("{paintings: {wave.png: 1, gone.png: 1}}", "gone.png: no such painting"),
        ("{painting: 'ftp://host/a.png'}", "no store has the scheme 'ftp'"),
        ("{painting: 's3://me:pa55@host/a.png'}", "film.yaml:3: what holds '@' or ':' can be no bucket"),
        ("{paintings: {'s3://me:pa55@host/a.png': 1}}", "film.yaml:3: what holds '@' or ':' can be no bucket"),
        ("any-painting", "film.yaml:3: any-painting: paints as a painting that it is given; write style: {painting"),
        ("[wave.png]", "film.yaml:3: style: write a name, as in great-wave"),
    ],
)
def test_style_that_is_none_is_named_with_its_line(folder: Path, style: str, says: str) -> None:
    [problem] = _problems(folder, style=style)
    assert says in problem
    assert "pa55" not in problem


def test_problem_in_a_block_has_the_line_of_its_key(folder: Path) -> None:
    [problem] = _problems(folder, style="\n  paintings:\n    wave.png: 1\n    scream.png: none\n  alpha: 1")
    assert problem.startswith("film.yaml:6: style.paintings.scream.png: input should be a valid number")


def test_decompression_bomb_is_refused_from_its_header(folder: Path) -> None:
    import struct
    import zlib

    header = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    (folder / "bomb.png").write_bytes(png + b"\0\0\0\0IDAT5\xaf\x06\x1e\0\0\0\0IEND\xaeB`\x82")
    [problem] = _problems(folder, style="{painting: bomb.png}")
    assert "bomb.png: 30000x30000 is larger than the limit" in problem


def test_without_a_network_for_paintings_its_halves_are_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(catalog.MODELS, catalog.ANY_PAINTING)
    [problem] = _problems(folder, style="{painting: wave.png}")
    assert "no network for any painting; name an `encoder` and a `decoder`" in problem


def test_registered_styles_are_known_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"harbour": folder / "other.safetensors"}
    monkeypatch.setattr("jobs.kinds.styles.to_look_in", lambda name, role: known)
    monkeypatch.setattr("jobs.kinds.looks.registered", lambda: known)
    plan = _plan(folder, style="harbour")
    assert (plan.style, plan.models[0].weights) == ("harbour", f"{folder}/other.safetensors")
    [problem] = _problems(folder, style="harbor")
    assert "unknown style 'harbor'; did you mean 'harbour'?" in problem


# Shots


def test_shots_have_styles_of_their_own(folder: Path) -> None:
    brief = _brief(folder, shots="{2: other.safetensors, 4-5: {painting: wave.png}}", cuts=CUTS)
    assert brief.shots == (0, 5, 10, 15, 20)
    assert _spans(brief) == [
        (0, 5, "my.safetensors", None),
        (5, 10, "other.safetensors", None),
        (10, 15, "my.safetensors", None),
        (15, 25, "wave.png", None),
    ]


def test_networks_and_paintings_that_are_named_twice_are_there_once(folder: Path) -> None:
    shots = "{1: {painting: wave.png}, 2: my.safetensors, 3: {painting: wave.png}, 4: {painting: wave.png, alpha: 0.5}}"
    plan = _plan(folder, shots=shots, cuts=CUTS)
    brief = FilmBrief.model_validate(plan.inputs)
    assert (len(plan.models), len(plan.files), len(brief.looks)) == (2, 1, 3)
    assert plan.style == "my.safetensors, wave.png"


def test_chunks_never_span_a_cut(folder: Path) -> None:
    plan = _plan(folder, cuts="[1013]", chunk=10)
    assert plan.chunks == ((0, 6), (6, 12), (12, 18), (18, 25))
    assert "2 shots" in plan.notes


def test_cuts_are_found(tmp_path: Path, folder: Path) -> None:
    chance = np.random.default_rng(0)
    tints = np.eye(3) * 0.8 + 0.2
    takes = [cv2.resize(chance.integers(0, 255, (8, 12, 3), np.uint8), (96, 64)) * tint for tint in tints]
    for number in range(18):
        cv2.imwrite(str(tmp_path / f"take.{number}.png"), takes[number // 6])
    plan = _plan(folder, source="take.%d.png", shots="{2: other.safetensors}", chunk=4)
    assert plan.inputs["shots"] == [0, 6, 12]
    assert plan.chunks == ((0, 3), (3, 6), (6, 9), (9, 12), (12, 15), (15, 18))
    assert plan.notes[-1] == "3 shots"


@pytest.mark.parametrize(
    ("changes", "looks"),
    [
        ({}, False),
        ({"cuts": "detect"}, True),
        ({"consistency": "flow"}, True),
        ({"consistency": "flow", "cuts": "none"}, False),
        ({"shots": "{1: other.safetensors}"}, True),
        ({"style": "{painting: wave.png}", "preserve_color": "palette"}, True),
        ({"preserve_color": "luminance"}, False),
        ({"crossfade": "{frames: 1003-1005, to: other.safetensors}"}, False),
    ],
)
def test_cuts_are_looked_for_only_when_something_depends_on_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], looks: bool
) -> None:
    looked = []
    monkeypatch.setattr("jobs.kinds.shots.shots_of", lambda *found: looked.append(found) or (0, 12))
    assert _plan(folder, **changes).inputs["shots"] == ([0, 12] if looks else [0])
    assert len(looked) == int(looks)


def test_stated_cuts_outside_the_range_are_left_out(folder: Path) -> None:
    plan = _plan(folder, frames="1004-1012", cuts="[1002, 1004, 1010, 1013]")
    assert plan.inputs["shots"] == [0, 6]


def test_other_cuts_are_another_job(folder: Path) -> None:
    assert _plan(folder, cuts="[1006]").fingerprint != _plan(folder, cuts="[1007]").fingerprint


def test_pictures_of_a_folder_are_shots_that_share_chunks(folder: Path) -> None:
    plan = _plan(folder, source="shots/", deliver="[png]", shots="{3: other.safetensors}")
    assert plan.chunks == ((0, 10), (10, 20), (20, 25))
    assert _spans(FilmBrief.model_validate(plan.inputs))[1] == (2, 3, "other.safetensors", None)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"shots": "{6: other.safetensors}"},
            "6: shots: there is no shot 6; there are 5, and `atelier check` lists them",
        ),
        ({"shots": "{4-9: other.safetensors}"}, "6: shots: there is no shot 9; there are 5, and"),
        ({"shots": "{1-3: other.safetensors, 3: my.safetensors}"}, "6: shots: 1-3 and 3 overlap; give each shot one"),
        ({"shots": "{0: other.safetensors}"}, "6: shots: 0: shots are numbered from 1"),
        ({"shots": "{3-2: other.safetensors}"}, "6: shots: 3-2 ends before it begins; write 2-3"),
        ({"shots": "{last: other.safetensors}"}, "6: shots: 'last' is no shot; write its number, as in 2"),
        ({"shots": "{2: starry-nigth}"}, "6: unknown style 'starry-nigth'; did you mean 'starry-night'?"),
        ({"shots": "{2: {painting: gone.png}}"}, "gone.png: no such painting"),
        ({"shots": "{2: {painting: text.jpg}}"}, "text.jpg: is no picture that we can read"),
        ({"shots": "{2: {painting: wave.png, alhpa: 1}}"}, "6: unknown key 'alhpa'; did you mean 'alpha'?"),
        ({"shots": "[1]"}, "6: shots: write {2: great-wave, 5-7: the-scream}"),
        ({"shots": "{2: yes}"}, "6: style: write a name, as in great-wave"),
    ],
)
def test_wrong_shots_are_named_with_their_line(folder: Path, changes: dict[str, object], says: str) -> None:
    [problem] = _problems(folder, cuts=CUTS, **changes)
    assert says in problem


def test_wrong_shot_in_a_block_has_its_own_line(folder: Path) -> None:
    [problem] = _problems(folder, shots="\n  2: other.safetensors\n  7: other.safetensors", cuts=CUTS)
    assert problem.startswith("film.yaml:7: shots: there is no shot 7")


def test_bad_painting_in_a_block_has_its_own_line(folder: Path) -> None:
    [problem] = _problems(folder, style="\n  paintings:\n    wave.png: 1\n    text.jpg: 1")
    assert problem.startswith("film.yaml:6: ")
    assert "text.jpg" in problem


@pytest.mark.parametrize(
    ("cuts", "says"),
    [
        ("often", "cuts: 'often' says no cuts; write detect, none, or a list of the shots' first frames"),
        ("[1006, x]", "cuts: [1006, 'x'] says no cuts"),
        ("[yes]", "cuts: [True] says no cuts"),
        ("no", "cuts: is false, as YAML reads it; write none"),
        ("[1006, 1026]", "cuts: there is no frame 1026; the source has frames 1001-1025"),
    ],
)
def test_wrong_cuts_are_named(folder: Path, cuts: str, says: str) -> None:
    assert _problems(folder, cuts=cuts) == [f"film.yaml:5: {says}"] or says in _problems(folder, cuts=cuts)[0]


# Crossfades


def test_crossfade_leads_to_a_style_that_stays(folder: Path) -> None:
    brief = _brief(folder, crossfade="{frames: 1005-1008, to: other.safetensors}")
    assert _spans(brief) == [
        (0, 4, "my.safetensors", None),
        (4, 8, "my.safetensors", "other.safetensors"),
        (8, 25, "other.safetensors", None),
    ]
    assert [round(brief.spans[1].mix(frame), 1) for frame in range(4, 8)] == [0.2, 0.4, 0.6, 0.8]


def test_crossfades_follow_each_other(folder: Path) -> None:
    fades = "[{frames: 1001-1004, to: other.safetensors}, {frames: 1005-1025, to: my.safetensors}]"
    assert _spans(_brief(folder, crossfade=fades)) == [
        (0, 4, "my.safetensors", "other.safetensors"),
        (4, 25, "other.safetensors", "my.safetensors"),
    ]


def test_shot_with_its_own_style_interrupts_what_a_crossfade_led_to(folder: Path) -> None:
    brief = _brief(
        folder,
        crossfade="{frames: 1003-1007, to: other.safetensors}",
        shots="{3: {painting: wave.png}}",
        cuts=CUTS,
    )
    assert _spans(brief) == [
        (0, 2, "my.safetensors", None),
        (2, 7, "my.safetensors", "other.safetensors"),
        (7, 10, "other.safetensors", None),
        (10, 15, "wave.png", None),
        (15, 25, "other.safetensors", None),
    ]


@pytest.mark.parametrize(
    ("fades", "says"),
    [
        (
            "{frames: 1020-1026, to: other.safetensors}",
            "crossfade: 1020-1026 leaves the job, which has frames 1001-1025",
        ),
        ("{frames: 1010-1005, to: other.safetensors}", "frames: 1010-1005 ends before it begins; write 1005-1010"),
        ("{frames: 1010-1015}", "'to' is missing: the style that holds after it"),
        ("{to: my.safetensors}", "'frames' is missing: first and last frame of the passage"),
        ("{frames: 1-2, to: my.safetensors, form: x}", "unknown key 'form'; did you mean 'frames'?"),
        ("{frames: 1010-1015, to: great-wav}", "unknown style 'great-wav'; did you mean 'great-wave'?"),
        ("{frames: 1010-1015, to: {painting: gone.png}}", "gone.png: no such painting"),
        ("{frames: 1010-1015, to: {painting: text.jpg}}", "text.jpg: is no picture that we can read"),
        ("{frames: yes, to: my.safetensors}", "frames: is true, as YAML reads it"),
        ("none", "crossfade: write {frames: 100-148, to: great-wave}, or a list of them"),
        (
            "[{frames: 1005-1009, to: other.safetensors}, {frames: 1009-1012, to: my.safetensors}]",
            "crossfade: 1009-1012 begins before the one above it ends; put them in order",
        ),
    ],
)
def test_wrong_crossfade_is_named_with_its_line(folder: Path, fades: str, says: str) -> None:
    [problem] = _problems(folder, crossfade=fades)
    assert problem.startswith("film.yaml:5: ")
    assert says in problem


def test_crossfade_into_a_shot_with_its_own_style_is_refused(folder: Path) -> None:
    fade = "\n- frames: 1001-1003\n  to: other.safetensors\n- frames: 1005-1008\n  to: my.safetensors"
    [problem] = _problems(folder, shots="{2: other.safetensors}", cuts=CUTS, crossfade=fade)
    assert problem == (
        "film.yaml:10: crossfade: 1005-1008 meets frames 1006-1010, a shot with its own style; keep out of it"
    )


def test_spans_cover_every_frame_once() -> None:
    spans = spans_of(100, 0, shots=[(90, 100, 3), (0, 5, 1), (5, 10, 1)], fades=[(20, 30, 1), (30, 40, 2)])
    assert spans[0] == Span(start=0, stop=10, look=1)
    assert [span.start for span in spans[1:]] == [span.stop for span in spans[:-1]]
    assert (spans[0].start, spans[-1].stop) == (0, 100)


# The other controls


@pytest.mark.parametrize(("said", "meant"), [("true", "luminance"), ("false", None), ("luminance", "luminance")])
def test_preserve_color_may_be_a_switch(folder: Path, said: str, meant: str | None) -> None:
    assert _brief(folder, preserve_color=said).preserve_color == meant


def test_palette_is_for_paintings_only(folder: Path) -> None:
    [problem] = _problems(folder, preserve_color="palette")
    assert problem.startswith(
        "film.yaml:5: preserve_color: palette recolours a painting before a film is painted after it, and my.safe"
    )
    shots = {"style": "{painting: wave.png}", "shots": "{2: my.safetensors}", "cuts": CUTS}
    assert "my.safetensors has learnt its colours already" in _problems(folder, preserve_color="palette", **shots)[0]


def test_consistency_leads_in_to_each_chunk(folder: Path) -> None:
    plan = _plan(folder, consistency="flow")
    assert (plan.lead_in, plan.inputs["steady"]) == (LEAD_IN, True)
    assert (_plan(folder).lead_in, _plan(folder).inputs["steady"]) == (0, False)


def test_what_does_not_move_needs_no_consistency(folder: Path) -> None:
    [problem] = _problems(folder, consistency="flow", source="shots/", deliver="[png]")
    assert problem == "film.yaml:5: consistency: a folder of pictures does not move; flow is for films and sequences"
    [problem] = _problems(folder, consistency="flow", source="shots/shot.1001.png", deliver="[png]")
    assert "consistency: a picture does not move" in problem


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("preserve_color", "luminence", "'luminence' is not one of luminance, palette; did you mean 'luminance'?"),
        ("consistency", "flwo", "'flwo' is not one of flow, none; did you mean 'flow'?"),
        ("consistency", "yes", "consistency: is true, as YAML reads it"),
        ("paint_size", "8", "paint_size: input should be greater than or equal to 16"),
        ("paint_size", "yes", "paint_size: is true, as YAML reads it"),
    ],
)
def test_wrong_control_is_named(folder: Path, key: str, value: str, says: str) -> None:
    [problem] = _problems(folder, **{key: value})
    assert problem.startswith("film.yaml:5: ")
    assert says in problem


def test_plan_with_everything_survives_being_written_down(folder: Path) -> None:
    plan = _plan(
        folder,
        style="{paintings: {wave.png: 1, scream.png: 2}}",
        shots="{2: other.safetensors}",
        cuts=CUTS,
        crossfade="{frames: 1012-1014, to: my.safetensors}",
        paint_size=64,
        preserve_color="true",
        consistency="flow",
    )
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    assert json.loads(plan.model_dump_json())["style"] == "wave.png + scream.png, other.safetensors, my.safetensors"
