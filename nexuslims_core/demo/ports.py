"""Ports of this machine that nobody uses."""

import socket

from nexuslims_core.errors import ConfigurationError

TRIES = 100


def free_port(wanted: int) -> int:
    """Return the first free port of 127.0.0.1 from ``wanted`` on.

    Raises
    ------
    ConfigurationError
        If a hundred in a row are in use.
    """
    for port in range(wanted, wanted + TRIES):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just given up is free
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ConfigurationError(f"ports {wanted} to {wanted + TRIES - 1} of this machine are all in use: stop something")
