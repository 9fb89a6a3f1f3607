"""What diffusers and transformers complain of while they load a model's files, as one sentence of ours."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError

from safetensors import SafetensorError

from pipeline.errors import ModelError
from pipeline.memory import is_out_of_memory

_DAMAGE = (
    ArithmeticError,
    AttributeError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    SafetensorError,
    TypeError,
    ValueError,
)
"""What the libraries raise of files that do not fit together."""

_LONGEST = 300


@contextmanager
def loading(folder: Path, library: str) -> Iterator[None]:
    """While a library loads a folder: its warnings are left out, and its complaints name the folder.

    Raises: ModelError in their place; what says that memory is used up passes as it is.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UnpicklingError as error:
        right = "which may be code and is not read; save it with safe_serialization=True where it is trusted"
        raise ModelError(f"{folder}: its pickle holds more than tensors, {right}") from error
    except _DAMAGE as error:
        if is_out_of_memory(error):
            raise
        said = str(error).strip().split("\n", 1)[0].replace(f"{folder}/", "")[:_LONGEST]
        raise ModelError(f"{folder}: {library} cannot load it: {said or type(error).__name__}") from error
