import pytest

from nexuslims_core.sessions.naming import LONGEST_NAME, reason_to_refuse


@pytest.mark.parametrize("name", ["s1", "https://nemo/?id=1&x=ä b", "x" * LONGEST_NAME])
def test_a_line_that_people_can_read_is_a_name(name: str) -> None:
    assert reason_to_refuse("a session", name) is None


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "a\nb", "a\u202eb", "\udcff", "x" * (LONGEST_NAME + 1)], ids=ascii)
def test_anything_else_is_none_and_is_told_in_signs_that_can_be_printed(name: str) -> None:
    reason = reason_to_refuse("a user", name)

    assert reason is not None
    assert reason.startswith("a user cannot be called '")
    assert reason.isprintable()
