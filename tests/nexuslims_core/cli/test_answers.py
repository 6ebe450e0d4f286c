import pytest

from nexuslims_core.cli.answers import Answer, printable, table


def test_a_document_is_the_only_thing_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer(document={"a": "\udcff"}, text="a", exit_code=1, complaints=["b"])

    code = answer.give(as_json=True)

    assert (code, capsys.readouterr()) == (1, ('{\n "a": "\\udcff"\n}\n', "nexuslims: b\n"))


def test_people_see_the_text_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Answer(document={}, text="a µm", complaints=["said in the text"]).give(as_json=False)

    assert capsys.readouterr() == ("a µm\n", "")


def test_no_text_moves_the_cursor_or_changes_colours() -> None:
    assert printable("a\x1b[2Jb\x07\r\udcffµ\n") == "a\\x1b[2Jb\\x07\\r\\udcffµ\n"


def test_a_table_is_whole_where_there_is_no_terminal() -> None:
    drawn = table(("name", "value"), [("a" * 300, None), ("[bold]", "\x1b[2J")])

    assert drawn.splitlines()[1:] == ["a" * 300, f"{'[bold]':<300}  \\x1b[2J"]


def test_columns_stand_under_each_other_whatever_letters_they_hold() -> None:
    drawn = table(("name", "value"), [("日本", 1), ("e\u0301", 2), ("two\nlines", 3)])

    assert drawn.splitlines() == ["name   value", "日本   1", "e\u0301      2", "two    3", "lines"]
