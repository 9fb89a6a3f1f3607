import numpy as np
import pytest
import torch

from pipeline.errors import MediaError
from pipeline.tensors import to_pixels, to_tensor


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_code_value_survives_the_round_trip(dtype):
    codes = np.arange(np.iinfo(dtype).max + 1).astype(dtype)
    frames = (
        np.resize(codes, (1, 256, len(codes) // 256, 3)) if dtype == np.uint16 else np.resize(codes, (2, 16, 16, 3))
    )
    tensor = to_tensor(frames)
    assert tensor.shape == (frames.shape[0], 3, *frames.shape[1:3])
    assert (tensor.dtype, tensor.is_contiguous()) == (torch.float32, True)
    np.testing.assert_array_equal(to_pixels(tensor, deep=dtype == np.uint16), frames)


def test_values_are_clamped_and_halves_round_to_even():
    values = torch.tensor([-1.0, 0.5 / 255, 1.5 / 255, 2.5 / 255, 2.0]).view(1, 1, 1, 5).expand(1, 3, 1, 5)
    assert to_pixels(values)[0, 0, :, 0].tolist() == [0, 0, 2, 2, 255]


def test_read_only_arrays_are_taken():
    frames = np.zeros((1, 2, 2, 3), np.uint8)
    frames.flags.writeable = False
    assert to_tensor(frames).sum() == 0


def test_other_shapes_are_refused():
    with pytest.raises(MediaError, match="frames are"):
        to_tensor(np.zeros((2, 2, 3), np.uint8))
    with pytest.raises(MediaError, match="frames are"):
        to_pixels(torch.zeros(1, 4, 2, 2))
