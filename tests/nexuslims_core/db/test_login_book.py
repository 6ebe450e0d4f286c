"""The memory of refused logins, on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from nexuslims_core.db.database import Database
from nexuslims_core.reservations.logins import Login, Turn

PASSWORDS = ("one", "two")
ADA = Login(server="sharepoint.example.org", user="EMLAB\\ada", password=PASSWORDS[0])


def tried(database: Database, login: Login, refusal: str | None) -> None:
    database.end(login, database.begin(login, 60).ticket, refusal)


def test_a_refused_login_is_refused_until_its_password_changes(database: Database) -> None:
    tried(database, ADA, "wrong password")

    again, other = database.begin(ADA, 60), database.begin(replace(ADA, password=PASSWORDS[1]), 60)

    assert (again.turn, again.refusal) == (Turn.REFUSED, "wrong password")
    assert other.turn is Turn.GO


def test_other_users_and_servers_are_not_touched(database: Database) -> None:
    tried(database, ADA, "wrong password")

    others = (replace(ADA, user="EMLAB\\ben"), replace(ADA, server="other.example.org"))

    assert [database.begin(each, 60).turn for each in others] == [Turn.GO, Turn.GO]


def test_while_one_tries_the_others_wait(database: Database) -> None:
    ticket = database.begin(ADA, 60).ticket

    meanwhile = database.begin(ADA, 60).turn
    database.end(ADA, ticket, None)

    assert (meanwhile, database.begin(ADA, 60).turn) == (Turn.BUSY, Turn.GO)


def test_a_try_that_never_ends_holds_nobody_up_for_ever(database: Database) -> None:
    dead = database.begin(ADA, 60).ticket
    later = replace(database, clock=lambda: datetime.now(UTC) + timedelta(seconds=61))

    own = later.begin(ADA, 60)
    later.end(ADA, dead, "what the dead one heard")

    assert own.turn is Turn.GO
    assert later.begin(ADA, 60).turn is Turn.BUSY


def test_a_person_may_let_all_be_tried_again(database: Database) -> None:
    tried(database, ADA, "wrong password")

    assert database.forget_refused_logins() == ("EMLAB\\ada at sharepoint.example.org",)
    assert database.begin(ADA, 60).turn is Turn.GO
    assert database.forget_refused_logins() == ()


@pytest.mark.parametrize("user", ["ö\\ä", "", "a" * 300], ids=["umlauts", "nobody", "long"])
def test_any_name_can_be_kept(database: Database, user: str) -> None:
    tried(database, replace(ADA, user=user), "no")

    assert database.begin(replace(ADA, user=user), 60).turn is Turn.REFUSED
