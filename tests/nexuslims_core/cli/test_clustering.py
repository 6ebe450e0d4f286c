from pathlib import Path

import pytest

from tests.nexuslims_core.conftest import Nexuslims


def test_labels_follow_the_input_and_count_by_time(tmp_path: Path, nexuslims: Nexuslims) -> None:
    path = tmp_path / "times.json"
    path.write_text('{"times_epoch": [1000, 1, 2, 3, 1001]}')

    said = nexuslims("cluster", path, "--json").document

    assert list(said) == ["labels", "boundaries", "bandwidth_s", "method", "explanation"]
    assert said["labels"] == [1, 0, 0, 0, 1]
    assert 3 < said["boundaries"][0] < 1000


def test_no_times_are_no_activities(tmp_path: Path, nexuslims: Nexuslims) -> None:
    path = tmp_path / "times.json"
    path.write_text('{"times_epoch": []}')

    said = nexuslims("cluster", path, "--json").document

    assert (said["labels"], said["boundaries"], said["bandwidth_s"], said["method"]) == ([], [], None, "robust")


def test_the_published_method_says_its_bandwidth(tmp_path: Path, nexuslims: Nexuslims) -> None:
    path = tmp_path / "times.json"
    path.write_text('{"times_epoch": [1000, 1, 2, 3, 1001]}')

    said = nexuslims("cluster", path, "--json", "--method", "published").document

    assert said["bandwidth_s"] > 0
    assert said["method"] == "published"


def test_people_read_the_pauses_and_why_each_boundary_is_one(tmp_path: Path, nexuslims: Nexuslims) -> None:
    path = tmp_path / "times.json"
    path.write_text('{"times_epoch": [0, 3, 7, 3600, 3604, 3606]}')

    lines = nexuslims("cluster", path).out.splitlines()

    assert lines[0].startswith("The 6 files form 2 activities")
    assert any(line.split() == ["30", "min", "to", "60", "min", "1", "1"] for line in lines)
    assert "1970-01-01 00:30:03" in lines[-1]
    assert "none between" in lines[-1]


@pytest.mark.slow
def test_the_figure_is_drawn_on_request(tmp_path: Path, nexuslims: Nexuslims) -> None:
    path, picture = tmp_path / "times.json", tmp_path / "new" / "times.png"
    path.write_text('{"times_epoch": [0, 3, 7, 3600, 3604, 3606]}')

    nexuslims("cluster", path, "--plot", picture)

    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_figure_that_cannot_be_written_is_said(tmp_path: Path, nexuslims: Nexuslims) -> None:
    path = tmp_path / "times.json"
    path.write_text('{"times_epoch": [0, 3, 7]}')

    said = nexuslims("cluster", path, "--plot", path / "below.png")

    assert said.code == 1
    assert "cannot write" in said.err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[1, 2]", "it has no such list"),
        ('{"times": [1]}', "it has no such list"),
        ('{"times_epoch": "123"}', "it has no such list"),
        ('{"times_epoch": [1, "2"]}', "time 1 is '2', not a number"),
        ('{"times_epoch": [true]}', "time 0 is True, not a number"),
        ('{"times_epoch": [1, NaN]}', "time 1 is nan, which no file can have: give epoch seconds"),
        (f'{{"times_epoch": [1{"0" * 400}]}}', "the file times are not a list of numbers: give epoch seconds"),
    ],
    ids=["cut", "deep", "a list", "no list", "text", "a text", "a truth", "no number", "too large"],
)
def test_a_file_without_times_is_said(tmp_path: Path, nexuslims: Nexuslims, content: str, sentence: str) -> None:
    path = tmp_path / "times.json"
    path.write_text(content)

    said = nexuslims("cluster", path)

    assert (said.code, said.out) == (1, "")
    assert sentence in said.err


def test_a_file_that_is_not_there_is_named(nexuslims: Nexuslims) -> None:
    assert (
        nexuslims("cluster", "/nowhere.json").err
        == "nexuslims: /nowhere.json cannot be read: No such file or directory\n"
    )
