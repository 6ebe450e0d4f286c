"""What records are made from and where they went, for OpenLineage, if Airflow's provider of it is installed.

Files are named by their path alone, without a host: workers mount the file store under the same path, and what two of
them read is one data set.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.sdk import BaseOperator

from nexuslims_core.publishing.base import Receipt

if TYPE_CHECKING:
    from nexuslims_core.stages.facility import Facility
    from nexuslims_core.stages.finish import BuildReport

FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A data set by the naming rules of OpenLineage.

    Attributes
    ----------
    namespace, name
        ``file`` and an absolute path, or a server's address and the rest of a URL.
    version
        Digest of its content; None where it has none.
    """

    namespace: str
    name: str
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a task has read and written."""

    inputs: tuple[Dataset, ...] = ()
    outputs: tuple[Dataset, ...] = ()

    def __add__(self, other: "Trace") -> "Trace":
        """Return both together."""
        return Trace(inputs=self.inputs + other.inputs, outputs=self.outputs + other.outputs)


NOTHING = Trace()


class TracedOperator(BaseOperator):
    """Keeps what its ``execute`` has read and written, for OpenLineage to ask when it has ended."""

    trace: Trace = NOTHING

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:  # noqa: ANN401, ARG002 - OpenLineage's
        """Return the trace as OpenLineage has it; its provider calls this, in the process of the task."""
        from airflow.providers.openlineage.extractors import (  # type: ignore[import-not-found] # no need of ours
            OperatorLineage,
        )

        return OperatorLineage(
            inputs=[_as_told(each) for each in self.trace.inputs],
            outputs=[_as_told(each) for each in self.trace.outputs],
        )


def file_at(path: Path, version: str | None = None) -> Dataset:
    """Return a file or folder as a data set."""
    return Dataset(namespace=FILE, name=os.fsencode(path).decode("utf-8", "backslashreplace"), version=version)


def published(receipts: Iterable[Receipt]) -> tuple[Dataset, ...]:
    """Return the records that destinations hold."""
    return tuple(_at_address(receipt.url, receipt.sha256) for receipt in receipts)


def of_report(report: "BuildReport", facility: "Facility", raw: Path | None = None) -> Trace:
    """Return what came of a whole session: from its raw folder, if that was read, to its record and where that went."""
    record = (file_at(report.record, _digest(report, facility)),) if report.record else ()
    if raw is None:
        return Trace(inputs=record, outputs=published(report.receipts))
    return Trace(inputs=(file_at(raw),), outputs=record + published(report.receipts))


def _digest(report: "BuildReport", facility: "Facility") -> str | None:
    """Return the digest of a record: receipts are for exactly this one, and where there is none the books have it."""
    if report.receipts:
        return report.receipts[0].sha256
    attempts = facility.database.attempts(report.session_identifier)
    return next((each.record_sha256 for each in attempts if each.number == report.attempt), None)


def _at_address(url: str, version: str) -> Dataset:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        return Dataset(namespace=FILE, name=parts.path or url, version=version)
    name = parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
    return Dataset(namespace=f"{parts.scheme}://{parts.netloc}", name=name, version=version)


def _as_told(dataset: Dataset) -> Any:  # noqa: ANN401 - a class of OpenLineage's
    from airflow.providers.common.compat.openlineage.facet import Dataset as Told
    from openlineage.client.facet_v2 import dataset_version_dataset  # type: ignore[import-not-found] # no need of ours

    version = dataset.version
    facets = {"version": dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion=version)} if version else {}
    return Told(namespace=dataset.namespace, name=dataset.name, facets=facets)
