"""Where links lead: inside the root they are followed, out of it they are refused and said."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from nexuslims_core.files.ignoring import Wanted
from nexuslims_core.files.listing import Place
from nexuslims_core.files.models import Unsearched


class Links:
    """The links of one walk, which come last: what they lead to inside the root was mostly found without them.

    Attributes
    ----------
    files
        Links with a wanted name that lead to a file inside the root, and where.
    refused
        Links that lead out of the root.
    """

    def __init__(self, root: Place, rule: Wanted) -> None:
        self.files: list[tuple[str, str]] = []
        self.refused: list[Unsearched] = []
        self._root, self._rule = root, rule

    def follow(self, links: Iterable[str], seen: set[str]) -> list[Place]:
        """Sort links by what they lead to, and return the folders that are not among those ``seen``."""
        places: dict[str, Place] = {}
        for link in sorted(links):
            target = os.path.realpath(link)
            kind = _kind(target)
            if not self._is_inside(target):
                self._refuse(link, kind)
            elif kind == stat.S_IFDIR and target not in seen and not self._is_within_whole(target):
                places.setdefault(target, Place(link, target))
            elif kind == stat.S_IFREG and self._rule.looks_at(os.path.basename(link)):  # noqa: PTH119 - text
                self.files.append((link, target))
        return list(places.values())

    def _is_inside(self, target: str) -> bool:
        return Path(target).is_relative_to(self._root.real)

    def _is_within_whole(self, target: str) -> bool:
        """Tell whether a link leads to, or into, a folder that is one dataset, which was found by itself."""
        return any(map(self._rule.is_whole, target.removeprefix(self._root.real).split("/")))

    def _refuse(self, link: str, kind: int | None) -> None:
        if kind == stat.S_IFREG and not self._rule.looks_at(os.path.basename(link)):  # noqa: PTH119 - text
            return
        reason = f"this link leads out of {self._root.path}, so it was not followed: move the data into the folder"
        self.refused.append(Unsearched(path=Path(link), reason=reason))


def _kind(path: str) -> int | None:
    try:
        return stat.S_IFMT(Path(path).stat().st_mode)
    except OSError:
        return None
