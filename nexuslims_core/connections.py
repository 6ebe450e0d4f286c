"""Connections that end in time, and answers that are read whole up to a limit.

An answer that drips, byte by byte, would outlast every timeout of a single read.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from typing_extensions import override
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from nexuslims_core.errors import UnexpectedAnswerError

_CHUNK_BYTES = 64 * 2**10
Clock = Callable[[], float]
CLOCKS: tuple[Clock, ...] = (time.monotonic, time.time)
"""The first stands still while a machine sleeps, the second may be set back: whichever is ahead counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When an exchange must have ended: nothing is sent after it, however long its process was stopped.

    Attributes
    ----------
    limit_s
        Seconds from the moment that this is made.
    clocks
        Each tells seconds; the one that went further counts.
    """

    limit_s: float
    clocks: Sequence[Clock] = CLOCKS
    _begun: tuple[float, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_begun", tuple(clock() for clock in self.clocks))

    @property
    def left_s(self) -> float:
        """Seconds until the end, 0 after it."""
        gone_s = max(clock() - begun for clock, begun in zip(self.clocks, self._begun, strict=True))
        return max(0.0, self.limit_s - gone_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """What cuts the connection of one exchange when its time is over."""

    deadline: Deadline
    connections: list["_Cuttable"] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return not self.deadline.left_s

    def end(self) -> None:
        for connection in self.connections:
            connection.cut()


_watch: ContextVar[_Watch | None] = ContextVar("_watch", default=None)


class _Cuttable:
    """A connection that another thread may cut; its socket is kept, since http.client forgets it too early."""

    sock: Any
    _kept: socket.socket | None = None

    def connect(self) -> None:
        """Connect, and keep the socket."""
        super().connect()  # type: ignore[misc] # of the connection that this is mixed into
        self._kept = self.sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send one request, under the eyes of whoever watches this thread."""
        watch = _watch.get()
        if watch is not None:
            watch.connections.append(self)
        super().request(*args, **kwargs)  # type: ignore[misc] # as above

    def send(self, data: Any) -> None:  # noqa: ANN401 - http.client's own
        """Send some bytes, unless this process was stopped in the meantime and the time is over."""
        watch = _watch.get()
        if watch is not None and watch.is_over:
            raise TimeoutError("its time was over before it was sent")
        super().send(data)  # type: ignore[misc] # as above

    def cut(self) -> None:
        """End the connection in both directions; what waits for it wakes up."""
        if self._kept is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._kept, socket.SHUT_RDWR)  # not TLS's own, which would forget its state


class _CuttableHttp(_Cuttable, HTTPConnection):
    pass


class _CuttableHttps(_Cuttable, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _CuttableHttp


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _CuttableHttps


class _CuttingAdapter(HTTPAdapter):
    """Opens connections that can be cut."""

    @override
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    @override
    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
        return manager


def make_cuttable(session: requests.Session) -> requests.Session:
    """Return the connections, such as :func:`ended_in` can cut, and such as follow no redirection.

    Whoever asks reads Location itself: requests looks at it even where it is told not to follow, and raises ValueError
    for one that is no address.
    """
    session.get_redirect_target = _no_target  # type: ignore[assignment,method-assign] # its own way to say so
    for scheme in ("http://", "https://"):
        session.mount(scheme, _CuttingAdapter())
    return session


def _no_target(_reply: object) -> None:
    return None


class EndlessAnswerError(requests.RequestException):
    """An answer took longer as a whole than it may."""


@contextmanager
def ended_in(limit_s: float) -> Iterator[None]:
    """Cut what this thread asks within the block when it takes longer than ``limit_s`` seconds.

    Raises
    ------
    EndlessAnswerError
        If it did.
    """
    watch = _Watch(deadline=Deadline(limit_s=limit_s))
    token = _watch.set(watch)
    timer = threading.Timer(limit_s, watch.end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except requests.RequestException as error:
        if watch.is_over:
            raise EndlessAnswerError(f"did not finish its answer within {limit_s:.3g} s") from error
        raise
    finally:
        timer.cancel()
        _watch.reset(token)
    if watch.is_over:  # what ends with its connection looks whole
        raise EndlessAnswerError(f"did not finish its answer within {limit_s:.3g} s")


def read_whole(reply: requests.Response, server: str, most_bytes: int) -> bytes:
    """Return the body of an answer that is streamed, unpacked.

    Parameters
    ----------
    server
        What people call it.

    Raises
    ------
    UnexpectedAnswerError
        If it is longer than ``most_bytes``; no more than that is read.
    requests.RequestException
        If it breaks off.
    """
    body = bytearray()
    for chunk in reply.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) > most_bytes:
            raise UnexpectedAnswerError(f"{server} sent more than {_figure(most_bytes)} at once")
    return bytes(body)


def _figure(size_bytes: int) -> str:
    return f"{size_bytes >> 20} MiB" if size_bytes >= 2**20 else f"{size_bytes} bytes"


AGAIN = "it is asked again by itself; if this lasts, see whether it runs"
"""What to do about a server that does not answer."""


def why_silent(error: requests.RequestException, timeout_s: tuple[float, float]) -> str:
    """Say in plain words why a server gave no answer; never its address, which may hold a secret.

    Parameters
    ----------
    timeout_s
        What was waited for the connection, and for each silence.
    """
    if isinstance(error, EndlessAnswerError):
        return str(error)
    if isinstance(error, requests.ConnectTimeout):
        return f"did not take the connection within {timeout_s[0]:g} s"
    if isinstance(error, requests.Timeout):
        return f"did not answer within {timeout_s[1]:g} s"
    if isinstance(error, requests.exceptions.SSLError):
        advice = "if an authority of your own signed it, name its certificate in NEXUSLIMS_CA_BUNDLE"
        return f"shows a certificate that is not trusted: {_root_of(error)}; {advice}"
    return f"cannot be reached, or cut the connection: {_root_of(error)}"


def _root_of(error: BaseException) -> str:
    """Say what the innermost of nested errors says, such as ``Connection refused``."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    said = error.strerror if isinstance(error, OSError) else None
    return " ".join((said or type(error).__name__).split())[:300]
