"""Loading a voice from the folder that a worker put its files into, by `transformers`, which downloads nothing here.

How each engine speaks is vits.py's, speecht5.py's and bark.py's. Weights are safetensors, or torch's own files, of
which the library reads the tensors alone.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import nn

from pipeline.complaints import loading
from pipeline.diffusion.described import read_json
from pipeline.errors import ConfigError, ModelError
from pipeline.speech.voices import LOADERS, Voice


class Speaker(nn.Module):
    """A loaded model that gives voices: one for each of its speakers. Stays in a worker's memory between jobs."""

    def voice(self, *, speaker: int | None = None, files: tuple[bytes, ...] = ()) -> Voice:
        """The voice of one of its speakers: by number, or by files that say what he sounds like.

        Raises: ModelError if the files say nothing to this model.
        """
        raise NotImplementedError


def library() -> Any:
    """`transformers`, which takes seconds to import. It asks no network from here on, and prints no bars.

    Raises: ConfigError if it is not installed.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        import transformers
    except ImportError as error:
        raise ConfigError(f"this worker lacks {error.name}, which its voices need; install atelier[speech]") from error
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers


def load(folder: Path, device: torch.device | str = "cpu", precision: torch.dtype | None = None) -> Speaker:
    """The model of a folder, in float32: voices are small, and halved ones hiss.

    Raises: ModelError if its files do not fit together or are damaged; ConfigError if the library is not installed.
    """
    engine = str(read_json(folder / "config.json").get("model_type"))
    if engine not in LOADERS:
        raise ModelError(f"{folder}: holds {engine[:40]!r}, which no voice of this version of Atelier is")
    module, _, name = LOADERS[engine].partition(":")
    with loading(folder, "transformers"):
        made: Speaker = getattr(import_module(module), name)(folder)
    return made.eval().requires_grad_(False).to(device)


def pretrained(kind: Any, folder: Path) -> Any:
    """A model of the library's. Raises: what the library does; ModelError if tensors are missing or of other shapes."""
    has_pickles = any(folder.glob("*.bin"))
    made, told = kind.from_pretrained(
        str(folder),
        local_files_only=True,
        # None: pickles are read where there is nothing else, by weights_only.
        use_safetensors=None if has_pickles else True,
        output_loading_info=True,
        dtype=torch.float32,
    )
    if missing := sorted(told.get("missing_keys", ())):
        raise ModelError(f"{folder}: its weights lack {missing[0]} and {len(missing) - 1} more; copy the voice again")
    return made
