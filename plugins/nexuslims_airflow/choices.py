"""What a person chose when a run was triggered: templates make text of it, and here it becomes the core's noun."""

import json

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.sessions.choice import Choice


def choice(instruments: str, sessions: str) -> Choice:
    """Return which sessions are wanted.

    Parameters
    ----------
    instruments, sessions
        JSON lists of persistent ids and of session identifiers; an empty one does not matter.

    Raises
    ------
    ConfigurationError
        If one of them is no list of texts.
    """
    return Choice(instruments=_names("instruments", instruments), sessions=_names("sessions", sessions))


def yes(name: str, said: str) -> bool:
    """Return a JSON true or false; ConfigurationError for all else."""
    if said not in ("true", "false"):
        raise ConfigurationError(f"the parameter {name} is true or false, not {said}")
    return said == "true"


def _names(name: str, said: str) -> frozenset[str]:
    try:
        named = json.loads(said)
    except ValueError:
        named = None
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        raise ConfigurationError(f'the parameter {name} is a list such as ["one", "two"], not {said}')
    return frozenset(each.strip() for each in named if each.strip())
