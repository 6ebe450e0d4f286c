"""The sheet that every preview is drawn on: a white square with a heading, a footer, letters and colours.

Lengths are given for a sheet of 500 pixels and grow with it. The same drawing gives the same bytes: the letters
come with this package and are laid out without the system's text shaping, and no time is written.
"""

import io
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from PIL import Image, ImageDraw, ImageFont

from nexuslims_core.datasets.cleaning import clean_text

INK = "#1b2430"
MUTED = "#667085"
GRID = "#e8ebf0"
CURVE = "#1f6fb4"
PAPER = "#ffffff"

SMALLEST_PX = 100
LARGEST_PX = 4000

_DESIGN_PX = 500
_LONGEST_LINE = 400
_ELLIPSIS = "…"
_NO_SUCH_SIGN = "□"
_SPACES = "\t\n\r\u3000"
_LETTERS = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x192, 0x192),
    (0x2C6, 0x2DD),
    (0x370, 0x3FF),
    (0x400, 0x45F),
    (0x2010, 0x2027),
    (0x2030, 0x203A),
    (0x2070, 0x209C),
    (0x20AC, 0x20AC),
    (0x2100, 0x214F),
    (0x2190, 0x21FF),
    (0x2200, 0x22FF),
    (0x2500, 0x25FF),
    (0xFFFD, 0xFFFD),
)
"""First and last sign of what fonts/README.md says is in the letters."""
_ANY, _RUN_LENGTHS = -1, 3  # strategies of zlib
_COMPRESS_LEVEL = 3  # as small as level 9 within a sixth, in a third of the time

Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; ``right`` and ``bottom`` lie just outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    def centred(self, width: int, height: int) -> "Box":
        """Return a box of this size in the middle of this one."""
        left, top = self.left + (self.width - width) // 2, self.top + (self.height - height) // 2
        return Box(left, top, left + width, top + height)


@cache
def font(size_px: int, *, mono: bool = False) -> Font:
    """Return the letters of the previews, ``size_px`` high."""
    name = "DejaVuSansMono.ttf" if mono else "DejaVuSans.ttf"
    letters = files("nexuslims_core.previews").joinpath("fonts", name).read_bytes()
    return ImageFont.truetype(io.BytesIO(letters), size_px, layout_engine=ImageFont.Layout.BASIC)


def drawable(text: str) -> str:
    """Return a text in letters that the previews have: signs that are written in one piece, or that stand for others.

    ``é`` in two pieces becomes one, ``㎛`` becomes ``μm``, and what is left, such as Chinese, an open square each.
    """
    return "".join(map(_drawable, unicodedata.normalize("NFC", text)))


@cache
def _drawable(sign: str) -> str:
    if _has(sign) or sign in _SPACES:
        return sign
    if unicodedata.category(sign) in {"Cf", "Mn", "Me"}:  # marks without a width of their own
        return ""
    others = unicodedata.normalize("NFKC", sign)
    return others if all(map(_has, others)) else _NO_SUCH_SIGN


def _has(sign: str) -> bool:
    return any(first <= ord(sign) <= last for first, last in _LETTERS)


def one_line(text: str) -> str:
    """Return any text as one line of printable characters, not longer than a sheet could ever show."""
    return " ".join(drawable(clean_text(text[:_LONGEST_LINE])).split())


def clipped(text: str, letters: Font, width_px: float) -> str:
    """Return ``text`` as one line that is at most ``width_px`` wide, with … where it was cut."""
    line = one_line(text)
    if letters.getlength(line) <= width_px:
        return line
    while line and letters.getlength(line + _ELLIPSIS) > width_px:
        line = line[:-1]
    return line.rstrip() + _ELLIPSIS


class Canvas:
    """A sheet to draw on.

    Parameters
    ----------
    size_px
        Width and height.
    colour
        Whether the sheet has colours; a grey one is smaller and faster.
    """

    def __init__(self, size_px: int, *, colour: bool) -> None:
        self.size_px = size_px
        self.image = Image.new("RGB" if colour else "L", (size_px, size_px), PAPER)
        self.pen = ImageDraw.Draw(self.image)
        self.grainy = False
        """Whether most of it is a grey image, which another way of packing makes smaller in half the time."""

    def px(self, length: float) -> int:
        """Return a length on a sheet of 500 pixels as pixels of this sheet, at least 1."""
        return max(1, round(length * self.size_px / _DESIGN_PX))

    @property
    def body(self) -> Box:
        """Where the picture goes: between the heading and the footer."""
        side = self.px(14)
        return Box(side, self.px(31), self.size_px - side, self.size_px - self.px(22))

    def letters(self, size: float) -> Font:
        """Return letters of a size that is given for a sheet of 500 pixels."""
        return font(max(5, self.px(size)))

    def write(
        self, at: tuple[float, float], text: str, *, size: float = 12, fill: str = INK, anchor: str = "la"
    ) -> None:
        """Write one line; ``anchor`` says which of its points lies ``at`` that place, in Pillow's letters."""
        self.pen.text(at, text, fill=fill, font=self.letters(size), anchor=anchor)

    def heading(self, title: str) -> None:
        """Write the title, cut to the width of the sheet."""
        text = clipped(title, self.letters(15), self.body.width)
        self.write((self.size_px / 2, self.px(22)), text, size=15, anchor="ms")

    def footer(self, left: str, right: str = "") -> None:
        """Write small print under the picture; ``right`` gets what room it needs, ``left`` the rest."""
        letters, baseline = self.letters(11), self.size_px - self.px(8)
        right = clipped(right, letters, self.body.width * 0.55)
        room = self.body.width - letters.getlength(right) - self.px(12)
        self.write((self.body.left, baseline), clipped(left, letters, room), size=11, fill=MUTED, anchor="ls")
        self.write((self.body.right, baseline), right, size=11, fill=MUTED, anchor="rs")

    def png(self) -> bytes:
        """Return the sheet as a PNG file."""
        file = io.BytesIO()
        packing = _RUN_LENGTHS if self.grainy and self.image.mode == "L" else _ANY
        self.image.save(file, "PNG", compress_level=_COMPRESS_LEVEL, compress_type=packing)
        return file.getvalue()
