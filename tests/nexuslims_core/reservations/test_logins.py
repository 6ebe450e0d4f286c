import pytest

from nexuslims_core.reservations.logins import Login, OwnLogins, Turn, digest_of, fits

ADA = Login(server="sharepoint.example.org", user="EMLAB\\ada", password="one")  # noqa: S106 - nobody's


def test_a_digest_fits_its_password_alone() -> None:
    kept = digest_of("one")

    assert fits("one", kept)
    assert not fits("two", kept)
    assert "one" not in kept


def test_two_digests_of_one_password_differ() -> None:
    assert digest_of("one") != digest_of("one")


@pytest.mark.parametrize("kept", ["", "scrypt$", "scrypt$zz$00", "md5$00$00"])
def test_what_is_no_digest_fits_nothing(kept: str) -> None:
    assert not fits("one", kept)


def test_one_process_remembers_too() -> None:
    logins = OwnLogins()
    logins.end(ADA, logins.begin(ADA, 1).ticket, "refused")

    again = logins.begin(ADA, 1)

    assert (again.turn, again.refusal) == (Turn.REFUSED, "refused")
    assert "one" not in repr(logins) + repr(ADA)
