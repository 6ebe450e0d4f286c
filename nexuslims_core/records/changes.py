"""What changed from one version of a record to the next, in sentences for people."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from lxml import etree

from nexuslims_core.records.models import UNREADABLE
from nexuslims_core.records.validation import parse
from nexuslims_core.schemas import NEXUS_NAMESPACE

NOTHING = "only the order or the form of what it says"
_NX = {"nx": NEXUS_NAMESPACE}
_NAMELESS = "without a name"
_LONGEST = 60
_NAMES = 5
"""How many names are listed; of more, how many there are."""

_HEAD = {
    "title": "nx:title",
    "id": "nx:id",
    "experimenter": "nx:summary/nx:experimenter",
    "collaborator": "nx:summary/nx:collaborator",
    "instrument": "nx:summary/nx:instrument",
    "instrument's id": "nx:summary/nx:instrument/@pid",
    "motivation": "nx:summary/nx:motivation",
    "reservation's address": "nx:summary/@ref",
}
_RESERVATION = {
    "reservation's start": "nx:summary/nx:reservationStart",
    "reservation's end": "nx:summary/nx:reservationEnd",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dataset:
    """A dataset of a version: its name, its activity, and all that is said of it, the activity's setup included."""

    name: str
    activity: int
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A version's statements.

    Attributes
    ----------
    starts
        When its activities began.
    datasets
        By location, name and how many of the same stand before it.
    described
        What is said of each sample and project beside its name, by kind and place.
    notes
        By their sources.
    """

    head: Mapping[str, tuple[str, ...]]
    reservation: Mapping[str, tuple[str, ...]]
    starts: tuple[str, ...]
    datasets: Mapping[tuple[str, str, int], _Dataset]
    described: Mapping[str, str]
    notes: Mapping[str, str]


def changes(before: bytes, after: bytes) -> tuple[str, ...]:
    """Return what ``after`` says otherwise than ``before``, a sentence each; both are records that were valid."""
    try:
        old, new = _told(parse(before)), _told(parse(after))
    except etree.XMLSyntaxError:
        return ("cannot be told: one of the two is no XML any more",)
    told = (*_in_datasets(old, new), *_in_reservation(old, new), *_in_head(old.head, new.head), *_in_texts(old, new))
    return told or (NOTHING,)


def _in_datasets(old: _Told, new: _Told) -> Iterator[str]:
    more = [dataset.name for key, dataset in new.datasets.items() if key not in old.datasets]
    fewer = [dataset.name for key, dataset in old.datasets.items() if key not in new.datasets]
    if more:
        yield f"{_count(len(more), 'dataset')} more: {_listed(more)}"
    if fewer:
        yield f"{_count(len(fewer), 'dataset')} fewer: {_listed(fewer)}"
    common = [(old.datasets[key], dataset) for key, dataset in new.datasets.items() if key in old.datasets]
    yield from _in_common(common)
    if len(old.starts) != len(new.starts):
        yield f"{_count(len(new.starts), 'activity', 'activities')}, before {len(old.starts)}"
    elif _regrouped(common):
        yield "datasets are grouped otherwise into activities"
    elif old.starts != new.starts:
        yield "activities began at other times"


def _in_common(common: Sequence[tuple[_Dataset, _Dataset]]) -> Iterator[str]:
    """Tell what changed in datasets that both versions have; the same of many of them once."""
    by_change: dict[str, list[str]] = {}
    for old, new in common:
        if told := _in_dataset(old.said, new.said):
            by_change.setdefault(told, []).append(new.name)
    for told, names in list(by_change.items())[:_NAMES]:
        yield f"{_listed(names)}: {told}"
    if rest := sum(map(len, list(by_change.values())[_NAMES:])):
        yield f"{_count(rest, 'dataset')} more changed in other ways"


def _in_dataset(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    unread, reason = old.get("description", ""), new.get("description", "")
    if unread.startswith(UNREADABLE) != reason.startswith(UNREADABLE):
        return "can be read now" if unread.startswith(UNREADABLE) else f"cannot be read any more: {_short(reason)}"
    names = dict.fromkeys((*old, *new))
    told = [_change(_quoted(name), old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]
    return ", ".join(told[:_NAMES]) + (f" and {len(told) - _NAMES} values more" if len(told) > _NAMES else "")


def _regrouped(common: Sequence[tuple[_Dataset, _Dataset]]) -> bool:
    pairs = {(old.activity, new.activity) for old, new in common}
    return len({old for old, _ in pairs}) != len(pairs) or len({new for _, new in pairs}) != len(pairs)


def _in_reservation(old: _Told, new: _Told) -> Iterator[str]:
    had, has = any(old.reservation.values()), any(new.reservation.values())
    if had != has:
        yield "reservation added" if has else "reservation removed"
    else:
        yield from _in_head(old.reservation, new.reservation)


def _in_head(old: Mapping[str, tuple[str, ...]], new: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for label in new:
        gone, come = Counter(old[label]) - Counter(new[label]), Counter(new[label]) - Counter(old[label])
        for before, after in zip_longest(gone.elements(), come.elements()):
            yield _change(label, before, after)


def _in_texts(old: _Told, new: _Told) -> Iterator[str]:
    for label, text in new.described.items():
        if old.described.get(label, text) != text:
            yield f"what is said of {label} changed"
    for source in dict.fromkeys((*old.notes, *new.notes)):
        if old.notes.get(source) != new.notes.get(source):
            how = "added" if source not in old.notes else "removed" if source not in new.notes else "changed"
            yield f"notes {_quoted(source)} {how}"


def _change(label: str, before: str | None, after: str | None) -> str:
    if before is None:
        return f"{label} added: {_quoted(after or '')}"
    if after is None:
        return f"{label} removed: {_quoted(before)}"
    return f"{label} {_quoted(before)} → {_quoted(after)}"


def _told(root: etree._Element) -> _Told:
    activities = _all(root, "nx:acquisitionActivity")
    things = {kind: _all(root, f"nx:{kind}") for kind in ("sample", "project")}
    named = {kind: tuple(_first(each, "nx:name") or _NAMELESS for each in found) for kind, found in things.items()}
    notes: dict[str, str] = {}
    for note in _all(root, "nx:notes"):
        source = note.get("source", "")
        notes[source] = notes.get(source, "") + _whole(note)
    return _Told(
        head={label: _texts(root, path) for label, path in _HEAD.items()} | named,
        reservation={label: _texts(root, path) for label, path in _RESERVATION.items()},
        starts=tuple(_first(activity, "nx:startTime") for activity in activities),
        datasets=_datasets(activities),
        described={
            f"{kind} {i}": _whole(each) for kind, found in things.items() for i, each in enumerate(found, start=1)
        },
        notes=notes,
    )


def _datasets(activities: Iterable[etree._Element]) -> dict[tuple[str, str, int], _Dataset]:
    found: dict[tuple[str, str, int], _Dataset] = {}
    so_far = Counter[tuple[str, str]]()
    for number, activity in enumerate(activities):
        shared = _values(_all(activity, "nx:setup/nx:param"))
        for dataset in _all(activity, "nx:dataset"):
            place = _first(dataset, "nx:location"), _first(dataset, "nx:name")
            own = _values(dataset) | {name: dataset.get(name, "") for name in ("type", "role")}
            found[*place, so_far[place]] = _Dataset(name=place[1] or _NAMELESS, activity=number, said=shared | own)
            so_far[place] += 1
    return found


def _values(elements: Iterable[etree._Element]) -> dict[str, str]:
    """Return what parameters and other elements say, by their names; what stands more than once in one text."""
    said: dict[str, str] = {}
    for element in elements:
        name = element.get("name") or etree.QName(element).localname
        text = " ".join(filter(None, (element.text, element.get("unit"))))
        marked = f"{text} (not to be trusted)" if element.get("warning") == "true" else text
        said[name] = f"{said[name]} {marked}" if name in said else marked
    return said


def _all(element: etree._Element, path: str) -> list[etree._Element]:
    return element.findall(path, _NX)


def _first(element: etree._Element, path: str) -> str:
    return element.findtext(path, "", _NX) or ""


def _texts(root: etree._Element, path: str) -> tuple[str, ...]:
    elements, _, attribute = path.partition("/@")
    found = _all(root, elements)
    return tuple(each.get(attribute) or "" if attribute else each.text or "" for each in found)


def _whole(element: etree._Element) -> str:
    """Return all that an element says beside its name, without ids and the blanks between elements."""
    inner = ((etree.QName(each).localname, (each.text or "").strip(), each.get("ref")) for each in element.iter("{*}*"))
    return repr([each for each in inner if each[0] != "name"])


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(_short, names[:_NAMES]))
    return f"{shown} and {len(names) - _NAMES} more" if len(names) > _NAMES else shown


def _quoted(text: str) -> str:
    return f"'{_short(text)}'"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
