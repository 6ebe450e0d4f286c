"""Atom documents as SharePoint writes them: typed columns, links and expanded people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from nexuslims_core.testing.servers.sharepoint.calendar import PEOPLE, TEXT, Calendar, ListItem, Value

_DATA = "http://schemas.microsoft.com/ado/2007/08/dataservices"
_METADATA = f"{_DATA}/metadata"
NAMESPACES = f'xmlns:d="{_DATA}" xmlns:m="{_METADATA}" xmlns="http://www.w3.org/2005/Atom"'
DECLARATION = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n'
_LINKS = {"Category": "entry", "UserName": "feed", "CreatedBy": "entry", "ModifiedBy": "entry", "Attachments": "feed"}
_PERSON_LINKS = {"CreatedBy": "entry", "ModifiedBy": "entry"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomWriter:
    """Writes the entries of one site's lists.

    Attributes
    ----------
    base
        Address of ListData.svc, with a slash at its end.
    zone
        Zone in which the site's times are.
    """

    base: str
    zone: ZoneInfo
    calendar: Calendar

    def feed_head(self, title: str, address: str, *, root: bool = False) -> str:
        """Return how a feed begins; ``root`` for one that is a document of its own."""
        opening = f'<feed xml:base="{self.base}" {NAMESPACES}>' if root else "<feed>"
        return (
            f'{opening}\n  <title type="text">{title}</title>\n  <id>{self.base}{address}</id>\n'
            f"  <updated>{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}</updated>\n"
            f'  <link rel="self" title="{title}" href="{address}" />'
        )

    def entry(self, name: str, item: ListItem, expand: frozenset[str]) -> str:
        """Return one item of a list, with the people inside the links of ``expand``."""
        columns, row = self.calendar.columns(name), item.row
        address, kind = f"{name}({item.number})", item_type(name)
        title = str(row.get("Title", row.get("Name")) or "")
        changed = row["Modified"]
        updated = changed.replace(tzinfo=self.zone).isoformat() if isinstance(changed, datetime) else ""
        lines = [
            f'  <entry m:etag="W/&quot;{row["Owshiddenversion"]}&quot;">',
            f"    <id>{self.base}{address}</id>",
            f'    <title type="text">{escape(title)}</title>',
            f"    <updated>{updated}</updated>",
            "    <author>\n      <name />\n    </author>",
            f'    <link rel="edit" title="{kind.rpartition(".")[2]}" href="{address}" />',
            *(self._link(link, kind_of_link, address, item, expand) for link, kind_of_link in links(name).items()),
            f'    <category term="{kind}" scheme="{_DATA}/scheme" />',
            '    <content type="application/xml">\n      <m:properties>',
            *(_property(column, type_, row[column]) for column, type_ in columns.items()),
            "      </m:properties>\n    </content>\n  </entry>",
        ]
        return "\n".join(lines)

    def _link(self, link: str, kind: str, address: str, item: ListItem, expand: frozenset[str]) -> str:
        opening = (
            f'    <link rel="{_DATA}/related/{link}" type="application/atom+xml;type={kind}" title="{link}" '
            f'href="{address}/{link}"'
        )
        if link not in expand:
            return f"{opening} />"
        inner = self._inner(link, address, item)
        inline = f"<m:inline>\n{inner}\n      </m:inline>" if inner else "<m:inline />"
        return f"{opening}>\n      {inline}\n    </link>"

    def _inner(self, link: str, address: str, item: ListItem) -> str:
        """Return the people behind an expanded link."""
        people = self.calendar.lists[PEOPLE]
        if link in _PERSON_LINKS:
            return self.entry(PEOPLE, people[int(str(item.row[f"{link}Id"]))], frozenset())
        if link != "UserName":
            return ""
        entries = [self.entry(PEOPLE, people[number], frozenset()) for number in item.users]
        return "\n".join([self.feed_head(link, f"{address}/{link}"), *entries, "</feed>"])


def links(name: str) -> Mapping[str, str]:
    """Return the links of a list's items, and whether each leads to one entry or a feed."""
    return _PERSON_LINKS if name == PEOPLE else _LINKS


def item_type(name: str) -> str:
    """Return the type of a list's items."""
    return f"Microsoft.SharePoint.DataService.{name}Item"


def error_document(message: str) -> str:
    """Return how the service says what it did not like."""
    said = f'<code></code><message xml:lang="en-US">{escape(message)}</message>'
    return f'{DECLARATION}<error xmlns="{_METADATA}">{said}</error>'


def _property(name: str, kind: str, value: Value) -> str:
    """Return one column; a time is the site's local one, without zone."""
    stated = "" if kind == TEXT else f' m:type="{kind}"'
    if value is None:
        return f'        <d:{name}{stated} m:null="true" />'
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = value.isoformat() if isinstance(value, datetime) else text
    kept = ' xml:space="preserve"' if text != text.strip() else ""
    return f"        <d:{name}{stated}{kept}>{escape(text, {chr(13): '&#xD;'})}</d:{name}>"
