"""Files to acquisition activities, by when they were made."""

from typing import cast

from nexuslims_core import codec
from nexuslims_core.activities.clustering import Method, activities_of, cluster, explain
from nexuslims_core.activities.models import Grouping
from nexuslims_core.files.models import FileList
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform

STAGE = "cluster_activities"


def cluster_activities(facility: Facility, claim: Claim, files: FileList) -> Grouping:
    """Return the activities of a session and how they were told apart."""
    chosen = facility.settings
    return perform(
        facility,
        claim,
        STAGE,
        inputs=[codec.encode(files), chosen.clustering_method, chosen.clustering_sensitivity],
        kind=Grouping,
        work=lambda: _group(facility, claim, files),
    )


def _group(facility: Facility, claim: Claim, files: FileList) -> Grouping:
    chosen = facility.settings
    clustering = cluster(
        [file.mtime for file in files.files],
        method=cast("Method", chosen.clustering_method),
        sensitivity=chosen.clustering_sensitivity,
    )
    activities = activities_of(files.files, clustering)
    facility.database.note_counts(claim, activities=len(activities))
    return Grouping(activities=activities, explanation=explain(clustering))
