"""Which template CdcsStore chooses in a real CDCS, and what becomes of records when it changes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest

from nexuslims_core.errors import PublishingError
from nexuslims_core.publishing.cdcs_templates import describes_records, is_record
from nexuslims_core.schemas import NEXUS_EXPERIMENT, NEXUS_NAMESPACE, schema_path
from nexuslims_core.testing.servers.cdcs import CdcsServer
from tests.nexuslims_core.publishing.conftest import MakeStore, WriteRecord
from tests.servers.cdcs_admin import CdcsAdmin

XSD = "http://www.w3.org/2001/XMLSchema"
TITLE = "nexus-experiment"
OTHER = f'<xs:schema xmlns:xs="{XSD}"><xs:element name="Sample" type="xs:string"/></xs:schema>'
SCHEMA = schema_path(NEXUS_EXPERIMENT).read_text("utf-8")
SUMMARY = '<xs:element name="summary"'
NEWER = SCHEMA.replace(SUMMARY, f'<xs:element name="room" type="xs:string" minOccurs="0"/>{SUMMARY}', 1)
STRICTER = SCHEMA.replace(SUMMARY, f'<xs:element name="room" type="xs:string"/>{SUMMARY}', 1)
ROOM = "<room>12</room>"


@pytest.fixture
def template_title() -> str:
    return f"another {uuid4().hex[:8]}"


def template_of(admin: CdcsAdmin, title: str) -> list[int]:
    return [each["template"] for each in admin.held(title)]


# ---- found by its content


def test_the_template_is_found_whatever_it_is_called(
    admin: CdcsAdmin, make_store: MakeStore, write_record: WriteRecord, title: str, template_title: str
) -> None:
    with admin.disabled(TITLE), admin.another_template(template_title, SCHEMA) as renamed:
        make_store().put(title, write_record())

    assert template_of(admin, title) == [renamed]


def test_templates_of_other_things_are_passed_over(
    cdcs: CdcsServer,
    admin: CdcsAdmin,
    make_store: MakeStore,
    write_record: WriteRecord,
    title: str,
    template_title: str,
) -> None:
    with admin.another_template(template_title, OTHER):
        make_store().put(title, write_record())

    assert template_of(admin, title) == [cdcs.template]


def test_a_title_narrows_several(
    admin: CdcsAdmin, make_store: MakeStore, write_record: WriteRecord, title: str, template_title: str
) -> None:
    with admin.another_template(template_title, SCHEMA) as wanted:
        make_store(template_title=template_title).put(title, write_record())

    assert template_of(admin, title) == [wanted]


def test_a_title_of_something_else_is_refused(
    admin: CdcsAdmin, make_store: MakeStore, write_record: WriteRecord, title: str, template_title: str
) -> None:
    with (
        admin.another_template(template_title, OTHER),
        pytest.raises(PublishingError, match=f"no template '{template_title}' .* schema of {NEXUS_NAMESPACE}"),
    ):
        make_store(template_title=template_title).put(title, write_record())


@pytest.mark.parametrize(
    "content",
    [
        OTHER,
        SCHEMA.replace(NEXUS_NAMESPACE, "https://example.org/other"),
        SCHEMA.replace('element name="Experiment"', 'element name="Trial"'),
        f'<Experiment xmlns="{NEXUS_NAMESPACE}"/>',
        '{"$schema": "http://json-schema.org/schema"}',
        "",
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
    ],
    ids=["another schema", "another namespace", "another root", "a record", "JSON", "nothing", "entity"],
)
def test_what_describes_no_records_is_no_template(content: str) -> None:
    assert describes_records(SCHEMA)
    assert not describes_records(content)


def test_a_record_is_known_by_its_root(write_record: WriteRecord) -> None:
    assert is_record(write_record().decode())
    assert not is_record("<Experiment/>")
    assert not is_record("no XML")


# ---- replaced by a newer version


@pytest.fixture
def newer(admin: CdcsAdmin) -> Iterator[Callable[[str], int]]:
    """Make a schema the current version of the template until the test is over."""
    with ExitStack() as stack:
        yield lambda content: stack.enter_context(admin.newer_version(TITLE, content))


def test_a_new_record_follows_the_newer_version(
    admin: CdcsAdmin, newer: Callable[[str], int], make_store: MakeStore, write_record: WriteRecord, title: str
) -> None:
    store = make_store()
    store.put(f"{title}-before", write_record())
    version = newer(NEWER)

    store.put(title, write_record(extra=ROOM))

    assert template_of(admin, title) == [version]


def test_a_record_of_the_older_version_that_is_right_is_left_alone(
    cdcs: CdcsServer,
    admin: CdcsAdmin,
    newer: Callable[[str], int],
    make_store: MakeStore,
    write_record: WriteRecord,
    title: str,
) -> None:
    first = make_store().put(title, write_record())
    newer(NEWER)

    again = make_store().put(title, write_record())

    assert again == first
    assert template_of(admin, title) == [cdcs.template]


def test_a_record_of_the_older_version_is_changed_in_its_place_where_both_allow_it(
    admin: CdcsAdmin, newer: Callable[[str], int], make_store: MakeStore, write_record: WriteRecord, title: str
) -> None:
    first = make_store().put(title, write_record("before"))
    newer(NEWER)

    second = make_store().put(title, write_record("after"))

    assert second.record_id == first.record_id
    assert [each["xml_content"].encode() for each in admin.held(title)] == [write_record("after")]


def test_what_only_the_newer_version_allows_waits_for_the_migration_of_its_record(
    admin: CdcsAdmin, newer: Callable[[str], int], make_store: MakeStore, write_record: WriteRecord, title: str
) -> None:
    first = make_store().put(title, write_record())
    version = newer(NEWER)

    with pytest.raises(PublishingError, match="have the administrator of CDCS migrate it"):
        make_store().put(title, write_record(extra=ROOM))
    admin("POST", f"data/template/{version}/migrate/", {"data": [first.record_id]})
    receipt = make_store().put(title, write_record(extra=ROOM))

    assert receipt.record_id == first.record_id
    assert template_of(admin, title) == [version]


def test_what_the_newer_version_forbids_is_not_slipped_in_under_the_older_one(
    admin: CdcsAdmin, newer: Callable[[str], int], make_store: MakeStore, write_record: WriteRecord, title: str
) -> None:
    make_store().put(title, write_record("before"))
    version = newer(STRICTER)

    with pytest.raises(PublishingError, match=rf"current version, {version}, .*room"):
        make_store().put(title, write_record("after"))

    assert [each["xml_content"].encode() for each in admin.held(title)] == [write_record("before")]


def test_check_warns_of_a_template_of_another_release(newer: Callable[[str], int], make_store: MakeStore) -> None:
    before = {check.subject: check.warning for check in make_store().check()}
    newer(NEWER)

    after = {check.subject: check.warning for check in make_store().check() if check.ok}

    assert not before["template"]
    assert after["template"]
