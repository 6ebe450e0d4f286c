"""Files to acquisition activities, by when they were made."""

from nexuslims_core.activities.clustering import activities_of, cluster, explain
from nexuslims_core.activities.models import Grouping
from nexuslims_core.artefacts import fingerprint
from nexuslims_core.files.models import FileList
from nexuslims_core.sessions.models import Claim
from nexuslims_core.stages.facility import Facility
from nexuslims_core.stages.performing import perform

STAGE = "cluster_activities"


def cluster_activities(facility: Facility, claim: Claim, files: FileList) -> Grouping:
    """Return the activities of a session and how they were told apart."""
    chosen = facility.settings
    grouping = perform(
        facility,
        claim,
        STAGE,
        inputs=[fingerprint(files), chosen.clustering_method, chosen.clustering_sensitivity],
        kind=Grouping,
        work=lambda: _group(facility, files),
    )
    facility.database.note_counts(claim, activities=len(grouping.activities))
    return grouping


def _group(facility: Facility, files: FileList) -> Grouping:
    chosen = facility.settings
    clustering = cluster(
        [file.mtime for file in files.files],
        method=chosen.clustering_method,
        sensitivity=chosen.clustering_sensitivity,
    )
    return Grouping(activities=activities_of(files.files, clustering), explanation=explain(clustering))
