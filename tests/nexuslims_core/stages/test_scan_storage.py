import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nexuslims_core.artefacts import load_result
from nexuslims_core.files.models import Scan
from nexuslims_core.stages.scan_storage import keep_scan, scan_path, scan_storage
from nexuslims_core.stages.session_windows import files_of, windows_of
from tests.nexuslims_core.conftest import Lab


def test_only_files_that_a_reader_declares_are_listed(lab: Lab) -> None:
    known = lab.spectrum("a.msa", 1)
    lab.broken("b.unheard-of", 1)

    assert [file.path for file in scan_storage(lab.facility(), lab.titan).files] == [known]


def test_the_inclusive_strategy_lists_every_file(lab: Lab) -> None:
    lab.broken("b.unheard-of", 1)

    scan = scan_storage(lab.facility(file_strategy="inclusive"), lab.titan)

    assert len(scan.files) == 1


def test_an_empty_file_store_is_absent(lab: Lab) -> None:
    for folder in lab.store.iterdir():
        folder.rmdir()

    assert "probably not mounted" in str(scan_storage(lab.facility(), lab.titan).absent)


@pytest.mark.parametrize("way_out", ["../elsewhere", "/etc", "Titan/../../elsewhere"])
def test_a_folder_that_leads_out_is_absent(lab: Lab, way_out: str) -> None:
    scan = scan_storage(lab.facility(), replace(lab.titan, filestore_path=way_out))

    assert scan.absent == f"{way_out!r} leads out of {lab.store}: correct it in the instruments table"


def test_a_folder_of_links_in_a_circle_is_absent(lab: Lab) -> None:
    (lab.store / "circle").symlink_to("circle")

    assert scan_storage(lab.facility(), replace(lab.titan, filestore_path="./circle/x")).absent


@pytest.mark.parametrize("pid", ["a/../../b", "..", "Größe"])
def test_a_scan_is_kept_under_the_data_path_whatever_the_instrument_is_called(lab: Lab, pid: str) -> None:
    scan = replace(scan_storage(lab.facility(), lab.titan), instrument_pid=pid)

    kept = keep_scan(lab.facility(), scan, "run 1")

    assert kept == scan_path(lab.facility(), pid, "run 1")
    assert kept.resolve().is_relative_to(lab.data / "work")
    assert load_result(kept, "run 1", Scan) == scan


def test_scans_of_before_a_week_are_removed_and_those_of_other_instruments_stay(lab: Lab) -> None:
    scan, facility = scan_storage(lab.facility(), lab.titan), lab.facility()
    kept = [keep_scan(facility, replace(scan, instrument_pid=pid), run) for pid in ("a", "b") for run in ("1", "2")]
    long_ago = (facility.now() - timedelta(days=8)).timestamp()
    for path in kept[::2]:
        os.utime(path, (long_ago, long_ago))

    newest = keep_scan(facility, replace(scan, instrument_pid="a"), "3")

    assert {path for path in (*kept, newest) if path.exists()} == {*kept[1:], newest}


def test_gnu_find_searches_where_it_is_chosen(lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = lab.spectrum("a.msa", 1)
    find = shutil.which("find")
    program = tmp_path / "bin" / "find"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho >> "{tmp_path}/ran"\nexec {find} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))

    scans = [scan_storage(lab.facility(finder=finder), lab.titan) for finder in ("scan", "find")]

    assert [[file.path for file in scan.files] for scan in scans] == [[known], [known]]
    assert (tmp_path / "ran").read_text() == "\n"


def test_one_scan_holds_the_files_of_every_session_that_waits_and_no_others(lab: Lab) -> None:
    lab.waits("s1")
    inside = [lab.spectrum("first.msa", 0), lab.spectrum("last.msa", 120)]
    lab.spectrum("later.msa", 120.01)
    facility = lab.facility()
    sessions = facility.database.waiting_sessions()

    scan = scan_storage(facility, lab.titan, windows_of(facility, sessions))

    assert [file.path for file in scan.files] == inside
    assert [file.path for file in files_of(facility, sessions[0], scan).files] == inside


def test_a_margin_for_clocks_widens_each_session_at_both_ends(lab: Lab) -> None:
    lab.waits("s1")
    for name, minute in (("too early", -0.51), ("early", -0.5), ("late", 120.5), ("too late", 120.51)):
        lab.spectrum(f"{name}.msa", minute)
    facility = lab.facility(clock_margin_s=30.0)
    (session,) = facility.database.waiting_sessions()

    scan = scan_storage(facility, lab.titan, windows_of(facility, [session]))

    assert [file.path.stem for file in files_of(facility, session, scan).files] == ["early", "late"]
