"""NEMO servers, also by the numbered names that sites of NexusLIMS have."""

import re
from collections import defaultdict
from collections.abc import Mapping

from pydantic import BaseModel, SecretStr


class NemoServer(BaseModel, frozen=True):
    """One NEMO server as the settings name it.

    Attributes
    ----------
    address
        Root of its REST interface, or of the whole site.
    timezone
        IANA name, for a server that says times without a zone.
    strptime_format, strftime_format
        How it says and takes times, where the site has changed that.
    """

    address: str
    token: SecretStr | None = None
    timezone: str | None = None
    strptime_format: str | None = None
    strftime_format: str | None = None


_NUMBERED = re.compile(r"(?:NX_)?NEMO_(ADDRESS|TOKEN|TZ|STRPTIME_FMT|STRFTIME_FMT)_([0-9]+)", re.IGNORECASE)
_NUMBERED_FIELDS = {
    "ADDRESS": "address",
    "TOKEN": "token",
    "TZ": "timezone",
    "STRPTIME_FMT": "strptime_format",
    "STRFTIME_FMT": "strftime_format",
}


def numbered_nemo_servers(variables: Mapping[str, str]) -> tuple[NemoServer, ...]:
    """Return the servers of ``NX_NEMO_ADDRESS_1``, ``NX_NEMO_TOKEN_1``, … by number; those of NexusLIMS 2 win."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for name in sorted(variables, key=lambda name: name.upper().startswith("NX_")):
        numbered = _NUMBERED.fullmatch(name)
        if numbered and variables[name]:
            found[int(numbered[2])][_NUMBERED_FIELDS[numbered[1].upper()]] = variables[name]
    return tuple(NemoServer.model_validate(found[number]) for number in sorted(found) if "address" in found[number])
