"""Whose a TIFF file is: its content decides, one extractor claims it, and all who ask read its directory once."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.choosing import choose, installed
from nexuslims_core.extractors.tiff import tags as tiff_tags
from nexuslims_core.testing.writers.fei_tiff import write_fei_tiff

IMAGE = np.arange(12, dtype=np.uint16).reshape(3, 4)
SMART_SEM = b"0\r\n0\r\nAP_WD\r\nWD = 5 mm\r\n"
FIBICS = b"<Fibics><Scan/></Fibics>"
ORION = b"<ImageTags><Fov><Value>1</Value></Fov></ImageTags>"
SETTINGS = b"AccFrames=1\r\nHV=5000\r\n"
VENDORS: dict[str, list[tuple[int, bytes]]] = {
    "zeiss_sem": [(34118, SMART_SEM)],
    "zeiss_orion": [(34118, b"0\r\n0\r\n0\r\n1E-9\r\n"), (65000, ORION)],
    "tescan": [(50431, SETTINGS)],
    "jeol_tiff": [(270, b"<?xml version='1.0'?><TemReporter></TemReporter>")],
    "phenom_tiff": [(34683, b"<?xml version='1.0'?><FeiImage></FeiImage>")],
    "tvips_tiff": [(37706, b"\x08\x00\x00\x00")],
    "general": [(65000, b"<Other/>")],
}

Write = Callable[[Path, list[tuple[int, bytes]]], Path]


def write(path: Path, tags: list[tuple[int, bytes]]) -> Path:
    extra: list[Any] = [(tag, "B", len(content), content, True) for tag, content in tags]
    tifffile.imwrite(path, IMAGE, metadata=None, extratags=extra)
    return path


@pytest.mark.parametrize("name", VENDORS)
@pytest.mark.parametrize("suffix", [".tif", ".TIFF", ".dat"])
def test_a_vendors_file_goes_to_its_extractor(tmp_path: Path, name: str, suffix: str) -> None:
    assert choose(write(tmp_path / f"a{suffix}", VENDORS[name])).name == name


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ([(34118, SMART_SEM), (51023, FIBICS)], "zeiss_sem"),
        ([(34118, b"0\r\n0\r\n"), (51023, FIBICS)], "zeiss_orion"),
    ],
)
def test_the_order_of_those_who_ask_does_not_matter(tmp_path: Path, tags: list[tuple[int, bytes]], name: str) -> None:
    path = write(tmp_path / "a.tif", tags)
    vendors = [one for one in installed() if ".tif" in one.suffixes and one.name != "general"]

    assert {choose(path, order).name for order in permutations(vendors)} == {name}


def test_one_extractor_claims_a_real_file(all_em_files: Path) -> None:
    vendors = [one for one in installed() if one.name != "general"]

    for path in all_em_files.rglob("*.tif"):
        head = path.read_bytes()[:4096]
        assert len([one.name for one in vendors if one.claims(path, head)]) <= 1, path


def test_the_directory_of_a_file_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", VENDORS["zeiss_sem"])
    tiff_tags._read_once.cache_clear()

    choose(path)

    assert tiff_tags._read_once.cache_info().misses == 1


def test_a_file_that_was_written_again_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", VENDORS["zeiss_sem"])
    assert choose(path).name == "zeiss_sem"

    write_fei_tiff(path, IMAGE, metadata={"User": {"User": "a"}})

    assert choose(path).name == "fei_tiff"


def test_no_vendor_claims_a_picture_that_is_called_tif(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "a.tif"
    Image.fromarray(IMAGE.astype(np.uint8)).save(path, format="JPEG")

    assert choose(path).name == "plain_image"


@pytest.mark.parametrize("name", VENDORS)
def test_flipped_bits_end_in_a_sentence_or_in_less(tmp_path: Path, source_of: Callable[..., Any], name: str) -> None:
    content = write(tmp_path / "whole.tif", VENDORS[name]).read_bytes()
    chance = np.random.default_rng(7)
    path = tmp_path / "a.tif"
    read, reasons = 0, []

    for _ in range(60):
        damaged = bytearray(content)
        for place in chance.integers(0, len(content), 4):
            damaged[place] = int(chance.integers(0, 256))
        path.write_bytes(damaged)
        try:
            for signal in choose(path).read(source_of(path)):
                for _ in signal.data.blocks() if signal.data else ():
                    pass
            read += 1
        except ExtractionError as error:
            reasons.append(error.reason)

    assert read > 0
    assert read + len(reasons) == 60
    assert all(reason.strip() and str(tmp_path) not in reason for reason in reasons)
