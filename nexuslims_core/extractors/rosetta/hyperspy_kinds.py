"""HyperSpy's signal classes, asked where a reader leaves open which axes make one picture or spectrum.

RosettaSciIO's readers only describe; HyperSpy makes signals of that. Two things are decided there: what axes without a
word on ``navigate`` are (old HyperSpy files, NeXus arrays without axes, whose ``record_by`` or class counts), and what
a reader's ``post_process`` still does (colours of Digital Surf files). Every other dictionary is complete, and
HyperSpy, which takes seconds to import, is left alone. Its extensions (eXSpy, LumiSpy, pyXem, kikuchipy) are not
needed: their classes add methods, the signal's type is what the reader states; if a site installs them, they take part.
"""

import logging
import os
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any

from nexuslims_core.extractors.contents.foreign import FOREIGN_FAULTS, said

Read = Mapping[str, Any]
_AXIS = ("name", "units", "scale", "offset", "size", "axis")
log = logging.getLogger(__name__)


def completed(read: Read) -> tuple[Read, tuple[str, ...]]:
    """Return a reader's dictionary with every axis told as signal or navigation, and a sentence if HyperSpy could not.

    Complete dictionaries come back as they are.
    """
    if not _leaves_open(read):
        return read, ()
    try:
        signal = _signal(read)
        axes = [_described(axis, i) for i, axis in enumerate(signal.axes_manager._axes)]  # noqa: SLF001 - as in the array
    except FOREIGN_FAULTS as error:
        log.info("HyperSpy makes no signal of it: %s", error)
        return read, (f"which of its axes make one picture is a guess ({said(error)})",)
    return {**read, "data": signal.data, "axes": axes}, ()


def _leaves_open(read: Read) -> bool:
    dimensions = len(getattr(read["data"], "shape", ()))
    axes = [axis for axis in read.get("axes") or () if isinstance(axis, Mapping)]
    told = len(axes) == dimensions and all("navigate" in axis for axis in axes)
    return bool(read.get("post_process")) or (dimensions > 1 and not told)


def _signal(read: Read) -> Any:  # noqa: ANN401 - has no types
    tree = read.get("metadata") or {}
    kind = tree.get("Signal")
    given: dict[str, Any] = {
        "data": read["data"],
        "metadata": {"Signal": dict(kind)} if isinstance(kind, Mapping) else {},
    }
    axes = [dict(axis) for axis in read.get("axes") or () if isinstance(axis, Mapping)]
    if len(axes) == len(read["data"].shape):
        given["axes"] = axes
    if read.get("post_process"):
        given["post_process"] = read["post_process"]
    return _dict2signal()(given, lazy=hasattr(read["data"], "dask"))


@cache
def _dict2signal() -> Any:  # noqa: ANN401 - has no types
    """Import HyperSpy, two seconds that few files need, without letting it write preferences into the home folder."""
    before = os.environ.get("HOME")
    with TemporaryDirectory(prefix="hyperspy-") as home:
        os.environ["HOME"] = home
        try:
            import_module("hyperspy.defaults_parser")  # it is what makes a folder there
            from hyperspy.io import dict2signal  # type: ignore[import-untyped]
        finally:
            if before is None:
                del os.environ["HOME"]
            else:
                os.environ["HOME"] = before
    return dict2signal


def _described(axis: Any, place: int) -> dict[str, Any]:  # noqa: ANN401 - has no types
    told = {name: getattr(axis, name) for name in _AXIS if hasattr(axis, name)}
    if hasattr(axis, "scale"):
        told.pop("axis", None)
    told["name"], told["units"] = str(told["name"]), str(told["units"])  # undefined ones are objects
    return {**told, "navigate": bool(axis.navigate), "index_in_array": place}
