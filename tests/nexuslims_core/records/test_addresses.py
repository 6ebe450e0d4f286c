import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexuslims_core.errors import UnsafePathError
from nexuslims_core.records.addresses import address_of, fit_address, readable_name, web_address

NAMES = st.binary(min_size=1, max_size=40).filter(
    lambda name: not set(name) & set(b"/\0") and name not in {b".", b".."}
)


@given(names=st.lists(NAMES, min_size=1, max_size=4))
@settings(deadline=None)
def test_every_name_comes_back_from_its_address(names: list[bytes]) -> None:
    path = Path("/root", *map(os.fsdecode, names))

    address = address_of(path, Path("/root"))

    assert unquote_to_bytes(address) == b"/" + b"/".join(names)
    assert fit_address(address) == address


@pytest.mark.parametrize("path", ["/elsewhere/a", "/root/../etc/passwd", "a"])
def test_a_path_out_of_its_root_has_no_address(path: str) -> None:
    root = Path("/root")

    with pytest.raises(UnsafePathError):
        address_of(Path(path), root)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org/a?b=1#c", "https://example.org/a?b=1#c"),
        (" http://example.org:8080/a b ", "http://example.org:8080/a%20b"),
        ("https://example.org/100%/ü#x#y", "https://example.org/100%25/%C3%BC#x%23y"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//example.org/x", None),
        ("https:///x", None),
        ("https://[::1", None),
        ("", None),
        ("https://example.org/" + "x" * 4000, None),
    ],
    ids=lambda text: repr(text)[:40],
)
def test_only_addresses_on_the_web_are_kept(text: str, address: str | None) -> None:
    given_text = text

    kept = web_address(given_text)

    assert kept == address


@pytest.mark.parametrize(
    ("name", "readable"),
    [("größe.dm3", "größe.dm3"), ("a\udcff\udcfeb", "a�b"), ("\x01", "%01")],
    ids=["text", "bytes that are no text", "nothing to see"],
)
def test_a_name_can_be_read_and_is_never_empty(name: str, readable: str) -> None:
    given_name = name

    shown = readable_name(given_name)

    assert shown == readable
