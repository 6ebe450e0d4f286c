"""The one place that reads the environment: every setting, its default and the older names that sites already use.

A setting is the variable ``NEXUSLIMS_<NAME>`` or a line of a ``.env`` file; the environment wins. The names of
NexusLIMS 1 (``nexusLIMS_path``, …) and 2 (``NX_…``) are read too where they mean the same.
``.env.example`` explains each.
"""

from nexuslims_core.config.loading import known_names, load_logger_settings, load_settings
from nexuslims_core.config.logger import LoggerSettings
from nexuslims_core.config.nemo_servers import NemoServer
from nexuslims_core.config.settings import FileStrategy, Finder, Settings

__all__ = [
    "FileStrategy",
    "Finder",
    "LoggerSettings",
    "NemoServer",
    "Settings",
    "known_names",
    "load_logger_settings",
    "load_settings",
]
