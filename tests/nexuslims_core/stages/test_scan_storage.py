from dataclasses import replace

import pytest

from nexuslims_core.artefacts import load_result
from nexuslims_core.files.models import Scan
from nexuslims_core.stages.scan_storage import keep_scan, scan_path, scan_storage
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
