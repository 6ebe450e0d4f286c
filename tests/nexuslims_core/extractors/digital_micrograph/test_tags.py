"""The tag tree of DigitalMicrograph files: the same as RosettaSciIO's, and safe against any bytes."""

import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexuslims_core.errors import ExtractionError
from nexuslims_core.extractors.digital_micrograph.tags import DEEPEST, LONGEST_LIST, Block, at, group, read_tags
from nexuslims_core.testing.writers.digital_micrograph import write_dm

MiB = 1 << 20
WriteBytes = Callable[[bytes], Path]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dm_tags")


@pytest.fixture(scope="module")
def write_bytes(folder: Path) -> WriteBytes:
    def write(content: bytes) -> Path:
        path = folder / "sample.dm"
        path.write_bytes(content)
        return path

    return write


@pytest.fixture(scope="module", params=[3, 4], ids=["dm3", "dm4"])
def whole(request: pytest.FixtureRequest, folder: Path) -> bytes:
    tags = {"Microscope Info": {"Voltage": 3e5, "Name": "Mikroskop µ"}, "List": [1, 2, 3], "Pair": (1, 2.5), "None": []}
    path = write_dm(folder / "whole", np.arange(12, dtype=np.uint16).reshape(3, 4), tags=tags, version=request.param)
    return path.read_bytes()


def header(version: int = 3) -> bytes:
    return struct.pack(">iii", version, 0, 1) if version == 3 else struct.pack(">iqi", version, 0, 1)


def dm3_group(name: bytes, count: int) -> bytes:
    return struct.pack(">bh", 20, len(name)) + name + b"\1\0" + struct.pack(">i", count)


def dm3_data(name: bytes, *info: int) -> bytes:
    return struct.pack(">bh", 21, len(name)) + name + b"%%%%" + struct.pack(f">{len(info) + 1}i", len(info), *info)


def differences(ours: object, theirs: object, path: Path, where: str = "") -> Iterator[str]:
    """Say where two trees differ, besides what the module's docstring announces."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and list(ours) == list(theirs):
        for name in ours:
            yield from differences(ours[name], theirs[name], path, f"{where}/{name}")
    elif not (same_array(ours, theirs, path) if isinstance(ours, Block) else same_value(ours, theirs)):
        yield where


def same_array(ours: Block, theirs: object, path: Path) -> bool:
    if isinstance(theirs, dict):  # pixels, which both leave in the file
        return (ours.offset, ours.size, ours.size_bytes) == (theirs["offset"], theirs["size"], theirs["size_bytes"])
    kept = np.fromfile(path, np.dtype(ours.code), ours.size, offset=ours.offset)
    return np.array_equal(kept, np.asarray(theirs), equal_nan=kept.dtype.kind == "f")


def same_value(ours: object, theirs: object) -> bool:
    if isinstance(theirs, str):  # whose surrogate pairs RosettaSciIO leaves split
        theirs = theirs.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return type(ours) is type(theirs) and repr(ours) == repr(theirs)  # a nan is a nan here


@pytest.mark.slow
def test_every_real_file_has_the_tags_that_rosettasciio_reads(all_em_files: Path) -> None:
    from rsciio.digitalmicrograph._api import DigitalMicrographReader

    compared, different = 0, {}
    for path in sorted(all_em_files.rglob("*.dm[34]")):
        try:
            tags = read_tags(path)
        except ExtractionError:
            continue
        with path.open("rb") as file:
            reader = DigitalMicrographReader(file)
            reader.parse_file()
        reader.tags_dict.pop("root")  # an empty group that RosettaSciIO adds
        compared += 1
        if found := list(differences(tags, reader.tags_dict, path)):
            different[path.name] = found

    assert compared >= 90
    assert different == {}


def test_refuses_only_the_files_that_rosettasciio_cannot_read_either(em_files: Path) -> None:
    refused = set()

    for path in [*em_files.glob("dm[34]/*.dm[34]"), *em_files.glob("bad/*.dm[34]")]:
        try:
            read_tags(path)
        except ExtractionError:
            refused.add(path.name)

    assert refused == {"test_corrupted.dm3", "truncated_half.dm3", "zero_byte.dm3", "giant_claim_small.dm4"}


def test_reads_the_tags_of_a_real_file_in_a_few_milliseconds(em_files: Path) -> None:
    path = em_files / "dm3" / "Titan_EELS_proc_thickness_dataZeroed.dm3"
    read_tags(path)

    def seconds() -> float:
        start = time.process_time()
        read_tags(path)
        return time.process_time() - start

    assert min(seconds() for _ in range(5)) < 0.02


def test_leaves_pixels_and_long_arrays_in_the_file(tmp_path: Path) -> None:
    path = write_dm(tmp_path / "a.dm3", np.zeros((2, 2), np.float32), tags={"Long": [1.5] * (LONGEST_LIST + 1)})

    image = group(read_tags(path), "ImageList", "TagGroup1")

    pixels, long = at(image, "ImageData", "Data"), at(image, "ImageTags", "Long")
    assert isinstance(pixels, Block)
    assert (pixels.code, pixels.size, pixels.size_bytes) == ("<f", 4, 16)
    assert isinstance(long, Block)


def test_reads_big_endian_files(write_bytes: WriteBytes) -> None:
    content = struct.pack(">iii", 3, 0, 0) + b"\1\0" + struct.pack(">i", 1)
    content += dm3_data(b"Voltage", 7) + struct.pack(">d", 200000.0)

    tags = read_tags(write_bytes(content))

    assert tags == {"Voltage": 200000.0}


def test_joins_surrogate_pairs_and_keeps_a_lone_one(tmp_path: Path) -> None:
    path = write_dm(tmp_path / "a.dm4", np.zeros((2, 2), np.uint8), tags={"Pair": "🔬", "Lone": "a\ud83d"}, version=4)

    tags = group(read_tags(path), "ImageList", "TagGroup1", "ImageTags")

    assert tags == {"Pair": "🔬", "Lone": "a\ud83d"}


HOSTILE = {
    "empty": (b"", "empty"),
    "two bytes": (b"\0\0", "ends before"),
    "other version": (struct.pack(">iii", 5, 0, 1), "version 3 or 4"),
    "picture of another kind": (b"\x89PNG\r\n\x1a\n" + bytes(64), "version 3 or 4"),
    "two thousand million tags": (header() + b"\1\0\x7f\xff\xff\xff", "ends before"),
    "negative count": (header() + b"\1\0\xff\xff\xff\xff", "a size of -1"),
    "no tag": (header() + b"\1\0" + struct.pack(">i", 1) + b"\7\0\0" + bytes(20), "neither a tag nor a group"),
    "no mark": (header() + b"\1\0" + struct.pack(">i", 1) + struct.pack(">bh", 21, 0) + bytes(30), "mark"),
    "name beyond the end": (header() + b"\1\0" + struct.pack(">i", 1) + b"\x15\xff\xff", "claims 65535 bytes"),
    "array beyond the end": (header() + b"\1\0" + struct.pack(">i", 1) + dm3_data(b"a", 20, 7, 2**31 - 1), "claims"),
    "text beyond the end": (header() + b"\1\0" + struct.pack(">i", 1) + dm3_data(b"a", 20, 4, 2**31 - 1), "claims"),
    "string beyond the end": (header() + b"\1\0" + struct.pack(">i", 1) + dm3_data(b"a", 18, 2**31 - 1), "besides"),
    "negative array": (header() + b"\1\0" + struct.pack(">i", 1) + dm3_data(b"a", 20, 7, -8), "a size of -8"),
    "unknown kind": (header() + b"\1\0" + struct.pack(">i", 1) + dm3_data(b"a", 99), "unknown kind 99"),
    "unknown element": (header() + b"\1\0" + struct.pack(">i", 1) + dm3_data(b"a", 20, 99, 1), "unknown kind 99"),
    "structure of all": (header() + b"\1\0" + struct.pack(">i", 1) + dm3_data(b"a", 15, 0, 2**31 - 1), "besides"),
    "endless nesting": (header() + b"\1\0" + struct.pack(">i", 1) + dm3_group(b"", 1) * 5000, f"{DEEPEST} deep"),
    "many empty structures": (
        header() + b"\1\0" + struct.pack(">i", 1) + dm3_data(b"a", 20, 15, 0, 0, 2**31 - 1),
        "",
    ),
}


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_false_file_is_refused_with_a_sentence_or_read_and_costs_nothing(
    write_bytes: WriteBytes, content: bytes, reason: str
) -> None:
    path, told = write_bytes(content), ""
    tracemalloc.start()

    try:
        read_tags(path)
    except ExtractionError as error:
        told = error.reason
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert reason in told
    assert peak < 4 * MiB


@pytest.mark.slow
def test_a_tree_of_countless_tags_is_refused_before_it_fills_the_memory(write_bytes: WriteBytes) -> None:
    count = 700_000
    path = write_bytes(header() + b"\1\0" + struct.pack(">i", count) + (dm3_data(b"", 3) + b"\0\0\1\0") * count)
    tracemalloc.start()

    with pytest.raises(ExtractionError, match="besides its pixels"):
        read_tags(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 128 * MiB


def test_a_missing_file_is_an_extraction_error(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError, match="cannot be opened: No such file"):
        read_tags(tmp_path / "gone.dm3")


@pytest.mark.slow
def test_every_truncation_is_refused_or_is_whole_but_for_trailing_zeros(whole: bytes, write_bytes: WriteBytes) -> None:
    readable = []

    for length in range(len(whole)):
        try:
            read_tags(write_bytes(whole[:length]))
        except ExtractionError:
            continue
        readable.append(length)

    assert readable == list(range(len(whole) - 8, len(whole)))


@pytest.mark.slow
@settings(max_examples=300, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_flipped_bytes_never_crash_or_allocate_much(data: st.DataObject, whole: bytes, write_bytes: WriteBytes) -> None:
    places = st.integers(0, len(whole) - 1)
    flips = data.draw(
        st.lists(st.tuples(places, st.sampled_from([0, 1, 127, 128, 255, 20, 21])), min_size=1, max_size=6)
    )
    content = bytearray(whole)
    for place, byte in flips:
        content[place] = byte
    path = write_bytes(bytes(content))

    tracemalloc.start()
    reason = "read"
    try:
        read_tags(path)
    except ExtractionError as error:
        reason = error.reason
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert reason
    assert peak < 4 * MiB
