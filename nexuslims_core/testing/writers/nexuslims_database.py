"""SQLite files as NexusLIMS 1 and 2 make them, with their own tables and none of their rules but the tables'."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

VERSION_1 = """
CREATE TABLE instruments (
    instrument_pid VARCHAR(100) NOT NULL PRIMARY KEY, api_url TEXT NOT NULL UNIQUE, calendar_name TEXT,
    calendar_url TEXT, location VARCHAR(100), schema_name TEXT, property_tag VARCHAR(20), filestore_path TEXT,
    computer_name TEXT UNIQUE, computer_ip VARCHAR(15) UNIQUE, computer_mount TEXT, harvester TEXT,
    timezone TEXT DEFAULT 'America/New_York');
CREATE TABLE session_log (
    id_session_log INTEGER PRIMARY KEY AUTOINCREMENT, session_identifier VARCHAR(36) NOT NULL,
    instrument VARCHAR(100) NOT NULL REFERENCES instruments (instrument_pid) ON DELETE CASCADE ON UPDATE CASCADE,
    timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now', 'localtime')),
    event_type TEXT CHECK (event_type IN ('START', 'END', 'RECORD_GENERATION')),
    record_status TEXT NOT NULL DEFAULT 'WAITING_FOR_END' CHECK (
        record_status IN ('COMPLETED', 'WAITING_FOR_END', 'TO_BE_BUILT', 'ERROR', 'NO_FILES_FOUND')),
    user VARCHAR(50));
"""
"""As its script ``NexusLIMS_db_creation_script.sql`` of 1.4.1 says."""

VERSION_2 = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO alembic_version VALUES ('v2_5_0b');
CREATE TABLE instruments (
    instrument_pid VARCHAR(100) NOT NULL PRIMARY KEY, api_url VARCHAR NOT NULL UNIQUE, calendar_url VARCHAR NOT NULL,
    location VARCHAR(100) NOT NULL, display_name VARCHAR NOT NULL, property_tag VARCHAR(20) NOT NULL,
    filestore_path VARCHAR NOT NULL, harvester VARCHAR NOT NULL, timezone VARCHAR NOT NULL);
CREATE TABLE session_log (
    id_session_log INTEGER NOT NULL PRIMARY KEY, session_identifier VARCHAR(36) NOT NULL,
    instrument VARCHAR(100) NOT NULL REFERENCES instruments (instrument_pid), timestamp VARCHAR NOT NULL,
    event_type VARCHAR(17) NOT NULL, record_status VARCHAR(18) NOT NULL, user VARCHAR(50),
    CONSTRAINT check_event_type CHECK (event_type IN ('START', 'END', 'RECORD_GENERATION')),
    CONSTRAINT check_record_status CHECK (record_status IN ('COMPLETED', 'WAITING_FOR_END', 'TO_BE_BUILT',
        'BUILT_NOT_EXPORTED', 'ERROR', 'NO_FILES_FOUND', 'NO_CONSENT', 'NO_RESERVATION')));
CREATE INDEX ix_session_log_session_identifier ON session_log (session_identifier);
CREATE TABLE upload_log (
    id INTEGER NOT NULL PRIMARY KEY, session_identifier VARCHAR(36) NOT NULL, destination_name VARCHAR(100) NOT NULL,
    success BOOLEAN NOT NULL, timestamp VARCHAR NOT NULL, record_id VARCHAR(255), record_url VARCHAR(500),
    error_message VARCHAR, metadata_json VARCHAR);
CREATE INDEX ix_upload_log_destination_name ON upload_log (destination_name);
CREATE INDEX ix_upload_log_session_identifier ON upload_log (session_identifier);
CREATE TABLE external_user_identifiers (
    id INTEGER NOT NULL PRIMARY KEY, nexuslims_username VARCHAR NOT NULL, external_system VARCHAR NOT NULL,
    external_id VARCHAR NOT NULL, email VARCHAR, created_at VARCHAR NOT NULL, last_verified_at VARCHAR, notes VARCHAR,
    CONSTRAINT valid_external_system CHECK (
        external_system IN ('nemo', 'labarchives_eln', 'labarchives_scheduler', 'cdcs')),
    CONSTRAINT nexuslims_username_system_UNIQUE UNIQUE (nexuslims_username, external_system),
    CONSTRAINT system_external_id_UNIQUE UNIQUE (external_system, external_id));
"""
"""As ``nexuslims db init`` of 2.8.0 makes it."""

_TITAN_1 = {
    "instrument_pid": "FEI-Titan-TEM-635816",
    "api_url": "https://sharepoint.example.org/Div/em/_vti_bin/ListData.svc/FEITitanTEMEvents",
    "calendar_name": "FEI Titan TEM",
    "calendar_url": "https://sharepoint.example.org/Div/em/Lists/FEI%20Titan%20Events/calendar.aspx",
    "location": "223/B115",
    "schema_name": "FEI Titan TEM",
    "property_tag": "635816",
    "filestore_path": "./Titan",
    "computer_name": "TITAN52331880",
    "computer_ip": "192.0.2.37",
    "computer_mount": "M:/",
    "harvester": "sharepoint_calendar",
    "timezone": "America/New_York",
}
_TITAN_2 = {
    "instrument_pid": "FEI-Titan-TEM-635816",
    "api_url": "https://nemo.example.org/api/tools/?id=10",
    "calendar_url": "https://nemo.example.org/calendar/titan/",
    "location": "223/B115",
    "display_name": "FEI Titan TEM",
    "property_tag": "635816",
    "filestore_path": "./Titan",
    "harvester": "nemo",
    "timezone": "America/New_York",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NexusLimsDatabase:
    """One file, made by :meth:`make`; each row is committed when it is added.

    Attributes
    ----------
    version
        1 or 2.
    """

    path: Path
    version: int

    @classmethod
    def make(cls, path: Path, version: int) -> "NexusLimsDatabase":
        """Make a file with the tables of a version, without rows."""
        path.parent.mkdir(parents=True, exist_ok=True)
        made = cls(path=path, version=version)
        made.run(VERSION_1 if version == 1 else VERSION_2)
        return made

    def run(self, script: str) -> None:
        """Run SQL."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.executescript(script)

    def add(self, table: str, *rows: Mapping[str, object]) -> None:
        """Insert rows that have the same columns."""
        columns, places = ", ".join(rows[0]), ", ".join("?" * len(rows[0]))
        with closing(sqlite3.connect(self.path)) as connection, connection:
            statement = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - names by the test's author
            connection.executemany(statement, [tuple(row.values()) for row in rows])

    def instrument(self, **given: object) -> str:
        """Insert the Titan, or what is given of another instrument, and return its persistent id."""
        row = {**(_TITAN_1 if self.version == 1 else _TITAN_2), **given}
        self.add("instruments", row)
        return str(row["instrument_pid"])

    def log(self, session: object, event: str, time: object, status: str = "TO_BE_BUILT", **given: object) -> None:
        """Insert one log, of the Titan if nothing else is given."""
        row = {"session_identifier": session, "instrument": "FEI-Titan-TEM-635816", "timestamp": time}
        self.add("session_log", {**row, "event_type": event, "record_status": status, "user": "ada", **given})

    def session(self, session: object, start: str, end: str, status: str = "TO_BE_BUILT", **given: object) -> None:
        """Insert a START and an END."""
        self.log(session, "START", start, status, **given)
        self.log(session, "END", end, status, **given)

    def receipt(self, session: str, *, destination: str = "cdcs", success: bool = True, **given: object) -> None:
        """Insert one row of ``upload_log``, by default that of an upload to CDCS that succeeded."""
        row: dict[str, object] = {"session_identifier": session, "destination_name": destination, "success": success}
        told = {"timestamp": "2025-06-02T12:00:00.123456", "record_id": "17", "error_message": None}
        url = "https://cdcs.example.org/data?id=17"
        self.add("upload_log", {**row, **told, "record_url": url, **given})
