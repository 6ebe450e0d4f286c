import pytest

from nexuslims_core.files.ignoring import wanted


@pytest.mark.parametrize(
    ("name", "lists", "looks_at"),
    [
        ("a.dm3", True, True),
        ("A.DM3", True, True),
        ("a.RAW", False, True),
        ("a_1.ser", False, True),
        ("~a.dm3", False, False),
        ("a.txt", False, False),
        ("", False, False),
    ],
    ids=["dataset", "upper case", "companion", "counted", "ignored", "other", "empty"],
)
def test_a_name_is_listed_looked_at_or_neither(name: str, lists: bool, looks_at: bool) -> None:
    rule = wanted({".dm3", ".emi"}, ["~*"], {".rpl": {".raw"}, ".emi": {"_#.SER"}})

    assert (rule.lists(name), rule.looks_at(name)) == (lists, looks_at)


def test_without_rules_every_name_is_listed() -> None:
    rule = wanted(None, [], {})

    assert rule.lists("any\nthing")
