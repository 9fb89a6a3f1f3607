"""SpeechT5: letters in, a spectrogram frame by frame, and a vocoder that makes sound of it; as whom is an x-vector.

Source: Ao et al., SpeechT5: Unified-Modal Encoder-Decoder Pre-Training for Spoken Language Processing, 2022; Kong et
al., HiFi-GAN, 2020. As transformers has them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from pipeline.errors import InputError, ModelError
from pipeline.speech.folder import VOCODER
from pipeline.speech.loading import Speaker, library, pretrained
from pipeline.speech.sound import stretched
from pipeline.speech.speakers import check_vector, vector
from pipeline.speech.text import quoted
from pipeline.speech.voices import Asked, Spoken, Voice


class SpeechT5(Speaker):
    """A model of the library's, its vocoder, and its letters."""

    def __init__(self, model: Any, vocoder: Any, tokenizer: Any) -> None:
        super().__init__()
        self.model, self.vocoder, self.tokenizer = model, vocoder, tokenizer

    def voice(self, *, speaker: int | None = None, files: tuple[bytes, ...] = ()) -> Voice:
        """The voice of whom the file's x-vector is."""
        if len(files) != 1:
            raise ModelError("SpeechT5 speaks as someone: it takes one x-vector; submit the job again")
        check_vector(files[0], "the speaker's file", self.model.config.speaker_embedding_dim)
        return _SpeechT5Voice(self, torch.from_numpy(vector(files[0], "the speaker's file"))[None])


def load(folder: Path) -> SpeechT5:
    """The voice of a folder, its vocoder within it. Raises: what the library does."""
    transformers = library()
    return SpeechT5(
        pretrained(transformers.SpeechT5ForTextToSpeech, folder),
        pretrained(transformers.SpeechT5HifiGan, folder / VOCODER),
        transformers.SpeechT5Tokenizer.from_pretrained(str(folder), local_files_only=True),
    )


class _SpeechT5Voice:
    def __init__(self, whole: SpeechT5, speaker: torch.Tensor) -> None:
        self._whole, self._speaker = whole, speaker

    def say(self, text: str, asked: Asked) -> Spoken:
        """Raises: InputError if it does not know the text's letters."""
        model, tokenizer = self._whole.model, self._whole.tokenizer
        ids = tokenizer(text, return_tensors="pt").input_ids
        _check_letters(text, tokenizer)
        if ids.shape[1] > model.config.max_text_positions:
            said = f"has {ids.shape[1]} letters, and the voice reads {model.config.max_text_positions} at once"
            raise InputError(f"text {quoted(text)}: {said}; end sentences sooner")
        made = model.generate_speech(ids.to(model.device), self._speaker.to(model.device), vocoder=self._whole.vocoder)
        samples, rate = made.float().cpu().numpy(), self._whole.vocoder.config.sampling_rate
        return Spoken(stretched(samples, rate, asked.speed), rate)


def _check_letters(text: str, tokenizer: Any) -> None:
    """Raises: InputError if there are letters or digits that its vocabulary lacks."""
    letters = dict.fromkeys(letter for letter in text if letter.isalnum())
    unknown = [letter for letter in letters if tokenizer.unk_token_id in tokenizer(letter).input_ids[:-1]]
    if unknown:
        shown = ", ".join(map(repr, unknown[:8]))
        right = "write it in its letters, or name a voice of its language"
        raise InputError(f"text {quoted(text)}: the voice does not know {shown}; {right}")
