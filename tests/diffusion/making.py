"""Diffusion models of random weights and a few pixels, in the library's own formats: what it saves, whole and real.

The library is imported within functions: it takes seconds.
"""

from __future__ import annotations

import inspect
import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

PX = 32
"""Of a picture's side."""

_WIDTH = 32
"""Of what text encoders give."""

_LETTERS = [chr(code) for code in range(33, 127)]


def make(folder: Path, family: str) -> Path:
    """A whole pipeline of a family, saved as a folder; the same weights each time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _pipelines()[family](folder).save_pretrained(folder)
    return folder


def _pipelines() -> dict[str, Callable[[Path], Any]]:
    return {"sd": _sd, "sdxl": _sdxl, "sd3": _sd3, "flux": _flux, "inpaint": _sd_inpaint} | {
        "upscale": _upscale,
        "latent-upscale": _latent_upscale,
    }


def _sd(folder: Path, channels: int = 4) -> Any:
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    scheduler = DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    return StableDiffusionPipeline(
        vae=_vae(),
        text_encoder=_clip(),
        tokenizer=_clip_tokenizer(folder),
        unet=_unet(channels),
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _sd_inpaint(folder: Path) -> Any:
    return _sd(folder, channels=9)


def _upscale(folder: Path) -> Any:
    from diffusers import DDIMScheduler, DDPMScheduler, StableDiffusionUpscalePipeline

    return StableDiffusionUpscalePipeline(
        vae=_vae(levels=3),
        text_encoder=_clip(),
        tokenizer=_clip_tokenizer(folder),
        unet=_unet(4 + 3, num_class_embeds=100),
        low_res_scheduler=DDPMScheduler(),
        scheduler=DDIMScheduler(prediction_type="v_prediction"),
        max_noise_level=99,
    )


def _latent_upscale(folder: Path) -> Any:
    from diffusers import EulerDiscreteScheduler, StableDiffusionLatentUpscalePipeline

    unet = _unet(
        4 + 4,
        out_channels=5,
        act_fn="gelu",
        norm_num_groups=None,
        block_out_channels=(32, 32, 64, 64),
        time_cond_proj_dim=128 + _WIDTH,
        conv_in_kernel=1,
        conv_out_kernel=1,
        only_cross_attention=False,
        down_block_types=("KDownBlock2D", *("KCrossAttnDownBlock2D",) * 3),
        mid_block_type=None,
        up_block_types=(*("KCrossAttnUpBlock2D",) * 3, "KUpBlock2D"),
        resnet_time_scale_shift="scale_shift",
        time_embedding_type="fourier",
        timestep_post_act="gelu",
    )
    return StableDiffusionLatentUpscalePipeline(
        vae=_vae(),
        text_encoder=_clip(),
        tokenizer=_clip_tokenizer(folder),
        unet=unet,
        scheduler=EulerDiscreteScheduler(prediction_type="sample"),
    )


def _sdxl(folder: Path) -> Any:
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline

    unet = _unet(
        4,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=8 * 6 + _WIDTH,
        cross_attention_dim=2 * _WIDTH,
        use_linear_projection=True,
    )
    return StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=_clip(),
        text_encoder_2=_clip(projects=True),
        tokenizer=_clip_tokenizer(folder),
        tokenizer_2=_clip_tokenizer(folder),
        unet=unet,
        scheduler=EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"),
        add_watermarker=False,
    )


def _sd3(folder: Path) -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler, SD3Transformer2DModel, StableDiffusion3Pipeline

    torch.manual_seed(0)
    transformer = SD3Transformer2DModel(
        sample_size=PX // 2,
        patch_size=1,
        in_channels=4,
        out_channels=4,
        # The last is not led by ControlNets.
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=2 * _WIDTH,
        caption_projection_dim=32,
        pooled_projection_dim=2 * _WIDTH,
        pos_embed_max_size=PX,
    )
    return StableDiffusion3Pipeline(
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=_vae(quantizes=False),
        text_encoder=_clip(projects=True),
        tokenizer=_clip_tokenizer(folder),
        text_encoder_2=_clip(projects=True),
        tokenizer_2=_clip_tokenizer(folder),
        text_encoder_3=None,
        tokenizer_3=None,
    )


def _flux(folder: Path) -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel
    from transformers import T5Config, T5EncoderModel, T5Tokenizer

    torch.manual_seed(0)
    transformer = FluxTransformer2DModel(
        patch_size=1,
        in_channels=4 * 4,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=_WIDTH,
        pooled_projection_dim=_WIDTH,
        axes_dims_rope=(4, 4, 8),
        guidance_embeds=True,
    )
    words = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *((letter, -3.0) for letter in _LETTERS)]
    torch.manual_seed(0)
    encoder = T5EncoderModel(
        T5Config(vocab_size=256, d_model=_WIDTH, d_kv=8, d_ff=32, num_layers=1, num_heads=4, decoder_start_token_id=0)
    )
    return FluxPipeline(
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=_vae(quantizes=False),
        text_encoder=_clip(),
        tokenizer=_clip_tokenizer(folder),
        text_encoder_2=encoder,
        tokenizer_2=T5Tokenizer(vocab=words, extra_ids=0),
    )


def _unet(channels: int, **said: Any) -> Any:
    from diffusers import UNet2DConditionModel

    usual = {
        "block_out_channels": (32, 64),
        "layers_per_block": 1,
        "sample_size": PX // 2,
        "in_channels": channels,
        "out_channels": 4,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "cross_attention_dim": _WIDTH,
        "norm_num_groups": 8,
        "attention_head_dim": 8,
    }
    torch.manual_seed(0)
    return UNet2DConditionModel(**usual | said)


def _vae(*, quantizes: bool = True, levels: int = 2) -> Any:
    from diffusers import AutoencoderKL

    torch.manual_seed(0)
    return AutoencoderKL(
        block_out_channels=(16, 32, 32)[:levels],
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=PX,
        use_quant_conv=quantizes,
        use_post_quant_conv=quantizes,
        shift_factor=None if quantizes else 0.06,
    )


def _clip(*, projects: bool = False) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    words = 2 * len(_LETTERS) + 2
    config = CLIPTextConfig(
        bos_token_id=words - 2,
        eos_token_id=words - 1,
        pad_token_id=words - 1,
        hidden_size=_WIDTH,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=words,
        max_position_embeddings=77,
        projection_dim=_WIDTH,
    )
    torch.manual_seed(0)
    return (CLIPTextModelWithProjection if projects else CLIPTextModel)(config).eval()


def _clip_tokenizer(folder: Path) -> Any:
    """CLIP's, that knows letters only."""
    from transformers import CLIPTokenizer

    tokens = [*_LETTERS, *(f"{letter}</w>" for letter in _LETTERS), "<|startoftext|>", "<|endoftext|>"]
    made = folder.with_name(f"{folder.name}-tokenizer")
    made.mkdir(parents=True, exist_ok=True)
    (made / "vocab.json").write_text(json.dumps({token: place for place, token in enumerate(tokens)}))
    (made / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer.from_pretrained(str(made), model_max_length=77)


def make_lora(path: Path, pipeline: Path) -> Path:
    """A LoRA of random weights on a saved pipeline's attention, as diffusers names its tensors."""
    torch.manual_seed(1)
    from safetensors import safe_open

    tensors: dict[str, torch.Tensor] = {}
    core = "unet" if (pipeline / "unet").is_dir() else "transformer"
    with safe_open(pipeline / core / "diffusion_pytorch_model.safetensors", framework="pt") as file:
        for name in file.keys():  # noqa: SIM118
            if re.search(r"attn\d?\.to_[qv]\.weight$", name):
                out, wide = file.get_slice(name).get_shape()
                layer = f"{core}.{name.removesuffix('.weight')}"
                tensors[f"{layer}.lora_A.weight"] = torch.randn(4, wide) * 0.3
                tensors[f"{layer}.lora_B.weight"] = torch.randn(out, 4) * 0.3
    save_file(tensors, path)
    return path


def make_control(folder: Path, pipeline: Path, seed: int = 2) -> Path:
    """A ControlNet for a saved pipeline, with random weights where the library has none yet."""
    import diffusers

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if (pipeline / "unet").is_dir():
            unet = diffusers.UNet2DConditionModel.from_pretrained(pipeline / "unet")
            control = diffusers.ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(8, 16))
        else:
            name, made = {
                "FluxPipeline": ("FluxTransformer2DModel", diffusers.FluxControlNetModel),
                "StableDiffusion3Pipeline": ("SD3Transformer2DModel", diffusers.SD3ControlNetModel),
            }[json.loads((pipeline / "model_index.json").read_text())["_class_name"]]
            transformer = getattr(diffusers, name).from_pretrained(pipeline / "transformer")
            control = made(
                **{
                    key: value
                    for key, value in transformer.config.items()
                    if key in inspect.signature(made.__init__).parameters
                }
            )
    torch.manual_seed(seed)
    for weight in control.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.3)
    control.save_pretrained(folder)
    return folder


# A single file, as Stable Diffusion's authors name its tensors: the library reads such and writes none.


def make_single(path: Path, pipeline: Path) -> Path:
    """The weights of a saved `sd` pipeline in one file."""
    from safetensors.torch import load_file

    def of(component: str, stem: str = "diffusion_pytorch_model") -> dict[str, torch.Tensor]:
        return load_file(pipeline / component / f"{stem}.safetensors")

    tensors = {f"model.diffusion_model.{_unet_name(name)}": tensor for name, tensor in of("unet").items()}
    for name, tensor in of("vae").items():
        # Attention was a convolution of one pixel.
        is_square = re.search(r"attentions.*to_(q|k|v|out\.0)\.weight$", name)
        tensors[f"first_stage_model.{_vae_name(name)}"] = tensor[:, :, None, None] if is_square else tensor
    for name, tensor in of("text_encoder", "model").items():
        whole = name if name.startswith("text_model.") else f"text_model.{name}"
        tensors[f"cond_stage_model.transformer.{whole}"] = tensor
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    return path


_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}


def _unet_name(name: str) -> str:
    """Of two blocks of one layer each, down and up."""
    ends = {
        "conv_in": "input_blocks.0.0",
        "time_embedding.linear_1": "time_embed.0",
        "time_embedding.linear_2": "time_embed.2",
        "conv_norm_out": "out.0",
        "conv_out": "out.2",
    }
    for ours, theirs in ends.items():
        if name.startswith(f"{ours}."):
            return name.replace(ours, theirs, 1)
    blocks = {
        "down_blocks.0.resnets.0": "input_blocks.1.0",
        "down_blocks.0.downsamplers.0.conv": "input_blocks.2.0.op",
        "down_blocks.1.resnets.0": "input_blocks.3.0",
        "down_blocks.1.attentions.0": "input_blocks.3.1",
        "mid_block.resnets.0": "middle_block.0",
        "mid_block.attentions.0": "middle_block.1",
        "mid_block.resnets.1": "middle_block.2",
        "up_blocks.0.resnets.0": "output_blocks.0.0",
        "up_blocks.0.attentions.0": "output_blocks.0.1",
        "up_blocks.0.resnets.1": "output_blocks.1.0",
        "up_blocks.0.attentions.1": "output_blocks.1.1",
        "up_blocks.0.upsamplers.0.conv": "output_blocks.1.2.conv",
        "up_blocks.1.resnets.0": "output_blocks.2.0",
        "up_blocks.1.resnets.1": "output_blocks.3.0",
    }
    [(ours, theirs)] = [pair for pair in blocks.items() if name.startswith(f"{pair[0]}.")]
    rest = name.removeprefix(f"{ours}.")
    if ".resnets." in f".{ours}":
        part, _, last = rest.partition(".")
        rest = f"{_RESNET[part]}.{last}"
    return f"{theirs}.{rest}"


def _vae_name(name: str) -> str:
    name = re.sub(r"encoder\.down_blocks\.(\d)\.resnets\.(\d)", r"encoder.down.\1.block.\2", name)
    name = re.sub(r"encoder\.down_blocks\.(\d)\.downsamplers\.0", r"encoder.down.\1.downsample", name)
    # The decoder's blocks were counted from the finest.
    name = re.sub(
        r"decoder\.up_blocks\.(\d)\.resnets\.(\d)", lambda m: f"decoder.up.{1 - int(m[1])}.block.{m[2]}", name
    )
    name = re.sub(r"decoder\.up_blocks\.(\d)\.upsamplers\.0", lambda m: f"decoder.up.{1 - int(m[1])}.upsample", name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    name = name.replace("mid_block.attentions.0", "mid.attn_1").replace("conv_norm_out", "norm_out")
    for ours, theirs in (("group_norm", "norm"), ("to_q", "q"), ("to_k", "k"), ("to_v", "v"), ("to_out.0", "proj_out")):
        name = name.replace(f"attn_1.{ours}.", f"attn_1.{theirs}.")
    return name.replace("conv_shortcut", "nin_shortcut")
