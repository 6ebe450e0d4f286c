import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexuslims_core.files.parts import parts_of

DATA = {".emi": {".ser", "_#.ser"}, ".rpl": {".raw"}, ".mib": {".hdr"}}


@pytest.mark.parametrize(
    ("paths", "parts"),
    [
        ([], {}),
        (["/d/a.rpl", "/d/a.raw"], {"/d/a.rpl": ("/d/a.raw",)}),
        (["/d/a.mib", "/d/a.hdr"], {"/d/a.mib": ("/d/a.hdr",)}),
        (["/d/a_1.ser", "/d/a.emi"], {"/d/a.emi": ("/d/a_1.ser",)}),
        (["/d/a.ser", "/d/a.emi"], {"/d/a.emi": ("/d/a.ser",)}),
        (
            ["/d/a_10.ser", "/d/a_2.ser", "/d/a.emi", "/d/a_1.ser", "/d/a.ser"],
            {"/d/a.emi": ("/d/a.ser", "/d/a_1.ser", "/d/a_2.ser", "/d/a_10.ser")},
        ),
        (["/d/a_1_1.ser", "/d/a_1.emi", "/d/a.emi"], {"/d/a_1.emi": ("/d/a_1_1.ser",)}),
        (
            ["/d/a.emi", "/d/a_1.ser", "/d/a_1.emi", "/d/a_1_1.ser"],
            {"/d/a.emi": ("/d/a_1.ser",), "/d/a_1.emi": ("/d/a_1_1.ser",)},
        ),
        (["/d/a_1.ser", "/d/a_1.emi"], {"/d/a_1.emi": ("/d/a_1.ser",)}),
        (["/d/a_1.SER", "/d/a.Emi"], {"/d/a.Emi": ("/d/a_1.SER",)}),
        (["/d/a_1.ser", "/d/a.emi", "/d/a.EMI"], {"/d/a.EMI": ("/d/a_1.ser",)}),
        (
            ["/d/a.rpl", "/d/a.raw", "/d/a_1.rpl", "/d/a_1.raw"],
            {"/d/a.rpl": ("/d/a.raw",), "/d/a_1.rpl": ("/d/a_1.raw",)},
        ),
        (["/d/a.rpl", "/d/a_1.raw"], {}),
        (["/d/a_1.rpl", "/d/a.raw"], {}),
        (["/d/a_1.ser", "/e/a.emi"], {}),
        (["/d/a_one.ser", "/d/a.emi"], {}),
        (["/d/a_1.ser"], {}),
        (["/d/a.emi"], {}),
        (["/d/x\n_1.ser", "/d/x\n.emi"], {"/d/x\n.emi": ("/d/x\n_1.ser",)}),
    ],
    ids=[
        "nothing", "same stem", "header", "numbered", "not numbered", "by their numbers", "the longest stem",
        "a number says more", "exact", "upper case", "one owner only", "each its own", "not counted", "no shared part",
        "another folder", "no number", "a part alone", "alone", "a line break",
    ],
)  # fmt: skip
def test_a_companion_belongs_to_the_files_of_its_name(paths: list[str], parts: dict[str, tuple[str, ...]]) -> None:
    assert parts_of(paths, DATA) == parts


def test_two_formats_that_claim_each_other_lose_no_file() -> None:
    parts = parts_of(["/d/a.hdr", "/d/a.mib"], {".hdr": {".mib"}, ".mib": {".hdr"}})

    assert parts == {"/d/a.hdr": ("/d/a.mib",)}


@pytest.mark.parametrize(
    ("rules", "paths", "parts"),
    [
        (
            {".tvips": {"_#.tvips"}},
            ["/d/a_000.tvips", "/d/a_001.tvips", "/d/a_002.tvips", "/d/b_001.tvips"],
            {"/d/a_000.tvips": ("/d/a_001.tvips", "/d/a_002.tvips")},
        ),
        ({".mrc": {".mdoc"}}, ["/d/a.mrc", "/d/a.mrc.mdoc"], {"/d/a.mrc": ("/d/a.mrc.mdoc",)}),
        ({".mrc": {".mdoc"}}, ["/d/a.MRC", "/d/a.MRC.mdoc"], {"/d/a.MRC": ("/d/a.MRC.mdoc",)}),
        ({".xml": {"scan_x#_y#.raw"}}, ["/d/a.xml", "/d/scan_x64_y8.raw"], {"/d/a.xml": ("/d/scan_x64_y8.raw",)}),
        ({".xml": {"scan_x#_y#.raw"}}, ["/d/a.xml", "/d/b.xml", "/d/scan_x64_y8.raw"], {}),
        ({".xml": {"scan_x#_y#.raw"}}, ["/d/a.xml", "/d/other.raw"], {}),
    ],
    ids=[
        "of its own suffix",
        "behind the whole name",
        "in its letters",
        "by its own name",
        "two owners",
        "not its name",
    ],
)
def test_a_part_may_be_named_otherwise(
    rules: dict[str, set[str]], paths: list[str], parts: dict[str, tuple[str, ...]]
) -> None:
    assert parts_of(paths, rules) == parts


NAMES = st.lists(
    st.from_regex(r"/d/[ab](_[012])?(_[12])?(\.emi)?\.(ser|emi|rpl|raw|x)", fullmatch=True), unique=True, max_size=12
)
RULES = st.dictionaries(
    st.sampled_from([".ser", ".emi", ".rpl", ".raw"]),
    st.sets(st.sampled_from([".ser", "_#.ser", ".emi", "_#.emi", ".rpl", ".raw", "a_#.raw"]), max_size=4),
)


@given(NAMES, RULES)
def test_no_file_is_lost_and_the_order_does_not_matter(paths: list[str], rules: dict[str, set[str]]) -> None:
    parts = parts_of(paths, rules)

    belonging = [part for own in parts.values() for part in own]
    assert set(belonging) <= set(paths) - parts.keys()
    assert len(belonging) == len(set(belonging))
    assert parts_of(reversed(paths), rules) == parts
