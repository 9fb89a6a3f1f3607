"""Bark: words in, tokens of what is said, tokens of how it sounds, and a codec that makes sound of them.

It says what is written rather freely, laughs and pauses, and as whom is a prompt: what a speaker said before.
Source: Suno's Bark; Défossez et al., High Fidelity Neural Audio Compression, 2022 (its codec). As transformers has it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from pipeline.errors import InputError
from pipeline.speech.loading import Speaker, library, pretrained
from pipeline.speech.sound import stretched
from pipeline.speech.speakers import prompt
from pipeline.speech.text import quoted
from pipeline.speech.voices import Asked, Spoken, Voice


class Bark(Speaker):
    """A model of the library's, and its words."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        super().__init__()
        self.model, self.tokenizer = model, tokenizer

    def voice(self, *, speaker: int | None = None, files: tuple[bytes, ...] = ()) -> Voice:
        """The voice of whom the prompt is; without one, anybody's, by the line's seed."""
        spoken = prompt(files, "the speaker's file") if files else None
        return _BarkVoice(self, None if spoken is None else {k: torch.from_numpy(v) for k, v in spoken.items()})


def load(folder: Path) -> Bark:
    """The voice of a folder. Raises: what the library does."""
    transformers = library()
    return Bark(
        pretrained(transformers.BarkModel, folder),
        transformers.AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False),
    )


class _BarkVoice:
    def __init__(self, bark: Bark, spoken: dict[str, torch.Tensor] | None) -> None:
        self._bark, self._prompt = bark, spoken

    def say(self, text: str, asked: Asked) -> Spoken:
        """Raises: InputError if it does not know the text's words."""
        model, tokenizer = self._bark.model, self._bark.tokenizer
        longest = model.generation_config.semantic_config["max_input_semantic_length"]
        ids = tokenizer(
            text, add_special_tokens=False, padding="max_length", max_length=longest, truncation=False,
            return_tensors="pt", return_token_type_ids=False,
        )  # fmt: skip
        tokens, mask = ids.input_ids, ids.attention_mask
        if tokens.shape[1] > longest:
            said = f"has {tokens.shape[1]} tokens, and the voice reads {longest} at once"
            raise InputError(f"text {quoted(text)}: {said}; end sentences sooner")
        if (tokens == tokenizer.unk_token_id).any():
            right = "write it in its letters, or name a voice of its language"
            raise InputError(f"text {quoted(text)}: the voice does not know some of its words; {right}")
        history = None if self._prompt is None else {k: v.to(model.device) for k, v in self._prompt.items()}
        with torch.inference_mode():
            made = model.generate(tokens.to(model.device), attention_mask=mask.to(model.device), history_prompt=history)
        samples, rate = made[0].float().cpu().numpy(), model.generation_config.sample_rate
        return Spoken(stretched(samples, rate, asked.speed), rate)
