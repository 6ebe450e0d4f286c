import pytest

from nexuslims_core.alerts.recipients import Recipient, Recipients
from nexuslims_core.errors import ConfigurationError

CHAT = "slack://T0ken/B-secret/C-secret/#microscopy"


def test_an_address_of_a_chat_is_named_without_its_secrets() -> None:
    name = Recipient(address=CHAT).name

    assert name.startswith("slack ")
    assert "secret" not in f"{name}{Recipient(address=CHAT)!r}"


def test_a_mail_address_is_its_own_name() -> None:
    recipient = Recipient(address="ada@example.org")

    assert (recipient.name, recipient.is_mail) == ("ada@example.org", True)


@pytest.mark.parametrize(
    "address",
    ["ada", "ada@", "@example.org", "a b@example.org", "ada@example.org\nBcc: eve@example.org", "", "slack:// x"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="correct NEXUSLIMS_ALERTS_TO"):
        Recipient(address=address)


def test_an_instrument_has_its_own_people_beside_those_of_everything() -> None:
    staff, ada = Recipient(address="staff@example.org"), Recipient(address="ada@example.org")
    recipients = Recipients(always=(staff,), by_instrument={"Titan": (ada, staff)})

    assert recipients.of("Titan") == (staff, ada)
    assert recipients.of("Quanta") == recipients.of(None) == (staff,)
    assert recipients.everybody() == (staff, ada)
