"""Ports of this machine that nobody uses, and that no other demo is about to use."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from nexuslims_core.errors import ConfigurationError

TRIES = 100


@contextmanager
def reserved_port(wanted: int) -> Iterator[int]:
    """Lend the first free port of 127.0.0.1 from ``wanted`` on; no other demo takes it while the block lasts.

    A server listens on it only seconds later, so that a look at the port alone does not tell.

    Raises
    ------
    ConfigurationError
        If a hundred in a row are in use.
    """
    for port in range(wanted, wanted + TRIES):
        with socket.socket(socket.AF_UNIX) as flag:
            if _is_free(port) and _is_hoisted(flag, port):
                yield port
                return
    raise ConfigurationError(f"ports {wanted} to {wanted + TRIES - 1} of this machine are all in use: stop something")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just given up is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _is_hoisted(flag: socket.socket, port: int) -> bool:
    """Claim a name that only one process of this machine can have, and that goes with it; no file is made."""
    try:
        flag.bind(f"\0nexuslims-demo-port-{port}")
    except OSError:
        return False
    return True
