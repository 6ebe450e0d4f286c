"""What a CDCS holds before its first record: tables, three accounts, the template of records and its stylesheets.

Everything goes through CDCS's own REST views inside this process, and filling twice changes nothing. A schema or a
stylesheet that differs from the one held replaces it: the schema as a new version of its template, the current one.
"""

from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient


class Rest:
    """CDCS's REST interface, called as one user without going through a socket."""

    def __init__(self, user: User) -> None:
        self._client = APIClient(HTTP_HOST="127.0.0.1")
        self._client.force_authenticate(user)

    def __call__(self, method: str, path: str, payload: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - any JSON
        """Return the answer's JSON, None where it is empty, or end the start with what CDCS said."""
        reply = getattr(self._client, method)(f"/rest/{path}", payload, format="json")
        if reply.status_code >= 300:
            raise SystemExit(f"CDCS answered {method} {path} with {reply.status_code}: {reply.content[:500]!r}")
        return reply.json() if reply.content else None


def fill(schema: Path, sheets: dict[str, Path]) -> dict[str, Any]:
    """Make what is missing, and return the ids and tokens that clients need."""
    call_command("migrate", verbosity=0)
    admin, user = _account("admin", superuser=True), _account("robot", superuser=False)
    guest = _account("guest", superuser=False, may_publish=False)
    rest = Rest(admin)
    template = _template(rest, schema)
    _stylesheets(rest, template, sheets)
    workspace = next(found["id"] for found in rest("get", "workspace/") if found["is_public"])
    return {
        "workspace": workspace,
        "template": template,
        "user": user.username,
        "token": Token.objects.get_or_create(user=user)[0].key,
        "admin_user": admin.username,
        "admin_token": Token.objects.get_or_create(user=admin)[0].key,
        "guest_user": guest.username,
        "guest_token": Token.objects.get_or_create(user=guest)[0].key,
    }


def _account(name: str, *, superuser: bool, may_publish: bool = True) -> User:
    """Return the account ``name``, whose password is its name: this server only listens on this machine."""
    user, _ = User.objects.get_or_create(username=name, is_superuser=superuser, is_staff=superuser)
    user.set_password(name)
    user.save()
    user.groups.set(Group.objects.filter(name="default") if may_publish else [])  # carries the right to publish
    return user


def _template(rest: Rest, schema: Path) -> int:
    title, content = schema.stem, schema.read_text("utf-8")
    upload = {"filename": schema.name, "content": content}
    kept = [manager for manager in rest("get", "template-version-manager/global/") if manager["title"] == title]
    if not kept:
        return int(rest("post", "template/global/", {"title": title, **upload})["id"])
    current = int(kept[0]["current"])  # a text here, a number in other answers
    if rest("get", f"template/{current}/")["content"].strip() == content.strip():  # CDCS keeps no blanks round it
        return current
    version = int(rest("post", f"template-version-manager/{kept[0]['id']}/version/", upload)["id"])
    rest("patch", f"template/version/{version}/current/")
    return version


def _stylesheets(rest: Rest, template: int, sheets: dict[str, Path]) -> None:
    ids = {role: _stylesheet(rest, path) for role, path in sheets.items()}
    rendering = {
        "template": template,
        "list_xslt": ids.get("list"),
        "default_detail_xslt": ids.get("detail"),
        "list_detail_xslt": [ids["detail"]] if "detail" in ids else [],
    }
    kept = [found["id"] for found in rest("get", "template/xsl_rendering/") if found["template"] == template]
    if kept:
        rest("patch", f"template/xsl_rendering/{kept[0]}/", rendering)
    elif ids:
        rest("post", "template/xsl_rendering/", rendering)


def _stylesheet(rest: Rest, path: Path) -> int:
    sheet = {"name": path.stem, "filename": path.name, "content": path.read_text("utf-8")}
    kept = [found["id"] for found in rest("get", "xslt/") if found["name"] == path.stem]
    if kept:
        return int(rest("patch", f"xslt/{kept[0]}/", sheet)["id"])
    return int(rest("post", "xslt/", sheet)["id"])
