"""The XMP packet: how it is written, always the same bytes, and how others' are read, which may be hostile.

`DigitalSourceType` is IPTC's word for how a picture came to be; what only we know stands under a name of ours.

Source: ISO 16684-1 (XMP); IPTC Photo Metadata 2023.1, section "Digital Source Type"; aigc.py's for the field AIGC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from pipeline.errors import MediaError
from pipeline.provenance import aigc as gb45438
from pipeline.provenance.marks import SOFTWARE, Origin, source_type

MOST_BYTES = 4_000_000
"""A packet that is longer is not ours."""

_OURS = "urn:atelier:picture:1#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XMP = "http://ns.adobe.com/xap/1.0/"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"

_SOURCE_TYPE = f"{{{_IPTC}}}DigitalSourceType"
_TOOL = f"{{{_XMP}}}CreatorTool"
_AIGC = f"{{{gb45438.NAMESPACE}}}{gb45438.NAME}"
_RESOURCE = f"{{{_RDF}}}resource"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_MOST_DESCRIPTIONS = 16


def packet(facts: Mapping[str, str], *, origin: Origin = "generated", aigc: str = "") -> bytes:
    """The XMP packet of what a model made or changed, with these facts of ours; always the same bytes.

    `aigc`: GB 45438's field, where it stands in here. Names are letters and digits.
    Raises: MediaError if one is not.
    """
    if odd := [name for name in facts if not _NAME.fullmatch(name)]:
        raise MediaError(f"{odd[0]!r} is no name for a fact about a picture; write letters and digits")
    label = f"   <TC260:AIGC>{_text(aigc)}</TC260:AIGC>\n" if aigc else ""
    labelled = f' xmlns:TC260="{gb45438.NAMESPACE}"' if aigc else ""
    ours = "".join(f"   <atelier:{name}>{_text(value)}</atelier:{name}>\n" for name, value in facts.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f' <rdf:RDF xmlns:rdf="{_RDF}">\n'
        f'  <rdf:Description rdf:about="" xmlns:xmp="{_XMP}" xmlns:Iptc4xmpExt="{_IPTC}"'
        f' xmlns:atelier="{_OURS}"{labelled}>\n'
        f"   <xmp:CreatorTool>{SOFTWARE}</xmp:CreatorTool>\n"
        f"   <Iptc4xmpExt:DigitalSourceType>{source_type(facts, origin)}</Iptc4xmpExt:DigitalSourceType>\n"
        f"{label}{ours}"
        "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n"
        '<?xpacket end="r"?>'
    ).encode()


class Packet:
    """What a packet says, whoever wrote it. Raises: MediaError if it is damaged, or declares what XMP does not have."""

    def __init__(self, data: bytes) -> None:
        self._said = _parsed(data)

    @property
    def source_type(self) -> str | None:
        """IPTC's term."""
        return self._said.get(_SOURCE_TYPE)

    @property
    def software(self) -> str | None:
        """What made the file."""
        return self._said.get(_TOOL)

    @property
    def aigc(self) -> str | None:
        """GB 45438's field."""
        return self._said.get(_AIGC)

    @property
    def facts(self) -> dict[str, str]:
        """Ours, by name."""
        begin = f"{{{_OURS}}}"
        return {name.removeprefix(begin): text for name, text in self._said.items() if name.startswith(begin)}


def _text(value: str) -> str:
    # XML has no control characters, escaped or not.
    return escape("".join(letter if letter.isprintable() else "?" for letter in value))


def _parsed(found: bytes) -> dict[str, str]:
    """Every simple property of the packet by its whole name."""
    # What an entity stands for may be of any length; XMP has no use for one.
    if b"<!" in found:
        raise MediaError("the picture's XMP declares things that XMP does not have; it is not read")
    try:
        root = ElementTree.fromstring(found.decode().strip("\ufeff\0 \n\r\t"))
    except (ElementTree.ParseError, UnicodeDecodeError) as error:
        raise MediaError("the picture's XMP is damaged; take another copy") from error
    described = [*root.iter(f"{{{_RDF}}}Description")][:_MOST_DESCRIPTIONS]
    said = {part.tag: part.text or part.get(_RESOURCE) or "" for row in described for part in row}
    return said | {name: value for row in described for name, value in row.attrib.items()}
