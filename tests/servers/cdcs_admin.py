"""A CDCS as its administrator sees and changes it, past every proxy."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from nexuslims_core.testing.servers.cdcs import CdcsServer

LIMIT_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CdcsAdmin:
    server: CdcsServer

    def held(self, title: str) -> list[dict[str, Any]]:
        """Return everybody's records of a title, private ones too, the lowest number first."""
        found = self("GET", f"admin/data/?title={title}")
        return sorted(found["results"] if isinstance(found, dict) else found, key=lambda record: record["id"])

    def post(self, title: str, xml: bytes, *, token: str = "", template: int = 0, workspace: int | None = None) -> int:
        """Make a record as another client would; returns its id."""
        record = {
            "title": title,
            "template": template or self.server.template,
            "workspace": workspace,
            "xml_content": xml.decode(),
        }
        return int(self("POST", "data/", record, token or self.server.token)["id"])

    @contextmanager
    def another_template(self, title: str, content: str) -> Iterator[int]:
        """Lend a further global template; returns its version's id. It is disabled afterwards, as CDCS removes none."""
        made = self("POST", "template/global/", {"title": title, "filename": "another.xsd", "content": content})
        try:
            yield int(made["id"])
        finally:
            self("PATCH", f"template-version-manager/{self._manager(title)['id']}/disable/")

    @contextmanager
    def disabled(self, title: str) -> Iterator[None]:
        """Disable a template for as long as the block lasts."""
        manager = self._manager(title)["id"]
        self("PATCH", f"template-version-manager/{manager}/disable/")
        try:
            yield
        finally:
            self("PATCH", f"template-version-manager/{manager}/restore/")

    @contextmanager
    def newer_version(self, title: str, content: str) -> Iterator[int]:
        """Make a further version of a template the current one; returns its id. The old one is current afterwards."""
        manager = self._manager(title)
        upload = {"filename": "newer.xsd", "content": content}
        version = int(self("POST", f"template-version-manager/{manager['id']}/version/", upload)["id"])
        self("PATCH", f"template/version/{version}/current/")
        try:
            yield version
        finally:
            self("PATCH", f"template/version/{manager['current']}/current/")
            self("PATCH", f"template/version/{version}/disable/")

    def _manager(self, title: str) -> dict[str, Any]:
        found: dict[str, Any] = next(
            each for each in self("GET", "template-version-manager/global/") if each["title"] == title
        )
        return found

    def __call__(self, method: str, path: str, payload: dict[str, Any] | None = None, token: str = "") -> Any:  # noqa: ANN401 - any JSON
        signed = {"Authorization": f"Token {token or self.server.admin_token}"}
        url = f"{self.server.url}/rest/{path}"
        reply = requests.request(method, url, json=payload, headers=signed, timeout=LIMIT_S)
        assert reply.status_code < 300, f"{method} {path}: {reply.status_code} {reply.text[:300]}"
        return reply.json() if reply.content else None
