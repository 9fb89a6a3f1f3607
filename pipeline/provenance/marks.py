"""What there is to say about a file, whatever its format: IPTC's terms, who produced it, and what one tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

SOFTWARE = "Atelier"

GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""IPTC's term: made by a model that was trained on pictures."""

COMPOSED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's term: something else that such a model changed, or put together with what it made."""

COMPUTED = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
"""IPTC's term: made by an algorithm that was not trained on anything."""

RULES = "rules"
"""Fact of what was made by rules and no trained model: whose."""

KEPT = "kept"
"""Fact of pictures in which a part is another picture's."""

PAGE = "made"
"""Fact of pages that show several pictures, as boards and contact sheets do: how those were made."""

Origin = Literal["generated", "composed"]
"""`generated`: a model made the picture of nothing that is seen in it. `composed`: it changed a picture or film of the
user's, or a part of one is left in it."""

_TERMS: Mapping[Origin, str] = {"generated": GENERATED, "composed": COMPOSED}


class Marks(BaseModel):
    """What all files of a job say of themselves; fixed when it is planned, so that every worker writes the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: Origin
    producer: str
    """Who is responsible for the content, as GB 45438 calls it: a name or code in printable ASCII without spaces."""

    def source_type(self, facts: Mapping[str, str]) -> str:
        """IPTC's term for a file of these facts."""
        return source_type(facts, self.origin)


def source_type(facts: Mapping[str, str], origin: Origin = "generated") -> str:
    """IPTC's term for a file of these facts."""
    if RULES in facts:
        return COMPUTED
    return COMPOSED if KEPT in facts else _TERMS[origin]


@dataclass(frozen=True)
class Carried:
    """What a file was found to carry, unread."""

    xmp: bytes | None = None
    aigc: str | None = None
    """Where the format has a place of its own for it."""
    has_c2pa: bool = False
    """Whether there is a C2PA manifest store in it."""


@dataclass(frozen=True)
class Told:
    """What a file says of itself, understood."""

    format: str
    """As people call it: `PNG`."""
    mime: str
    source_type: str | None = None
    """A term of IPTC's."""
    software: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    """Ours, by name."""
    aigc: Mapping[str, str] | None = None
    """GB 45438's fields, by name."""
    aigc_problem: str = ""
    """What is wrong with that field, if it is no such field."""
    has_c2pa: bool = False

    @property
    def is_silent(self) -> bool:
        """Whether it says nothing."""
        said = self.source_type, self.software, self.facts, self.aigc, self.aigc_problem, self.has_c2pa
        return not any(said)
