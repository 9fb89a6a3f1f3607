"""Pickles written instruction by instruction: what no pickler would ever write."""

from __future__ import annotations

import io
import struct

import torch

CALL = b"R"
NEW = b"\x81"
BUILD = b"b"


def pickled(instructions: bytes, *, protocol: int = 4) -> bytes:
    """A whole pickle of them."""
    return b"\x80" + bytes([protocol]) + instructions + b"."


def name(module: str, called: str) -> bytes:
    """A global."""
    return f"c{module}\n{called}\n".encode()


def words(text: str) -> bytes:
    """A word."""
    data = text.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def blob(data: bytes) -> bytes:
    """Bytes."""
    return b"B" + struct.pack("<I", len(data)) + data


def number(value: int) -> bytes:
    """A number of up to 2,000 bits."""
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def several(*values: bytes) -> bytes:
    """A tuple."""
    return b"(" + b"".join(values) + b"t"


def mapping(**values: bytes) -> bytes:
    """A dict."""
    return b"}(" + b"".join(words(key) + value for key, value in values.items()) + b"u"


def module(**state: bytes) -> bytes:
    """A network with this state."""
    meta = mapping(type=words("class"), class_name=words("Generator"), state=mapping(**state))
    return name("torch_utils.persistence", "_reconstruct_persistent_obj") + several(meta) + CALL


def checkpoint(**state: bytes) -> bytes:
    """A whole file with one network, G_ema, that has this state."""
    return pickled(mapping(G_ema=module(**state)))


def saved_storage(values: list[float]) -> bytes:
    """What torch.save writes of float32 numbers within a pickle."""
    file = io.BytesIO()
    storage = torch.tensor(values, dtype=torch.float32).untyped_storage()
    typed = torch.storage.TypedStorage(wrap_storage=storage, dtype=torch.float32, _internal=True)
    torch.save(typed, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def storage(data: bytes) -> bytes:
    """A storage of what torch.save wrote."""
    return name("torch.storage", "_load_from_bytes") + several(blob(data)) + CALL


def tensor(
    data: bytes, *, offset: bytes = b"K\x00", shape: bytes = b"K\x04\x85", strides: bytes = b"K\x01\x85"
) -> bytes:
    """A tensor over the storage that the instructions `data` make."""
    return name("torch._utils", "_rebuild_tensor_v2") + several(data, offset, shape, strides, b"\x89", b"}") + CALL
