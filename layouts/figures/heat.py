"""The heat picture: a density raster as a small PNG with colours of fixed meaning and a smooth edge to nothing."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from gis.heat import BREAKS, LEAST_CASES, Heat
from layouts.theme import tokens

_ALPHA = (0, 95, 140, 175, 205, 225)
_SHADES = 8


def build_heat_png(heat: Heat, theme: str) -> bytes:
    """Return a palette PNG: transparent below the first break and where too few cases are near, then the heat ramp.

    Between two breaks the colour runs on a logarithmic scale in eight shades, so the picture is smooth while every
    break keeps its colour.
    """
    breaks = np.asarray(BREAKS)
    steps = np.interp(
        np.log(np.maximum(heat.per_km2_day, 1e-9)),
        np.log(np.concatenate([[breaks[0] / 2.0], breaks])),
        np.arange(len(breaks) + 1, dtype=float),
    )
    fades = np.clip((heat.support - LEAST_CASES / 2) / (LEAST_CASES / 2), 0, 1)  # no hard edge where cases get few
    index = np.round(steps * fades * _SHADES).astype(np.uint8)
    image = Image.frombytes("P", (index.shape[1], index.shape[0]), index.tobytes())
    palette, alpha = _palette(theme)
    image.putpalette(palette)
    out = io.BytesIO()
    image.save(out, "PNG", transparency=alpha, optimize=True)
    return out.getvalue()


def palette_of(theme: str) -> list[list[int]]:
    """Return the shades from nothing to the last class as [red, green, blue, alpha], for a browser that draws heat."""
    colours, alpha = _palette(theme)
    return [[*colours[3 * i : 3 * i + 3], alpha[i]] for i in range(len(alpha))]


def _palette(theme: str) -> tuple[bytes, bytes]:
    ramp = tokens(theme).heat
    colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (ramp[0], *ramp)], dtype=float)
    at = np.arange(len(ramp) * _SHADES + 1) / _SHADES
    channels = [np.interp(at, np.arange(len(colours)), colours[:, i]) for i in range(3)]
    alpha = np.interp(at, np.arange(len(_ALPHA)), _ALPHA)
    return np.stack(channels, axis=1).round().astype(np.uint8).tobytes(), alpha.round().astype(np.uint8).tobytes()
