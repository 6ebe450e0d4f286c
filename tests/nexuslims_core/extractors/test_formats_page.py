"""The page of formats says what is installed: every extractor with its suffixes and what it reads beside a file."""

import re
from pathlib import Path

from nexuslims_core.extractors.choosing import installed

PAGE = Path(__file__).resolve().parents[3] / "docs" / "formats.md"


def rows(columns: int) -> list[list[str]]:
    """Return the cells of the page's tables of so many columns, without their headings."""
    lines = [line.strip("|").split("|") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines if len(line) == columns and "suffixes" not in line[1]]


def words(cell: str) -> frozenset[str]:
    return frozenset(re.findall(r"`([^`]+)`", cell))


def test_lists_every_extractor_with_its_suffixes() -> None:
    told = {cells[3].strip("`"): words(cells[1]) for cells in rows(5) if words(cells[3])}

    assert told == {one.name: one.suffixes for one in installed() if one.name != "general"}


def test_lists_what_is_read_with_a_file() -> None:
    told = {cells[3].strip("`"): words(cells[2]) for cells in rows(5) if words(cells[3])}

    others = [one for one in installed() if one.name != "general"]
    assert told == {one.name: frozenset[str]().union(*one.companions.values()) for one in others}


def test_lists_every_suffix_of_the_general_extractor() -> None:
    told = frozenset[str]().union(*(words(cells[1]) for cells in rows(3)))

    assert told == next(one for one in installed() if one.name == "general").suffixes
