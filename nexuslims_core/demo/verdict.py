"""What really became of each session: asked of the server, read from the files, held against the schema.

Nothing that the run said of itself is believed.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import requests
from lxml import etree
from PIL import Image

from nexuslims_core.demo.expectations import Expectation
from nexuslims_core.demo.layout import Layout
from nexuslims_core.records.addresses import readable_name
from nexuslims_core.records.validation import findings, parse
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
    unread
        Name of each file that the record lists without metadata, and the word why.
    faults
        The rest of a sentence for each thing that is not as it should be; none when all is well.
    """

    expectation: Expectation
    status: RecordStatus
    activities: int = 0
    datasets: int = 0
    record: Path | None = None
    url: str | None = None
    unread: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def judge(expectation: Expectation, summary: SessionSummary, layout: Layout, cdcs_url: str) -> Verdict:
    """Compare one session with what is expected of it."""
    verdict = Verdict(expectation=expectation, status=summary.status)
    if summary.status is not expectation.status:
        why = f": {summary.error_sentence}" if summary.error_sentence else ""
        return replace(verdict, faults=(f"is {summary.status}, not {expectation.status}{why}",))
    if expectation.status is not RecordStatus.COMPLETED:
        return verdict
    if summary.record_path is None or not summary.record_path.is_file():
        return replace(verdict, faults=("is COMPLETED, and its record is not there",))
    return _judged(replace(verdict, record=summary.record_path, url=summary.url), summary.record_path, layout, cdcs_url)


def _judged(verdict: Verdict, path: Path, layout: Layout, cdcs_url: str) -> Verdict:
    xml = path.read_bytes()
    invalid = tuple(f"breaks the schema: {finding}" for finding in findings(xml))
    try:
        record = parse(xml)
    except etree.XMLSyntaxError:
        return replace(verdict, faults=invalid)
    faults = (
        *invalid,
        *_content_faults(verdict.expectation, record),
        *_file_faults(record, layout),
        *([] if path.with_suffix(".html").is_file() else ["has no page beside its record"]),
        *_server_faults(xml, path.stem, cdcs_url),
    )
    datasets = record.findall(".//nx:dataset", NX)
    return replace(
        verdict,
        activities=len(record.findall("nx:acquisitionActivity", NX)),
        datasets=len(datasets),
        unread=tuple(filter(None, map(_unread, datasets))),
        faults=faults,
    )


def _unread(dataset: etree._Element) -> str | None:
    if dataset.find("nx:preview", NX) is not None:
        return None
    name, why = (dataset.findtext(f"nx:{part}", "", NX) for part in ("name", "description"))
    return f"{name}: {why}"


def _content_faults(expectation: Expectation, record: etree._Element) -> Iterator[str]:
    title = record.findtext("nx:title", namespaces=NX)
    if expectation.title is not None and title != expectation.title:
        yield f"is titled {title!r}, not {expectation.title!r}"
    activities = len(record.findall("nx:acquisitionActivity", NX))
    if expectation.activities is not None and activities != expectation.activities:
        yield f"has {activities} activities, not {expectation.activities}"
    named = {_decoded(location.text) for location in record.iterfind(".//nx:dataset/nx:location", NX)}
    missing, foreign = sorted(set(expectation.files) - named), sorted(named - set(expectation.files))
    if missing:
        yield f"does not name {len(missing)} of its files, such as {readable_name(missing[0])}"
    if foreign:
        yield f"names {len(foreign)} files that are not its own, such as {readable_name(foreign[0])}"


def _file_faults(record: etree._Element, layout: Layout) -> Iterator[str]:
    for dataset in record.iterfind(".//nx:dataset", NX):
        name = dataset.findtext("nx:name", namespaces=NX)
        location = _decoded(dataset.findtext("nx:location", namespaces=NX))
        if not (layout.filestore / location).is_file():
            yield f"{name}: the record points to {readable_name(location)}, which is not there"
        preview = dataset.findtext("nx:preview", namespaces=NX)
        link = dataset.findtext("nx:meta[@name='Metadata File']", namespaces=NX)
        if preview is not None:
            yield from _preview_faults(layout.data / _decoded(preview), str(name))
        if link is not None and not (layout.data / _decoded(link)).is_file():
            yield f"{name}: its metadata file is not there"
        if None in (preview, link) and dataset.find("nx:description", NX) is None:
            yield f"{name}: lacks its preview or its metadata, and no word why"


def _preview_faults(path: Path, name: str) -> Iterator[str]:
    try:
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            image.load()
    except OSError as error:
        yield f"{name}: its preview cannot be shown: {error}"


def _server_faults(xml: bytes, title: str, cdcs_url: str) -> Iterator[str]:
    """Ask CDCS, without logging in, for the record of this title."""
    query = {"query": {}, "title": title, "all": True}
    try:
        answer = requests.post(f"{cdcs_url}/rest/data/query/", json=query, timeout=TIMEOUT_S)
        records: list[dict[str, Any]] = answer.json() if answer.ok else []
        if len(records) != 1:
            yield f"has {len(records)} records titled {title} that CDCS shows to the public (HTTP {answer.status_code})"
            return
        if records[0]["xml_content"].encode() != xml:
            yield "has another text in CDCS than in its file"
        page = requests.get(f"{cdcs_url}/data", params={"id": records[0]["id"]}, timeout=TIMEOUT_S)
    except (requests.RequestException, ValueError) as error:
        yield f"cannot be looked up in CDCS: {error}"
        return
    yield from _page_faults(parse(xml), page.content)


def _page_faults(record: etree._Element, html: bytes) -> Iterator[str]:
    """Look at CDCS's page of a record with the eyes of its reader."""
    page = etree.HTML(html or b"<html/>")
    if (record.findtext("nx:title", namespaces=NX) or "") not in str(page.xpath("string()")):
        yield "has a page in CDCS that does not show its title"
    wanted = [str(preview.text) for preview in record.iterfind(".//nx:dataset/nx:preview", NX)]
    shown = [str(image.get("src")) for image in page.iterfind(".//img")]
    missing = [preview for preview in wanted if not any(source.endswith(preview) for source in shown)]
    if missing:
        yield f"has a page in CDCS that lacks {len(missing)} of its previews, such as {missing[0]}"


def _decoded(location: str | None) -> str:
    return unquote_to_bytes(location or "").decode("utf-8", "surrogateescape").lstrip("/")
