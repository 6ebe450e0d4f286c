"""Connections that end in time: an answer that drips, byte by byte, would outlast every timeout of a single read."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from typing_extensions import override
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from nexuslims_core.publishing.cdcs_patience import Deadline


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
    """Return the connections, such as :func:`ended_in` can cut."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, _CuttingAdapter())
    return session


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
