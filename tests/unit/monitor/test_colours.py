"""Colours by WCAG 2.2 AA, in both themes."""

import re
from itertools import combinations

import pytest

from schemas.records import Segment
from sinks.monitor.web.build import HERE

SHEET = (HERE / "css" / "00_tokens.css").read_text(encoding="utf-8")
ON = {"text": "surface", "muted": "surface-2", "accent": "surface", "on-accent": "accent",
      "good": "good-soft", "warning": "warning-soft", "bad": "bad-soft"}  # fmt: skip


def _tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


LIGHT = _tokens(SHEET[SHEET.index(":root {") : SHEET.index("@media")])
SYSTEM_DARK = _tokens(SHEET[SHEET.index("@media") : SHEET.index(':root[data-theme="dark"]')])
DARK = _tokens(SHEET[SHEET.index(':root[data-theme="dark"]') :])


def _channels(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2), 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_dark_by_the_system_is_dark_by_choice() -> None:
    assert SYSTEM_DARK == DARK


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_stands_out(theme: dict[str, str]) -> None:
    assert {name: contrast(theme[name], theme[on]) for name, on in ON.items()
            if contrast(theme[name], theme[on]) < 4.5} == {}  # fmt: skip


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_controls_focus_and_segments_stand_out(theme: dict[str, str]) -> None:
    names = ["line-strong", "focus", *(f"segment-{segment}" for segment in Segment)]
    assert {name: contrast(theme[name], theme["surface"]) for name in names
            if contrast(theme[name], theme["surface"]) < 3} == {}  # fmt: skip


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_segments_are_told_apart(theme: dict[str, str]) -> None:
    """Redmean distance of colours, 0 to 765."""

    def distance(one: str, other: str) -> float:
        (r1, g1, b1), (r2, g2, b2) = (
            [255 * c for c in _channels(theme[f"segment-{name}"])] for name in (one, other)
        )
        mean = (r1 + r2) / 2
        red, green, blue = (2 + mean / 256) * (r1 - r2) ** 2, 4 * (g1 - g2) ** 2, (2 + (255 - mean) / 256)
        return float((red + green + blue * (b1 - b2) ** 2) ** 0.5)

    close = {pair: distance(*pair) for pair in combinations(Segment, 2) if distance(*pair) < 75}
    assert close == {}
