"""Where files are for those who read a crate: addresses that hold wherever the crate itself is taken."""

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from nexuslims_core.records.addresses import address_of, web_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The two trees of files, and where they are served.

    Attributes
    ----------
    filestore, data_path
        Absolute.
    dataset_base, preview_base
        Addresses on the web at which the two are served; anything else, such as an empty text, means that they are
        not, and their files are named by ``file:`` addresses.
    """

    filestore: Path
    data_path: Path
    dataset_base: str = ""
    preview_base: str = ""

    def raw(self, path: Path) -> str:
        """Return the address of a raw file.

        Raises
        ------
        UnsafePathError
            If it does not lie below ``filestore``.
        """
        return _located(path, self.dataset_base, self.filestore)

    def written(self, path: Path) -> str:
        """Return the address of a file that we wrote.

        Raises
        ------
        UnsafePathError
            If it does not lie below ``data_path``.
        """
        return _located(path, self.preview_base, self.data_path)


@lru_cache(maxsize=4096)
def _located(path: Path, served_at: str, root: Path) -> str:
    """Return the address of a file; a crate names each several times."""
    return _base(served_at, root) + address_of(path, root)


@cache
def _base(served_at: str, root: Path) -> str:
    return (web_address(served_at) or root.as_uri()).rstrip("/")
