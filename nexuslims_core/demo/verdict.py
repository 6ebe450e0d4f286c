"""What really became of each session: asked of the server, read from the files, held against the schema.

Nothing that the run said of itself is believed.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

import requests
from lxml import etree
from PIL import Image

from nexuslims_core.demo.expectations import Expectation
from nexuslims_core.demo.layout import Layout
from nexuslims_core.records.validation import findings
from nexuslims_core.schemas import NEXUS_NAMESPACE
from nexuslims_core.sessions.models import SessionSummary
from nexuslims_core.sessions.states import RecordStatus

NX = {"nx": NEXUS_NAMESPACE}
TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one session.

    Attributes
    ----------
    faults
        A sentence for each thing that is not as it should be; none when all is well.
    """

    expectation: Expectation
    status: RecordStatus
    activities: int = 0
    datasets: int = 0
    record: Path | None = None
    url: str | None = None
    faults: tuple[str, ...] = ()


def judge(expectation: Expectation, summary: SessionSummary, layout: Layout, cdcs_url: str) -> Verdict:
    """Compare one session with what is expected of it."""
    status_faults = [] if summary.status is expectation.status else [f"is {summary.status}, not {expectation.status}"]
    if summary.record_path is None or summary.status is not RecordStatus.COMPLETED:
        return Verdict(expectation=expectation, status=summary.status, faults=tuple(status_faults))
    xml = summary.record_path.read_bytes()
    record = etree.fromstring(xml)
    faults = [
        *status_faults,
        *(f"breaks the schema: {finding}" for finding in findings(xml)),
        *_content_faults(expectation, record),
        *_file_faults(record, layout),
        *_server_faults(xml, summary, cdcs_url),
    ]
    return Verdict(
        expectation=expectation,
        status=summary.status,
        activities=len(record.findall("nx:acquisitionActivity", NX)),
        datasets=len(record.findall(".//nx:dataset", NX)),
        record=summary.record_path,
        url=summary.url,
        faults=tuple(faults),
    )


def _content_faults(expectation: Expectation, record: etree._Element) -> Iterator[str]:
    title = record.findtext("nx:title", namespaces=NX)
    if expectation.title is not None and title != expectation.title:
        yield f"is titled {title!r}, not {expectation.title!r}"
    activities = len(record.findall("nx:acquisitionActivity", NX))
    if expectation.activities is not None and activities != expectation.activities:
        yield f"has {activities} activities, not {expectation.activities}"
    named = {_decoded(location.text) for location in record.iterfind(".//nx:dataset/nx:location", NX)}
    missing = sorted(set(expectation.files) - named)
    if missing:
        yield f"does not name {len(missing)} of its files, such as {missing[0]}"


def _file_faults(record: etree._Element, layout: Layout) -> Iterator[str]:
    for dataset in record.iterfind(".//nx:dataset", NX):
        name = dataset.findtext("nx:name", namespaces=NX)
        raw = layout.filestore / _decoded(dataset.findtext("nx:location", namespaces=NX))
        if not raw.is_file():
            yield f"{name}: the record points to {raw}, which is not there"
        preview = dataset.findtext("nx:preview", namespaces=NX)
        if preview is not None:
            yield from _preview_faults(layout.data / _decoded(preview), str(name))
        link = dataset.findtext("nx:meta[@name='Metadata File']", namespaces=NX)
        if link is not None and not (layout.data / _decoded(link)).is_file():
            yield f"{name}: its metadata file is not there"
        if preview is None and link is None and dataset.find("nx:description", NX) is None:
            yield f"{name}: has neither preview nor metadata, and no word why"


def _preview_faults(path: Path, name: str) -> Iterator[str]:
    try:
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            image.load()
    except OSError as error:
        yield f"{name}: its preview cannot be shown: {error}"


def _server_faults(xml: bytes, summary: SessionSummary, cdcs_url: str) -> Iterator[str]:
    """Ask CDCS, without logging in, for the record of this session."""
    if summary.record_path is None:
        return
    query = {"query": {}, "title": summary.record_path.stem, "all": True}
    answer = requests.post(f"{cdcs_url}/rest/data/query/", json=query, timeout=TIMEOUT_S)
    records = answer.json() if answer.ok else []
    if len(records) != 1:
        title = summary.record_path.stem
        yield f"CDCS shows the public {len(records)} records titled {title} (HTTP {answer.status_code})"
        return
    if records[0]["xml_content"].encode() != xml:
        yield "CDCS holds another text than the file"
    page = requests.get(f"{cdcs_url}/data", params={"id": records[0]["id"]}, timeout=TIMEOUT_S)
    title = etree.fromstring(xml).findtext("nx:title", namespaces=NX) or ""
    if title not in str(etree.HTML(page.content).xpath("string()")):
        yield "CDCS's page of the record does not show its title"


def _decoded(location: str | None) -> str:
    return unquote_to_bytes(location or "").decode("utf-8", "surrogateescape").lstrip("/")
