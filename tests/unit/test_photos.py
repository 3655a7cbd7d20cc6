"""Photos are drawn anew: small, upright, without metadata; what is no picture or would burst is refused."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pytest
from PIL import Image

from dashboard import photos
from gis.errors import InputFault


def a_picture(form: str = "JPEG", size: tuple[int, int] = (640, 480), **given: object) -> bytes:
    out = io.BytesIO()
    mode = "RGBA" if form in ("PNG", "WEBP") else "RGB"
    Image.linear_gradient("L").resize(size).convert(mode).save(out, form, **given)
    return out.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose head promises many pixels."""
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    chunk = lambda kind, data: (  # noqa: E731
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    )
    body = zlib.compress(b"\x00" * 3_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_photo_becomes_a_plain_jpeg_of_bounded_size(form):
    made = photos.redrawn(a_picture(form, (3000, 1500)))
    shown = Image.open(io.BytesIO(made.data))
    assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", (made.width, made.height)) == (
        "JPEG", "RGB", (2000, 1000),
    )  # fmt: skip
    assert photos.redrawn(a_picture(form, (3000, 1500))).sha256 == made.sha256


def test_place_time_and_device_are_gone_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(0x8825)[1] = "N"
    made = photos.redrawn(a_picture(size=(640, 480), exif=exif, comment=b"secret"))
    shown = Image.open(io.BytesIO(made.data))
    assert shown.size == (480, 640) and not shown.getexif()
    assert b"PhoneMaker" not in made.data and b"secret" not in made.data and b"Exif" not in made.data


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "photo_too_large"),
        (b"x" * (photos.MOST_BYTES + 1), "photo_too_large"),
        (png_that_says(60_000, 60_000), "photo_too_large"),
        (png_that_says(9_000, 9_000), "photo_too_large"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not_a_photo"),
        (b"GIF89a" + b"\x00" * 40, "not_a_photo"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 200, "not_a_photo"),
        (a_picture()[:400], "not_a_photo"),
        (a_picture("PNG")[:300], "not_a_photo"),
        (b"PK\x03\x04" + b"\x00" * 64, "not_a_photo"),
    ],
)
def test_what_is_no_photo_is_refused_in_one_line(raw, why):
    with pytest.raises(InputFault) as caught:
        photos.redrawn(raw)
    assert caught.value.why == why and "\n" not in str(caught.value)


def test_file_is_named_by_its_content_and_nothing_else_becomes_a_path(tmp_path: Path):
    made = photos.redrawn(a_picture())
    photos.keep(tmp_path, made)
    photos.keep(tmp_path, made)
    assert [path.name for path in (tmp_path / "photos").rglob("*") if path.is_file()] == [f"{made.sha256}.jpg"]
    for name in ("../../etc/passwd", "x" * 64, made.sha256.upper(), made.sha256 + "/.."):
        with pytest.raises(InputFault):
            photos.path_of(tmp_path, name)
