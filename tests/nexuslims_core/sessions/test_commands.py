import subprocess

import pytest

from nexuslims_core.sessions.commands import on_session, quoted

HOSTILE = [
    "6b5a2f6c-2f0c-4a3c",
    "https://nemo.example.org/api/usage_events/?id=31&x=1  2",
    "it's; rm -rf $HOME `id`",
    "two\nlines\tand a bell\a",
    "back\\slash\n'quoted'",
    "no break, µ and 電",
    "",
]


@pytest.mark.parametrize("word", HOSTILE, ids=repr)
def test_a_shell_takes_a_word_as_it_is(word: str) -> None:
    said = subprocess.run(["/bin/bash", "-c", f"printf %s {quoted(word)}"], capture_output=True, check=True)

    assert said.stdout.decode() == word


@pytest.mark.parametrize("word", HOSTILE, ids=repr)
def test_a_command_is_one_line_that_a_terminal_can_show(word: str) -> None:
    assert on_session("build", word).isprintable()


def test_an_identifier_is_never_an_option() -> None:
    assert on_session("sessions end", "-h", "--at", "TIME") == "nexuslims sessions end --at TIME -- -h"
