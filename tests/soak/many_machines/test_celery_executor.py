"""Sessions of every kind at once, with Celery on two machines, one of which is lost in the middle."""

from typing import TYPE_CHECKING

import pytest

from tests.e2e.promises import Promises

pytest.importorskip("airflow", reason="Airflow is not installed")

if TYPE_CHECKING:
    from tests.soak.many_machines.conftest import NightOfTwo

pytestmark = [pytest.mark.airflow, pytest.mark.server, pytest.mark.slow]


class TestCeleryExecutor(Promises):
    """What every executor keeps."""

    def test_both_machines_have_worked(self, night: "NightOfTwo") -> None:
        assert {task.hostname for task in night.run.tasks if task.hostname} >= {"one", "two"}

    def test_what_was_lost_with_a_machine_is_done_by_the_other(self, night: "NightOfTwo") -> None:
        again = [task for task in night.run.tasks if (task.task_id, task.map_index) in night.loss.tasks]

        assert again
        assert {task.hostname for task in again} == {"two"}
        assert all(task.tries > 1 for task in again)
