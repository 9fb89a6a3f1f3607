"""What requests and answers are made of: their fields' docstrings are in the description of the API."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """A piece of a request or an answer."""

    model_config = ConfigDict(use_attribute_docstrings=True)
