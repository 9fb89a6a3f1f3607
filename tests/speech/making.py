"""Voices of random weights and a few kilobytes, in the library's own formats: what it saves, whole and real.

The libraries are imported within functions: they take seconds.
"""

from __future__ import annotations

import io
import json
import string
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

SPEAKER_DIM = 8
"""Numbers of an x-vector."""

BANDS = 8
"""Of a spectrogram."""

LETTERS = f"{string.ascii_lowercase} ,.'-äöü"


def make(folder: Path, engine: str, **config: Any) -> Path:
    """A voice of an engine, or `hifigan`, saved as a folder; the same weights each time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        _MAKERS[engine](folder, config)
    return folder


def _vits(folder: Path, said: dict[str, Any]) -> None:
    from transformers import VitsConfig, VitsModel, VitsTokenizer

    language, speakers = said.get("language", "eng"), said.get("speakers", 1)
    folder.mkdir(parents=True)
    vocabulary = {letter: place for place, letter in enumerate(dict.fromkeys(LETTERS))}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    tokenizer = VitsTokenizer(
        str(folder / "vocab.json"),
        language=language,
        phonemize=False,
        pad_token=LETTERS[0],
        unk_token=" ",
    )
    config = VitsConfig(
        vocab_size=len(vocabulary),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        window_size=2,
        ffn_dim=16,
        flow_size=8,
        spectrogram_bins=9,
        upsample_initial_channel=16,
        upsample_rates=[8, 8],
        upsample_kernel_sizes=[16, 16],
        resblock_kernel_sizes=[3],
        resblock_dilation_sizes=[[1, 3]],
        depth_separable_num_layers=1,
        duration_predictor_num_flows=1,
        duration_predictor_flow_bins=4,
        duration_predictor_filter_channels=8,
        prior_encoder_num_flows=1,
        prior_encoder_num_wavenet_layers=1,
        posterior_encoder_num_wavenet_layers=1,
        num_speakers=speakers,
        speaker_embedding_size=4 if speakers > 1 else 0,
    )
    tokenizer.save_pretrained(folder)
    _louder(VitsModel(config).eval()).save_pretrained(folder)


def _speecht5(folder: Path, said: dict[str, Any]) -> None:
    from transformers import SpeechT5Config, SpeechT5ForTextToSpeech

    config = SpeechT5Config(
        vocab_size=_characters(folder),
        hidden_size=8,
        encoder_layers=1,
        encoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=16,
        num_mel_bins=said.get("bands", BANDS),
        speech_decoder_prenet_units=8,
        speech_decoder_postnet_layers=2,
        speech_decoder_postnet_units=8,
        speaker_embedding_dim=SPEAKER_DIM,
        reduction_factor=5,
    )
    model = SpeechT5ForTextToSpeech(config)
    with torch.no_grad():
        # Random weights would stop at once, or never.
        model.speech_decoder_postnet.prob_out.weight.zero_()
        model.speech_decoder_postnet.prob_out.bias.fill_(-9)
    model.save_pretrained(folder)


def _characters(folder: Path) -> int:
    """A vocabulary of letters, as SpeechT5's is; how many tokens there are."""
    import sentencepiece

    folder.mkdir(parents=True)
    made = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([string.ascii_letters, "' , . ! ? - ; :", "the quick brown fox"]),
        model_writer=made,
        model_type="char",
        vocab_size=200,
        hard_vocab_limit=False,
        bos_id=0,
        pad_id=1,
        eos_id=2,
        unk_id=3,
        minloglevel=2,
    )
    (folder / "spm_char.model").write_bytes(made.getvalue())
    return int(sentencepiece.SentencePieceProcessor(model_proto=made.getvalue()).get_piece_size())


def _hifigan(folder: Path, said: dict[str, Any]) -> None:
    from transformers import SpeechT5HifiGan, SpeechT5HifiGanConfig

    config = SpeechT5HifiGanConfig(
        model_in_dim=said.get("bands", BANDS),
        upsample_initial_channel=8,
        upsample_rates=[8, 8],
        upsample_kernel_sizes=[16, 16],
        resblock_kernel_sizes=[3],
        resblock_dilation_sizes=[[1, 3]],
    )
    _louder(SpeechT5HifiGan(config), times=2e4).save_pretrained(folder)


def _bark(folder: Path, said: dict[str, Any]) -> None:
    from transformers import BarkConfig, BarkModel, BertTokenizer, EncodecConfig
    from transformers.models.bark import BarkCoarseConfig, BarkFineConfig, BarkSemanticConfig
    from transformers.models.bark.generation_configuration_bark import (
        BarkCoarseGenerationConfig,
        BarkFineGenerationConfig,
        BarkGenerationConfig,
        BarkSemanticGenerationConfig,
    )

    folder.mkdir(parents=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *string.ascii_lowercase]
    words += [f"##{letter}" for letter in string.ascii_lowercase] + list(".,!?'")
    (folder / "words.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    BertTokenizer(str(folder / "words.txt")).save_pretrained(folder)
    sizes = {"hidden_size": 8, "num_layers": 1, "num_heads": 2, "block_size": 128}
    codes = 16
    config = BarkConfig(
        semantic_config=BarkSemanticConfig(input_vocab_size=200, output_vocab_size=110, **sizes).to_dict(),
        coarse_acoustics_config=BarkCoarseConfig(input_vocab_size=150, output_vocab_size=150, **sizes).to_dict(),
        fine_acoustics_config=BarkFineConfig(
            input_vocab_size=codes + 1, output_vocab_size=codes + 1, n_codes_total=4, n_codes_given=1, **sizes
        ).to_dict(),
        codec_config=EncodecConfig(
            hidden_size=8,
            num_filters=2,
            num_residual_layers=1,
            upsampling_ratios=[8, 8],
            num_lstm_layers=1,
            codebook_size=codes,
            target_bandwidths=[6.0],
        ).to_dict(),
    )
    model = BarkModel(config)
    for layer in model.codec_model.quantizer.layers:
        # Untrained, all codes sound alike.
        layer.codebook.embed.normal_()
    _louder(model).save_pretrained(folder)
    generation = BarkGenerationConfig(
        semantic_config=BarkSemanticGenerationConfig(
            eos_token_id=100,
            semantic_vocab_size=100,
            semantic_pad_token=100,
            text_encoding_offset=101,
            text_pad_token=190,
            semantic_infer_token=191,
            max_input_semantic_length=40,
            max_new_tokens=24,
            semantic_rate_hz=50,
            do_sample=True,
        ).to_dict(),
        coarse_acoustics_config=BarkCoarseGenerationConfig(
            coarse_semantic_pad_token=140,
            coarse_rate_hz=75,
            n_coarse_codebooks=2,
            coarse_infer_token=141,
            max_coarse_input_length=16,
            max_coarse_history=16,
            sliding_window_len=16,
            do_sample=True,
        ).to_dict(),
        fine_acoustics_config=BarkFineGenerationConfig(
            max_fine_history_length=16, max_fine_input_length=32, n_fine_codebooks=4
        ).to_dict(),
        sample_rate=24_000,
        codebook_size=codes,
    )
    # As its authors wrote it: the library reads such a file, and cannot write one.
    (folder / "generation_config.json").write_text(json.dumps(generation.to_dict()), encoding="utf-8")


def _louder(model: Any, times: float = 40) -> Any:
    """Random weights hardly make a sound; the last layer is made to."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "conv_post" in name:
                parameter.mul_(times)
    return model


_MAKERS: dict[str, Callable[[Path, dict[str, Any]], None]] = {
    "vits": _vits,
    "speecht5": _speecht5,
    "hifigan": _hifigan,
    "bark": _bark,
}


def speaker(path: Path, size: int = SPEAKER_DIM) -> Path:
    """An x-vector."""
    np.save(path, np.random.default_rng(0).standard_normal(size).astype(np.float32))
    return path
