"""VITS, and MMS' voices, which are VITS in a thousand languages: letters in, samples out, in one pass.

It says itself how long each letter lasts, and so when each word is heard.
Source: Kim et al., Conditional Variational Autoencoder with Adversarial Learning for End-to-End Text-to-Speech, 2021,
section 2.2.2 (durations); Pratap et al., Scaling Speech Technology to 1,000+ Languages, 2023. As transformers has them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.errors import InputError
from pipeline.speech.folder import check_letters
from pipeline.speech.loading import Speaker, library, pretrained
from pipeline.speech.text import quoted, word_starts
from pipeline.speech.voices import Asked, Spoken, Voice


class Vits(Speaker):
    """A model of the library's, and its letters."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        super().__init__()
        self.model = model
        self.tokenizer = tokenizer

    def voice(self, *, speaker: int | None = None, files: tuple[bytes, ...] = ()) -> Voice:
        """The voice of the speaker of that number, where it has several."""
        return _VitsVoice(self, speaker)


def load(folder: Path) -> Vits:
    """The voice of a folder. Raises: what the library does."""
    transformers = library()
    return Vits(
        pretrained(transformers.VitsModel, folder),
        transformers.VitsTokenizer.from_pretrained(str(folder), local_files_only=True),
    )


class _VitsVoice:
    def __init__(self, vits: Vits, speaker: int | None) -> None:
        self._vits, self._speaker = vits, speaker

    def say(self, text: str, asked: Asked) -> Spoken:
        """Raises: InputError if it does not know the text's letters."""
        model, tokenizer = self._vits.model, self._vits.tokenizer
        if not tokenizer.is_uroman:
            check_letters(text, frozenset(tokenizer.encoder))
        ids = tokenizer(text, return_tensors="pt").input_ids.to(model.device)
        if ids.shape[1] < 2:
            raise InputError(f"text {quoted(text)}: the voice knows none of its letters; name a voice of its language")
        rate = asked.speed * model.speaking_rate
        durations: list[Tensor] = []
        # The model uses how long letters last, and does not tell.
        hook = model.duration_predictor.register_forward_hook(lambda _module, _given, made: durations.append(made))
        try:
            with torch.inference_mode():
                made = model(ids, speaker_id=self._speaker, speaking_rate=rate)
        finally:
            hook.remove()
        lasts = torch.ceil(torch.exp(durations[0].float()) / rate).flatten().cpu().numpy()
        samples = made.waveform[0].float().cpu().numpy()
        return Spoken(samples, model.config.sampling_rate, self._words(text, asked, lasts, ids, samples.size))

    def _words(
        self, text: str, asked: Asked, lasts: np.ndarray, ids: Tensor, size: int
    ) -> tuple[tuple[int, float], ...]:
        """When words begin, of how many frames each of the ids lasts; none where letters were written otherwise."""
        model, tokenizer = self._vits.model, self._vits.tokenizer
        step = 2 if tokenizer.add_blank else 1
        kept = [tokenizer.decoder[each] for each in ids[0].tolist()[step - 1 :: step]]
        places = _placed(text, kept)
        if places is None:
            return ()
        ends = np.cumsum(lasts) * (size / max(lasts.sum(), 1)) / model.config.sampling_rate
        begins = np.concatenate([[0.0], ends[:-1]])[step - 1 :: step]
        words = []
        for start in word_starts(text, asked.language):
            letter = next((number for number, place in enumerate(places) if place >= start), None)
            if letter is not None:
                words.append((start, float(begins[letter])))
        return tuple(words)


def _placed(text: str, kept: list[str]) -> list[int] | None:
    """Where in a text each of the letters stands that were kept of it; None if they are no part of it."""
    places, at = [], 0
    lower = [letter.lower() for letter in text]
    for letter in kept:
        while at < len(text) and letter not in (text[at], lower[at]):
            at += 1
        if at == len(text):
            return None
        places.append(at)
        at += 1
    return places
