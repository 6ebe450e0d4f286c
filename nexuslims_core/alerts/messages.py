"""Alerts as messages: plain text, and the same as HTML; one alert each, or many in one."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape

from nexuslims_core.alerts.models import Alert, Message, mark
from nexuslims_core.alerts.texts import on_one_line

LONGEST_SUBJECT = 140
"""Letters; more than that no list of mails shows."""

MOST_IN_FULL = 50
"""Alerts that one message lists; of the rest it says how many."""

_PREFIX = "[NexusLIMS]"
_FOOT = "NexusLIMS wrote this by itself. `nexuslims alerts` lists what was told and what still waits."
_STYLE = "font-family:sans-serif;font-size:14px;line-height:1.45;max-width:46em"


def compose(alerts: Sequence[Alert]) -> Message:
    """Return the message that tells of some alerts, at least one."""
    newest = max(alert.at for alert in alerts)
    if len(alerts) == 1:
        (alert,) = alerts
        text, html = "\n".join(_text(alert)), "".join(_html(alert))
        return _message(alert.headline, text, html, key=alert.mark, at=newest)
    shown, more = alerts[:MOST_IN_FULL], len(alerts) - MOST_IN_FULL
    rest = [f"And {more:,} more: `nexuslims alerts` lists them all."] if more > 0 else []
    listed = [f"- {on_one_line(alert.headline)}" for alert in shown]
    blocks = ["\n".join(_text(alert)) for alert in shown]
    text = "\n".join([*listed, *rest, "", *_between(blocks)])
    html = _summary(shown, rest) + "<hr>".join("".join(_html(alert)) for alert in shown)
    key = mark(*(alert.mark for alert in alerts))
    return _message(_of_many(alerts), text, html, key=key, at=newest)


def _message(headline: str, text: str, html: str, *, key: str, at: datetime) -> Message:
    return Message(
        subject=on_one_line(f"{_PREFIX} {headline}", LONGEST_SUBJECT),
        text=f"{text}\n\n-- \n{_FOOT}\n",
        html=f'<div style="{_STYLE}">{html}<p style="color:#777;font-size:12px">{escape(_FOOT)}</p></div>',
        key=key,
        at=at,
    )


def _of_many(alerts: Sequence[Alert]) -> str:
    instruments = {alert.instrument_pid for alert in alerts if alert.instrument_pid}
    where = f", {len(instruments)} instruments" if len(instruments) > 1 else ""
    return f"{len(alerts):,} alerts{where}: {alerts[0].headline}, …"


def _between(blocks: Sequence[str]) -> Iterator[str]:
    for block in blocks:
        yield "─" * 60
        yield block
        yield ""


def _text(alert: Alert) -> Iterator[str]:
    yield on_one_line(alert.headline)
    yield ""
    yield f"{'Reason:':<12} {on_one_line(alert.reason)}"
    yield from (f"{fact.label + ':':<12} {on_one_line(fact.value)}" for fact in alert.facts)
    if alert.advice or alert.commands:
        yield ""
        yield f"What to do: {on_one_line(alert.advice)}".rstrip()
    for command in alert.commands:
        yield f"    {command.line}"
        yield f"        {on_one_line(command.purpose)}"
    if alert.links:
        yield ""
    yield from (f"{link.label + ':':<12} {link.url}" for link in alert.links)


def _html(alert: Alert) -> Iterator[str]:
    yield f'<h3 style="margin:0.6em 0">{_shown(alert.headline)}</h3><table style="border-spacing:0 2px">'
    rows = [("Reason", alert.reason), *((fact.label, fact.value) for fact in alert.facts)]
    for label, value in rows:
        yield (
            f'<tr><td style="color:#777;padding-right:1em;vertical-align:top">{escape(label)}</td>'
            f"<td>{_shown(value)}</td></tr>"
        )
    yield "</table>"
    if alert.advice or alert.commands:
        yield f"<p><b>What to do</b><br>{_shown(alert.advice)}</p>"
    for command in alert.commands:
        yield f"<p><code>{escape(command.line)}</code><br>{_shown(command.purpose)}</p>"
    if alert.links:
        yield f"<p>{' · '.join(_anchor(link.url, link.label) for link in alert.links)}</p>"


def _summary(alerts: Sequence[Alert], rest: Sequence[str]) -> str:
    items = "".join(f"<li>{_shown(alert.headline)}</li>" for alert in alerts)
    return f"<ul>{items}</ul>{''.join(f'<p>{escape(line)}</p>' for line in rest)}<hr>"


def _anchor(url: str, label: str) -> str:
    return f'<a href="{escape(url, quote=True)}">{escape(label)}</a>'


def _shown(text: str) -> str:
    return escape(on_one_line(text))
