"""The server itself: HTTP on the loopback address, NTLM as the only way in."""

import base64
import re
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from typing_extensions import override

from nexuslims_core.testing.servers.sharepoint.atom import error_document
from nexuslims_core.testing.servers.sharepoint.calendar import Calendar, Events
from nexuslims_core.testing.servers.sharepoint.filtering import ODataError
from nexuslims_core.testing.servers.sharepoint.ntlm_door import Account, NtlmDoor
from nexuslims_core.testing.servers.sharepoint.service import ListDataService
from nexuslims_core.testing.servers.thread import ServerThread

_SITE = "/Div/em"
_SERVICE = re.compile(r"(?P<site>/.*)?/_vti_bin/ListData\.svc(?:/(?P<segment>.*))?", re.IGNORECASE)
_SEGMENT = re.compile(r"(?P<list>\w+)(?:\((?P<number>\d+)\))?")
_ZONE_DOCUMENT = f"{_SITE}/_api/web/RegionalSettings/TimeZone".lower()
_ATOM = "application/atom+xml;charset=utf-8"
_PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request that the server answered.

    Attributes
    ----------
    connection
        The client's port: NTLM signs in one connection.
    logon
        Whether it proved a password, right or wrong: what a domain counts before it locks an account.
    """

    connection: int
    method: str
    target: str
    status: int
    logon: bool


@dataclass(kw_only=True)
class SharePointServer:
    """A SharePoint site on this machine while the ``with`` block runs.

    Attributes
    ----------
    events
        Name of a list to its events.
    zone
        IANA name of the zone in which the site's times are.
    user, password
        The one account, which is known by its UPN too; no ``:`` in the password.
    page_size, filter_quirk
        See :class:`ListDataService`.
    sp2010
        The site does not tell its time zone, as before SharePoint 2013.
    empty_401
        A refusal has no text.
    refuse_at_challenge
        Nobody gets as far as proving a password.
    requests
        What was asked so far, in the order of the answers.
    """

    events: Events
    zone: str = "America/New_York"
    port: int = 0
    user: str = "EMLAB\\harvester"
    password: str = "Corr3ct-horse"  # noqa: S105 - opens only this stand-in
    page_size: int = 1000
    filter_quirk: bool = False
    sp2010: bool = False
    empty_401: bool = False
    refuse_at_challenge: bool = False
    requests: list[LoggedRequest] = field(default_factory=list, init=False)
    _http: "_Http" = field(init=False, repr=False)

    def __enter__(self) -> Self:
        self.calendar = Calendar(self.events)
        self._http = _Http(("127.0.0.1", self.port), _Handler)
        self._http.site = self
        self.account = Account(self.user, self.password)
        self._thread = ServerThread(self._http)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.stop()
        self.account.forget()

    @property
    def site_url(self) -> str:
        """Address of the site."""
        return f"http://127.0.0.1:{self._http.server_port}{_SITE}"

    def list_url(self, name: str) -> str:
        """Return the address of a list: what an instrument has as its ``api_url``."""
        return f"{self.site_url}/_vti_bin/ListData.svc/{name}"

    def calendar_url(self, name: str) -> str:
        """Return the address of a list's page for people; it is not served."""
        return f"{self.site_url}/Lists/{name}/calendar.aspx"

    def service(self) -> ListDataService:
        """Return what answers for the lists."""
        return ListDataService(
            base=self.list_url(""),
            zone=ZoneInfo(self.zone),
            calendar=self.calendar,
            page_size=self.page_size,
            filter_quirk=self.filter_quirk,
        )


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    site: SharePointServer


class _Handler(BaseHTTPRequestHandler):
    """One connection; NTLM signs in a connection, so who asks is remembered here."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece: head and text apart wait 40 ms for each other on a kept connection
    server_version, sys_version = "Microsoft-IIS/8.5", ""
    server: _Http

    @override
    def setup(self) -> None:
        super().setup()
        self._door = NtlmDoor(self.server.site.account)

    @override
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        self.server.site.requests.append(
            LoggedRequest(
                connection=self.client_address[1],
                method=self.command,
                target=self.path,
                status=int(code),
                logon=self._door.proved,
            )
        )

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal quiet; the requests are kept in the log of the server."""

    def do_GET(self) -> None:
        """Answer a reader who is signed in, and take the others through the three legs of NTLM."""
        self._door.proved = False
        if not self._authenticated():
            return
        try:
            self._answer(unquote(urlsplit(self.path).path))
        except ODataError as error:
            self._send(error.status, error_document(error.message), "application/xml")

    def _answer(self, path: str) -> None:
        service, site = self.server.site.service(), self.server.site
        options = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if path.lower() == _ZONE_DOCUMENT and not site.sp2010:
            return self._send(200, service.time_zone(), _ATOM)
        match = _SERVICE.fullmatch(path)
        if match is None:
            return self._send(404, "404 NOT FOUND", _PLAIN)
        segment = (match["segment"] or "").strip("/")
        if not segment:
            return self._send(200, service.service_document(), "application/xml;charset=utf-8")
        name, number = _named(segment, site.calendar)
        document = service.feed(name, options) if number is None else service.entry(name, number, options)
        return self._send(200, document, _ATOM)

    def _authenticated(self) -> bool:
        """Tell whether the one who asks is signed in; otherwise answer with the next leg, or a refusal."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if not scheme and self._door.signed_in:
            return True
        ntlm = scheme.upper() == "NTLM" and not self.server.site.refuse_at_challenge
        challenge = self._door.step(token) if ntlm else None
        if ntlm and self._door.signed_in:
            return True
        self._deny(challenge)
        return False

    def _deny(self, challenge: bytes | None) -> None:
        offer = f"NTLM {base64.b64encode(challenge).decode()}" if challenge else "NTLM"
        text = "" if self.server.site.empty_401 else "401 UNAUTHORIZED"
        self._send(401, text, _PLAIN, offer=offer)

    def _send(self, status: int, text: str, content_type: str, offer: str | None = None) -> None:
        body = text.encode()
        self.send_response(status)
        headers = {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-cache",
            "SPRequestGuid": str(uuid.uuid4()),
            "DataServiceVersion": "2.0;",
            "X-Powered-By": "ASP.NET",
            "MicrosoftSharePointTeamServices": "15.0.0.4569",
        }
        for name, value in (headers | ({"WWW-Authenticate": offer} if offer else {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _named(segment: str, calendar: Calendar) -> tuple[str, int | None]:
    """Return the list, and the item of it, that a segment of the address names."""
    match = _SEGMENT.fullmatch(segment)
    if match is None or match["list"] not in calendar.lists:
        raise ODataError(404, f"Resource not found for the segment '{segment.partition('(')[0].partition('/')[0]}'.")
    return match["list"], int(match["number"]) if match["number"] else None
