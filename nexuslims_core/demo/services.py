"""The services of the demo's facility: a real CDCS, and a SharePoint calendar with a true NTLM handshake."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nexuslims_core.artefacts import write_whole
from nexuslims_core.demo.airflow import REPOSITORY
from nexuslims_core.demo.layout import calendar_events
from nexuslims_core.records.page import detail_sheet, list_sheet
from nexuslims_core.schemas import NEXUS_EXPERIMENT, RECORD_LIST, RECORD_TO_HTML, schema_path
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.testing.servers.cdcs.installing import make_venv
from nexuslims_core.testing.servers.sharepoint.server import SharePointServer

CDCS_CACHE = REPOSITORY / ".cache" / "cdcs"
SITE_ZONE = "America/New_York"
CDCS_PORT = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bases:
    """What CDCS's page of a record puts before the addresses in it.

    Attributes
    ----------
    previews
        Before previews and metadata files.
    files
        Before raw files.
    """

    previews: str
    files: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services; CDCS takes a while to start, and whoever asks for it first waits.

    Attributes
    ----------
    lists
        Name of each calendar's list to its address.
    """

    sharepoint: SharePointServer
    lists: dict[str, str]
    starting: Future[CdcsServer]

    @property
    def cdcs(self) -> CdcsServer:
        """The CDCS, running."""
        return self.starting.result()

    @property
    def settings(self) -> dict[str, str]:
        """The NEXUSLIMS_ variables that name them."""
        return {
            "NEXUSLIMS_CDCS_URL": self.cdcs.url,
            "NEXUSLIMS_CDCS_TOKEN": self.cdcs.token,
            "NEXUSLIMS_SHAREPOINT_USER": self.sharepoint.user,
            "NEXUSLIMS_SHAREPOINT_PASSWORD": self.sharepoint.password,
            "NEXUSLIMS_SHAREPOINT_TIMEZONE": SITE_ZONE,
        }


@contextmanager
def running(folder: Path, bases: Bases, port: int, say: Callable[[str], None]) -> Iterator[Services]:
    """Start the services under ``folder``, CDCS in the background, and stop them at the end."""
    events = calendar_events()
    with SharePointServer(events=events, zone=SITE_ZONE) as sharepoint, ThreadPoolExecutor(1) as background:
        starting = background.submit(_start_cdcs, folder / "cdcs", bases, port, say)
        lists = {name: sharepoint.list_url(name) for name in events}
        try:
            yield Services(sharepoint=sharepoint, lists=lists, starting=starting)
        finally:
            if starting.exception() is None:  # waits: a CDCS that is half started is stopped when it runs
                starting.result().stop()


def _start_cdcs(home: Path, bases: Bases, port: int, say: Callable[[str], None]) -> CdcsServer:
    page, line = home / RECORD_TO_HTML, home / RECORD_LIST
    write_whole(page, detail_sheet(preview_base=bases.previews, dataset_base=bases.files))
    write_whole(line, list_sheet(preview_base=bases.previews))
    cdcs = CdcsServer(
        home=home,
        python=make_venv(CDCS_CACHE, say),
        schema=schema_path(NEXUS_EXPERIMENT),
        detail_xsl=page,
        list_xsl=line,
        search_pages=True,
        port=port,
    )
    cdcs.start()
    return cdcs
