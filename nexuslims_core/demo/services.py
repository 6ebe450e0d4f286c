"""The services of the demo's facility: a real CDCS, and a SharePoint calendar with a true NTLM handshake."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nexuslims_core.demo.airflow import REPOSITORY
from nexuslims_core.demo.layout import calendar_events
from nexuslims_core.schemas import NEXUS_EXPERIMENT, RECORD_TO_HTML, schema_path
from nexuslims_core.testing.servers.cdcs import CdcsServer
from nexuslims_core.testing.servers.cdcs.installing import make_venv
from nexuslims_core.testing.servers.sharepoint.server import SharePointServer

CDCS_VENV = REPOSITORY / ".cache" / "cdcs" / "venv"
SITE_ZONE = "America/New_York"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The running services.

    Attributes
    ----------
    lists
        Name of each calendar's list to its address.
    """

    cdcs: CdcsServer
    sharepoint: SharePointServer
    lists: dict[str, str]

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
def running(folder: Path, say: Callable[[str], None], *, cdcs_port: int = 0) -> Iterator[Services]:
    """Start the services under ``folder`` and stop them at the end."""
    python = make_venv(CDCS_VENV, say)
    say("starting CDCS and the SharePoint calendar")
    events = calendar_events()
    cdcs = CdcsServer(
        home=folder / "cdcs",
        python=python,
        schema=schema_path(NEXUS_EXPERIMENT),
        detail_xsl=schema_path(RECORD_TO_HTML),
        port=cdcs_port,
    )
    with SharePointServer(events=events, zone=SITE_ZONE) as sharepoint, cdcs:
        yield Services(cdcs=cdcs, sharepoint=sharepoint, lists={name: sharepoint.list_url(name) for name in events})
