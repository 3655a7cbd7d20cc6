"""Photos: taken in bounded, drawn anew without what the camera wrote into them, kept as files by their content hash."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from gis.errors import InputFault

MOST_BYTES = 12_000_000
"""A photo as it comes; phones make 3 to 8 MB."""

MOST_PIXELS = 60_000_000
LONGEST_PX = 2_000
_FORMATS = ("JPEG", "PNG", "WEBP")
_NAME = re.compile(r"^[0-9a-f]{64}$")
_QUALITY = 82


@dataclass(frozen=True)
class Photo:
    """A photo as it is kept: JPEG without metadata, its SHA-256, and its size in pixels."""

    data: bytes
    sha256: str
    width: int
    height: int


def redrawn(raw: bytes) -> Photo:
    """Return a photo drawn anew: upright, at most 2,000 pixels long, without place, time or device in it.

    The same bytes give the same photo, so a repeated transmission adds nothing.

    Raises
    ------
    InputFault
        When it is no JPEG, PNG or WebP, is broken, or would be too large once unpacked.
    """
    if not raw or len(raw) > MOST_BYTES:
        raise InputFault(f"a photo has 1 to {MOST_BYTES:,} bytes", "photo_too_large")
    try:
        # a small file may unpack to gigabytes: its head tells the size before a pixel is made
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(raw), formats=_FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise InputFault(f"{image.width} x {image.height} pixels are too many", "photo_too_large")
        image.draft("RGB", (LONGEST_PX, LONGEST_PX))
        upright = ImageOps.exif_transpose(image).convert("RGB")
    except (Image.DecompressionBombError, MemoryError):
        raise InputFault("the picture is too large", "photo_too_large") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError):
        raise InputFault("this is not a JPEG, PNG or WebP picture", "not_a_photo") from None
    upright.thumbnail((LONGEST_PX, LONGEST_PX))
    out = io.BytesIO()
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    clean.save(out, "JPEG", quality=_QUALITY, optimize=True)
    data = out.getvalue()
    return Photo(data, hashlib.sha256(data).hexdigest(), clean.width, clean.height)


def path_of(folder: Path, sha256: str) -> Path:
    """Return where a photo is kept.

    Raises
    ------
    InputFault
        When the name is not a hash: nothing else ever becomes part of a path.
    """
    if not _NAME.match(sha256):
        raise InputFault("a photo is named by its SHA-256")
    return folder / "photos" / sha256[:2] / f"{sha256}.jpg"


def keep(folder: Path, photo: Photo) -> None:
    """Write the file unless it is there; whole or not at all."""
    target = path_of(folder, photo.sha256)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{id(photo)}.part")
    part.write_bytes(photo.data)
    part.replace(target)
