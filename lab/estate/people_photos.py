# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Portraits: real, small JPEG files, the same for the same number."""

from __future__ import annotations

import colorsys
import io
from functools import lru_cache

from PIL import Image, ImageDraw

# So many different ones; beyond that people share theirs, which keeps a large forest light.
VARIETY = 512
SIZE = 96


def portrait(number: int) -> bytes:
    """A JPEG of SIZE x SIZE pixels, some two kilobytes."""
    return _draw(number % VARIETY)


@lru_cache(maxsize=VARIETY)
def _draw(number: int) -> bytes:
    picture = Image.new("RGB", (SIZE, SIZE), _colour(number * 0.381966, 0.35, 0.9))
    pen = ImageDraw.Draw(picture)
    skin = _colour(0.05 + (number % 7) * 0.01, 0.25 + (number % 5) * 0.1, 0.55 + (number % 6) * 0.07)
    hair = _colour(number * 0.23, 0.6, 0.2 + (number % 4) * 0.15)
    width = 20 + number % 6
    pen.ellipse((48 - width - 4, 16, 52 + width, 70), fill=hair)
    pen.ellipse((48 - width, 24, 48 + width, 72), fill=skin)
    pen.ellipse((10, 74, 86, 130), fill=_colour(number * 0.618034, 0.7, 0.6))
    for left in (38 - number % 3, 54 + number % 3):
        pen.ellipse((left, 44, left + 5, 49), fill=(30, 30, 30))
    pen.arc((38, 50, 58, 62 + number % 5), 20, 160, fill=(120, 40, 40), width=2)
    # The number in binary along the edge: two portraits never have the same bytes.
    for bit in range(10):
        pen.rectangle((bit * 9 + 3, 90, bit * 9 + 9, 95), fill=(255, 255, 255) if number >> bit & 1 else (0, 0, 0))
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=75)
    return target.getvalue()


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, min(saturation, 1), min(value, 1))
    return round(red * 255), round(green * 255), round(blue * 255)
