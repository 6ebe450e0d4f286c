import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

import pytest

from nexuslims_core.datasets.models import Extracted, Unreadable
from nexuslims_core.files.models import FoundFile
from nexuslims_core.records.crates.addresses import Addresses
from nexuslims_core.records.crates.models import FileFacts
from nexuslims_core.reservations.models import Project, Reservation, Sample
from tests.nexuslims_core.records.conftest import DATA_PATH, FILESTORE, file_named
from tests.nexuslims_core.records.crates.conftest import Crate, Graph, root_of

GraphOf = Callable[..., Graph]
Read = Callable[..., Extracted]

HOSTILE = (
    "two\nlines.dm3",
    "no text \udcff.dm3",
    "..dm3",
    "a%2e%2e.dm3",
    "frag#ment?.dm3",
    'quo"te\\.dm3',
    " .dm3",
    "ünïcode µ.dm3",
    "<b>.dm3",
)
URI = re.compile(r"(#[A-Za-z0-9._~%-]+|[a-z]+:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+|ro-crate-metadata\.json)")


def test_the_same_session_gives_the_same_bytes(crate: Crate, read: Read, reservation: Reservation) -> None:
    first, again = (crate(read("a.dm3"), read("b.dm3"), reservation=reservation) for _ in range(2))

    assert again == first


def test_the_root_says_what_the_session_was(graph: GraphOf, read: Read, reservation: Reservation) -> None:
    found = graph(read("a.dm3"), read("b.dm3"), reservation=reservation)

    root = root_of(found)
    assert (root["name"], root["temporalCoverage"]) == (
        "Grain boundaries",
        "2019-11-13T10:00:00-05:00/2019-11-13T14:00:00-05:00",
    )
    assert root["description"].startswith("To see cobalt segregate.\nA session on the FEI Titan TEM from ")
    assert root["identifier"] == ["1c3a6a8d-6038-41f5-b969-55fd02e12345", "471"]


def test_it_counts_as_published_when_the_session_ended(graph: GraphOf) -> None:
    root = root_of(graph())

    assert root["datePublished"] == "2019-11-13T14:00:00-05:00"


def test_two_sessions_never_share_an_id(graph: GraphOf, contents: Callable[..., object]) -> None:
    other = replace(contents().source, session_identifier="another")  # type: ignore[attr-defined]

    first, second = root_of(graph()), root_of(graph(source=other))

    assert first["@id"] != second["@id"]


def test_the_session_is_what_made_its_files(graph: GraphOf, read: Read, reservation: Reservation) -> None:
    found = graph(read("a.dm3"), reservation=reservation)

    session = found["#session"]
    assert (session["@type"], session["startTime"], session["endTime"]) == (
        "CreateAction",
        "2019-11-13T10:00:00-05:00",
        "2019-11-13T14:00:00-05:00",
    )
    assert [found[session[role]["@id"]]["name"] for role in ("agent", "instrument", "object", "result")] == [
        "Ada Lovelace",
        "FEI Titan TEM",
        "FeCo foil",
        "a.dm3",
    ]


def test_an_activity_lasts_from_its_first_file_to_its_last(graph: GraphOf, read: Read) -> None:
    first, last = read("a.dm3"), replace(read("b.dm3"), file=file_named("b.dm3", 90.0))

    activity = graph(first, last)["#activity-0"]

    assert (activity["startTime"], activity["endTime"]) == ("2019-11-13T10:05:00-05:00", "2019-11-13T10:06:30-05:00")


def test_a_raw_file_is_told_with_its_preview_and_metadata(graph: GraphOf, read: Read) -> None:
    found = graph(read("a b.dm3"))

    raw = found["file:///filestore/Titan/a%20b.dm3"]
    assert (raw["name"], raw["contentSize"], raw["dateModified"]) == ("a b.dm3", "1", "2019-11-13T10:05:00-05:00")
    assert found[raw["thumbnail"]["@id"]]["encodingFormat"] == "image/png"
    assert found[raw["subjectOf"]["@id"]]["description"] == "Metadata of a b.dm3"


def test_every_file_is_a_part_of_the_root(graph: GraphOf, read: Read) -> None:
    companion = FoundFile(path=FILESTORE / "Titan/s.emi", size=1, mtime=0, parts=(FILESTORE / "Titan/s_1.ser",))

    found = graph(read("a.dm3"), replace(read("s.emi"), file=companion))

    files = {identifier for identifier, entity in found.items() if entity["@type"] == "File"}
    assert files == {part["@id"] for part in root_of(found)["hasPart"]}
    assert found["file:///filestore/Titan/s_1.ser"]["isPartOf"] == {"@id": "file:///filestore/Titan/s.emi"}


def test_an_unreadable_file_says_why(graph: GraphOf) -> None:
    found = graph(Unreadable(file=file_named("a.dm3"), reason="it was cut short"))

    raw = found["file:///filestore/Titan/a.dm3"]
    assert raw["description"] == "Could not be read: it was cut short"
    assert "thumbnail" not in raw


def test_a_folder_is_a_dataset_of_its_own(graph: GraphOf, read: Read) -> None:
    outcome = read("a.zspy")

    found = graph(outcome, facts={outcome.file.path: FileFacts(folder=True)})

    assert found["file:///filestore/Titan/a.zspy/"]["@type"] == "Dataset"
    assert found["#session"]["result"] == {"@id": "file:///filestore/Titan/a.zspy/"}


def test_names_of_all_kinds_become_addresses_that_lead_back_to_them(graph: GraphOf, read: Read) -> None:
    found = graph(*(read(name) for name in HOSTILE))

    assert all(URI.fullmatch(identifier) for identifier in found)
    led_to = {unquote_to_bytes(urlsplit(made["@id"]).path) for made in found["#session"]["result"]}
    assert led_to == {f"/filestore/Titan/{name}".encode("utf-8", "surrogateescape") for name in HOSTILE}


def test_texts_of_all_kinds_become_a_document(graph: GraphOf, reservation: Reservation) -> None:
    text = 'two\nlines \ud800 "\\ <b> \0'
    hostile = replace(
        reservation,
        title=text,
        experimenters=(text, "  ", "#session"),
        samples=(Sample(name=text, ref="javascript:x", description=(text,), elements=(text,)),),
        projects=(Project(name=text, division=text, ref="//x"),),
    )

    found = graph(reservation=hostile)

    assert all(URI.fullmatch(identifier) for identifier in found)
    assert root_of(found)["name"] == 'two lines "\\ <b>'
    assert "url" not in found["#fd239ff9c543-sample-1"]


def test_files_that_are_served_are_told_by_their_addresses_on_the_web(graph: GraphOf, read: Read) -> None:
    served = Addresses(
        filestore=FILESTORE,
        data_path=DATA_PATH,
        dataset_base="https://lab.example.org/data/",
        preview_base="https://lab.example.org/previews",
    )

    found = graph(read("a.dm3"), addresses=served)

    assert found["https://lab.example.org/data/Titan/a.dm3"]["@type"] == "File"
    assert root_of(found)["mainEntity"] == {"@id": "https://lab.example.org/previews/records/2019/title.xml"}


def test_a_base_that_is_no_address_leaves_files_where_they_are(graph: GraphOf, read: Read) -> None:
    served = Addresses(filestore=FILESTORE, data_path=DATA_PATH, dataset_base="/data")

    assert "file:///filestore/Titan/a.dm3" in graph(read("a.dm3"), addresses=served)


def test_a_file_that_two_trees_share_at_one_address_is_told_once(graph: GraphOf, read: Read) -> None:
    both = "https://lab.example.org/all"
    served = Addresses(filestore=FILESTORE, data_path=DATA_PATH, dataset_base=both, preview_base=both)

    found = graph(read("a.dm3"), read("a.dm3.json"), addresses=served)

    parts = [part["@id"] for part in root_of(found)["hasPart"]]
    assert len(parts) == len(set(parts))


@pytest.mark.parametrize(
    ("name", "identifier", "called"),
    [
        ("Ada Lovelace", "#person-Ada%20Lovelace", "Ada Lovelace"),
        ("Ada Lovelace (0000-0002-1825-0097)", "https://orcid.org/0000-0002-1825-0097", "Ada Lovelace"),
        ("https://orcid.org/0000-0002-1694-233X", "https://orcid.org/0000-0002-1694-233X", "0000-0002-1694-233X"),
        ("Ada 0000-0002-1825-0098", "#person-Ada%200000-0002-1825-0098", "Ada 0000-0002-1825-0098"),
    ],
    ids=["a name", "a name with an ORCID", "an ORCID alone", "digits that are no ORCID"],
)
def test_people_are_known_by_their_orcid_or_their_name(
    graph: GraphOf, reservation: Reservation, name: str, identifier: str, called: str
) -> None:
    found = graph(reservation=replace(reservation, experimenters=(name,), collaborators=(name,)))

    assert found[identifier]["name"] == called
    assert root_of(found)["creator"] == root_of(found)["contributor"] == {"@id": identifier}


@pytest.mark.parametrize(
    ("licence", "identifier"),
    [("https://spdx.org/licenses/CC0-1.0", "https://spdx.org/licenses/CC0-1.0"), ("Ask\nus.", "#licence")],
    ids=["an address", "a sentence"],
)
def test_the_licence_is_an_address_or_a_sentence(graph: GraphOf, licence: str, identifier: str) -> None:
    found = graph(licence=licence)

    assert root_of(found)["license"] == {"@id": identifier}
    assert licence in found[identifier]["description"]


def test_software_is_told_with_its_versions(graph: GraphOf, read: Read) -> None:
    outcome = read("a.dm3")
    by_dm = replace(outcome, datasets=(replace(outcome.datasets[0], extractor="digital_micrograph"),))

    found = graph(by_dm, read("b.dm3"))

    assert re.fullmatch(r"\d+\.\d+.*", found["#rosettasciio"]["version"])
    assert found["#reading-digital_micrograph"]["object"] == {"@id": "file:///filestore/Titan/a.dm3"}
    assert (found["#reader-digital_micrograph"]["version"] != "unknown", found["#reader-test"]["version"]) == (
        True,
        "unknown",
    )


def test_digests_and_what_hinders_them_are_told(graph: GraphOf, read: Read) -> None:
    first, second = read("a.dm3"), read("b.dm3")
    facts: dict[Path, FileFacts] = {
        first.file.path: FileFacts(size=1, sha256="f" * 64),
        second.file.path: FileFacts(size=1, note="No checksum: it is no file"),
    }

    found = graph(first, second, facts=facts)

    assert found["file:///filestore/Titan/a.dm3"]["sha256"] == "f" * 64
    assert found["file:///filestore/Titan/b.dm3"]["description"].endswith("No checksum: it is no file")
