"""The recorded answers of scikit-learn, all of them computed anew."""

import random
from collections.abc import Callable

import pytest

from tests.nexuslims_core.activities import yardstick


def test_scikit_learn_still_finds_what_is_recorded(
    share: Callable[[int], int], dice: Callable[[], random.Random]
) -> None:
    sessions = dice().sample(yardstick.SESSIONS, share(len(yardstick.SESSIONS)))
    recorded = yardstick.recorded()

    found = {session: yardstick.found(session) for session in sessions}

    for session, again in found.items():
        known = recorded[session]
        assert (session, again["labels"]) == (session, known["labels"])
        assert again["bandwidth_s"] == pytest.approx(known["bandwidth_s"], rel=1e-12)
        assert again["boundaries"] == pytest.approx(known["boundaries"], rel=1e-15, abs=1e-6)
