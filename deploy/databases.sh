#!/bin/sh
# Makes the database of sessions beside Airflow's own; the image of PostgreSQL runs it once, on an empty volume.
set -eu
createdb --username "$POSTGRES_USER" nexuslims
