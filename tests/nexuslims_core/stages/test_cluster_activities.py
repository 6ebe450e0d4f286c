from collections.abc import Callable

from nexuslims_core.files.models import FileList
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.cluster_activities import cluster_activities
from tests.nexuslims_core.conftest import Lab


def test_every_file_is_in_one_activity(lab: Lab, claimed: Claim, found: Callable[[], FileList]) -> None:
    lab.two_activities()
    files = found()

    grouping = cluster_activities(lab.facility(), claimed, files)

    assert [len(activity.files) for activity in grouping.activities] == [3, 3]
    assert tuple(file for activity in grouping.activities for file in activity.files) == files.files
    assert lab.database.attempt(claimed).activities == 2


def test_a_sensitivity_of_none_makes_one_activity(lab: Lab, claimed: Claim, found: Callable[[], FileList]) -> None:
    lab.two_activities()

    grouping = cluster_activities(lab.facility(clustering_sensitivity=0), claimed, found())

    assert len(grouping.activities) == 1
