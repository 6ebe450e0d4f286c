"""The database of sessions: rows, repositories and migrations; rows never leave this folder."""
