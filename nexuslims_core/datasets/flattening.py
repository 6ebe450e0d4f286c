"""Nested metadata to names of one level, as the record wants them."""

from collections.abc import Iterator, Mapping

from nexuslims_core.quantities import MetadataValue

Nested = Mapping[str, "MetadataValue | Nested"]


def flatten(nested: Nested) -> tuple[dict[str, MetadataValue], tuple[str, ...]]:
    """Join nested names with a space: ``{"Stage Position": {"X": 1}}`` becomes ``{"Stage Position X": 1}``.

    Returns
    -------
    entries
        Name to value in the order of ``nested``. Where two flatten to one name, the first is kept.
    notes
        A sentence for each that was not kept.
    """
    entries: dict[str, MetadataValue] = {}
    notes: list[str] = []
    for name, value in _leaves(nested, ""):
        if name in entries:
            notes.append(f"{name!r} stands twice in the file's metadata: kept {entries[name]!r}, left out {value!r}")
        else:
            entries[name] = value
    return entries, tuple(notes)


def _leaves(nested: Nested, above: str) -> Iterator[tuple[str, MetadataValue]]:
    for key, value in nested.items():
        name = f"{above} {key}".strip()
        if isinstance(value, Mapping):
            yield from _leaves(value, name)
        else:
            yield name, value
