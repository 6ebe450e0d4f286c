"""Where the page of a session is in Airflow's web server, for whoever links to it: pages, tasks, alerts."""

from urllib.parse import quote, urlencode

MOUNTED = "/nexuslims"
"""Where our pages are below Airflow's web server, and where Airflow shows them below ``/plugin``."""
LONGEST_ADDRESS = 1500
"""Bytes of a percent-encoded identifier that every server and browser takes in an address."""
_NOT_IN_A_PATH = frozenset("/\\?#%;")
"""Proxies, and Airflow's own pages, decode a path twice or split it at these."""


def session_path(identifier: str, number: int | None = None) -> str:
    """Return the path of a session's page below our own address.

    Parameters
    ----------
    number
        Of one of its logs; takes the place of an identifier that is too long for an address.
    """
    if is_plain(identifier):
        return f"sessions/{quote(identifier, safe='')}"
    return f"session?{urlencode(said_of(identifier, number), quote_via=quote, errors='replace')}"


def page_in_airflow(base_url: str, identifier: str) -> str:
    """Return where Airflow, at ``base_url``, shows the page of a session inside its own."""
    return f"{base_url.rstrip('/')}/plugin{MOUNTED}{MOUNTED}/{session_path(identifier)}"


def page_url(base_url: str, identifier: str) -> str:
    """Return where the page of a session is by itself, below Airflow at ``base_url``."""
    return f"{base_url.rstrip('/')}{MOUNTED}/{session_path(identifier)}"


def is_plain(identifier: str) -> bool:
    """Return whether an identifier can be a part of a path wherever that is decoded, and however often."""
    odd = _NOT_IN_A_PATH.intersection(identifier) or not identifier.isprintable() or not identifier.strip(". ")
    return not odd and len(quote(identifier, safe="")) <= LONGEST_ADDRESS


def said_of(identifier: str, number: int | None) -> dict[str, str]:
    """Return a query that names a session: its identifier, or one of its logs where that is too long."""
    if number is not None and len(quote(identifier, safe="", errors="replace")) > LONGEST_ADDRESS:
        return {"log": str(number)}
    return {"id": identifier}
