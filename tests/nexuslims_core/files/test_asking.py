"""What is found by asking about all names at once, beside what is found by looking at one after the other."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from nexuslims_core.files.asking import Asker
from nexuslims_core.files.catching import Catch
from nexuslims_core.files.ignoring import Wanted, wanted
from nexuslims_core.files.listing import Place
from nexuslims_core.files.spans import Span, Window
from nexuslims_core.files.statuses import statx
from nexuslims_core.files.walking import walk

Write = Callable[..., Path]

COMPANIONS = {".emi": {"_#.ser"}, ".rpl": {".raw"}, ".zspy": {"/"}}
WINDOWS = (Window(low=100, high=200), Window(low=400, high=500))
SUFFIXES = (".dm3", ".emi", "_1.ser", "_2.ser", ".rpl", ".raw", ".zspy", "")


def rule(ignore: tuple[str, ...] = ()) -> Wanted:
    return wanted(None, ignore, COMPANIONS)


def asked(folder: Path, span: Span, rule: Wanted) -> Catch:
    """Look into one folder, which is all there is."""
    found = statx()
    if found is None:
        pytest.skip("this C library has no statx")
    catch, asker = Catch(span=span, rule=rule), Asker(found, rule, span)
    assert asker.look_into(Place(str(folder), str(folder))) is not None
    asker.describe_into(catch)
    catch.close()
    return catch


@pytest.mark.parametrize("ignore", [(), ("*.ser", "1*")], ids=["every name", "some ignored"])
@pytest.mark.parametrize("seed", range(12))
def test_the_same_is_found_as_by_many_threads(seed: int, ignore: tuple[str, ...], store: Path, write: Write) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    for _ in range(chance.choice([3, 40, 300])):
        name = f"{chance.randrange(60)}{chance.choice(SUFFIXES)}"
        write(
            store / name, mtime=chance.choice([50.0, 99.999999, 100.0, 150.0, 200.0, 200.000001, 300.0, 450.0, 900.0])
        )
    span = Span(WINDOWS)

    found = asked(store, span, rule(ignore))

    assert found.in_order() == walk(store, rule(ignore), span=span, threads=4).in_order()


@pytest.mark.parametrize("asked_for", [(), (150.0,)], ids=["nothing", "a file"])
def test_folders_and_links_are_listed(asked_for: tuple[float, ...], store: Path, write: Write) -> None:
    for mtime in (50.0, *asked_for):
        write(store / f"{mtime}.dm3", mtime=mtime)
    (store / "below").mkdir()
    (store / "map.zspy").mkdir()
    (store / "link").symlink_to("below")
    found, span = statx(), Span(WINDOWS)
    if found is None:
        pytest.skip("this C library has no statx")

    listing = Asker(found, rule(), span).look_into(Place(str(store), str(store)))

    assert listing is not None
    assert (listing.folders, listing.links, listing.whole) == (["below"], ["link"], ["map.zspy"])
    assert listing.was_read


def test_files_of_both_sides_of_a_window_alone_want_no_closer_look(store: Path, write: Write) -> None:
    for mtime in (50.0, 300.0, 600.0):
        write(store / f"{mtime}.dm3", mtime=mtime)

    assert asked(store, Span(WINDOWS), rule()).found == []


def test_a_folder_that_cannot_be_opened_is_left_to_who_says_why(store: Path) -> None:
    found, span = statx(), Span(WINDOWS)
    if found is None:
        pytest.skip("this C library has no statx")
    gone, link = store / "gone", store / "link"
    link.symlink_to(store)
    asker = Asker(found, rule(), span)

    listings = [asker.look_into(Place(str(path), str(path))) for path in (gone, link)]

    assert listings == [None, None]


def test_where_a_file_vanishes_meanwhile_the_others_are_found(store: Path, write: Write) -> None:
    kept = write(store / "kept.dm3", mtime=150.0)
    write(store / "leaving.dm3", mtime=150.0)
    found = statx()
    if found is None:
        pytest.skip("this C library has no statx")

    def meddling(*question: object) -> int:
        (store / "leaving.dm3").unlink(missing_ok=True)
        return found(*question)

    span = Span(WINDOWS)

    listing = Asker(meddling, rule(), span).look_into(Place(str(store), str(store)))

    assert listing is None
    assert [file.path for file in walk(store, rule(), span=span).found] == [kept]
    assert not (store / "leaving.dm3").exists()
