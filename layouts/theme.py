"""Design tokens of both themes, and everything that is built from them: CSS variables and map colours.

Sequential classes rise from the ground colour; the ramp is cut from `batlow` (F. Crameri, Scientific colour maps,
perceptually even and safe for the three colour deficiencies), darkened or lightened to meet each ground.
"""

from __future__ import annotations

from dataclasses import dataclass

FONT = '"Noto Sans SC","Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif'


@dataclass(frozen=True)
class Tokens:
    """Colours of one theme as #RRGGBB; the names are the roles they play."""

    ground: str
    surface: str
    raised: str
    line: str
    line_strong: str
    text: str
    second: str
    muted: str
    accent: str
    overdue: str
    near_due: str
    in_time: str
    done: str
    land: str
    water: str
    green: str
    arterial: str
    street: str
    alley: str
    rail: str
    border: str
    zero: str
    ramp: tuple[str, str, str, str, str]
    heat: tuple[str, str, str, str, str]
    change: tuple[str, str, str, str, str]


DARK = Tokens(
    ground="#10151C", surface="#171D26", raised="#1F2731", line="#2A333F", line_strong="#3D4957",
    text="#E8EDF2", second="#AEB9C5", muted="#8793A1", accent="#4DA3FF",
    overdue="#F2643D", near_due="#F0B13C", in_time="#6FA8DC", done="#8A97A5",
    land="#10151C", water="#0E2234", green="#15231B", arterial="#33404E", street="#28323E", alley="#212A34",
    rail="#3A4552", border="#8793A1", zero="#18202A",
    ramp=("#17395C", "#1F5C74", "#4F7B5C", "#A58B3A", "#F2B36B"),
    heat=("#3B1F5B", "#7D2A6B", "#C3405A", "#F07A3C", "#FBD48A"),
    change=("#8E7BE0", "#57508F", "#2A333F", "#8C5A2E", "#E9883A"),
)  # fmt: skip

LIGHT = Tokens(
    ground="#F4F6F8", surface="#FFFFFF", raised="#FFFFFF", line="#DEE3E9", line_strong="#B9C3CE",
    text="#16202B", second="#46535F", muted="#5F6B77", accent="#0A66C2",
    overdue="#C8401B", near_due="#8F6000", in_time="#2F6FA7", done="#5C6874",
    land="#EEF1F4", water="#C9DDEC", green="#D7E6D6", arterial="#FFFFFF", street="#FBFCFD", alley="#F7F9FA",
    rail="#AAB4BF", border="#5F6B77", zero="#E6EBF0",
    ramp=("#C7DCE6", "#8FB9C4", "#5E9A84", "#8C7020", "#8A2F12"),
    heat=("#F6D9A8", "#F2A65A", "#DB6A4F", "#A6376A", "#5A1E66"),
    change=("#5B3FA8", "#B3A6DC", "#E6EBF0", "#EDBB80", "#BF5F0A"),
)  # fmt: skip

CHAIN_COLOURS = ("#4477AA", "#66CCEE", "#228833", "#CCBB44", "#EE6677", "#AA3377", "#BB8866", "#99AABB")
"""Eight chains; after P. Tol, 'Colour schemes' (bright), always drawn with the chain's short name."""


def tokens(theme: str) -> Tokens:
    """Return the tokens of `light`, or of `dark` for anything else."""
    return LIGHT if theme == "light" else DARK


def mixed(first: str, second: str, share: float) -> str:
    """Return the colour that is `share` (0 to 1) of the first and the rest of the second, both #RRGGBB."""
    parts = [round(int(first[i : i + 2], 16) * share + int(second[i : i + 2], 16) * (1 - share)) for i in (1, 3, 5)]
    return "#" + "".join(f"{part:02X}" for part in parts)


def css_variables() -> str:
    """Return the style sheet that gives both themes' tokens to every page as `--name` variables."""
    blocks = []
    for name, chosen in (("dark", DARK), ("light", LIGHT)):
        rows = [f"--{key.replace('_', '-')}:{value};" for key, value in vars(chosen).items() if isinstance(value, str)]
        rows += [f"--ramp-{i}:{colour};" for i, colour in enumerate(chosen.ramp, 1)]
        rows += [f"--heat-{i}:{colour};" for i, colour in enumerate(chosen.heat, 1)]
        rows += [f"--change-{i}:{colour};" for i, colour in enumerate(chosen.change, 1)]
        blocks.append(f":root[data-theme={name}]{{{''.join(rows)}color-scheme:{name}}}")
    return "\n".join([*blocks, f":root{{--font:{FONT}}}", ""])


def contrast(first: str, second: str) -> float:
    """Return the WCAG 2 contrast ratio of two #RRGGBB colours, from 1 to 21.

    References
    ----------
    W3C, Web Content Accessibility Guidelines 2.2, definition of contrast ratio.
    """
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
