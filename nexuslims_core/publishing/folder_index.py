"""The page that lists all records of a folder: a plain table without scripts, which can be searched with them.

It needs nothing from a network and nothing beside itself, so it works from a web server and from a disk alike.
"""

import base64
import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from nexuslims_core.publishing.folder_entries import Entry

GENERATOR = '<meta name="generator" content="NexusLIMS">'
"""By this a page is known as one of ours, which may be replaced."""

_STYLE = """
:root{color-scheme:light dark;--bg:#f4f6f6;--card:#fff;--ink:#16211f;--soft:#55645f;--line:#dfe6e3;
--faint:#f0f4f2;--accent:#0b6b5d}
@media (prefers-color-scheme:dark){:root{--bg:#0f1416;--card:#171e20;--ink:#e4ecea;--soft:#9db0aa;--line:#2a3538;
--faint:#1d2628;--accent:#5fd0bb}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:76rem;margin:0 auto;padding:clamp(.75rem,2.5vw,2.25rem)}
h1{font-size:clamp(1.6rem,1.1rem + 2.2vw,2.6rem);line-height:1.15;letter-spacing:-.02em;margin:.25rem 0}
.count{color:var(--soft);margin:0 0 1.25rem}
form{display:flex;flex-wrap:wrap;gap:.35rem .75rem;align-items:center;margin:0 0 1rem}
label{font-weight:550}
input{font:inherit;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:8px;
padding:.45rem .75rem;flex:1 1 18rem;max-width:34rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;overflow:hidden}
table{border-collapse:collapse;width:100%;overflow-wrap:anywhere}
th,td{text-align:left;vertical-align:top;padding:.6rem .9rem}
th{font-size:.8125rem;font-weight:600;color:var(--soft);background:var(--faint);white-space:nowrap}
td{border-top:1px solid var(--line)}
tbody tr:hover{background:var(--faint)}
.n{text-align:right;font-variant-numeric:tabular-nums}
time{white-space:nowrap;font-variant-numeric:tabular-nums}
td a{font-weight:550}
small{display:block;font-size:.8125rem;color:var(--soft);font-weight:400}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.18em}
a:hover{text-decoration-thickness:2px}
a:focus-visible,input:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.none{padding:1.25rem .9rem;margin:0;color:var(--soft)}
.vh{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (max-width:44rem){thead{position:absolute;clip-path:inset(50%)}table,tbody{display:block}tr{display:block;
border-top:1px solid var(--line);padding:.6rem .9rem}tbody tr:first-child{border-top:0}tr[hidden]{display:none}
td{display:block;border:0;padding:0}.n{text-align:left}.n::after{content:" datasets"}}
@media print{form{display:none}.card{border:0}}
"""

_SCRIPT = """
"use strict";
const form = document.querySelector("form"), field = form.querySelector("input");
const told = document.getElementById("told"), all = told.textContent;
const rows = [...document.querySelectorAll("tbody tr")].map(row => [row, row.textContent.toLowerCase()]);
function search() {
  const words = field.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const [row, text] of rows) {
    const fits = words.every(word => text.includes(word));
    if (row.hidden === fits) row.hidden = !fits;
    shown += fits;
  }
  told.textContent = words.length ? `${shown} of ${all}` : all;
  try {  // not every browser lets a page of a disk change its address
    history.replaceState(null, "", words.length ? "#" + encodeURIComponent(field.value) : location.pathname);
  } catch {}
}
let soon;
form.hidden = false;
form.addEventListener("submit", event => event.preventDefault());
field.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(search, 120); });
if (location.hash) {
  try { field.value = decodeURIComponent(location.hash.slice(1)); } catch { field.value = ""; }
  search();
}
"""

_COLUMNS = '<th scope="col">Start<th scope="col">Record<th scope="col">Instrument<th scope="col">User'
_COUNTS = '<th scope="col" class="n">Datasets<th scope="col"><span class="vh">Data</span>'


def index_page(entries: Iterable[Entry], *, heading: str) -> bytes:
    """Return the page in UTF-8, the newest record first; the same entries give the same bytes."""
    ordered = sorted(sorted(entries, key=lambda entry: entry.title), key=_time, reverse=True)
    count = f"{len(ordered):,} {'record' if len(ordered) == 1 else 'records'}"
    body = "\n".join(map(_row, ordered))
    table = f"<table>\n<caption class=vh>Records, the newest first</caption>\n<thead><tr>{_COLUMNS}{_COUNTS}</thead>\n"
    shown = f"{table}<tbody>\n{body}\n</tbody>\n</table>" if ordered else '<p class="none">No record is here yet.</p>'
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
{GENERATOR}
<meta http-equiv="Content-Security-Policy" content="{_policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(heading)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(heading)}</h1>
<p class="count" id="told" role="status">{count}</p>
<form role="search" hidden><label for="words">Search</label>
<input id="words" type="search" autocomplete="off" placeholder="Words of a title, an instrument, a name, a date"></form>
<div class="card">
{shown}
</div>
</main>
<script>{_SCRIPT}</script>
</body>
</html>
""".encode("utf-8", "replace")


def record_address(name: str, file: str) -> str:
    """Return the address of a file of a record, relative to the index."""
    return f"records/{quote(name)}/{quote(file)}"


def _row(entry: Entry) -> str:
    page, xml = record_address(entry.name, "index.html"), record_address(entry.name, f"{entry.name}.xml")
    label = entry.heading or entry.title
    below = f"<small>{escape(entry.title)}</small>" if entry.heading else ""
    pid = f"<small>{escape(entry.instrument_pid)}</small>" if entry.instrument_pid != entry.instrument else ""
    when = f'<time datetime="{escape(entry.start)}">{escape(_moment(entry.start))}</time>' if entry.start else ""
    return (
        f'<tr><td>{when}<td><a href="{page}">{escape(label)}</a>{below}<td>{escape(entry.instrument)}{pid}'
        f'<td>{escape(", ".join(entry.users))}<td class="n">{entry.datasets}'
        f'<td><a href="{xml}">XML<span class="vh"> of {escape(label)}</span></a>'
    )


def _time(entry: Entry) -> datetime:
    """Return when a record starts; one that does not say comes last."""
    try:
        start = datetime.fromisoformat(entry.start)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return start if start.tzinfo else start.replace(tzinfo=UTC)


def _moment(start: str) -> str:
    """Return day and minute, as the clock of the instrument showed them."""
    return start[:16].replace("T", " ")


def _policy() -> str:
    script = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'; form-action 'none'"
