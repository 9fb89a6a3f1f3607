"""Loading a diffusion model from the folder that a worker put its files into.

`folder/model_index.json` and its components are a diffusers folder; `folder/model.safetensors` beside `folder/config/`
a single file; `folder/lora/N.safetensors` are LoRAs, `folder/control/N/` ControlNets. Nothing is downloaded, and no
code that files hold is executed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from pipeline.complaints import loading
from pipeline.diffusion import controlnet, single_file
from pipeline.diffusion.assembly import Assembly
from pipeline.diffusion.described import read_json
from pipeline.diffusion.folder import INDEX
from pipeline.errors import ConfigError

LORAS, CONTROLS = "lora", "control"


def library() -> Any:
    """`diffusers`, which takes seconds to import. It asks no network from here on, and prints no bars.

    Raises: ConfigError if it is not installed.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        import diffusers
        import transformers
    except ImportError as error:
        raise ConfigError(
            f"this worker lacks {error.name}, which diffusion needs; install atelier[diffusion]"
        ) from error
    for module in (diffusers, transformers):
        module.utils.logging.set_verbosity_error()
        module.utils.logging.disable_progress_bar()
    return diffusers


def load(folder: Path, device: torch.device | str = "cpu", precision: torch.dtype | None = None) -> Assembly:
    """The model of a folder, its weights in that precision, float32 if none is named.

    Raises: ModelError if its parts do not fit together or are damaged; ConfigError if the library is not installed.
    """
    diffusers = library()
    dtype = precision or torch.float32
    with loading(folder, "diffusers"):
        if (folder / single_file.FILE).is_file():
            pipeline = _single(diffusers, folder, dtype)
        else:
            pipeline = _whole(diffusers, folder, dtype)
        loras = _with_loras(pipeline, folder)
        controls = [_control(diffusers, path, dtype) for path in _numbered(folder / CONTROLS, "*")]
    return Assembly(pipeline, torch.device(device), loras=loras, controls=controls)


def _whole(diffusers: Any, folder: Path, dtype: torch.dtype) -> Any:
    """Optional components that are not there are done without."""
    said = read_json(folder / INDEX)
    absent = {
        name: None
        for name, value in said.items()
        if not name.startswith("_") and isinstance(value, list) and not (folder / name).is_dir()
    }
    if "safety_checker" in absent:
        absent["requires_safety_checker"] = False  # type: ignore[assignment]
    return diffusers.DiffusionPipeline.from_pretrained(
        str(folder),
        torch_dtype=dtype,
        local_files_only=True,
        use_safetensors=_safe(folder, "*/*.bin"),
        **absent,
    )


def _single(diffusers: Any, folder: Path, dtype: torch.dtype) -> Any:
    config = folder / single_file.CONFIG
    kind = getattr(diffusers, str(read_json(config / INDEX)["_class_name"]))
    return kind.from_single_file(
        str(folder / single_file.FILE), config=str(config), torch_dtype=dtype, local_files_only=True
    )


def _with_loras(pipeline: Any, folder: Path) -> tuple[str, ...]:
    """Add the folder's LoRAs; their names, in order. Their weights are set for each job."""
    files = _numbered(folder / LORAS, "*.safetensors")
    names = tuple(f"lora{path.stem}" for path in files)
    for path, name in zip(files, names, strict=True):
        pipeline.load_lora_weights(str(path.parent), weight_name=path.name, adapter_name=name, local_files_only=True)
    return names


def _control(diffusers: Any, folder: Path, dtype: torch.dtype) -> torch.nn.Module:
    kind = getattr(diffusers, controlnet.class_of(read_json(folder / controlnet.CONFIG), folder))
    loaded: torch.nn.Module = kind.from_pretrained(
        str(folder), torch_dtype=dtype, local_files_only=True, use_safetensors=_safe(folder, "*.bin")
    )
    return loaded


def _numbered(folder: Path, pattern: str) -> list[Path]:
    """What lies there, in the order of its numbers."""
    return sorted(folder.glob(pattern), key=lambda path: int(path.stem))


def _safe(folder: Path, pickles: str) -> bool | None:
    """None: pickles are read where there is nothing else, by weights_only."""
    return None if any(folder.glob(pickles)) else True
