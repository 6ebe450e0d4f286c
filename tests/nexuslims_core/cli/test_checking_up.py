import pytest

from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.nexuslims_core.conftest import Nexuslims


@pytest.mark.server
@pytest.mark.usefixtures("lab")
def test_a_facility_in_order_is_code_0(nexuslims: Nexuslims, published: CdcsServer) -> None:
    said = nexuslims("doctor")

    assert said.code == 0
    assert all(line.startswith("ok") for line in said.out.splitlines())
    assert published.url in said.out


def test_what_is_missing_is_code_1_and_a_document(nexuslims: Nexuslims) -> None:
    said = nexuslims("doctor", "--json")

    (check,) = said.document
    assert (said.code, check["subject"], check["ok"]) == (1, "settings", False)
    assert "NEXUSLIMS_FILESTORE_PATH is not set" in check["sentence"]
