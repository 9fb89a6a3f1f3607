"""China's implicit label: a JSON object under the name AIGC, which says that content is generated and who produced it.

Source: GB 45438-2025, section 6 and annex E, for its fields and characters; the practice guides TC260-PG-20257A
(video), -20258A (text) and -20259A (pictures) for where it lies in a file, and the XMP namespace. A file has one of
them (6.1 c), so it stands in the XMP packet only where the format has no place of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

NAMESPACE = "http://www.tc260.org.cn/ns/AIGC/1.0/"
"""Of the field within XMP."""

NAME = "AIGC"

FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)

GENERATED, POSSIBLY, SUSPECTED = "1", "2", "3"
"""Values of Label. Who makes content knows that it is generated; the others are for those who pass it on."""

LABELS = {GENERATED: "generated", POSSIBLY: "possibly generated", SUSPECTED: "suspected to be generated"}

LONGEST_PRODUCER = 128

_PRODUCER = re.compile(r"[!#-\[\]-~]+")
_MOST_CHARACTERS = 100_000


def is_producer(name: str) -> bool:
    """Whether annex E allows it as a producer: printable ASCII without spaces. Names in other letters have codes."""
    return len(name) <= LONGEST_PRODUCER and _PRODUCER.fullmatch(name) is not None


def field_of(producer: str, content_id: str) -> str:
    """The field of content that a model made or changed; always the same text. Nobody has passed it on yet."""
    said = {"Label": GENERATED, "ContentProducer": producer, "ProduceID": content_id}
    return json.dumps({name: said.get(name, "") for name in FIELDS}, separators=(",", ":"))


def understood(text: str) -> tuple[Mapping[str, str] | None, str]:
    """A field's values by name, and what is wrong with it; None for the values if it cannot be read at all."""
    try:
        found = json.loads(text) if len(text) <= _MOST_CHARACTERS else None
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and isinstance(found.get(NAME), dict):
        # The picture guide's annex B wraps it once more.
        found = found[NAME]
    if not isinstance(found, dict):
        return None, "is no JSON object"
    said = {str(name): value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}
    return said, _problem(said)


def _problem(said: Mapping[str, str]) -> str:
    if missing := [name for name in FIELDS[:3] if not said.get(name)]:
        return f"has no {missing[0]}"
    if said["Label"] not in LABELS:
        return f"its Label is {said['Label'][:20]!r}, which is not 1, 2 or 3"
    return ""
