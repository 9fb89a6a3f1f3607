"""What is told of a picture."""

from __future__ import annotations

Facts = dict[str, str]
"""Of a picture, in the order in which they are told."""

NONE = "none"
"""The value of what is not there."""
