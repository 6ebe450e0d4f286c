"""The server's side of NTLM: it signs in one connection, in three legs, against one account."""

import base64
import binascii
import os
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import spnego
from spnego.exceptions import SpnegoError

_NEGOTIATE, _AUTHENTICATE = 1, 3
_USER_FILE = "NTLM_USER_FILE"
_USER_FILE_LOCK = threading.Lock()


class Account:
    """The account that may come in, kept where pyspnego looks for it: in a file that the environment names.

    The whole process shares its environment, so it is changed for the moment of a handshake only and put back:
    several servers may run side by side.
    """

    def __init__(self, user: str, password: str) -> None:
        domain, _, name = user.rpartition("\\")
        handle, path = tempfile.mkstemp(prefix="ntlm-", text=True)
        with os.fdopen(handle, "w") as file:
            file.write(f"{domain}:{name}:{password}\n:{name}@{domain.lower()}.example:{password}\n")
        self._file = Path(path)

    @contextmanager
    def known(self) -> Iterator[None]:
        """Let pyspnego know the account inside the ``with`` block."""
        with _USER_FILE_LOCK:
            before = os.environ.get(_USER_FILE)
            os.environ[_USER_FILE] = str(self._file)
            try:
                yield
            finally:
                os.environ.pop(_USER_FILE)
                if before is not None:
                    os.environ[_USER_FILE] = before

    def forget(self) -> None:
        """Delete the file."""
        self._file.unlink()


@dataclass
class NtlmDoor:
    """What one connection has shown of itself.

    Attributes
    ----------
    signed_in
        Whether it proved the account.
    proved
        Whether its last message tried to.
    """

    account: Account
    signed_in: bool = False
    proved: bool = False
    _handshake: spnego.ContextProxy | None = field(default=None, repr=False)

    def step(self, token: str) -> bytes | None:
        """Take one leg and return the challenge, if that is what follows."""
        try:
            message = base64.b64decode(token, validate=True)
            kind = struct.unpack_from("<I", message, 8)[0]
            self.proved = kind == _AUTHENTICATE
            with self.account.known():
                return self._answer(kind, message)
        except (binascii.Error, struct.error, SpnegoError):
            self._handshake, self.signed_in = None, False
            return None

    def _answer(self, kind: int, message: bytes) -> bytes | None:
        if kind == _NEGOTIATE:
            self._handshake, self.signed_in = spnego.server(protocol="ntlm"), False
        if self._handshake is None:  # the last leg on another connection than the first
            return None
        reply = self._handshake.step(message)
        self.signed_in = self._handshake.complete
        return reply
