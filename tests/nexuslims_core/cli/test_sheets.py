from collections.abc import Callable

import pytest

from nexuslims_core.cli.sheets import Line, broken, sheet


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let stdout be a terminal of a width."""

    def make(columns: int) -> None:
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", str(columns))

    return make


def test_labels_stand_in_one_column_and_empty_blocks_leave_no_gap() -> None:
    drawn = sheet("s1 is ERROR.", [[Line(label="user", text="ada")], [], [Line(label="instrument", text="Titan")]])

    assert drawn == "s1 is ERROR.\n\nuser        ada\n\ninstrument  Titan"


def test_long_text_goes_on_below_itself(terminal: Callable[[int], None]) -> None:
    terminal(48)

    drawn = sheet("x", [[Line(label="next", text="It waits for its turn; the next run looks at it.")]])

    assert drawn.splitlines()[2:] == ["next  It waits for its turn; the next run looks", "      at it."]


def test_what_is_there_to_be_copied_is_never_broken(terminal: Callable[[int], None]) -> None:
    terminal(46)
    command = "nexuslims sessions requeue 'a  very long name of a session' and more of it"

    assert sheet("x", [[Line(text=command, whole=True)]]).endswith(command)


def test_text_is_whole_where_no_terminal_shows_it() -> None:
    assert broken("word " * 100, 10) == ["word " * 100]
