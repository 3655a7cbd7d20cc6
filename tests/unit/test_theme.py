"""Colours: readable on their ground in both themes, and apart for colour-blind eyes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from layouts.theme import DARK, LIGHT, Tokens, contrast

# Machado, Oliveira & Fernandes (2009), severity 1.0, linear RGB.
DEFICIENCIES = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_text_is_readable_on_every_ground(theme: Tokens) -> None:
    for ground in (theme.ground, theme.surface, theme.raised):
        assert contrast(theme.text, ground) >= 7
        for name in ("second", "muted", "accent", "overdue", "near_due", "in_time", "done"):
            assert contrast(getattr(theme, name), ground) >= 4.5, name


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_classes_rise_from_the_ground(theme: Tokens) -> None:
    away = [contrast(colour, theme.ground) for colour in theme.ramp]
    assert away == sorted(away)
    assert away[0] > contrast(theme.zero, theme.ground)


@pytest.mark.parametrize("deficiency", list(DEFICIENCIES))
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_neighbouring_classes_stay_apart_for_colour_blind_eyes(theme: Tokens, deficiency: str) -> None:
    seen = [lab(np.array(DEFICIENCIES[deficiency]) @ linear(colour)) for colour in theme.ramp]
    for lower, upper in pairwise(seen):
        assert np.linalg.norm(upper - lower) > 10


def linear(colour: str) -> np.ndarray:
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(rgb, 0, 1)
    f = np.cbrt(xyz / np.array([0.9505, 1.0, 1.089]))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
