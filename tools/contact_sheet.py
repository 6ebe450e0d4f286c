"""``make contact-sheet``: the previews of a folder of files on numbered pages, format by format, to be looked at.

Writes ``sheet-01.png``, …, ``index.html`` with the same pictures in full size, and the previews themselves below
``previews``. The files are only read.
"""

import argparse
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from PIL import Image, ImageDraw
from rich.console import Console
from rich.progress import Progress

from nexuslims_core.datasets.models import Dataset, Extracted, Outcome
from nexuslims_core.previews.canvas import INK, MUTED, PAPER, clipped, font
from tools.read_folder import Spent, files_in, read_all

COLLECTED = Path(__file__).resolve().parents[1] / ".cache" / "em_files"
"""Where the tests unpack real instrument files, if they are at hand."""

ACROSS, DOWN = 4, 3
_GAP_PX, _LINE_PX, _HEAD_PX, _LINES = 12, 19, 44, 3
_STYLE = """body{font:14px sans-serif;margin:2em;color:#1b2430}section{display:flex;flex-wrap:wrap;gap:12px}
figure{margin:0;width:500px;border:1px solid #e8ebf0;border-radius:4px;overflow-wrap:anywhere}figure img{display:block}
figcaption{padding:6px 10px;color:#667085}figcaption b{color:#1b2430}.none{padding:10px;color:#b42318}"""
console = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One preview, or one file without, and what is said of it.

    Attributes
    ----------
    format
        The file's suffix.
    reason
        Why there is no preview.
    """

    format: str
    name: str
    kind: str
    cost: str
    preview: Path | None = None
    reason: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands below the picture."""
        return self.name, self.kind, self.cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One sheet: rows of tiles, each row of one format."""

    number: int
    rows: tuple[tuple[Tile, ...], ...]

    @property
    def title(self) -> str:
        """The formats on it."""
        return " ".join(dict.fromkeys(row[0].format for row in self.rows))

    @property
    def name(self) -> str:
        """The file it becomes."""
        return f"sheet-{self.number:02}.png"


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, draw, and say where the pages are."""
    parser = argparse.ArgumentParser(prog="make contact-sheet", description="Lay the previews of files out on pages.")
    parser.add_argument("--files", type=Path, default=COLLECTED, help="folder of files, which are only read")
    parser.add_argument("--out", type=Path, default=Path("contact-sheet"), help="folder to write to")
    parser.add_argument("--tile", type=int, default=380, help="pixels of a preview on the sheets")
    args = parser.parse_args(arguments)
    folder, out = args.files.resolve(), args.out.resolve()
    if not folder.is_dir():
        console.print(f"{folder} is no folder: name yours with FILES=DIR")
        return 2
    tiles = _read(folder, out / "previews")
    pages = pages_of(tiles)
    for old in out.glob("sheet-*.png"):
        old.unlink()
    for page in pages:
        drawn(page, args.tile).save(out / page.name)
    (out / "index.html").write_text(index(pages, out), "utf-8")
    without = sum(tile.preview is None for tile in tiles)
    console.print(f"{len(tiles) - without} previews, {without} files without, {len(pages)} sheets: {out}/index.html")
    return 0


def _read(folder: Path, previews: Path) -> list[Tile]:
    """Read every file of a folder and return the tiles, sorted by format and name."""
    previews.mkdir(parents=True, exist_ok=True)
    files = files_in(folder)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("reading", total=len(files))
        outcomes, spent = read_all(files, folder, previews, lambda _outcome: progress.advance(task))
    tiles = [tile for outcome in outcomes for tile in tiles_of(folder, outcome, spent)]
    return sorted(tiles, key=lambda tile: (tile.format, tile.name))


def tiles_of(folder: Path, outcome: Outcome, spent: Mapping[str, Spent]) -> Iterator[Tile]:
    """Yield a tile for each signal of a file, or one that says why it is unreadable."""
    path = outcome.file.path
    suffix, took = path.suffix.lower() or "no suffix", spent.get(str(path))
    cost = f"{outcome.file.size / 1e6:,.1f} MB"
    cost += f" · {took.wall_s:.2f} s, {took.cpu_s:.2f} s CPU · peak {took.peak_mb:,} MB" if took else " · no figures"
    relative = str(path.relative_to(folder))
    if not isinstance(outcome, Extracted):
        yield Tile(format=suffix, name=relative, kind="unreadable", cost=cost, reason=outcome.reason)
        return
    for dataset in outcome.datasets:
        yield Tile(
            format=suffix, name=_named(relative, dataset), kind=_kind(dataset), cost=cost, preview=dataset.preview
        )


def _named(relative: str, dataset: Dataset) -> str:
    return relative if dataset.of == 1 else f"{relative} ({dataset.signal + 1} of {dataset.of})"


def _kind(dataset: Dataset) -> str:
    metadata = dataset.metadata
    shape = metadata.entries.get("Data Dimensions", "")
    return f"{dataset.extractor} · {metadata.dataset_type.value} · {metadata.data_type} · {shape}".rstrip(" ·")


def pages_of(tiles: Sequence[Tile]) -> list[Page]:
    """Lay tiles out, which are sorted by format: each format begins a row of its own."""
    rows = list[tuple[Tile, ...]]()
    for _, group in groupby(tiles, lambda tile: tile.format):
        own = tuple(group)
        rows += [own[first : first + ACROSS] for first in range(0, len(own), ACROSS)]
    pages = [tuple(rows[first : first + DOWN]) for first in range(0, len(rows), DOWN)]
    return [Page(number=i, rows=own) for i, own in enumerate(pages, 1)]


def drawn(page: Page, tile_px: int) -> Image.Image:
    """Draw one sheet."""
    across, down = tile_px + _GAP_PX, tile_px + _LINES * _LINE_PX + _GAP_PX
    sheet = Image.new("RGB", (_GAP_PX + ACROSS * across, _HEAD_PX + len(page.rows) * down), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((_GAP_PX, _HEAD_PX - 16), f"{page.number} · {page.title}", fill=INK, font=font(22), anchor="ls")
    for y, row in enumerate(page.rows):
        for x, tile in enumerate(row):
            _draw_tile(sheet, pen, tile, (_GAP_PX + x * across, _HEAD_PX + y * down), tile_px)
    return sheet


def _draw_tile(sheet: Image.Image, pen: ImageDraw.ImageDraw, tile: Tile, at: tuple[int, int], tile_px: int) -> None:
    left, top = at
    if tile.preview is not None:
        with Image.open(tile.preview) as picture:
            shown = picture.convert("RGB").resize((tile_px, tile_px), Image.Resampling.LANCZOS)
        sheet.paste(shown, at)
    else:
        for row, line in enumerate(textwrap.wrap(tile.reason, tile_px // 9)):
            pen.text((left + 8, top + 8 + row * _LINE_PX), line, fill=INK, font=font(13))
    pen.rectangle((left, top, left + tile_px - 1, top + tile_px - 1), outline=MUTED)
    for row, line in enumerate(tile.lines):
        place = (left + 2, top + tile_px + 3 + row * _LINE_PX)
        pen.text(place, clipped(line, font(13), tile_px), fill=MUTED if row else INK, font=font(13))


def index(pages: Sequence[Page], out: Path) -> str:
    """Return a page with all previews in full size, under the same numbers as the sheets."""
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>Contact sheet</title>"]
    parts.append(f"<style>{_STYLE}</style><h1>Contact sheet</h1>")
    for page in pages:
        parts.append(f'<h2><a href="{page.name}">{page.number}</a> · {escape(page.title)}</h2><section>')
        parts += [_figure(tile, out) for row in page.rows for tile in row]
        parts.append("</section>")
    return "\n".join(parts) + "\n"


def _figure(tile: Tile, out: Path) -> str:
    picture = f'<p class="none">{escape(tile.reason)}</p>'
    if tile.preview is not None:
        address = quote(str(tile.preview.relative_to(out)), errors="surrogateescape")
        picture = f'<img src="{address}" loading="lazy" width="500" height="500" alt="">'
    name, *others = (escape(line).encode("utf-8", "replace").decode() for line in tile.lines)
    return f"<figure>{picture}<figcaption><b>{name}</b><br>{'<br>'.join(others)}</figcaption></figure>"


if __name__ == "__main__":
    raise SystemExit(main())
