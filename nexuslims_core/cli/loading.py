"""Loading what a command works with, which then stays: the garbage collector need never look through it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Import in the block; the collector rests meanwhile, and once leaves all that is there out of its rounds after.

    It would look through a hundred thousand objects of libraries several times, and once more when the process ends.
    """
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()
        gc.enable()
