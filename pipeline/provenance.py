"""What a picture says of itself: that a model made it, which one, and of what. Into PNG, JPEG and WebP, and out again.

It is an XMP packet. `DigitalSourceType` is IPTC's word for pictures that no camera took; all else stands under a name
of ours. A latent is float32 in base64. Torch-free.

Source: ISO 16684-1 (XMP) and Adobe's XMP Specification Part 3 (where a packet lies in each format); IPTC Photo Metadata
2023.1, section "Digital Source Type"; W3C PNG, 11.3.3; the WebP Container Specification.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import numpy as np

from pipeline.errors import MediaError

SOFTWARE = "Atelier"

GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""IPTC's term: made by a model that was trained on pictures."""

COMPOSED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's term: put together of parts, some of which such a model made."""

KEPT = "kept"
"""Fact of pictures in which a part is another picture's."""

PAGE = "made"
"""Fact of pages that show several pictures, as boards and contact sheets do: how those were made."""

LATENT, LATENT_SHAPE = "w", "wShape"
"""Facts by which a latent is told: its numbers, and `18,512`."""

SUFFIXES = (".png", ".jpg", ".webp")
"""Of files that can tell."""

_OURS = "urn:atelier:picture:1#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XMP = "http://ns.adobe.com/xap/1.0/"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"

_PNG = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"XML:com.adobe.xmp\0"
_JPEG = b"\xff\xd8"
_JPEG_KEY = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_MOST = 65_533 - len(_JPEG_KEY)
"""Bytes of a packet in a JPEG: its segments give their length in two bytes."""

_APP0, _APP1, _SCAN, _END = 0xE0, 0xE1, 0xDA, 0xD9
_HAS_XMP, _HAS_ALPHA = 0x04, 0x10

_MOST_BYTES = 4_000_000
"""A packet that is longer is not ours."""

_MOST_NUMBERS = 1_000_000
"""Of a latent."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")


def packet(facts: Mapping[str, str]) -> bytes:
    """The XMP packet of a picture that a model made, or made in part, with these facts of ours; always the same bytes.

    Names are letters and digits. Raises: MediaError if one is not.
    """
    if odd := [name for name in facts if not _NAME.fullmatch(name)]:
        raise MediaError(f"{odd[0]!r} is no name for a fact about a picture; write letters and digits")
    source = COMPOSED if KEPT in facts else GENERATED
    ours = "".join(f"   <atelier:{name}>{_text(value)}</atelier:{name}>\n" for name, value in facts.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f' <rdf:RDF xmlns:rdf="{_RDF}">\n'
        f'  <rdf:Description rdf:about="" xmlns:xmp="{_XMP}" xmlns:Iptc4xmpExt="{_IPTC}" xmlns:atelier="{_OURS}">\n'
        f"   <xmp:CreatorTool>{SOFTWARE}</xmp:CreatorTool>\n"
        f"   <Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType>\n"
        f"{ours}"
        "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n"
        '<?xpacket end="r"?>'
    ).encode()


def embed(data: bytes, facts: Mapping[str, str]) -> bytes:
    """The picture file with the facts in it: PNG, JPEG or WebP, as it comes from an encoder of ours.

    A JPEG has room for 65 kB: a latent that is longer is left out of it.
    Raises: MediaError if it is another file, is damaged, or has a packet already.
    """
    if _packet_of(data) is not None:
        raise MediaError("the picture says something of itself already")
    if data.startswith(_PNG):
        return _in_png(data, packet(facts))
    if data.startswith(_JPEG):
        made = packet(facts)
        if len(made) > _JPEG_MOST:
            made = packet({name: value for name, value in facts.items() if name not in (LATENT, LATENT_SHAPE)})
        return _in_jpeg(data, made)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _in_webp(data, packet(facts))
    raise MediaError("facts about a picture go into PNG, JPEG and WebP files, and this is none of them")


def read(data: bytes) -> dict[str, str] | None:
    """The facts that a picture file tells, or None if it has no packet of ours. Any file may be given.

    Raises: MediaError if it is damaged before its facts end.
    """
    found = _packet_of(data)
    return None if found is None else _facts(found)


def digital_source_type(data: bytes) -> str | None:
    """What a picture file says that it is, by IPTC's terms, if it says so. Raises: as `read`."""
    found = _packet_of(data)
    return None if found is None else _parsed(found).get(f"{{{_IPTC}}}DigitalSourceType")


def latent_facts(latent: np.ndarray) -> dict[str, str]:
    """A latent as facts: `(layers, width)` or `(width,)`, float32."""
    numbers = np.ascontiguousarray(latent, "<f4")
    return {
        LATENT_SHAPE: ",".join(map(str, numbers.shape)),
        LATENT: base64.b64encode(numbers.tobytes()).decode(),
    }


def latent_of(facts: Mapping[str, str]) -> np.ndarray | None:
    """The latent that facts tell, float32, or None if they tell none.

    Raises: MediaError if it is damaged.
    """
    if LATENT not in facts:
        return None
    shape = facts.get(LATENT_SHAPE, "")
    if not re.fullmatch(r"[0-9]{1,6}(,[0-9]{1,6})?", shape):
        raise MediaError("the picture's latent has no shape; take another copy")
    sides = [int(side) for side in shape.split(",")]
    try:
        data = base64.b64decode(facts[LATENT], validate=True)
    except binascii.Error as error:
        raise MediaError("the picture's latent is no base64; take another copy") from error
    if int(np.prod(sides)) > _MOST_NUMBERS or int(np.prod(sides)) * 4 != len(data):
        raise MediaError("the picture's latent has another length than it says; take another copy")
    numbers = np.frombuffer(data, "<f4").reshape(sides)
    if not np.isfinite(numbers).all():
        raise MediaError("the picture's latent has values that are not finite; take another copy")
    return numbers.astype(np.float32)


# The packet


def _text(value: str) -> str:
    # XML has no control characters, escaped or not.
    return escape("".join(letter if letter.isprintable() else "?" for letter in value))


def _facts(found: bytes) -> dict[str, str] | None:
    begin = f"{{{_OURS}}}"
    facts = {name.removeprefix(begin): text for name, text in _parsed(found).items() if name.startswith(begin)}
    return facts or None


def _parsed(found: bytes) -> dict[str, str]:
    """Every simple property of the packet by its whole name."""
    # What an entity stands for may be of any length; XMP has no use for one.
    if b"<!" in found:
        raise MediaError("the picture's XMP declares things that XMP does not have; it is not read")
    try:
        root = ElementTree.fromstring(found.decode().strip("\ufeff\0 \n\r\t"))
    except (ElementTree.ParseError, UnicodeDecodeError) as error:
        raise MediaError("the picture's XMP is damaged; take another copy") from error
    described = [*root.iter(f"{{{_RDF}}}Description")][:16]
    return {part.tag: part.text or "" for row in described for part in row} | {
        name: value for row in described for name, value in row.attrib.items()
    }


def _packet_of(data: bytes) -> bytes | None:
    try:
        return _found(data)
    except (struct.error, IndexError, ValueError) as error:
        raise MediaError("the picture is damaged, and what it says of itself with it; take another copy") from error


def _found(data: bytes) -> bytes | None:
    if data.startswith(_PNG):
        return _of_png(data)
    if data.startswith(_JPEG):
        return _of_jpeg(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return next((part for name, part in _riff(data) if name == b"XMP " and len(part) <= _MOST_BYTES), None)
    return None


# PNG


def _in_png(data: bytes, made: bytes) -> bytes:
    body = _KEYWORD + b"\0\0\0\0" + made
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    (header,) = struct.unpack_from(">I", data, len(_PNG))
    at = len(_PNG) + 12 + header
    return data[:at] + chunk + data[at:]


def _of_png(data: bytes) -> bytes | None:
    at = len(_PNG)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name, body = data[at + 4 : at + 8], memoryview(data)[at + 8 : at + 8 + length]
        if len(body) != length:
            raise ValueError("cut off")
        if name == b"iTXt" and bytes(body[: len(_KEYWORD)]) == _KEYWORD and length <= _MOST_BYTES:
            return _international(bytes(body[len(_KEYWORD) :]))
        if name == b"IEND":
            return None
        at += 12 + length
    return None


def _international(body: bytes) -> bytes:
    """The text of an iTXt chunk after its keyword: two flags, a language, a translated keyword."""
    is_packed = body[0]
    _language, _translated, text = body[2:].split(b"\0", 2)
    if not is_packed:
        return text
    machine = zlib.decompressobj()
    try:
        unpacked = machine.decompress(text, _MOST_BYTES)
    except zlib.error as error:
        raise ValueError("damaged") from error
    if machine.unconsumed_tail:
        raise ValueError("unpacks to more than any packet of ours")
    return unpacked


# JPEG


def _in_jpeg(data: bytes, made: bytes) -> bytes:
    body = _JPEG_KEY + made
    segment = struct.pack(">BBH", 0xFF, _APP1, len(body) + 2) + body
    at = len(_JPEG)
    # JFIF's own segment stands first.
    if data[at : at + 2] == bytes((0xFF, _APP0)):
        (length,) = struct.unpack_from(">H", data, at + 2)
        at += 2 + length
    return data[:at] + segment + data[at:]


def _of_jpeg(data: bytes) -> bytes | None:
    at = len(_JPEG)
    while at + 4 <= len(data):
        mark, kind, length = struct.unpack_from(">BBH", data, at)
        if mark != 0xFF or length < 2 or kind in (_SCAN, _END):
            return None
        body = data[at + 4 : at + 2 + length]
        if kind == _APP1 and body.startswith(_JPEG_KEY):
            return body[len(_JPEG_KEY) :]
        at += 2 + length
    return None


# WebP


def _in_webp(data: bytes, made: bytes) -> bytes:
    parts = list(_riff(data))
    if parts[0][0] == b"VP8X":
        header = bytes([parts[0][1][0] | _HAS_XMP]) + parts[0][1][1:]
        parts = parts[1:]
    else:
        width, height, has_alpha = _webp_size(*parts[0])
        flags = _HAS_XMP | (_HAS_ALPHA if has_alpha else 0)
        header = struct.pack("<I", flags) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"".join(_riff_part(name, part) for name, part in [(b"VP8X", header), *parts, (b"XMP ", made)])
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _riff_part(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        body = data[at + 8 : at + 8 + length]
        if len(body) != length:
            raise ValueError("cut off")
        yield data[at : at + 4], body
        at += 8 + length + length % 2


def _webp_size(name: bytes, body: bytes) -> tuple[int, int, bool]:
    """Width, height, and whether there is transparency, of a picture's bitstream. Source: RFC 9649, 2.5 and 2.6."""
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF, False
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    raise MediaError("the WebP file holds no picture where one belongs; take another copy")
