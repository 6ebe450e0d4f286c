from datetime import datetime

import pytest

from nexuslims_core.sessions.listing import Wanted


@pytest.mark.parametrize(
    "given",
    [{"since": datetime(2026, 1, 1)}, {"until": datetime(2026, 1, 1)}, {"limit": 0}],  # noqa: DTZ001 - refused
    ids=lambda given: next(iter(given)),
)
def test_what_cannot_be_wanted_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"need a zone|at least one"):
        Wanted(**given)  # type: ignore[arg-type]
