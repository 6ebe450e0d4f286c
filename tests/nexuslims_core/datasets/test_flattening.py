from hypothesis import given, settings
from hypothesis import strategies as st

from nexuslims_core.datasets.flattening import Nested, flatten


def test_joins_nested_names_with_a_space() -> None:
    nested: Nested = {"Stage Position": {"X": 1, "Tilt": {"α": 2.5}}, "Voltage": 300}

    entries, notes = flatten(nested)

    assert entries == {"Stage Position X": 1, "Stage Position Tilt α": 2.5, "Voltage": 300}
    assert notes == ()


def test_nothing_gives_nothing() -> None:
    nested: Nested = {"Empty": {}}

    entries, notes = flatten(nested)

    assert (entries, notes) == ({}, ())


def test_of_two_that_flatten_to_one_name_the_first_is_kept_with_a_note() -> None:
    nested: Nested = {"Stage X": 1, "Stage": {"X": 2}}

    entries, notes = flatten(nested)

    assert entries == {"Stage X": 1}
    assert notes == ("'Stage X' stands twice in the file's metadata: kept 1, left out 2",)


TREES = st.recursive(
    st.integers(),
    lambda inner: st.dictionaries(st.sampled_from(["A", "B", "A B", ""]), inner, max_size=3),
    max_leaves=8,
)


@given(nested=st.dictionaries(st.sampled_from(["A", "B", "A B"]), TREES, max_size=3))
@settings(deadline=None, database=None)
def test_every_value_is_kept_or_told_of(nested: Nested) -> None:
    def leaves(tree: object) -> int:
        return sum(map(leaves, tree.values())) if isinstance(tree, dict) else 1

    entries, notes = flatten(nested)

    assert len(entries) + len(notes) == leaves(nested)
