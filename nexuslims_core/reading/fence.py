"""What a worker may do to the machine, held by the kernel: where it writes, what it takes, that it dies with its ward.

Where a kernel lacks one of these (Landlock came with Linux 5.13), the others still hold.
"""

import ctypes
import os
import resource
import signal
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from nexuslims_core.reading.limits import Limits

LARGEST_FILE_BYTES = 1 << 30
"""Bytes of one file that a worker writes, whatever a reader unpacks or loops over."""

_PDEATHSIG, _NO_NEW_PRIVILEGES, _SUBREAPER = 1, 38, 36  # of prctl(2)
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every machine but Alpha
_VERSION, _BENEATH = 1, 1
_WRITES = (1 << 1) | sum(1 << bit for bit in range(4, 13))  # write a file; remove and make entries of any kind
_REFER, _TRUNCATE = 1 << 13, 1 << 14  # since the second and the third version
_OF_FILES = (1 << 1) | _TRUNCATE


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled", ctypes.c_uint64),)


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies."""
    _prctl(_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """End this process when its parent ends, which is the process of that number unless it has ended already."""
    _prctl(_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def and_no_further(work: Callable[[], None]) -> NoReturn:
    """Do the work of a process that was forked, and end it: it must not go on with what its parent was doing."""
    code = 70
    try:
        work()
        code = 0
    except SystemExit as asked:
        code = asked.code if isinstance(asked.code, int) else 1
    except BaseException:  # noqa: BLE001 - as said
        traceback.print_exc()
    finally:
        os._exit(code)


def bound(limits: Limits) -> None:
    """Bound private memory (mapped files do not count) and written files, leave no core, and be the first to go."""
    _lower(resource.RLIMIT_DATA, limits.memory_mb << 20)
    _lower(resource.RLIMIT_FSIZE, LARGEST_FILE_BYTES)
    _lower(resource.RLIMIT_CORE, 0)
    with suppress(OSError):  # when the machine runs out of memory, a reader is the one to miss least
        Path("/proc/self/oom_score_adj").write_text("1000")


def write_only_below(folders: Iterable[str | Path]) -> bool:
    """Let this process and its descendants write to these folders alone, and return whether the kernel can."""
    kernel = ctypes.CDLL(None, use_errno=True)
    version = kernel.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    handled = _WRITES | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rules = kernel.syscall(
        _CREATE_RULESET, ctypes.byref(_Ruleset(handled)), ctypes.c_size_t(ctypes.sizeof(_Ruleset)), 0
    )
    if rules < 0:
        return False
    try:
        for place in (*folders, os.devnull):
            _allow(kernel, rules, place, handled)
        _prctl(_NO_NEW_PRIVILEGES, 1)
        return bool(kernel.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(kernel: ctypes.CDLL, rules: int, place: str | Path, handled: int) -> None:
    try:
        opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there cannot be written to
    try:
        allowed = handled if Path(place).is_dir() else handled & _OF_FILES
        kernel.syscall(_ADD_RULE, rules, _BENEATH, ctypes.byref(_Beneath(allowed, opened)), 0)
    finally:
        os.close(opened)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _lower(which: int, limit: int) -> None:
    _, hard = resource.getrlimit(which)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(which, (limit, limit))
