"""The heat picture: a density raster as a small PNG with colours of fixed meaning and a smooth edge to nothing."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from gis.heat import BREAKS_PER_KM2, HeatRaster
from layouts.theme import tokens

_ALPHA = (0, 95, 140, 175, 205, 225)
_SHADES = 8


def build_heat_png(raster: HeatRaster, theme: str) -> bytes:
    """Return a palette PNG: transparent below the first break, then the theme's heat ramp.

    Between two breaks the colour runs on a logarithmic scale in eight shades, so the picture is smooth while every
    break keeps its colour.
    """
    breaks = np.asarray(BREAKS_PER_KM2)
    steps = np.interp(
        np.log(np.maximum(raster.density, 1e-9)),
        np.log(np.concatenate([[breaks[0] / 3.0], breaks])),
        np.arange(len(breaks) + 1, dtype=float),
    )
    index = np.round(steps * _SHADES).astype(np.uint8)
    image = Image.frombytes("P", (index.shape[1], index.shape[0]), index.tobytes())
    palette, alpha = _palette(theme)
    image.putpalette(palette)
    out = io.BytesIO()
    image.save(out, "PNG", transparency=alpha, optimize=True)
    return out.getvalue()


def _palette(theme: str) -> tuple[bytes, bytes]:
    ramp = tokens(theme).heat
    colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (ramp[0], *ramp)], dtype=float)
    at = np.arange(len(ramp) * _SHADES + 1) / _SHADES
    channels = [np.interp(at, np.arange(len(colours)), colours[:, i]) for i in range(3)]
    alpha = np.interp(at, np.arange(len(_ALPHA)), _ALPHA)
    return np.stack(channels, axis=1).round().astype(np.uint8).tobytes(), alpha.round().astype(np.uint8).tobytes()
