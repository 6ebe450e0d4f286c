"""Records that somebody made before: known by the receipt in the books, or by nobody."""

from collections.abc import Callable

import pytest

from nexuslims_core.errors import PublishingError
from nexuslims_core.publishing.base import Earlier
from tests.nexuslims_core.publishing.conftest import Held, MakeStore, WriteRecord
from tests.servers import faulty_proxy
from tests.servers.cdcs_admin import CdcsAdmin
from tests.servers.faulty_proxy import FaultyProxy

Post = Callable[..., int]
SAMPLES = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Sample" type="xs:string"/></xs:schema>'
)


@pytest.fixture
def post(admin: CdcsAdmin) -> Post:
    """Make a record of our account as another client would; public unless told otherwise."""

    def make(title: str, xml: bytes, **given: object) -> int:
        return admin.post(title, xml, **{"workspace": admin.server.workspace, **given})

    return make


@pytest.fixture
def theirs(admin: CdcsAdmin, post: Post) -> Post:
    """Make a record of another account."""
    return lambda title, xml, **given: post(title, xml, token=admin.server.admin_token, **given)


# ---- the record of the receipt


def test_a_record_known_by_another_title_is_renamed_and_replaced(
    post: Post, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    number = post(f"{title}-theirs", write_record("theirs"))

    receipt = make_store().put(title, write_record("ours"), Earlier(record_id=str(number), title=f"{title}-theirs"))

    assert receipt.record_id == str(number)
    assert [record["xml_content"] for record in held(title)] == [write_record("ours").decode()]
    assert held(f"{title}-theirs") == []


def test_a_number_that_is_another_record_by_now_is_left_alone(
    post: Post, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    number = post(f"{title}-another", write_record("another"))

    receipt = make_store().put(title, write_record("ours"), Earlier(record_id=str(number), title=f"{title}-theirs"))

    assert receipt.record_id != str(number)
    assert [record["xml_content"] for record in held(f"{title}-another")] == [write_record("another").decode()]


@pytest.mark.parametrize("number", ["999999999", "../workspace", ""], ids=["removed", "a path", "nothing"])
def test_an_earlier_record_that_is_not_there_is_made_anew(
    make_store: MakeStore, write_record: WriteRecord, held: Held, title: str, number: str
) -> None:
    make_store().put(title, write_record(), Earlier(record_id=number, title=title))

    assert len(held(title)) == 1


def test_a_lost_answer_to_the_renaming_makes_no_second_record(
    post: Post, proxy: FaultyProxy, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    number = post(f"{title}-theirs", write_record("theirs"))
    proxy.faults["PATCH", f"/rest/data/{number}/"] = [faulty_proxy.lose_answer_by_cut]

    receipt = make_store(url=proxy.url).put(
        title, write_record("ours"), Earlier(record_id=str(number), title=f"{title}-theirs")
    )

    assert receipt.record_id == str(number)
    assert len(held(title)) == 1


def test_the_record_of_the_receipt_stays_and_a_leftover_with_a_lower_number_goes(
    post: Post, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    post(title, write_record("leftover"), workspace=None)
    cited = post(title, write_record("cited"))

    receipt = make_store().put(title, write_record("now"), Earlier(record_id=str(cited), title=title))

    assert receipt.record_id == str(cited)
    assert [record["id"] for record in held(title)] == [cited]


def test_a_leftover_under_our_title_goes_where_the_receipt_names_another(
    post: Post, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    cited = post(f"{title}-theirs", write_record("cited"))
    post(title, write_record("leftover"))

    receipt = make_store().put(title, write_record("now"), Earlier(record_id=str(cited), title=f"{title}-theirs"))

    assert [str(record["id"]) for record in held(title)] == [receipt.record_id] == [str(cited)]
    assert held(f"{title}-theirs") == []


def test_a_record_of_the_receipt_that_another_account_owns_is_taken_where_it_is_right(
    theirs: Post, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    number = theirs(title, write_record())

    receipt = make_store().put(title, write_record(), Earlier(record_id=str(number), title=title))

    assert [str(record["id"]) for record in held(title)] == [receipt.record_id]


def test_a_record_of_the_receipt_that_another_account_owns_is_not_doubled_where_it_is_not_right(
    theirs: Post, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    number = theirs(title, write_record("before"))

    with pytest.raises(PublishingError, match=rf"record {number} was made by account 1: is that the account"):
        make_store().put(title, write_record("after"), Earlier(record_id=str(number), title=title))

    assert [record["xml_content"].encode() for record in held(title)] == [write_record("before")]


def test_a_number_that_is_a_private_record_of_somebody_by_now_is_left_alone(
    theirs: Post, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    number = theirs(f"{title}-secret", write_record("secret"), workspace=None)

    receipt = make_store().put(title, write_record(), Earlier(record_id=str(number), title=title))

    assert [str(record["id"]) for record in held(title)] == [receipt.record_id]
    assert [record["workspace"] for record in held(f"{title}-secret")] == [None]


@pytest.mark.parametrize("renamed", [True, False], ids=["renamed", "made"])
def test_a_title_that_was_sent_without_an_answer_is_looked_up_too(
    post: Post, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str, *, renamed: bool
) -> None:
    number = post(f"{title}-sent", write_record("sent"))
    known = Earlier(record_id=str(number) if renamed else "", title=f"{title}-first", also=f"{title}-sent")

    receipt = make_store().put(title, write_record("now"), known)

    assert [str(record["id"]) for record in held(title)] == [receipt.record_id] == [str(number)]
    assert held(f"{title}-sent") == []


# ---- a record that nobody knows


@pytest.mark.parametrize("motivation", ["ours", "theirs"], ids=["the same", "another"])
def test_a_public_record_of_another_account_is_neither_adopted_nor_doubled(
    theirs: Post, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str, motivation: str
) -> None:
    number = theirs(title, write_record(motivation))

    with pytest.raises(PublishingError, match=rf"{title} already, number {number}, which account 1 made .* requeue"):
        make_store().put(title, write_record("ours"))

    assert [record["xml_content"].encode() for record in held(title)] == [write_record(motivation)]


def test_a_record_that_the_administrator_handed_over_is_ours(
    admin: CdcsAdmin, theirs: Post, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    number = theirs(title, write_record("theirs"))
    ours = admin("GET", f"data/{admin.post(f'{title}-ours', write_record())}/")["user_id"]
    admin("PATCH", f"data/{number}/change-owner/{ours}")

    receipt = make_store().put(title, write_record("ours"))

    assert [(str(record["id"]), record["xml_content"].encode()) for record in held(title)] == [
        (receipt.record_id, write_record("ours"))
    ]


def test_a_private_record_of_another_account_is_not_seen(
    theirs: Post, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    theirs(title, write_record("private"), workspace=None)

    make_store().put(title, write_record("public"))

    assert sorted(str(record["workspace"]) for record in held(title)) == ["1", "None"]


def test_a_document_of_another_kind_with_our_title_is_left_alone(
    admin: CdcsAdmin, make_store: MakeStore, write_record: WriteRecord, held: Held, title: str
) -> None:
    with admin.another_template(title, SAMPLES) as sample:
        admin.post(title, b"<Sample>steel</Sample>", template=sample)

        make_store().put(title, write_record())

    assert sorted(record["xml_content"][:7] for record in held(title)) == ["<?xml v", "<Sample"]
