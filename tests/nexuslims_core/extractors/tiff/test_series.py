"""TIFF files of no vendor: every way to lay down pixels, and claims that cannot be true."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from nexuslims_core.datasets.arrays import FileData
from nexuslims_core.datasets.signals import Signal, SignalKind
from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.base import Source
from nexuslims_core.extractors.choosing import choose
from nexuslims_core.extractors.general import extractor
from nexuslims_core.quantities import Quantity

SourceOf = Callable[..., Source]
NumbersOf = Callable[..., NDArray[Any]]
ReadTiff = Callable[..., Signal]

RAMP = np.arange(48 * 64).reshape(48, 64)
GREY = {"photometric": "minisblack"}
COLOURED = np.stack([RAMP % 256, RAMP // 13, RAMP // 48], axis=-1).astype(np.uint8)


@pytest.fixture
def read_tiff(tmp_path: Path, source_of: SourceOf) -> ReadTiff:
    """Write an image with tifffile and read it back."""

    def write_and_read(image: NDArray[Any], **options: Any) -> Signal:
        path = tmp_path / "a.tif"
        tifffile.imwrite(path, image, **options)
        assert choose(path).name == "general"
        (signal,) = extractor.read(source_of(path))
        return signal

    return write_and_read


@pytest.mark.parametrize(
    "dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "c8", "c16", "?", ">u2", ">f8"]
)
def test_reads_every_type_of_number(read_tiff: ReadTiff, numbers_of: NumbersOf, dtype: str) -> None:
    image = (RAMP % 2 if dtype == "?" else RAMP % 120).astype(dtype)
    order = ">" if dtype.startswith(">") else "<"

    signal = read_tiff(image, byteorder=order, **GREY)

    assert signal.kind is SignalKind.IMAGE
    assert np.array_equal(numbers_of(signal), image)


@pytest.mark.parametrize(
    "compression", ["lzw", "adobe_deflate", "packbits", "zstd", "lzma", "png", "jpegxl", "webp", "lerc", "jpeg2000"]
)
@pytest.mark.parametrize("tile", [None, (32, 48)], ids=["strips", "tiles"])
def test_reads_every_usual_compression(
    read_tiff: ReadTiff, numbers_of: NumbersOf, compression: str, tile: tuple[int, int] | None
) -> None:
    options: dict[str, Any] = {"photometric": "rgb"} if compression == "webp" else GREY
    image = COLOURED if compression == "webp" else (RAMP % 251).astype(np.uint8)
    args = {"compressionargs": {"lossless": True}} if compression == "webp" else {}

    signal = read_tiff(image, compression=compression, tile=tile, **options, **args)

    assert np.array_equal(numbers_of(signal), image)


def test_reads_jpeg_in_its_colours(read_tiff: ReadTiff, numbers_of: NumbersOf) -> None:
    image = np.full((48, 64, 3), (200, 100, 50), np.uint8)

    signal = read_tiff(image, photometric="rgb", compression="jpeg")

    assert np.allclose(numbers_of(signal), image, atol=4)


@pytest.mark.parametrize("predictor", [True, False])
@pytest.mark.parametrize("dtype", ["u2", "f4"])
def test_reads_differences_of_neighbours(
    read_tiff: ReadTiff, numbers_of: NumbersOf, dtype: str, predictor: bool
) -> None:
    signal = read_tiff(RAMP.astype(dtype), compression="zlib", predictor=predictor, **GREY)

    assert np.array_equal(numbers_of(signal), RAMP)


@pytest.mark.parametrize("bigtiff", [True, False], ids=["64 bit", "32 bit"])
@pytest.mark.parametrize("rows", [None, 5], ids=["one strip", "strips"])
def test_leaves_plain_pixels_in_the_file(
    read_tiff: ReadTiff, numbers_of: NumbersOf, bigtiff: bool, rows: int | None
) -> None:
    signal = read_tiff(RAMP.astype(np.uint16), bigtiff=bigtiff, rowsperstrip=rows, **GREY)

    assert isinstance(signal.data, FileData)
    assert np.array_equal(numbers_of(signal), RAMP)


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("samples", [3, 4])
def test_puts_the_colours_last(read_tiff: ReadTiff, numbers_of: NumbersOf, planar: str, samples: int) -> None:
    image = np.concatenate([COLOURED, COLOURED[..., :1]], axis=-1)[..., :samples]
    stored = np.moveaxis(image, -1, 0) if planar == "separate" else image
    extra = {"extrasamples": ["unassalpha"]} if samples == 4 else {}

    signal = read_tiff(np.ascontiguousarray(stored), photometric="rgb", planarconfig=planar, **extra)

    assert np.array_equal(numbers_of(signal), image)
    assert [axis.name for axis in signal.axes] == ["y", "x"]


def test_shows_the_colours_of_a_palette(read_tiff: ReadTiff, numbers_of: NumbersOf) -> None:
    chance = np.random.default_rng(1)
    palette = (chance.integers(0, 256, (3, 256)) * 257).astype(np.uint16)

    signal = read_tiff((RAMP % 256).astype(np.uint8), photometric="palette", colormap=palette)

    assert np.array_equal(numbers_of(signal), np.moveaxis(palette[:, RAMP % 256] >> 8, 0, -1))


def test_keeps_the_numbers_of_a_palette_of_greys(read_tiff: ReadTiff, numbers_of: NumbersOf) -> None:
    greys = np.tile((np.arange(256) * 257).astype(np.uint16), (3, 1))

    signal = read_tiff((RAMP % 256).astype(np.uint8), photometric="palette", colormap=greys)

    assert np.array_equal(numbers_of(signal), RAMP % 256)


def test_shows_dark_what_the_file_calls_dark(read_tiff: ReadTiff, numbers_of: NumbersOf) -> None:
    signal = read_tiff((RAMP % 256).astype(np.uint8), photometric="miniswhite")

    assert np.array_equal(numbers_of(signal), 255 - RAMP % 256)


@pytest.mark.parametrize("compression", [None, "group4", "tiff_ccitt"], ids=["plain", "group 4", "modified Huffman"])
def test_reads_images_of_one_bit(
    tmp_path: Path, source_of: SourceOf, numbers_of: NumbersOf, compression: str | None
) -> None:
    path = tmp_path / "a.tif"
    bits = RAMP[:, :61] % 3 == 0
    Image.fromarray(bits).save(path, compression=compression)

    (signal,) = extractor.read(source_of(path))

    assert np.array_equal(numbers_of(signal).astype(bool), bits)


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_reads_packed_pixels(read_tiff: ReadTiff, numbers_of: NumbersOf, bits: int) -> None:
    signal = read_tiff(RAMP.astype(np.uint16) % 1000, bitspersample=bits, **GREY)

    assert np.array_equal(numbers_of(signal), RAMP % 1000)


def test_turns_inks_into_light(read_tiff: ReadTiff, numbers_of: NumbersOf) -> None:
    inks = np.zeros((48, 64, 4), np.uint8)
    inks[..., 0] = 255

    signal = read_tiff(inks, photometric="separated")

    assert numbers_of(signal)[0, 0].tolist() == [0, 255, 255]


def test_leaves_out_the_opacity_of_a_grey_image(read_tiff: ReadTiff, numbers_of: NumbersOf) -> None:
    image = np.stack([RAMP % 256, np.full_like(RAMP, 255)], axis=-1).astype(np.uint8)

    signal = read_tiff(image, planarconfig="contig", extrasamples=["unassalpha"], **GREY)

    assert np.array_equal(numbers_of(signal), RAMP % 256)


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_takes_many_samples_for_images_of_their_own(read_tiff: ReadTiff, numbers_of: NumbersOf, planar: str) -> None:
    images = np.stack([RAMP + 1000 * i for i in range(7)]).astype(np.uint16)
    stored = images if planar == "separate" else np.ascontiguousarray(np.moveaxis(images, 0, -1))

    signal = read_tiff(stored, planarconfig=planar, **GREY)

    assert signal.kind is SignalKind.IMAGE_STACK
    assert np.array_equal(numbers_of(signal), images)


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("colours", [False, True], ids=["grey", "coloured"])
def test_pages_of_one_kind_are_a_series(
    read_tiff: ReadTiff, numbers_of: NumbersOf, compression: str | None, colours: bool
) -> None:
    pages = np.stack([(COLOURED if colours else RAMP.astype(np.uint16)) // (i + 1) for i in range(5)])

    signal = read_tiff(pages, compression=compression, photometric="rgb" if colours else "minisblack")

    assert signal.kind is SignalKind.IMAGE_STACK
    assert np.array_equal(numbers_of(signal), pages)
    assert np.array_equal(numbers_of(signal, 3), pages[3])


def test_pages_of_several_kinds_are_several_signals(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(RAMP.astype(np.uint16), photometric="minisblack")
        tiff.write(COLOURED, photometric="rgb")

    signals = extractor.read(source_of(path))

    assert [signal.data.shape for signal in signals if signal.data] == [(48, 64), (48, 64, 3)]


def test_decodes_the_images_that_are_asked_for_only(read_tiff: ReadTiff) -> None:
    signal = read_tiff(np.zeros((40, 512, 512), np.uint16), compression="zlib", **GREY)
    assert signal.data is not None

    tracemalloc.start()
    for _ in signal.data.blocks((39,)):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 4 << 20


@pytest.mark.parametrize("tile", [None, (256, 256)], ids=["strips", "tiles"])
@pytest.mark.parametrize("colours", [False, True], ids=["grey", "coloured"])
def test_decodes_a_large_image_a_band_at_a_time(
    read_tiff: ReadTiff, tile: tuple[int, int] | None, colours: bool
) -> None:
    image = np.zeros((6000, 6001, *([3] if colours else [])), np.uint8 if colours else np.uint16)
    image[::7, ::5] = 200
    signal = read_tiff(
        image,
        compression="zlib",
        tile=tile,
        rowsperstrip=None if tile else 100,
        photometric="rgb" if colours else "minisblack",
    )
    assert signal.data is not None

    lengths, first = [], 0
    for block in signal.data.blocks(rows=16):
        assert np.array_equal(block, image[first : first + len(block)])
        lengths.append(len(block))
        first += len(block)

    assert (first, max(lengths) < 600, {length % 16 for length in lengths[:-1]}) == (6000, True, {0})


def test_draws_a_pyramid_from_the_level_that_suits(tmp_path: Path, source_of: SourceOf) -> None:
    path = tmp_path / "a.ome.tif"
    options: dict[str, Any] = {"tile": (256, 256), "compression": "zlib", "photometric": "minisblack"}
    with tifffile.TiffWriter(path) as tiff:
        sizes = {"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5, "PhysicalSizeXUnit": "nm", "PhysicalSizeYUnit": "nm"}
        tiff.write(np.zeros((6144, 6144), np.uint8), subifds=2, metadata={"axes": "YX", **sizes}, **options)
        tiff.write(np.zeros((3072, 3072), np.uint8), subfiletype=1, **options)
        tiff.write(np.zeros((1536, 1536), np.uint8), subfiletype=1, **options)

    (signal,) = extractor.read(source_of(path))

    assert signal.data is not None
    assert signal.data.shape == (1536, 1536)
    assert [(axis.size, axis.scale, axis.unit) for axis in signal.axes] == [(1536, 2.0, "nm")] * 2
    assert signal.metadata.entries["Data Dimensions"] == "(6144, 6144)"
    assert signal.metadata.entries["Pixel Width"] == Quantity(value=0.5, unit="nm")


def test_opens_no_file_that_a_description_names(tmp_path: Path, source_of: SourceOf) -> None:
    path, other = tmp_path / "a.ome.tif", tmp_path / "b.ome.tif"
    tifffile.imwrite(other, RAMP.astype(np.uint8), **GREY)
    tifffile.imwrite(path, np.zeros((2, 48, 64), np.uint8), metadata={"axes": "ZYX"}, **GREY)
    path.write_bytes(
        path.read_bytes().replace(b"<TiffData ", b"<TiffData\t").replace(path.name.encode(), other.name.encode())
    )

    signals = extractor.read(source_of(path))

    assert all(not getattr(signal.data, "path", path).samefile(other) for signal in signals)


@pytest.mark.parametrize("hostile", ["\x01\x02evil", "x" * 100_000, "\ufffe"])
def test_hostile_text_is_made_fit(read_tiff: ReadTiff, hostile: str) -> None:
    signal = read_tiff(RAMP.astype(np.uint8), description=hostile.encode(), metadata=None, **GREY)

    text = str(signal.metadata.entries.get("Description", ""))
    assert len(text) < 5000
    assert not {"\x01", "\ufffe"} & set(text)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_refuses_more_pixels_than_a_file_can_hold(tmp_path: Path, source_of: SourceOf, compression: str | None) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, RAMP.astype(np.uint16), compression=compression, metadata=None, **GREY)
    content = path.read_bytes()
    for tag, length in ((256, 64), (257, 48)):
        told = tag.to_bytes(2, "little") + b"\x04\x00\x01\x00\x00\x00"
        content = content.replace(told + length.to_bytes(4, "little"), told + (100_000).to_bytes(4, "little"))
    path.write_bytes(content)

    with pytest.raises(ExtractionError, match="100000 × 100000"):
        extractor.read(source_of(path))


@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.9])
def test_a_file_that_was_cut_short_ends_in_a_sentence(
    tmp_path: Path, source_of: SourceOf, compression: str | None, share: float
) -> None:
    path = tmp_path / "a.tif"
    chance = np.random.default_rng(1).integers(0, 65536, (3, 200, 200), np.uint16)
    tifffile.imwrite(path, chance, compression=compression, rowsperstrip=16, **GREY)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    assert told(path, source_of)


def told(path: Path, source_of: SourceOf) -> str:
    """Return what is said of a damaged file: the refusal, the notes, or what the picture would say instead."""
    try:
        signals = extractor.read(source_of(path))
        notes = [note for signal in signals for note in signal.metadata.notes]
        for signal in signals:
            for _ in signal.data.blocks() if signal.data else ():
                pass
    except ExtractionError as error:
        return error.reason
    return " ".join(notes)


def test_closes_the_file_when_its_images_are_gone(read_tiff: ReadTiff) -> None:
    signal = read_tiff(np.zeros((3, 48, 64), np.uint16), compression="zlib", **GREY)
    handle = signal.data.file.tiff.filehandle  # type: ignore[union-attr]

    assert not handle.closed
    del signal

    assert handle.closed
