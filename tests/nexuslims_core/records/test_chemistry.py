from nexuslims_core.records.chemistry import SYMBOLS, sort_out


def test_there_are_118_elements() -> None:
    last = "Og"

    known = SYMBOLS

    assert len(known) == 118
    assert last in known


def test_symbols_are_told_once_and_from_other_names() -> None:
    names = ("fe", "CO", "Fe", "steel", " Ni ")

    known, unknown = sort_out(names)

    assert known == ("Fe", "Co", "Ni")
    assert unknown == ("steel",)
