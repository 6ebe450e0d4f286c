"""Draw docs/images/record_building.svg, how a session becomes a record, from the tables below.

    .venv/bin/python tools/draw_activity_diagram.py

Columns are rooms, rows are steps, the right-hand column is where a session can end. A test holds the picture against
the stages and states of the package.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "record_building.svg"

LANES = {
    "airflow": ("Airflow",),
    "sessions": ("sessions, db",),
    "reservations": ("reservations",),
    "files": ("files",),
    "activities": ("activities",),
    "reading": ("reading,", "extractors,", "previews"),
    "records": ("records",),
    "publishing": ("publishing",),
}
"""Column to its heading, from left to right; a heading names the rooms under nexuslims_core that do the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One way for a session to end at a step.

    Attributes
    ----------
    state
        The session's state from then on.
    reason
        When that happens: lines of text.
    """

    state: str
    reason: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One box of the picture.

    Attributes
    ----------
    name
        Name of the stage, or of the task that is Airflow's own.
    lane
        Key of its column.
    """

    name: str
    lane: str
    is_stage: bool = True
    ends: tuple[End, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The name as it is written into the box: one or two lines."""
        *before, last = self.name.split("_")
        return (" ".join(before), last) if before else (last,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One arrow: what a step hands to another.

    Attributes
    ----------
    noun
        What is handed over; empty where the arrow beside says it.
    bend
        Whether the arrow changes its column right under the step it leaves, or right above the one it reaches.
    """

    start: str
    end: str
    noun: str = ""
    bend: Literal["start", "end"] = "start"


STEPS = (
    Step(name="harvest_usage", lane="reservations"),
    Step(
        name="waiting_instruments",
        lane="airflow",
        is_stage=False,
        ends=(
            End(state="ERROR", reason=("its logs do not make a session,", "as an END without a START")),
            End(state="WAITING_FOR_END", reason=("its rows say that it ended, and", "there is no END")),
        ),
    ),
    Step(name="scan_storage", lane="files"),
    Step(
        name="due_sessions",
        lane="sessions",
        ends=(End(state="TO_BE_BUILT", reason=("share not mounted, files still", "growing, or none yet: waits on")),),
    ),
    Step(name="past_sessions", lane="sessions"),
    Step(name="for_each_session", lane="airflow", is_stage=False),
    Step(
        name="claim",
        lane="sessions",
        ends=(End(state="TO_BE_BUILT", reason=("another holder is building it", "and will end it")),),
    ),
    Step(
        name="harvest_reservation",
        lane="reservations",
        ends=(
            End(state="NO_CONSENT", reason=("the user wants no record",)),
            End(state="ERROR", reason=("its calendar has no address, or", "a certificate nobody trusts")),
        ),
    ),
    Step(
        name="find_files",
        lane="files",
        ends=(End(state="NO_FILES_FOUND", reason=("the folder is there, nothing in", "it is of the session's time")),),
    ),
    Step(name="cluster_activities", lane="activities"),
    Step(name="extract_metadata", lane="reading"),
    Step(name="build_record", lane="records"),
    Step(
        name="validate_record",
        lane="records",
        ends=(End(state="ERROR", reason=("the record breaks the schema;", "it is kept with its findings")),),
    ),
    Step(
        name="upload_record",
        lane="publishing",
        ends=(
            End(state="BUILT_NOT_EXPORTED", reason=("CDCS is silent, lets us not in,", "or none is configured")),
            End(state="ERROR", reason=("CDCS refuses this record",)),
        ),
    ),
    Step(
        name="finish",
        lane="sessions",
        ends=(End(state="COMPLETED", reason=("CDCS shows exactly this record",)),),
    ),
)

FLOWS = (
    Flow(start="harvest_usage", end="waiting_instruments", noun="sessions of NEMO"),
    Flow(start="waiting_instruments", end="scan_storage", noun="instruments of waiting sessions"),
    Flow(start="scan_storage", end="due_sessions", noun="a Scan per instrument"),
    Flow(start="due_sessions", end="for_each_session", noun="due Sessions"),
    Flow(start="past_sessions", end="for_each_session", noun="past Sessions"),
    Flow(start="for_each_session", end="claim", noun="a Session"),
    Flow(start="claim", end="harvest_reservation", noun="Claim"),
    Flow(start="claim", end="find_files"),
    Flow(start="find_files", end="cluster_activities", noun="FileList"),
    Flow(start="cluster_activities", end="extract_metadata", noun="Activities"),
    Flow(start="extract_metadata", end="build_record", noun="Datasets"),
    Flow(start="harvest_reservation", end="build_record", noun="Reservation", bend="end"),
    Flow(start="build_record", end="validate_record", noun="XML"),
    Flow(start="validate_record", end="upload_record", noun="valid XML"),
    Flow(start="upload_record", end="finish", noun="Receipt"),
)

NOTES = (
    "finish runs whatever became of the stages before it, and sets the state that the books prove. A stage that is",
    "killed, or fails for what a person must mend, ends in ERROR with a sentence that says what. From every end,",
    "“nexuslims sessions requeue” leads back to TO_BE_BUILT.",
)

MARGIN, HEAD, LANE, ENDS = 12, 74, 106, 226
BOX_WIDTH, BOX, GAP, END = 92, 42, 36, 50
WIDTH = 2 * MARGIN + LANE * len(LANES) + ENDS
TOP = MARGIN + HEAD + 48

STYLE = """
  :root { --paper: #ffffff; --lane: #f4f6f9; --ink: #1d2733; --soft: #5b6875; --line: #8794a3;
          --box: #e4eefc; --rim: #3f74c0; --own: #ffffff; }
  .TO_BE_BUILT, .WAITING_FOR_END { --hue: #5b6875; } .NO_FILES_FOUND { --hue: #38688f; } .NO_CONSENT { --hue: #7a4fa3; }
  .ERROR { --hue: #b3261e; } .BUILT_NOT_EXPORTED { --hue: #96600a; } .COMPLETED { --hue: #23743c; }
  @media (prefers-color-scheme: dark) {
    :root { --paper: #12171d; --lane: #1a2129; --ink: #e6ebf0; --soft: #9fabb8; --line: #6f7d8c;
            --box: #1d3350; --rim: #6ea3ea; --own: #12171d; }
    .TO_BE_BUILT, .WAITING_FOR_END { --hue: #a3afbb; }
    .NO_FILES_FOUND { --hue: #7db4e0; } .NO_CONSENT { --hue: #c39be8; }
    .ERROR { --hue: #f28b82; } .BUILT_NOT_EXPORTED { --hue: #e5b25a; } .COMPLETED { --hue: #6ecb8a; }
  }
  text { font: 12.5px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: var(--ink); }
  .paper { fill: var(--paper); } .lane { fill: var(--lane); }
  .heading { font-weight: 600; text-anchor: middle; } .left { text-anchor: start; }
  .box rect { fill: var(--box); stroke: var(--rim); stroke-width: 1.4; }
  .own rect { fill: var(--own); stroke: var(--line); stroke-dasharray: 4 3; }
  .box text, .own text { text-anchor: middle; }
  .flow { fill: none; stroke: var(--line); stroke-width: 1.6; }
  .halo { fill: none; stroke: var(--lane); stroke-width: 7; }
  .noun { font-size: 11px; font-style: italic; fill: var(--soft); }
  .reason, .note { font-size: 11px; fill: var(--soft); }
  .exit { fill: none; stroke: var(--hue); stroke-width: 1.2; stroke-dasharray: 2 3; }
  .exit.open { stroke: var(--line); } .exit.COMPLETED { stroke-dasharray: none; }
  .end text { font-weight: 600; font-size: 11.5px; fill: var(--hue); }
  .end .reason { font-weight: 400; font-size: 11px; fill: var(--soft); }
  .ring { fill: none; stroke: var(--hue); stroke-width: 1.4; } .dot { fill: var(--hue); }
  .tip, .begin { fill: var(--line); }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a step stands: the middle of its box, and the top and height of its row."""

    x: float
    y: float
    top: float
    height: float


def spots() -> dict[str, Spot]:
    """Return where each step stands, by name."""
    placed, top = {}, float(TOP)
    for step in STEPS:
        height = max(BOX, END * len(step.ends) - 4)
        lane = list(LANES).index(step.lane)
        x = MARGIN + LANE * (lane + 0.5)
        placed[step.name] = Spot(x=x, y=top + height / 2, top=top, height=height)
        top += height + GAP
    return placed


def picture() -> str:
    """Return the whole SVG."""
    placed = spots()
    last = placed[STEPS[-1].name]
    floor = last.top + last.height + 20
    height = round(floor + 18 * len(NOTES) + MARGIN + 4)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img" aria-labelledby="title">',
        '<title id="title">How a session becomes a record: rooms, stages and end states</title>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height}" rx="10"/>',
        *(_lane(i, heading, floor) for i, heading in enumerate(LANES.values())),
        f'<text class="heading left" x="{_ends_at()}" y="{MARGIN + 24}">the session is then</text>',
        *(_exits(step, placed[step.name]) for step in STEPS),
        *(f'<path class="halo" d="{_path(flow, placed)}"/>' for flow in FLOWS),
        *(_flow(flow, placed) for flow in FLOWS),
        _beginning(placed[STEPS[0].name]),
        *(_box(step, placed[step.name]) for step in STEPS),
        *(
            f'<text class="note" x="{MARGIN + 8}" y="{floor + 18 * (i + 1):g}">{escape(line)}</text>'
            for i, line in enumerate(NOTES)
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _ends_at() -> int:
    return MARGIN + LANE * len(LANES) + 20


def _lane(index: int, heading: tuple[str, ...], floor: float) -> str:
    x = MARGIN + LANE * index
    lane = f'<rect class="lane" x="{x + 2}" y="{MARGIN}" width="{LANE - 4}" height="{floor - MARGIN:g}" rx="6"/>'
    lines = (
        f'<text class="heading" x="{x + LANE / 2:g}" y="{MARGIN + 24 + 16 * i}">{escape(line)}</text>'
        for i, line in enumerate(heading)
    )
    return lane + "".join(lines)


def _box(step: Step, spot: Spot) -> str:
    x, y = spot.x - BOX_WIDTH / 2, spot.y - BOX / 2
    lines = step.words
    first = spot.y + 4 - 7.5 * (len(lines) - 1)
    words = "".join(
        f'<text x="{spot.x:g}" y="{first + 15 * i:g}">{escape(line)}</text>' for i, line in enumerate(lines)
    )
    mark = f'class="box" data-stage="{step.name}"' if step.is_stage else 'class="own"'
    return f'<g {mark}><rect x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{BOX}" rx="9"/>{words}</g>'


def _exits(step: Step, spot: Spot) -> str:
    if not step.ends:
        return ""
    fork, start = _ends_at() - 14, spot.x + BOX_WIDTH / 2
    trunk = step.ends[0].state if len(step.ends) == 1 else "open"
    parts = [f'<path class="exit {trunk}" d="M{start:g} {spot.y:g}H{fork}"/>']
    for i, end in enumerate(step.ends):
        y = spot.top + 10 + END * i if len(step.ends) > 1 else spot.y
        parts.append(f'<path class="exit {end.state}" d="M{fork} {spot.y:g}V{y:g}H{_ends_at() - 2}"/>')
        parts.append(_end(end, y))
    return "".join(parts)


def _end(end: End, y: float) -> str:
    x = _ends_at() + 6
    state = f"still {end.state}" if end.state == "TO_BE_BUILT" else end.state
    reason = "".join(
        f'<text class="reason" x="{x + 14}" y="{y + 18 + 13 * i:g}">{escape(line)}</text>'
        for i, line in enumerate(end.reason)
    )
    return (
        f'<g class="end {end.state}" data-state="{end.state}"><circle class="ring" cx="{x}" cy="{y:g}" r="7"/>'
        f'<circle class="dot" cx="{x}" cy="{y:g}" r="3.6"/><text x="{x + 14}" y="{y + 4:g}">{state}</text>{reason}</g>'
    )


def _path(flow: Flow, placed: dict[str, Spot]) -> str:
    a, b = placed[flow.start], placed[flow.end]
    return f"M{a.x:g} {a.y + BOX / 2:g}V{_turn(flow, a, b):g}H{b.x:g}V{b.y - BOX / 2 - 6:g}"


def _turn(flow: Flow, a: Spot, b: Spot) -> float:
    return a.top + a.height + GAP / 2 if flow.bend == "start" else b.top - GAP / 2


def _flow(flow: Flow, placed: dict[str, Spot]) -> str:
    a, b = placed[flow.start], placed[flow.end]
    return f'<path class="flow" d="{_path(flow, placed)}"/>{_tip(b)}{_noun(flow, a, b)}'


def _tip(at: Spot) -> str:
    reach = at.y - BOX / 2
    return f'<path class="tip" d="M{at.x - 4.5:g} {reach - 8:g}h9L{at.x:g} {reach:g}z"/>'


def _noun(flow: Flow, a: Spot, b: Spot) -> str:
    leftwards = b.x < a.x
    x, y = (a.x - 8 if leftwards else a.x + 8), _turn(flow, a, b) + (4 if a.x == b.x else -5)
    side = ' text-anchor="end"' if leftwards else ""
    return f'<text class="noun" x="{x:g}" y="{y:g}"{side}>{escape(flow.noun)}</text>'


def _beginning(first: Spot) -> str:
    top = first.y - BOX / 2
    return (
        f'<circle class="begin" cx="{first.x:g}" cy="{top - 30:g}" r="7"/>'
        f'<path class="flow" d="M{first.x:g} {top - 30:g}V{top - 6:g}"/>{_tip(first)}'
        f'<text class="noun" x="{first.x:g}" y="{top - 43:g}" text-anchor="middle">every 2 min and at END</text>'
    )


def main() -> None:
    """Write the picture."""
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(picture(), encoding="utf-8")
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()
