import pytest

from nexuslims_core.cli.progress import progress


def test_nothing_is_shown_where_nobody_looks_on(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("reading") as tell:
        tell("3 files")

    assert capsys.readouterr() == ("", "")
