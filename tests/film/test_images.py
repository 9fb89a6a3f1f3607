import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from pipeline.errors import MediaError
from pipeline.film.limits import Limits
from pipeline.images import (
    WHITE,
    decode_image,
    encode_jpeg,
    encode_png,
    encode_tiff,
    encode_webp,
    flattened,
    read_header,
    to_depth,
)
from tests.media import numbered_picture

PICTURE = numbered_picture(700, 61, 47)
DEEP = np.random.default_rng(1).integers(0, 65_536, (47, 61, 3), dtype=np.uint16)


def _saved(image: Image.Image, suffix: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, suffix, **options)
    return file.getvalue()


@pytest.mark.parametrize("encode", [encode_png, encode_tiff])
@pytest.mark.parametrize("pixels", [PICTURE, DEEP], ids=["8 bit", "16 bit"])
def test_lossless_formats_round_trip_exactly(encode, pixels):
    data = encode(pixels)
    assert read_header(io.BytesIO(data), where="x").bit_depth == pixels.itemsize * 8
    np.testing.assert_array_equal(decode_image(data, deep=pixels.dtype == np.uint16), pixels)
    assert encode(pixels) == data


@pytest.mark.parametrize("encode", [encode_jpeg, encode_webp])
def test_lossy_formats_come_close(encode):
    assert np.abs(decode_image(encode(PICTURE)).astype(int) - PICTURE).mean() < 4


def test_depth_changes_keep_black_and_white():
    ends = np.array([[[0, 128, 255]]], np.uint8).repeat(8, 0).repeat(8, 1)
    assert decode_image(encode_png(ends), deep=True)[0, 0].tolist() == [0, 128 * 257, 65_535]
    deep = np.array([[[0, 128 * 257 + 128, 65_535]]], np.uint16).repeat(8, 0).repeat(8, 1)
    assert decode_image(encode_png(deep))[0, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_exif_orientation_is_applied(orientation, suffix):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[274] = orientation
    image = Image.fromarray(PICTURE)
    data = _saved(image, suffix, exif=exif, **({"lossless": True} if suffix == "WEBP" else {}))
    image.getexif()[274] = orientation
    expected = np.asarray(ImageOps.exif_transpose(image))
    pixels = decode_image(data)
    assert read_header(io.BytesIO(data), where="x").size == expected.shape[1::-1] == pixels.shape[1::-1]
    assert np.abs(pixels.astype(int) - expected).mean() < (4 if suffix == "JPEG" else 0.01)


def test_grey_palette_and_cmyk_become_rgb():
    image = Image.fromarray(PICTURE)
    grey = decode_image(_saved(image.convert("L"), "PNG"))
    assert (grey[..., 0] == grey[..., 2]).all()
    palette = decode_image(_saved(image.quantize(64), "PNG"))
    assert np.abs(palette.astype(int) - PICTURE).mean() < 12
    ink = decode_image(_saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"))
    assert np.abs(ink[4, 4].astype(int) - (255, 0, 0)).max() < 6


@pytest.mark.parametrize("deep", [False, True])
def test_transparency_lies_over_black(deep):
    rgba = np.full((8, 8, 4), 200, np.uint16 if deep else np.uint8)
    rgba[..., 3] = 0
    rgba[:4, :, 3] = np.iinfo(rgba.dtype).max
    data = cv2.imencode(".png", rgba)[1].tobytes()
    pixels = decode_image(data, deep=deep)
    assert pixels[0, 0].tolist() == [200] * 3
    assert pixels[7, 7].tolist() == [0] * 3


def test_sixteen_bit_grey_keeps_its_codes():
    ramp = np.tile(np.arange(0, 65_536, 64, dtype=np.uint16), (8, 1))
    pixels = decode_image(cv2.imencode(".png", ramp)[1].tobytes(), deep=True)
    np.testing.assert_array_equal(pixels[..., 1], ramp)


def test_embedded_profile_is_brought_to_srgb():
    linear = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    plain = _saved(Image.fromarray(PICTURE), "PNG")
    tagged = _saved(
        Image.fromarray(PICTURE), "PNG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    )
    odd = _saved(Image.fromarray(PICTURE), "PNG", icc_profile=linear.tobytes())
    broken = _saved(Image.fromarray(PICTURE), "PNG", icc_profile=b"no profile at all")
    for data in (tagged, odd, broken):
        np.testing.assert_array_equal(decode_image(data), decode_image(plain))


def test_linear_exr_is_bent_by_the_srgb_curve(tmp_path):
    import av

    values = np.array([0.0, 0.0031308, 0.18, 0.5, 1.0, 4.0], np.float32)
    picture = np.repeat(np.tile(values.repeat(8), (16, 1))[..., None], 3, axis=-1)
    with av.open(str(tmp_path / "a.exr"), "w", format="image2", container_options={"update": "1"}) as output:
        stream = output.add_stream("exr", rate=1)
        stream.width, stream.height, stream.pix_fmt = 48, 16, "gbrpf32le"
        output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "gbrpf32le")))
        output.mux(stream.encode(None))
    data = (tmp_path / "a.exr").read_bytes()
    assert read_header(io.BytesIO(data), where="x").size == (48, 16)
    pixels = decode_image(data, deep=True)[8, 4::8, 0] / 65_535
    assert pixels == pytest.approx([0, 0.04045, 0.46136, 0.73536, 1, 1], abs=1e-4)


def test_damaged_pictures_are_refused_in_one_sentence():
    good = encode_jpeg(PICTURE)
    for data in (b"", b"hello", good[:100], encode_png(DEEP)[:-500], encode_tiff(DEEP)[:50]):
        with pytest.raises(MediaError, match=r"^holiday\.jpg: "):
            decode_image(data, where="holiday.jpg")


def test_pictures_beyond_the_limits_are_refused():
    with pytest.raises(MediaError, match="larger than the limit"):
        decode_image(encode_png(PICTURE), limits=Limits(pixels=100))


def test_arrays_that_are_no_pictures_are_refused():
    for array in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(MediaError, match="a picture is"):
            encode_png(array)


ALPHA = np.dstack([PICTURE, np.linspace(0, 255, PICTURE.shape[1], dtype=np.uint8)[None].repeat(PICTURE.shape[0], 0)])


@pytest.mark.parametrize("deep", [False, True])
def test_straight_alpha_stays_in_a_png(deep):
    pixels = to_depth(ALPHA, deep=deep)
    stored = cv2.imdecode(np.frombuffer(encode_png(pixels), np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(stored, pixels[..., [2, 1, 0, 3]])


def test_alpha_of_a_webp_is_exact():
    with Image.open(io.BytesIO(encode_webp(ALPHA))) as image:
        np.testing.assert_array_equal(np.asarray(image)[..., 3], ALPHA[..., 3])


def test_what_is_transparent_shows_its_paper():
    np.testing.assert_array_equal(flattened(ALPHA, WHITE)[:, 0], 255)
    np.testing.assert_array_equal(flattened(ALPHA)[:, 0], 0)
    np.testing.assert_array_equal(flattened(ALPHA)[:, -1], PICTURE[:, -1])
