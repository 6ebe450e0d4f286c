"""Sessions of every kind at once, under a scheduler that runs its tasks on its own machine."""

import pytest

from tests.e2e.promises import Promises

pytest.importorskip("airflow", reason="Airflow is not installed")

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow]


class TestLocalExecutor(Promises):
    """What every executor keeps."""
