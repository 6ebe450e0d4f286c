"""Every fault in turn between CdcsStore and a real CDCS, on SQLite and on PostgreSQL: exactly one record afterwards."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from nexuslims_core.errors import AuthenticationError, NexusLimsError, PublishingError, ServiceUnavailableError
from nexuslims_core.publishing.base import Receipt
from nexuslims_core.publishing.cdcs import CdcsStore
from nexuslims_core.schemas import NEXUS_EXPERIMENT, schema_path
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.nexuslims_core.publishing.conftest import WriteRecord
from tests.servers.cdcs import NEXUS_EXPERIMENT as SCHEMA
from tests.servers.cdcs_admin import CdcsAdmin
from tests.servers.faulty_proxy import KILLS, NETWORK_FAULTS, Fault, FaultyProxy
from tests.servers.mortal import KILLED, live

pytestmark = [pytest.mark.server, pytest.mark.slow]

ON_POSTGRESQL = {"time-out, stored", "reset, stored", "502, stored", "half the request arrives", "half an answer"}
TEMPLATE = "nexus-experiment"
TIMEOUT_S = (5.0, 0.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    """A real CDCS, a faulty proxy before it, and its administrator's view."""

    server: CdcsServer
    proxy: FaultyProxy
    admin: CdcsAdmin

    def store(self, **given: object) -> CdcsStore:
        usual = {"url": self.proxy.url, "token": self.server.token, "timeout_s": TIMEOUT_S, "pauses_s": (0.05,) * 3}
        return CdcsStore(**{**usual, **given})  # type: ignore[arg-type]

    def strike(self, point: str, title: str, faults: list[Fault]) -> None:
        """Let faults befall the request that writes a record: the one that makes it, or the one that changes it."""
        held = self.admin.held(title)
        wanted = ("POST", "/rest/data/") if point == "made" else ("PATCH", f"/rest/data/{held[0]['id']}/")
        self.proxy.faults[wanted] = list(faults)

    def holds_only(self, title: str, xml: bytes, receipt: Receipt) -> bool:
        """Whether the server has exactly one record of a title: these bytes, public, and the one of the receipt."""
        found = [(str(each["id"]), each["xml_content"].encode(), each["workspace"]) for each in self.admin.held(title)]
        return found == [(receipt.record_id, xml, self.server.workspace)]


@pytest.fixture
def ward(request: pytest.FixtureRequest) -> Iterator[Ward]:
    server: CdcsServer = request.getfixturevalue(request.param)
    with FaultyProxy(server.url) as proxy:
        yield Ward(server=server, proxy=proxy, admin=CdcsAdmin(server=server))


on_sqlite = pytest.mark.parametrize("ward", ["cdcs"], indirect=True, ids=["SQLite"])
on_both = pytest.mark.parametrize("ward", ["cdcs", "cdcs_on_postgresql"], indirect=True, ids=["SQLite", "PostgreSQL"])


@pytest.fixture(params=["made", "changed"])
def point(request: pytest.FixtureRequest) -> str:
    """Whether a record is made or changed when the fault strikes."""
    return str(request.param)


def put_until_it_arrives(store: CdcsStore, title: str, xml: bytes) -> tuple[list[NexusLimsError], Receipt]:
    """Put a record as one run after another does; returns what they ended with, and the receipt of the last."""
    said: list[NexusLimsError] = []
    while len(said) < 5:
        try:
            return said, store.put(title, xml)
        except ServiceUnavailableError as error:
            said.append(error)
    raise said[-1]


def put_once(url: str, token: str, title: str, xml: bytes) -> None:
    CdcsStore(url=url, token=token, timeout_s=TIMEOUT_S, pauses_s=(0.05,) * 3).put(title, xml)


# ---- the network


@pytest.mark.parametrize("times", [1, 5], ids=["once", "until put gives up"])
@pytest.mark.parametrize("name", NETWORK_FAULTS)
@on_sqlite
def test_a_fault_of_the_network_leaves_one_record(
    ward: Ward, name: str, times: int, point: str, title: str, write_record: WriteRecord
) -> None:
    if point == "changed":
        ward.store().put(title, write_record("before"))
    ward.strike(point, title, [NETWORK_FAULTS[name]] * times)

    _, receipt = put_until_it_arrives(ward.store(), title, write_record("after"))

    assert ward.holds_only(title, write_record("after"), receipt)


@pytest.mark.parametrize("name", sorted(ON_POSTGRESQL))
@pytest.mark.parametrize("ward", ["cdcs_on_postgresql"], indirect=True, ids=["PostgreSQL"])
def test_a_fault_of_the_network_leaves_one_record_on_postgresql(
    ward: Ward, name: str, point: str, title: str, write_record: WriteRecord
) -> None:
    if point == "changed":
        ward.store().put(title, write_record("before"))
    ward.strike(point, title, [NETWORK_FAULTS[name]] * 2)

    _, receipt = put_until_it_arrives(ward.store(), title, write_record("after"))

    assert ward.holds_only(title, write_record("after"), receipt)


@pytest.mark.parametrize("name", NETWORK_FAULTS)
@on_sqlite
def test_a_fault_while_looking_leaves_one_record(ward: Ward, name: str, title: str, write_record: WriteRecord) -> None:
    for path in ("template-version-manager/global/", "workspace/read_access", "data/"):
        ward.proxy.faults["GET", f"/rest/{path}"] = [NETWORK_FAULTS[name]]

    _, receipt = put_until_it_arrives(ward.store(), title, write_record())

    assert ward.holds_only(title, write_record(), receipt)


# ---- the process


@pytest.mark.parametrize("name", KILLS)
@on_both
def test_a_process_that_is_killed_leaves_one_record(
    ward: Ward, name: str, point: str, title: str, write_record: WriteRecord
) -> None:
    if point == "changed":
        ward.store().put(title, write_record("before"))
    ward.strike(point, title, [KILLS[name]] * 2)
    given = (ward.proxy.url, ward.server.token, title, write_record("after"))

    codes = [live(ward.proxy, put_once, *given) for _ in range(3)]

    expected = [KILLED, 0, 0] if name == "killed after the request" else [KILLED, KILLED, 0]
    assert codes == expected
    assert ward.holds_only(title, write_record("after"), ward.store().put(title, write_record("after")))


# ---- what a person must mend


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What CDCS lacks for a while, and what is said then."""

    error: type[NexusLimsError]
    sentence: str
    wrong: dict[str, str]
    state: Callable[[CdcsAdmin], AbstractContextManager[object]] = lambda _: nullcontext()


def _schema() -> str:
    return schema_path(NEXUS_EXPERIMENT).read_text("utf-8")


LACKS = {
    "wrong token": Lack(error=AuthenticationError, sentence="Invalid token", wrong={"token": "0" * 40}),
    "wrong password": Lack(
        error=AuthenticationError,
        sentence="Invalid username/password",
        wrong={"token": "", "user": "robot", "password": "no"},
    ),
    "no right to publish": Lack(error=PublishingError, sentence="enough rights to publish", wrong={"token": "guest"}),
    "template missing": Lack(
        error=PublishingError, sentence="no template", wrong={}, state=lambda admin: admin.disabled(TEMPLATE)
    ),
    "several templates": Lack(
        error=PublishingError,
        sentence=r"several templates of records, 'another of .*', 'nexus-experiment': name the one",
        wrong={},
        state=lambda admin: admin.another_template(f"another of {id(admin)}", _schema()),
    ),
}


@pytest.mark.parametrize("name", LACKS)
@on_both
def test_what_a_person_must_mend_is_said_and_leaves_one_record_once_it_is_mended(
    ward: Ward, name: str, title: str, write_record: WriteRecord
) -> None:
    lack = LACKS[name]
    wrong = lack.wrong | ({"token": ward.server.guest_token} if lack.wrong.get("token") == "guest" else {})

    with lack.state(ward.admin), pytest.raises(lack.error, match=lack.sentence):
        ward.store(**wrong).put(title, write_record())
    asked = len(ward.proxy.seen)
    receipt = ward.store().put(title, write_record())

    assert asked < 10, "what is refused for good is not tried again"
    assert ward.holds_only(title, write_record(), receipt)


# ---- the server


def test_a_server_that_was_down_for_an_hour_holds_one_record_afterwards(
    cdcs_python: Path, prepared_cdcs_home: Path, tmp_path: Path, title: str, write_record: WriteRecord
) -> None:
    home = shutil.copytree(prepared_cdcs_home, tmp_path / "home")
    with CdcsServer(home=home, python=cdcs_python, schema=SCHEMA) as server:
        port, token = int(server.url.rpartition(":")[2]), server.token
    clock = [0.0]
    store = CdcsStore(
        url=f"http://127.0.0.1:{port}",
        token=token,
        pauses_s=(60, 300, 3600),
        sleep=lambda seconds: clock.__setitem__(0, clock[0] + seconds),
        clocks=(lambda: clock[0],),
    )

    with pytest.raises(ServiceUnavailableError, match="cannot be reached"):
        store.put(title, write_record())
    gave_up_at, clock[0] = clock[0], 3600
    with CdcsServer(home=home, python=cdcs_python, schema=SCHEMA, port=port) as server:
        receipt, workspace = store.put(title, write_record()), server.workspace
        found = CdcsAdmin(server=server).held(title)

    assert gave_up_at == 360, "the third pause would outlast its ten minutes"
    assert [(str(each["id"]), each["workspace"]) for each in found] == [(receipt.record_id, workspace)]
