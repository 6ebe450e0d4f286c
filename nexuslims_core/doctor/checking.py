"""How one thing is looked at: what goes wrong becomes a sentence, and what hangs does not hold up the rest."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Thread

from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from nexuslims_core.errors import NexusLimsError
from nexuslims_core.publishing.base import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """For how long answers are waited for.

    Attributes
    ----------
    answer_s
        For the slowest; whoever hangs for longer is named.
    head_start_s
        For how long a calendar server is asked alone. One that refuses the account does so sooner, and then no other is
        asked, since accounts lock after a few wrong passwords.
    """

    answer_s: float = 45.0
    head_start_s: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something that works, and that a person should look at."""

    sentence: str


def checked(subject: str, look: Callable[[], str | Doubt], area: str = "") -> Check:
    """Look at one thing, and say what was found or what went wrong."""
    try:
        found = look()
    except NexusLimsError as error:
        return Check(area=area, subject=subject, ok=False, sentence=str(error))
    except OSError as error:
        sentence = f"cannot look at {error.filename or 'it'}: {error.strerror or error}"
        return Check(area=area, subject=subject, ok=False, sentence=sentence)
    except SQLAlchemyError as error:
        sentence = f"the database answers with an error: {error}"
        return Check(area=area, subject=subject, ok=False, sentence=sentence)
    if isinstance(found, Doubt):
        return Check(area=area, subject=subject, ok=True, sentence=found.sentence, warning=True)
    return Check(area=area, subject=subject, ok=True, sentence=found)


class Look(Thread):
    """Some checks, made beside the others.

    A dead file share holds its thread for ever, so nobody waits for a thread when the program ends.
    """

    def __init__(self, subject: str, checks: Callable[[], Iterable[Check]], area: str = "") -> None:
        super().__init__(name=f"{area} {subject}".strip(), daemon=True)
        self.subject, self.area = subject, area
        self._checks = checks
        self._made: list[Check] = []
        self._is_whole = False

    @override
    def run(self) -> None:
        """Make the checks."""
        for check in self._checks():
            self._made.append(check)
        self._is_whole = True

    def begun(self) -> "Look":
        """Start, and return itself."""
        self.start()
        return self

    def made(self, deadline: float) -> Iterator[Check]:
        """Yield the checks that were made by ``deadline``, a time of the monotonic clock, and say what is missing."""
        self.join(max(0.0, deadline - time.monotonic()))
        hangs, whole = self.is_alive(), self._is_whole
        yield from tuple(self._made)
        if whole:
            return
        sentence = (
            "there is no answer yet: it hangs, so see whether it is reachable from this machine"
            if hangs
            else "looking at it met a fault of the program, please report it"
        )
        yield Check(area=self.area, subject=self.subject, ok=False, sentence=sentence)
