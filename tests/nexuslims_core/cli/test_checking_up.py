import pytest

from nexuslims_core.cli.checking_up import drawn
from nexuslims_core.publishing.base import Check
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.nexuslims_core.conftest import Nexuslims
from tests.servers.smtp import SmtpServer


@pytest.mark.server
@pytest.mark.usefixtures("lab")
def test_a_facility_in_order_is_code_0(
    nexuslims: Nexuslims, published: CdcsServer, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in smtp.env.items():
        monkeypatch.setenv(name, value)

    said = nexuslims("doctor")

    *checks, gap, verdict = said.out.splitlines()
    assert (said.code, gap, verdict) == (0, "", f"{len(checks)} checks: all is well.")
    assert all(line.startswith("ok") for line in checks)
    assert published.url in said.out


def test_what_is_missing_is_code_1_and_a_document(nexuslims: Nexuslims) -> None:
    said = nexuslims("doctor", "--json")

    (check,) = said.document
    assert (said.code, check["subject"], check["ok"]) == (1, "settings", False)
    assert "NEXUSLIMS_FILESTORE_PATH is not set" in check["sentence"]


@pytest.mark.usefixtures("lab")
def test_a_warning_is_code_0(nexuslims: Nexuslims) -> None:
    said = nexuslims("doctor", "--json")

    assert (said.code, [check["subject"] for check in said.document if check["warning"]]) == (0, ["CDCS", "alerts"])


def test_each_check_is_a_line_with_its_mark_and_the_verdict_counts_them() -> None:
    told = drawn(
        [
            Check(subject="settings", ok=True, sentence="complete"),
            Check(area="CDCS", subject="address", ok=False, sentence="it is\nnot there"),
            Check(area="data path", subject="disk", ok=True, warning=True, sentence="make room"),
        ]
    )

    assert told == (
        "ok    settings        complete\n"
        "FAIL  CDCS address    it is not there\n"
        "look  data path disk  make room\n"
        "\n"
        "3 checks: 1 failed, 1 to look at."
    )
