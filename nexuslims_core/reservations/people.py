"""Whether a login name on an instrument may be that of somebody whose name a calendar writes as it likes."""

import re
import unicodedata

from nexuslims_core.reservations.models import Reservation

_SHORTEST = 3
"""Letters of a name by which a login name is known again."""
_NO_LATIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"})


def is_among(user: str | None, reservation: Reservation) -> bool:
    """Tell whether a login name may be one of the experimenters; an unknown user, or nobody's booking, says nothing.

    Login names are compared without domain. Where the calendar tells none, a login name that holds a part of a name
    (``lovelace`` in ``alovelace``), or is a part of one, is taken for that person's.
    """
    own = _plain((user or "").rpartition("\\")[2].partition("@")[0])
    if not own or not (reservation.logins or reservation.experimenters):
        return True
    logins = {_plain(login.rpartition("\\")[2].partition("@")[0]) for login in reservation.logins}
    return own in logins or any(_alike(own, name) for name in reservation.experimenters)


def _alike(login: str, name: str) -> bool:
    parts = [part for part in re.split(r"[^a-z0-9]+", _plain(name)) if len(part) >= _SHORTEST]
    return any(part in login or (len(login) >= _SHORTEST and login in part) for part in parts)


def _plain(text: str) -> str:
    """Return text in small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_NO_LATIN))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).strip()
