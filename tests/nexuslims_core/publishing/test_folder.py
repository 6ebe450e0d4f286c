"""The folder of records: whole, movable, the same bytes each time, whoever else writes and whatever breaks."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

import pytest
from lxml import etree

from nexuslims_core import codec
from nexuslims_core.artefacts import write_whole
from nexuslims_core.errors import NexusLimsError, PublishingError, ServiceUnavailableError, StorageError
from nexuslims_core.publishing.base import Earlier
from nexuslims_core.publishing.folder import FolderStore
from nexuslims_core.publishing.folder_entries import folder_name
from tests.nexuslims_core.publishing.conftest import WriteRecord


@pytest.fixture
def with_files(write_record: WriteRecord, site: FolderStore) -> Callable[..., bytes]:
    """Write a record of files, each with a preview and metadata under ``data``; it links to them as ours do."""

    def write(*names: str, motivation: str = "grains") -> bytes:
        datasets = []
        for name in names:
            for suffix in (".thumb.png", ".json"):
                write_whole(site.data_path / "Titan" / f"{name}{suffix}", f"{name}{suffix}".encode())
            datasets.append(
                f'<dataset type="Image" role="Experimental"><name>{name}</name><location>/Titan/{name}</location>'
                f"<preview>/Titan/{name}.thumb.png</preview>"
                f'<meta name="Metadata File">/Titan/{name}.json</meta></dataset>'
            )
        activity = f'<acquisitionActivity seqno="0"><startTime>2026-03-02T05:01:00-05:00</startTime>{"".join(datasets)}'
        xml = write_record(motivation).decode()
        return xml.replace("</summary>", f"</summary>{activity}</acquisitionActivity>").encode()

    return write


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".nexuslims.lock"
    }


def _links(page: Path) -> list[str]:
    tree = etree.parse(page, etree.HTMLParser())
    return [str(link) for link in tree.xpath("//@href | //@src") if not str(link).startswith("#")]


def test_the_page_of_a_record_has_all_that_it_shows_beside_it(
    site: FolderStore, with_files: Callable[..., bytes]
) -> None:
    site.put("t", with_files("a.dm3", "b.dm3"))

    page = site.root / "records" / "t" / "index.html"
    own = {link for link in _links(page) if not link.startswith("https://files.example.org/")}
    assert own >= {"files/Titan/a.dm3.thumb.png", "files/Titan/b.dm3.json"}
    assert all((page.parent / link).is_file() for link in own)


def test_the_index_leads_to_every_page_wherever_the_site_is_moved(
    site: FolderStore, write_record: WriteRecord, tmp_path: Path
) -> None:
    for title in ("first", "second & <b>", "third?#%41"):
        site.put(title, write_record(title))

    moved = shutil.move(site.root, tmp_path / "elsewhere")

    tree = etree.parse(Path(moved) / "index.html", etree.HTMLParser())
    links = [Path(moved) / unquote(str(link)) for link in tree.xpath("//tbody//a/@href")]
    assert [link.is_file() for link in links] == [True] * 6


def test_the_newest_record_stands_first_whatever_zone_it_is_from(
    site: FolderStore, with_files: Callable[..., bytes], write_record: WriteRecord
) -> None:
    def begun(at: str) -> bytes:
        return with_files("a.dm3").replace(b"2026-03-02T05:01:00-05:00", at.encode())

    site.put("early", begun("2026-03-02T10:00:00+09:00"))
    site.put("late", begun("2026-03-02T05:01:00-05:00"))
    site.put("undated", write_record())

    tree = etree.parse(site.root / "index.html", etree.HTMLParser())
    assert tree.xpath("//tbody/tr/td[2]/small/text()") == ["late", "early", "undated"]
    assert tree.xpath("//tbody/tr/td[1]/time/text()") == ["2026-03-02 05:01", "2026-03-02 10:00"]


def test_the_same_records_make_the_same_bytes_in_any_order(
    site: FolderStore, with_files: Callable[..., bytes], tmp_path: Path
) -> None:
    other = replace(site, root=tmp_path / "other")
    for title in ("a", "b", "c"):
        site.put(title, with_files(f"{title}.dm3"))
    for title in ("c", "a", "b"):
        other.put(title, with_files(f"{title}.dm3"))

    assert _files(site.root) == _files(other.root)


def test_what_only_an_earlier_version_showed_is_removed(site: FolderStore, with_files: Callable[..., bytes]) -> None:
    site.put("t", with_files("a.dm3", "b.dm3"))
    left = site.root / "records" / "t" / "files" / ".half.part"
    left.write_bytes(b"by a writer that was killed")

    site.put("t", with_files("b.dm3"))

    assert [name for name in _files(site.root) if "files" in name] == [
        "records/t/files/Titan/b.dm3.json",
        "records/t/files/Titan/b.dm3.thumb.png",
    ]


def test_what_the_site_shows_stays_when_the_file_it_came_from_is_replaced(
    site: FolderStore, with_files: Callable[..., bytes]
) -> None:
    site.put("t", with_files("a.dm3"))

    write_whole(site.data_path / "Titan" / "a.dm3.thumb.png", b"of another run")

    assert (site.root / "records/t/files/Titan/a.dm3.thumb.png").read_bytes() == b"a.dm3.thumb.png"


@pytest.mark.parametrize(
    "address",
    [
        "/nexuslims.sqlite",
        "/../secret.json",
        "/%2e%2e/secret.json",
        "/work/x.json",
        "/Titan/link.json",
        "/%00.png",
        "/",
    ],
)
def test_a_record_from_another_hand_makes_nothing_public_but_previews_and_metadata(
    site: FolderStore, with_files: Callable[..., bytes], address: str
) -> None:
    for path in ("data/nexuslims.sqlite", "secret.json", "data/work/x.json"):
        write_whole(site.root.parent / path, b"secret")
    xml = with_files("a.dm3").replace(b"/Titan/a.dm3.thumb.png", address.encode())
    (site.data_path / "Titan" / "link.json").symlink_to(site.root.parent / "secret.json")

    site.put("t", xml)

    assert b"secret" not in _files(site.root).values()


def test_previews_can_be_left_where_another_server_has_them(
    site: FolderStore, with_files: Callable[..., bytes]
) -> None:
    site = replace(site, preview_base="https://previews.example.org")

    site.put("t", with_files("a.dm3"))

    assert "https://previews.example.org/Titan/a.dm3.thumb.png" in _links(site.root / "records/t/index.html")
    assert not (site.root / "records/t/files").exists()


@pytest.mark.parametrize(
    "title",
    [
        "..",
        ".",
        ".hidden",
        "a/b",
        "../../etc/passwd",
        "C:\\x",
        "<script>alert(1)</script>",
        "µ & Ω",
        "x" * 200,
        "ends.",
    ],
)
def test_a_hostile_title_stays_inside_and_does_nothing(
    site: FolderStore, write_record: WriteRecord, title: str
) -> None:
    receipt = site.put(title, write_record())

    (folder,) = (site.root / "records").iterdir()
    assert (folder.name, folder.name.isascii()) == (receipt.record_id, True)
    tree = etree.parse(site.root / "index.html", etree.HTMLParser())
    assert tree.xpath("//tbody//small/text()")[0] == title
    assert tree.xpath("count(//script)") == 1


def test_long_titles_that_begin_alike_keep_apart() -> None:
    names = {folder_name("x" * 199 + end) for end in "ab"}

    assert (len(names), max(map(len, names)) <= 120) == (2, True)


def test_a_folder_of_that_name_with_another_record_is_not_overwritten(
    site: FolderStore, write_record: WriteRecord
) -> None:
    site.put("Grains", write_record())
    (site.root / "records" / "Grains").rename(site.root / "records" / "grains")  # a disk that knows no capitals

    with pytest.raises(PublishingError, match="holds the record Grains: grains needs another title"):
        site.put("grains", write_record())


def test_a_front_page_that_is_none_of_ours_is_not_overwritten(site: FolderStore, write_record: WriteRecord) -> None:
    write_whole(site.root / "index.html", b"<title>It works!</title>")

    with pytest.raises(PublishingError, match="none of ours: give records a folder of their own"):
        site.put("t", write_record())

    assert [check.ok for check in site.check()] == [False]


@pytest.mark.parametrize("kept", [b"", b"no JSON", b"[]", b'{"a": 1}', None])
def test_a_spoilt_list_is_made_anew_from_the_records(
    site: FolderStore, write_record: WriteRecord, kept: bytes | None
) -> None:
    site.put("a", write_record())
    whole = _files(site.root)
    for name in ("index.json", "index.html"):
        (site.root / name).unlink()
    if kept is not None:
        (site.root / "index.json").write_bytes(kept)

    site.put("a", write_record())

    assert _files(site.root) == whole


def test_a_record_that_somebody_removed_leaves_the_index_with_the_next(
    site: FolderStore, write_record: WriteRecord
) -> None:
    site.put("a", write_record())
    shutil.rmtree(site.root / "records" / "a")

    site.put("b", write_record())

    assert list(codec.loads(dict[str, object], (site.root / "index.json").read_bytes())) == ["b"]


def test_a_renamed_record_whose_writer_was_killed_is_finished(site: FolderStore, write_record: WriteRecord) -> None:
    known = site.put("old", write_record("first"))
    (site.root / "records" / "old").rename(site.root / "records" / "new")

    site.put("new", write_record("second"), Earlier(record_id=known.record_id, title="old"))

    assert sorted(_files(site.root / "records" / "new")) == ["entry.json", "index.html", "new.xml"]
    assert (site.root / "records" / "new" / "new.xml").read_bytes() == write_record("second")


def test_says_where_a_web_server_shows_the_record(site: FolderStore, write_record: WriteRecord) -> None:
    served, on_disk = replace(site, url="https://records.example.org/em/"), site

    assert served.put("a b", write_record()).url == "https://records.example.org/em/records/a%20b/index.html"
    assert on_disk.put("a b", write_record()).url == f"{site.root.as_uri()}/records/a%20b/index.html"


def test_a_folder_that_cannot_be_made_is_said(site: FolderStore, write_record: WriteRecord) -> None:
    site.root.write_bytes(b"a file is in the way")

    with pytest.raises(StorageError, match=r"the folder of records .*/site cannot be used: .*File exists"):
        site.put("t", write_record())

    assert [check.ok for check in site.check()] == [False]


_CRIPPLED = """
import os, resource, signal, sys
from pathlib import Path
from nexuslims_core.errors import StorageError
from nexuslims_core.publishing.folder import FolderStore
root, data, record, limit, uid = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
xml = Path(record).read_bytes()
store = FolderStore(root=Path(root), data_path=Path(data))
FolderStore(root=Path(data, "rehearsal"), data_path=Path(data)).put("second", xml)  # loads all that it needs
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
if int(uid): os.setuid(int(uid))
try:
    store.put("second", xml)
except StorageError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("limit", "uid", "says"),
    [(1000, 0, "File too large"), (1 << 40, 65534, "Permission denied")],
    ids=["a disk that takes no more", "a folder that is read-only"],
)
def test_what_cannot_be_written_is_said_and_leaves_the_site_as_it_was(
    write_record: WriteRecord, limit: int, uid: int, says: str
) -> None:
    if uid and os.getuid():
        pytest.skip("only root can become somebody who may not write")
    with TemporaryDirectory() as folder:  # pytest's own may be entered by its owner alone
        site = FolderStore(root=Path(folder, "site"), data_path=Path(folder, "data"))
        record = Path(folder, "record.xml")
        record.write_bytes(write_record())
        Path(folder).chmod(0o755)
        site.put("first", write_record())
        before = _files(site.root)

        words = [sys.executable, "-c", _CRIPPLED, site.root, site.data_path, record, str(limit), str(uid)]
        told = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=True).stdout

        assert says in told
        after = _files(site.root)
        assert {name: after[name] for name in before} == before
        assert b"second" not in after["index.html"]


def _put_some(root: Path, data: Path, records: dict[str, bytes]) -> None:
    site = FolderStore(root=root, data_path=data)
    for title, xml in records.items():
        site.put(title, xml)


@pytest.mark.slow
def test_writers_at_the_same_time_leave_one_whole_index(site: FolderStore, write_record: WriteRecord) -> None:
    fork = multiprocessing.get_context("spawn")
    shares = [{f"{writer}-{i}": write_record(f"{writer}-{i}") for i in range(8)} for writer in range(3)]

    writers = [fork.Process(target=_put_some, args=(site.root, site.data_path, share)) for share in shares]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    names = list(codec.loads(dict[str, object], (site.root / "index.json").read_bytes()))
    assert names == sorted(name for share in shares for name in share)


_HOLDS = """
import fcntl, sys, time
lock = open(sys.argv[1], "a")
fcntl.flock(lock, fcntl.LOCK_EX)
print(flush=True)
time.sleep(60)
"""


def test_a_writer_that_keeps_the_folder_is_waited_for_and_then_told_of(
    site: FolderStore, write_record: WriteRecord
) -> None:
    site.put("a", write_record())
    waits: list[float] = []
    patient = replace(site, patience_s=10, sleep=waits.append)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDS, str(site.root / ".nexuslims.lock")], stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        other.stdout.readline()

        with pytest.raises(ServiceUnavailableError, match=r"another writer has kept the folder of records .* for 10 s"):
            patient.put("b", write_record())
        other.send_signal(signal.SIGKILL)

    assert 10 <= sum(waits) < 12
    assert site.put("b", write_record()).record_id == "b"  # who is killed keeps nothing


def test_any_error_is_one_of_ours(site: FolderStore, write_record: WriteRecord) -> None:
    (site.root / "records").mkdir(parents=True)
    (site.root / "records" / "t").write_bytes(b"in the way")

    with pytest.raises(NexusLimsError):
        site.put("t", write_record())
