from dataclasses import replace
from datetime import timedelta

from nexuslims_core.alerts.messages import MOST_IN_FULL, compose
from nexuslims_core.sessions.commands import Command
from tests.nexuslims_core.alerts.test_mail import ALERT


def test_several_alerts_are_one_message_that_lists_them() -> None:
    alerts = [
        replace(ALERT, occasion=f"attempt {i}", headline=f"session {i} failed", at=ALERT.at + timedelta(minutes=i))
        for i in range(5)
    ]

    message = compose(alerts)

    assert message.subject == "[NexusLIMS] 5 alerts: session 0 failed, …"
    assert all(
        f"- session {i} failed" in message.text and f"<li>session {i} failed</li>" in message.html for i in range(5)
    )
    assert message.at == alerts[-1].at


def test_a_message_of_very_many_says_how_many_more() -> None:
    alerts = [replace(ALERT, occasion=f"attempt {i}", instrument_pid=f"i{i % 3}") for i in range(MOST_IN_FULL + 7)]

    message = compose(alerts)

    assert message.subject.startswith(f"[NexusLIMS] {MOST_IN_FULL + 7} alerts, 3 instruments: ")
    assert "And 7 more: `nexuslims alerts` lists them all." in message.text


def test_a_command_can_be_copied_as_it_is() -> None:
    command = Command(line="nexuslims sessions requeue 'a <b>'", purpose="when that is mended")

    message = compose([replace(ALERT, commands=(command,))])

    assert "\n    nexuslims sessions requeue 'a <b>'\n" in message.text
    assert "<code>nexuslims sessions requeue &#x27;a &lt;b&gt;&#x27;</code>" in message.html


def test_the_same_alerts_have_the_same_key_and_others_another() -> None:
    other = replace(ALERT, occasion="attempt 2")

    keys = [compose(alerts).key for alerts in ([ALERT], [ALERT], [other], [ALERT, other])]

    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
