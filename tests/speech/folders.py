"""Voices as planning sees them: configurations, vocabularies and headers, with tensors of nothing, and no library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.diffusion.folders import write_json, write_tensors

LETTERS = "abcdefghijklmnopqrstuvwxyz ,.'-"


def write_vits(folder: Path, *, language: str = "eng", letters: str = LETTERS, **said: Any) -> Path:
    """MMS' kind; `said` changes its tokenizer's configuration."""
    write_json(folder / "config.json", {"model_type": "vits", "num_speakers": said.pop("speakers", 1)})
    write_json(folder / "vocab.json", {letter: place for place, letter in enumerate(letters)})
    write_json(folder / "tokenizer_config.json", {"language": language, "phonemize": False} | said)
    write_tensors(folder / "model.safetensors", {"weight": (2, 2)})
    return folder


def write_speecht5(folder: Path) -> Path:
    """Without its vocoder."""
    config = {"model_type": "speecht5", "architectures": ["SpeechT5ForTextToSpeech"], "speaker_embedding_dim": 8}
    write_json(folder / "config.json", {**config, "num_mel_bins": 80})
    (folder / "spm_char.model").write_bytes(b"letters")
    write_tensors(folder / "model.safetensors", {"weight": (2, 2)})
    return folder


def write_vocoder(folder: Path, *, bands: int = 80) -> Path:
    """HiFi-GAN."""
    write_json(folder / "config.json", {"model_type": "hifigan", "model_in_dim": bands})
    write_tensors(folder / "model.safetensors", {"weight": (2, 2)})
    return folder


def write_bark(folder: Path, *, preset: str = "v2/en_speaker_6") -> Path:
    """With a speaker in the folder."""
    write_json(folder / "config.json", {"model_type": "bark"})
    write_json(folder / "generation_config.json", {})
    (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n", encoding="utf-8")
    write_tensors(folder / "model.safetensors", {"weight": (2, 2)})
    speaker = folder / "speaker_embeddings" / preset
    speaker.parent.mkdir(parents=True)
    for part, shape in (("semantic_prompt", (4,)), ("coarse_prompt", (2, 4)), ("fine_prompt", (8, 4))):
        np.save(speaker.with_name(f"{speaker.name}_{part}.npy"), np.zeros(shape, np.int64))
    return folder
