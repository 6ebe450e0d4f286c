"""Every reader of RosettaSciIO is asked for some file, or another extractor owns its format, or we say why not."""

import struct
from pathlib import Path
from typing import Any

import pytest
from rsciio import IO_PLUGINS

from nexuslims_core.extractors.choosing import catalogue, choose, installed
from nexuslims_core.extractors.rosetta import readers as rosetta_readers
from nexuslims_core.extractors.rosetta.readers import BY_SUFFIX, SHARED_SUFFIXES, reader_of

LEFT_OUT = frozenset({"numpy", "usid"})
HEADS = {
    "a.csv": (b"Time, Notes,", b"TimeStamp,Experiment time"),
    "a.img": (b"JED-2", b"IM" + bytes((0, 0, 4, 0, 4, 0, 0, 0, 0, 0, 2, 0))),
    "a.xml": (b"<LSX",),
    "a.nc": (b"CDF\x01 EELSLab",),
}


def named(plugin: dict[str, Any]) -> str:
    return str(plugin["api"]).rpartition(".")[2]


def owned_by_another(plugin: dict[str, Any]) -> bool:
    """Tell whether an extractor bears this reader's name, or opens a suffix that it shares with no other."""
    others = [one for one in installed() if one.name != "general"]
    owned = frozenset[str]().union(*(one.suffixes for one in others))
    suffixes = {f".{suffix.lower()}" for suffix in plugin["file_extensions"]}
    return named(plugin) in {one.name for one in others} or bool(suffixes & owned - SHARED_SUFFIXES)


def test_every_reader_is_reached_or_left_out_for_a_reason() -> None:
    by_content = {reader_of(Path(name), head) for name, heads in HEADS.items() for head in heads}
    in_hdf5 = {"arina", "delmic", "emd", "hspy", "nexus", "tofwerk"}

    reached = set(BY_SUFFIX.values()) | by_content | in_hdf5
    unreached = {named(plugin) for plugin in IO_PLUGINS if not owned_by_another(plugin)} - reached

    assert unreached == LEFT_OUT
    assert all(word in (rosetta_readers.__doc__ or "").lower() for word in LEFT_OUT)


def test_every_suffix_of_a_reader_is_opened() -> None:
    suffixes = {f".{suffix.lower()}" for plugin in IO_PLUGINS for suffix in plugin["file_extensions"]}

    assert sorted(suffixes - catalogue().suffixes) == [".npy"]


@pytest.mark.parametrize("suffix", sorted(SHARED_SUFFIXES))
def test_a_shared_suffix_alone_proves_nothing(suffix: str) -> None:
    assert reader_of(Path(f"a{suffix}"), b"a shopping list") is None


@pytest.mark.parametrize("suffix", [".mrc", ".mrcz", ".dat"])
def test_compressed_mrc_is_told_from_mrc(tmp_path: Path, suffix: str) -> None:
    head = bytearray(1024)
    head[:16] = struct.pack("<4i", 4, 4, 1, 2)
    head[208:212] = b"MAP "
    assert choose(write(tmp_path / "a.mrc", head)).name == "mrc"

    head[12:16] = struct.pack("<i", 1000 * 1 + 2)

    assert choose(write(tmp_path / f"b{suffix}", head)).name == "general"
    assert reader_of(Path(f"b{suffix}"), bytes(head)) == "mrcz"


def write(path: Path, head: bytes | bytearray) -> Path:
    path.write_bytes(head)
    return path
