import os
from pathlib import Path

import pytest

from tests.nexuslims_core.conftest import Lab, Nexuslims

TO_THE_END = ("--from", "2026-03-02T10:00Z", "--to", "2026-03-02T12:00Z")


def test_files_come_by_time_then_path_with_their_parts(lab: Lab, nexuslims: Nexuslims) -> None:
    late, early, twin = lab.spectrum("late.msa", 20), lab.spectrum("b.msa", 10), lab.spectrum("a.msa", 10)
    series, settings = lab.broken("x_1.ser", 30), lab.broken("x.emi", 30)

    found = nexuslims("find", "--root", lab.store / "Titan", *TO_THE_END, "--json").document

    assert [Path(file["path"]) for file in found] == [twin, early, late, settings]
    assert found[3] == {
        "path": str(settings),
        "size": settings.stat().st_size,
        "mtime": settings.stat().st_mtime,
        "parts": [str(series)],
    }


def test_a_naive_time_is_the_instruments(lab: Lab, nexuslims: Nexuslims) -> None:
    path = lab.spectrum("a.msa", 10)
    words = ("--instrument", lab.titan.instrument_pid, "--from", "2026-03-02T05:00", "--to", "2026-03-02T05:10")

    assert nexuslims("find", *words, "--json").document[0]["path"] == str(path)


def test_a_name_that_is_not_utf8_is_whole(lab: Lab, nexuslims: Nexuslims) -> None:
    path = lab.spectrum(os.fsdecode(b"gr\xf6\xdfe.msa"), 10)

    (found,) = nexuslims("find", "--root", lab.store, *TO_THE_END, "--json").document

    assert found["path_encoded"] == f"{path.parent}/gr%F6%DFe.msa"


def test_the_strategy_of_the_settings_counts(lab: Lab, nexuslims: Nexuslims, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.broken("a.unheard-of", 10)
    monkeypatch.setenv("NEXUSLIMS_FILE_STRATEGY", "inclusive")

    assert len(nexuslims("find", "--root", lab.store, *TO_THE_END, "--json").document) == 1


def test_an_empty_folder_holds_no_files(lab: Lab, nexuslims: Nexuslims) -> None:
    said = nexuslims("find", "--root", lab.store / "Quanta", *TO_THE_END)

    assert (said.code, said.out) == (0, "No files.\n")


@pytest.mark.parametrize("root", ["nowhere", "data/nexuslims.sqlite"])
@pytest.mark.usefixtures("lab")
def test_a_root_that_is_no_folder_is_named(nexuslims: Nexuslims, root: str) -> None:
    said = nexuslims("find", "--root", root, *TO_THE_END)

    assert said.code == 1
    assert said.err.endswith(f"/{root} is no folder: name one that is there\n")


def test_a_file_store_that_is_not_mounted_is_named(lab: Lab, nexuslims: Nexuslims) -> None:
    for folder in lab.store.iterdir():
        folder.rmdir()

    said = nexuslims("find", "--instrument", lab.titan.instrument_pid, *TO_THE_END)

    assert said.code == 1
    assert f"the file store {lab.store} is empty, so it is probably not mounted: mount it" in said.err


def test_times_in_the_wrong_order_are_refused(lab: Lab, nexuslims: Nexuslims) -> None:
    said = nexuslims("find", "--root", lab.store, "--from", "2026-03-02", "--to", "2026-03-01")

    assert (said.code, "is after --to" in said.err) == (2, True)
