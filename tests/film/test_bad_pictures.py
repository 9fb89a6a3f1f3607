"""Whatever a user may hand over as a picture or film: a right picture, or one clear sentence."""

import io
import random
import resource
import struct
import time
import zlib

import av
import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from pipeline.errors import MediaError
from pipeline.film.decode import read_frames
from pipeline.film.limits import Limits
from pipeline.film.probe import probe
from pipeline.images import decode_image, read_picture
from tests.media import number_of, numbered_picture, write_film

PICTURE = numbered_picture(700, 61, 47)
IMAGE = Image.fromarray(PICTURE)
GREY = cv2.cvtColor(PICTURE, cv2.COLOR_RGB2GRAY)
OTHER = Image.fromarray(255 - PICTURE)
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _png(width: int, height: int, *, bits: int = 8, colour_type: int = 2, rows: bytes = bytes(1000)) -> bytes:
    ihdr = b"IHDR" + struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    chunks = (ihdr, b"IDAT" + zlib.compress(rows), b"IEND")
    written = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def _jpeg_of_size(width: int, height: int) -> bytes:
    data = bytearray(_saved(IMAGE, "JPEG"))
    start_of_frame = data.index(b"\xff\xc0")
    data[start_of_frame + 5 : start_of_frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


GOOD = {
    "JPEG": _saved(IMAGE, "JPEG", quality=95, subsampling=0),
    "WebP": _saved(IMAGE, "WEBP", lossless=True),
    "AVIF": _saved(IMAGE, "AVIF", quality=95),
    "BMP": _saved(IMAGE, "BMP"),
    "JPEG 2000": _saved(IMAGE, "JPEG2000"),
    "CMYK JPEG, inverted by Adobe": _saved(IMAGE.convert("CMYK"), "JPEG", quality=95),
    "CMYK TIFF": _saved(IMAGE.convert("CMYK"), "TIFF"),
    "YCbCr TIFF": _saved(IMAGE.convert("YCbCr"), "TIFF"),
    "16-bit PNG": cv2.imencode(".png", PICTURE[..., ::-1].astype(np.uint16) * 257)[1].tobytes(),
    "16-bit TIFF": cv2.imencode(".tif", PICTURE[..., ::-1].astype(np.uint16) * 257)[1].tobytes(),
    "GIF that moves": _saved(IMAGE, "GIF", save_all=True, append_images=[OTHER]),
    "WebP that moves": _saved(IMAGE, "WEBP", save_all=True, append_images=[OTHER], lossless=True),
    "PNG that moves": _saved(IMAGE, "PNG", save_all=True, append_images=[OTHER]),
    "TIFF of two pages": _saved(IMAGE, "TIFF", save_all=True, append_images=[OTHER]),
}

GREYS = {
    "8-bit PNG": _saved(Image.fromarray(GREY), "PNG"),
    "JPEG": _saved(Image.fromarray(GREY), "JPEG", quality=95),
    "with alpha": _saved(Image.fromarray(GREY).convert("LA"), "PNG"),
    "16-bit PNG": cv2.imencode(".png", GREY.astype(np.uint16) * 257)[1].tobytes(),
    "16-bit TIFF": cv2.imencode(".tif", GREY.astype(np.uint16) * 257)[1].tobytes(),
    "16-bit JPEG 2000": _saved(Image.fromarray(GREY.astype(np.uint16) * 257), "JPEG2000"),
    "16-bit PGM": b"P5 61 47 65535\n" + (GREY.astype(">u2") * 257).tobytes(),
    "float TIFF": _saved(Image.fromarray(GREY.astype(np.float32) / 255), "TIFF"),
}


@pytest.mark.parametrize("kind", GOOD)
def test_every_kind_of_file_gives_its_first_picture(kind):
    pixels = read_picture(GOOD[kind], where="painting")
    assert (pixels.shape, pixels.dtype) == (PICTURE.shape, np.uint8)
    assert np.abs(pixels.astype(int) - PICTURE).mean() < 3


@pytest.mark.parametrize("kind", GREYS)
def test_every_kind_of_grey_is_grey(kind):
    pixels = read_picture(GREYS[kind], where="mask").astype(int)
    assert np.abs(pixels - GREY[..., None]).mean() < 1.5


def test_one_bit_pictures_are_black_and_white():
    for kind, options in (("PNG", {}), ("TIFF", {"compression": "group4"})):
        bilevel = Image.fromarray(GREY > 128)
        np.testing.assert_array_equal(
            read_picture(_saved(bilevel, kind, **options), where="mask")[..., 0], np.where(GREY > 128, 255, 0)
        )


def _half_transparent(colour: int, kind: str) -> bytes:
    rgba = np.full((8, 8, 4), colour, np.uint8)
    rgba[..., 3] = (0, 128, 255, 255) * 2
    if kind == "16-bit PNG":
        return cv2.imencode(".png", rgba.astype(np.uint16) * 257)[1].tobytes()
    if kind == "grey with alpha":
        return _saved(Image.fromarray(rgba).convert("LA"), "PNG")
    if kind == "16-bit grey with alpha":
        rows = np.stack([rgba[..., 0], rgba[..., 3]], axis=-1).astype(">u2") * 257
        return _png(8, 8, bits=16, colour_type=4, rows=b"".join(b"\0" + row.tobytes() for row in rows))
    if kind == "palette":
        palette = Image.fromarray(np.array([[0, 1, 2, 2] * 2] * 8, np.uint8), "P")
        palette.putpalette([colour] * 9)
        return _saved(palette, "PNG", transparency=bytes([0, 128, 255]))
    return _saved(Image.fromarray(rgba), kind, **({"lossless": True} if kind == "WEBP" else {}))


@pytest.mark.parametrize(
    "kind", ["PNG", "TIFF", "WEBP", "palette", "16-bit PNG", "grey with alpha", "16-bit grey with alpha"]
)
def test_transparency_shows_white_paper_in_paintings_and_black_in_films(kind):
    data = _half_transparent(60, kind)
    painting, frame = read_picture(data, where="painting"), decode_image(data)
    assert painting[3, :3, 0].tolist() == pytest.approx([255, 157, 60], abs=1)
    assert frame[3, :3, 0].tolist() == pytest.approx([0, 30, 60], abs=1)


def test_transparent_openexr_lies_over_white(tmp_path):
    # Colours are multiplied by their alpha, and linear: 0.1 of half the light, and half of the white behind.
    picture = np.full((16, 16, 4), (0.1, 0.1, 0.1, 0.5), np.float32)
    with av.open(str(tmp_path / "a.exr"), "w", format="image2", container_options={"update": "1"}) as output:
        stream = output.add_stream("exr", rate=1)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "gbrapf32le"
        output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "gbrapf32le")))
        output.mux(stream.encode(None))
    data = (tmp_path / "a.exr").read_bytes()
    assert read_picture(data, where="x")[8, 8, 0] == pytest.approx(255 * 0.7977, abs=1)
    assert decode_image(data)[8, 8, 0] == pytest.approx(255 * 0.3492, abs=1)


def _swapped_profile() -> bytes:
    """sRGB, with its red and its green swapped."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for entry in range(132, 132 + 12 * struct.unpack_from(">I", profile, 128)[0], 12):
        name = bytes(profile[entry : entry + 4])
        profile[entry : entry + 4] = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}.get(name, name)
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "odd ".encode("utf-16-be"))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_embedded_profile_counts_with_and_without_transparency(mode):
    plain = Image.new("RGB", (8, 8), (200, 40, 90))
    image = plain.quantize(2) if mode == "P" else plain.convert(mode)
    pixels = read_picture(_saved(image, "PNG", icc_profile=_swapped_profile()), where="x")
    assert pixels[4, 4].tolist() == pytest.approx([40, 200, 90], abs=3)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"hello, no picture", "no picture that we can read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture that we can read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", "no picture that we can read"),
        (HEIC, "HEIC.*JPEG or PNG"),
        (b"\0\0\0\x20ftypisom\0\0\2\0", "is a film"),
        (_png(0, 10), "no picture that we can read"),
        (GOOD["JPEG"][:700], "damaged"),
        (GOOD["16-bit TIFF"][:400], "damaged"),
        (GOOD["AVIF"][:300], "no picture that we can read"),
        (_saved(Image.fromarray(GREY.astype(np.int32)), "TIFF"), "of a rare kind"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_picture_is_refused_in_one_sentence(data, words):
    with pytest.raises(MediaError, match=words) as caught:
        read_picture(data, where="holiday.jpg")
    assert str(caught.value).startswith("holiday.jpg: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [_png(30_000, 30_000), _png(2**31 - 1, 2**31 - 1), _jpeg_of_size(30_000, 30_000)])
def test_bombs_are_refused_at_once_and_without_memory(data):
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(MediaError, match="larger than the limit"):
        read_picture(data, where="bomb")
    assert time.perf_counter() - begun < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_tiff_with_several_heights_is_refused():
    # Pillow once took another height than we checked, and filled the memory for a minute.
    data = bytearray(_saved(IMAGE, "TIFF"))
    height = data.index(struct.pack("<HH", 257, 4))
    data[height + 4 : height + 8] = struct.pack("<I", 93)
    with pytest.raises(MediaError, match="damaged"):
        read_picture(bytes(data), where="crooked.tif")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", [*GOOD, "RGBA PNG"])
def test_damage_of_any_byte_gives_a_picture_or_a_sentence(kind):
    good = _half_transparent(60, "PNG") if kind == "RGBA PNG" else GOOD[kind]
    dice = random.Random(kind)
    for attempt in range(40):
        data = bytearray(good)
        if attempt % 4 == 0:
            data = data[: dice.randrange(1, len(data))]
        for _ in range(dice.choice([1, 2, 8])):
            data[dice.randrange(len(data) if attempt % 2 else min(len(data), 150))] = dice.randrange(256)
        try:
            pixels = read_picture(bytes(data), where="x", limits=Limits(pixels=1_000_000))
        except MediaError:
            continue
        assert pixels.dtype == np.uint8


def test_pictures_of_one_pixel_stay_one_pixel(tmp_path):
    pixel = np.full((1, 1, 3), 77, np.uint8)
    for kind in ("PNG", "JPEG", "WEBP", "TIFF"):
        assert read_picture(_saved(Image.fromarray(pixel), kind), where="x")[0, 0] == pytest.approx(77, abs=2)
    Image.fromarray(pixel).save(tmp_path / "a.png")
    (frame,) = read_frames(probe(str(tmp_path / "a.png")), 0, 1, size=5)
    assert frame.shape == (5, 5, 3)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("JPEG", "a.png"),
        ("16-bit PNG", "a.jpg"),
        ("16-bit TIFF", "a.exr"),
        ("WebP", "a.tif"),
        ("JPEG", "a.mp4"),
        ("AVIF", "a.avif"),
        ("WebP", "no_suffix"),
    ],
)
def test_picture_with_a_wrong_name_is_read_by_its_content(tmp_path, kind, name):
    (tmp_path / name).write_bytes(GOOD[kind])
    source = probe(str(tmp_path / name))
    assert (source.kind, source.width, source.height) == ("picture", 61, 47)
    assert [number_of(frame) for frame in read_frames(source, 0, 1)] == [700]


def test_film_called_a_picture_and_heic_are_refused_with_a_way_out(tmp_path):
    write_film(tmp_path / "a.mp4", 3).rename(tmp_path / "a.png")
    (tmp_path / "a.heic").write_bytes(HEIC)
    with pytest.raises(MediaError, match="is a film, not a picture"):
        probe(str(tmp_path / "a.png"))
    with pytest.raises(MediaError, match="HEIC"):
        probe(str(tmp_path / "a.heic"))


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
def test_film_without_frames_is_refused(tmp_path, name):
    with av.open(str(tmp_path / name), "w") as output:
        stream = output.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        output.start_encoding()
        output.mux(stream.encode(None))
    with pytest.raises(MediaError, match=r"no frames|no video|no film that we can read"):
        probe(str(tmp_path / name))


@pytest.mark.parametrize("pix_fmt", ["yuv444p", "gray", "gray16le", "bgra", "yuva420p"])
@pytest.mark.parametrize("size", [(1, 1), (95, 63)])
def test_films_of_odd_size_grey_or_with_alpha_are_read(tmp_path, size, pix_fmt):
    source = probe(str(write_film(tmp_path / "a.mkv", 3, size=size, codec="ffv1", pix_fmt=pix_fmt)))
    frames = list(read_frames(source, 0, 3))
    assert [frame.shape for frame in frames] == [(size[1], size[0], 3)] * 3
    if size != (1, 1):
        assert [number_of(frame) for frame in frames] == [0, 1, 2]


@pytest.mark.parametrize(("rotation", "turns"), [(90, 1), (180, 2), (270, 3)])
def test_films_stand_upright_as_their_display_matrix_says(tmp_path, rotation, turns):
    # A film that was filmed lying: turned back, its numbers can be read.
    lying = [np.rot90(numbered_picture(n), -turns) for n in (3, 700)]
    source = probe(str(write_film(tmp_path / "a.mp4", lying, rotation=rotation)))
    assert (source.width, source.height) == (96, 64)
    assert [number_of(frame) for frame in read_frames(source, 0, 2)] == [3, 700]
