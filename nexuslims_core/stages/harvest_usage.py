"""Who used the instruments: NEMO's usage events, written into the database of sessions.

Asked for are the events in use, those that ended since the last known start less a few days, and, by number, the
sessions that are not built yet: so a NEMO that was away for a month loses nothing, and a change reaches every session
that can still follow it. The first time only those few days are asked for, so that a facility's history does not
flood in. Events are written by start: where a harvest breaks off, the next goes on from there.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from nexuslims_core.errors import AuthenticationError, ConfigurationError, NexusLimsError, ServiceUnavailableError
from nexuslims_core.instruments.models import Harvester, Instrument
from nexuslims_core.reservations.nemo_rest import Tool, tool_of
from nexuslims_core.reservations.nemo_usage import Told, UsageReader, prefix
from nexuslims_core.sessions.usage import UsageOutcome
from nexuslims_core.stages.facility import Facility

log = logging.getLogger(__name__)
_NEWS = frozenset(UsageOutcome) - {UsageOutcome.UNCHANGED, UsageOutcome.NOTHING, UsageOutcome.BEING_BUILT}


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A session that a harvest changed."""

    session_identifier: str
    instrument_pid: str
    outcome: UsageOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What one harvest brought.

    Attributes
    ----------
    news
        The sessions that are new or changed, in the order in which they were written.
    complaints
        What could not be asked or understood, in sentences; all the rest was harvested.
    """

    news: tuple[News, ...]
    complaints: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many sessions are new or changed, by what came."""
        return dict(Counter(each.outcome.value for each in self.news))


def harvest_usage(facility: Facility, *, since: datetime | None = None, instrument_pid: str | None = None) -> Harvest:
    """Bring the usage of all instruments that NEMO keeps, or of one, into the database of sessions.

    Parameters
    ----------
    since
        Aware time from which on ended events are asked for; None goes on where the last harvest was.

    Raises
    ------
    UnknownInstrumentError
        If there is no such instrument.
    """
    if instrument_pid is not None:
        facility.database.instrument(instrument_pid)
    kept = [each for each in facility.database.usable_instruments() if each.harvester is Harvester.NEMO]
    tools, complaints = _tools(kept)
    news: list[News] = []
    for root in sorted({tool.root for tool in tools}):
        own = {tool: pid for tool, pid in tools.items() if tool.root == root}
        wanted = [tool for tool, pid in own.items() if instrument_pid in (None, pid)]
        for outcome in _server(facility, root, own, wanted, since):
            news += [outcome] if isinstance(outcome, News) else []
            complaints += [outcome] if isinstance(outcome, str) else []
    for complaint in complaints:
        log.warning("%s", complaint)
    harvest = Harvest(news=tuple(news), complaints=tuple(complaints))
    log.info("usage harvested: %s", harvest.counts or "nothing new")
    return harvest


def ask_nemo(facility: Facility, instrument: Instrument) -> str:
    """Ask NEMO for the use of one instrument as a harvest does, and return in words what it says.

    Raises
    ------
    NexusLimsError
        What would keep the instrument from being harvested.
    """
    tool = tool_of(instrument)
    reader = UsageReader(nemo=facility.nemo(tool.root), instruments={tool.number: instrument.instrument_pid})
    running = [usage for usage in reader.since(tool, facility.now()).usages if usage.end is None]
    return f"NEMO answers: {running[0].user or 'somebody'} is using it" if running else "NEMO answers: it is not in use"


def _tools(kept: list[Instrument]) -> tuple[Mapping[Tool, str], list[str]]:
    """Return each tool's instrument, and what is wrong with those that have none of their own."""
    found: dict[Tool, list[str]] = {}
    complaints: list[str] = []
    for instrument in kept:
        try:
            found.setdefault(tool_of(instrument), []).append(instrument.instrument_pid)
        except ConfigurationError as error:
            complaints.append(str(error))
    for tool, pids in found.items():
        if len(pids) > 1:
            complaints.append(
                f"instruments {', '.join(pids)} are the same tool {tool.number} of {tool.root}, so nobody can tell "
                "whose session is whose, and none is harvested: correct the api_url of all but one"
            )
    return {tool: pids[0] for tool, pids in found.items() if len(pids) == 1}, complaints


def _server(
    facility: Facility, root: str, own: Mapping[Tool, str], wanted: list[Tool], since: datetime | None
) -> Iterator[News | str]:
    """Yield what one server brings, and what it refuses; one that is away or refuses the token is asked no more."""
    if not wanted:
        return
    try:
        reader = UsageReader(nemo=facility.nemo(root), instruments={tool.number: own[tool] for tool in own})
    except ConfigurationError as error:
        yield str(error)
        return
    for tool in wanted:
        try:
            yield from _Tool(facility=facility, reader=reader, tool=tool, instrument_pid=own[tool]).harvest(since)
        except (ServiceUnavailableError, AuthenticationError) as error:
            yield str(error)
            return
        except NexusLimsError as error:
            yield f"{own[tool]}: {error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tool:
    """One instrument's turn."""

    facility: Facility
    reader: UsageReader
    tool: Tool
    instrument_pid: str

    def harvest(self, since: datetime | None) -> Iterator[News | str]:
        known = self.facility.database.known_usage(self.instrument_pid, prefix(self.tool.root))
        lookback = timedelta(days=self.facility.settings.nemo_lookback_days)
        now = self.facility.now()
        told = self.reader.since(self.tool, since or min(known.latest_start or now, now) - lookback)
        unsaid = [each for each in known.unbuilt if not told.knows(each) and self.reader.number(each) is not None]
        asked = self.reader.numbered(unsaid)
        yield from (*told.unreadable.values(), *asked.unreadable.values())
        for usage in sorted((*told.usages, *asked.usages), key=lambda usage: usage.start):
            outcome = self.facility.database.note_usage(usage)
            yield from self._news(usage.session_identifier, usage.instrument_pid, outcome)
        yield from self._lost(unsaid, asked)

    def _lost(self, unsaid: list[str], asked: Told) -> Iterator[News]:
        """Yield the sessions whose events are deleted, or now on a tool that is no instrument of ours."""
        for identifier in unsaid:
            if identifier in asked.elsewhere:
                reason = (
                    f"NEMO moved its usage event to tool {asked.elsewhere[identifier]}, which is no instrument here"
                )
            elif not asked.knows(identifier):
                reason = "NEMO has its usage event no more"
            else:
                continue
            advice = "if it took place here all the same, requeue the session"
            outcome = self.facility.database.lose_usage(identifier, f"{reason}: {advice}")
            yield from self._news(identifier, self.instrument_pid, outcome)

    def _news(self, identifier: str, instrument_pid: str, outcome: UsageOutcome) -> Iterator[News]:
        if outcome in _NEWS:
            log.info("session %s on %s: %s", identifier, instrument_pid, outcome)
            yield News(session_identifier=identifier, instrument_pid=instrument_pid, outcome=outcome)
