"""Files are signed and verified; any byte that is altered later is noticed, and so is a certificate that is wrong."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from pipeline import provenance
from pipeline.errors import ConfigError, MediaError, TransientError
from pipeline.film.deliverables import SOUNDS
from pipeline.provenance import GENERATED, tell
from pipeline.provenance.formats import HEAD, format_of
from pipeline.provenance.inspect import inspect
from pipeline.provenance.manifest import read_manifest
from pipeline.provenance.signing import Signing
from tests.provenance.authorities import KEYS, Authority
from tests.provenance.files import EMBEDDED, FACTS, MARKS, STILLS, write_movie, write_sound

SIGNED = (
    "png",
    "jpeg",
    "webp",
    "tiff",
    "gif",
    "animated webp",
    "apng",
    "pdf",
    "pillow's pdf",
    "h264",
    "prores",
    "wav",
    "flac",
)


def signed(name: str, signing: Signing, folder: Path) -> tuple[bytes, bytes]:
    """A marked file of that kind, before and after it was signed."""
    if name in SOUNDS:
        path = write_sound(name, folder)
        provenance.embed_file(path, FACTS, MARKS)
        marked = path.read_bytes()
    elif name in EMBEDDED:
        marked = provenance.embed(EMBEDDED[name], FACTS, MARKS)
    else:
        marked = write_movie(name, folder).read_bytes()
    row, target = format_of(marked[:HEAD]), io.BytesIO()
    assert row is not None
    signing.sign(io.BytesIO(marked), target, mime=row.mime, title=name, source_type=GENERATED)
    return marked, target.getvalue()


def written(data: bytes, folder: Path) -> Path:
    """The data as a file."""
    path = folder / "signed"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", SIGNED)
def test_a_signature_is_verified_and_an_altered_byte_is_noticed(
    name: str, signing: Signing, authority: Authority, tmp_path: Path
) -> None:
    marked, data = signed(name, signing, tmp_path)
    found = inspect(written(data, tmp_path), anchors=authority.pem)
    assert found.manifest is not None
    assert (found.manifest.state, found.manifest.signer) == ("trusted", "Studio, Studio Ltd")
    assert (found.manifest.source_types, found.manifest.title) == ((GENERATED,), name)
    # The other marks are still there, and under the signature.
    assert found.told.facts == FACTS
    assert found.told.aigc is not None
    at = data.index(b">85<") + 1
    altered = inspect(written(data[:at] + b"9" + data[at + 1 :], tmp_path), anchors=authority.pem)
    assert altered.is_broken
    assert altered.manifest is not None
    assert "the content was altered after it was signed" in altered.manifest.problems
    unsigned = inspect(written(marked, tmp_path), anchors=authority.pem)
    assert (unsigned.manifest, unsigned.is_broken) == (None, False)


def test_an_altered_manifest_is_noticed(signing: Signing, tmp_path: Path) -> None:
    _, data = signed("png", signing, tmp_path)
    at = data.index(b"trainedAlgorithmicMedia", data.index(b"caBX"))
    found = inspect(written(data[:at] + b"T" + data[at + 1 :], tmp_path))
    assert found.is_broken
    assert found.manifest is not None
    assert found.manifest.problems == ("what was signed about the file was altered",)


def test_who_is_not_known_is_not_trusted(signing: Signing, tmp_path: Path) -> None:
    path = written(signed("png", signing, tmp_path)[1], tmp_path)
    for anchors in (None, Authority.made().pem):
        found = inspect(path, anchors=anchors)
        assert found.manifest is not None
        assert (found.manifest.state, found.manifest.problems) == ("valid", ())


def test_no_two_signatures_are_the_same_bytes(signing: Signing, tmp_path: Path) -> None:
    assert signed("png", signing, tmp_path)[1] != signed("png", signing, tmp_path)[1]


@pytest.mark.parametrize("kind", KEYS)
def test_every_kind_of_key_signs(kind: str, authority: Authority, tmp_path: Path) -> None:
    signing = authority.signing(tmp_path, kind=kind)
    assert signing.check() == "Studio, Studio Ltd"
    found = read_manifest(io.BytesIO(signed("jpeg", signing, tmp_path)[1]), "image/jpeg", anchors=authority.pem)
    assert found is not None
    assert found.state == "trusted"


def test_an_older_form_of_a_key_signs(authority: Authority, tmp_path: Path) -> None:
    assert authority.signing(tmp_path, sec1=True).check()


def _broken(what: str, authority: Authority, folder: Path) -> Signing:
    """Something that cannot sign."""
    signing = authority.signing(folder, password=b"x" if what == "encrypted" else None, days=-1 if what == "old" else 9)
    if what == "mixed":
        (folder / "other").mkdir()
        return Signing(signing.certificate, authority.signing(folder / "other").key)
    if what == "an authority's":
        signing.certificate.write_bytes(authority.pem)
    if what == "swapped":
        return Signing(signing.key, signing.certificate)
    if what == "absent":
        signing.key.unlink()
    if what == "noise":
        signing.key.write_bytes(bytes(range(256)))
    return signing


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("encrypted", "is encrypted"),
        ("old", "expired on"),
        ("mixed", "is not the key of"),
        ("an authority's", "is not the key of"),
        ("swapped", "holds no certificate"),
        ("absent", "cannot be read for signing: No such file"),
        ("noise", "holds no private key"),
    ],
)
def test_what_cannot_sign_says_why_and_shows_no_key(what: str, said: str, authority: Authority, tmp_path: Path) -> None:
    signing = _broken(what, authority, tmp_path)
    with pytest.raises(ConfigError, match=said) as caught:
        signing.check()
    secret = [line for file in tmp_path.rglob("key.pem") for line in file.read_bytes().splitlines() if b"-" not in line]
    assert not any(line.decode("latin-1") in f"{caught.value} {signing!r}" for line in secret if line)


def test_a_renewed_certificate_is_used_at_once(authority: Authority, tmp_path: Path) -> None:
    signing = authority.signing(tmp_path, days=-1)
    with pytest.raises(ConfigError):
        signing.check()
    authority.signing(tmp_path)
    assert signing.check()


def test_an_authority_for_the_time_that_is_away_is_tried_again(signing: Signing, tmp_path: Path) -> None:
    away = Signing(signing.certificate, signing.key, "http://127.0.0.1:9/tsa")
    assert away.check()
    with pytest.raises(TransientError, match="the timestamp authority does not answer"):
        signed("png", away, tmp_path)


def test_what_c2pa_cannot_sign_is_refused(signing: Signing) -> None:
    with pytest.raises(MediaError, match="a note: cannot be signed"):
        signing.sign(io.BytesIO(b"words"), io.BytesIO(), mime="image/png", title="a note", source_type=GENERATED)


def test_without_the_library_marks_are_told_and_signing_says_what_to_install(
    signing: Signing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(signed("png", signing, tmp_path)[1], tmp_path)
    monkeypatch.setitem(sys.modules, "c2pa", None)
    found = inspect(path)
    assert (found.told.facts, found.is_unread, found.is_broken) == (FACTS, True, False)
    with pytest.raises(ConfigError, match=r"install atelier\[c2pa\]"):
        signing.check()


def test_a_manifest_of_noise_is_broken_and_no_crash(tmp_path: Path, signing: Signing) -> None:
    _, data = signed("png", signing, tmp_path)
    at = data.index(b"caBX") + 4
    found = inspect(written(data[:at] + b"\xff" * 200 + data[at + 200 :], tmp_path))
    assert found.is_broken
    assert tell(written(STILLS["png"], tmp_path)).is_silent
