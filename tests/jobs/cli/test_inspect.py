"""`atelier inspect`: what it says of files with marks, without, and of what is no such file."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from jobs.cli import guard
from pipeline import provenance
from pipeline.images import encode_jpeg, encode_png
from pipeline.provenance import COMPOSED
from tests.jobs.cli.conftest import Shell
from tests.provenance.authorities import Authority
from tests.provenance.files import FACTS, MARKS, write_movie

PICTURE = encode_png(np.zeros((8, 8, 3), np.uint8))


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """A picture with facts and a latent."""
    path = tmp_path / "marked.png"
    path.write_bytes(provenance.embed(PICTURE, FACTS | provenance.latent_facts(np.ones(4, np.float32)), MARKS))
    return path


@pytest.fixture
def signed(shell: Shell, tmp_path: Path, marked: Path) -> Path:
    """The same with a signature, of somebody who is trusted here."""
    authority = Authority.made()
    (tmp_path / "authorities.pem").write_bytes(authority.pem)
    target = io.BytesIO()
    authority.signing(tmp_path).sign(
        io.BytesIO(marked.read_bytes()), target, mime="image/png", title="a picture", source_type=COMPOSED
    )
    path = tmp_path / "signed.png"
    path.write_bytes(target.getvalue())
    shell.set(c2pa_trust=str(tmp_path / "authorities.pem"))
    return path


def test_what_a_file_says_is_told(shell: Shell, marked: Path) -> None:
    result = shell("inspect", str(marked))
    assert result.exit_code == guard.OK
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[0] == f"{marked} PNG"
    assert "source type trainedAlgorithmicMedia (a model made it)" in lines
    number = provenance.content_id(PICTURE)
    assert f"AIGC generated, ContentProducer Studio-1, ProduceID {number}" in lines
    assert "model ffhq <&> é" in lines
    assert "latent there, so that it can be made again and varied" in lines
    assert not any("C2PA" in line for line in lines)


def test_a_film_and_a_file_without_marks_are_told_together(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "plain.jpg").write_bytes(encode_jpeg(np.zeros((8, 8, 3), np.uint8)))
    result = shell("inspect", str(write_movie("h264-mkv", tmp_path)), str(tmp_path / "plain.jpg"))
    assert result.exit_code == guard.OK
    assert "ContentProducer Studio-1" in result.stdout
    assert "plain.jpg  JPEG\n  carries no marks\n" in result.stdout


def test_a_signature_is_verified(shell: Shell, signed: Path) -> None:
    result = shell("inspect", str(signed))
    assert result.exit_code == guard.OK
    assert "valid, and the signer is trusted" in result.stdout
    assert "Studio, Studio Ltd (Es256), with Atelier" in result.stdout
    told = shell.json("inspect", str(signed))[0]
    assert (told["c2pa"]["state"], told["c2pa"]["source_types"]) == ("trusted", [COMPOSED])
    assert (told["facts"], told["latent"], told["aigc"]["Label"]) == (FACTS, True, "1")


def test_an_altered_file_ends_with_an_error(shell: Shell, signed: Path) -> None:
    data = bytearray(signed.read_bytes())
    data[data.index(b">85<") + 1] ^= 1
    signed.write_bytes(data)
    result = shell("inspect", str(signed))
    assert result.exit_code == guard.JOB_FAILED
    assert "broken: the content was altered after it was signed" in result.stdout


def test_what_is_no_such_file_is_refused_and_the_others_are_told(shell: Shell, marked: Path, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("words")
    (tmp_path / "half.png").write_bytes(marked.read_bytes()[:60])
    files = [str(tmp_path / name) for name in ("words.txt", "half.png", "absent.png", "marked.png")]
    result = shell("inspect", *files)
    assert result.exit_code == guard.BAD_INPUT
    assert "marked.png  PNG" in result.stdout
    said = result.stderr.splitlines()
    assert len(said) == 3
    assert "words.txt: is none of PNG" in said[0]
    assert "half.png: the PNG file is cut off or damaged" in said[1]
    assert "absent.png: no such file" in said[2]
    rows = json.loads(shell("inspect", *files, "--json").stdout)
    assert [row.get("error", "") != "" for row in rows] == [True, True, True, False]


def test_authorities_that_cannot_be_read_are_named(shell: Shell, signed: Path, tmp_path: Path) -> None:
    for content, said in ((None, "cannot be read as authorities"), (b"noise", "holds no certificates")):
        path = tmp_path / "authorities.pem"
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        result = shell("inspect", str(signed))
        assert result.exit_code == guard.BAD_INPUT
        assert said in result.stderr


@pytest.mark.parametrize("words", [("run",), ("worker",)])
def test_workers_that_could_not_sign_are_not_started(shell: Shell, tmp_path: Path, words: tuple[str, ...]) -> None:
    signing = Authority.made().signing(tmp_path, days=-1)
    shell.set(c2pa_certificate=str(signing.certificate), c2pa_key=str(signing.key), label="on")
    result = shell(*words, *([shell.job_file(size=64)] if words == ("run",) else []))
    assert result.exit_code == guard.BAD_INPUT
    [said] = result.stderr.splitlines()
    assert "certificate.pem: expired on" in said
