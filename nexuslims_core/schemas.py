"""Where the XML schema and the stylesheets lie: schemas/ of a checkout, schema_files/ of an installed package."""

from hashlib import sha256
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_FOLDERS = (_HERE.parent / "schemas", _HERE / "schema_files")

NEXUS_EXPERIMENT = "nexus-experiment.xsd"
SHAREPOINT_TO_NEXUS = "sharepoint_to_nexus.xsl"
RECORD_TO_HTML = "record_to_html.xsl"
RECORD_LIST = "record_list.xsl"

NEXUS_NAMESPACE = "https://data.nist.gov/od/dm/nexus/experiment/v1.0"


def schema_path(name: str) -> Path:
    """Return the path of one schema or stylesheet.

    Raises
    ------
    FileNotFoundError
        If no such file ships with this release.
    """
    for folder in _FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"{name} is in none of {', '.join(map(str, _FOLDERS))}")


def schemas_digest() -> str:
    """Return the SHA-256 of the schema that records are held against and of the stylesheet that draws their pages."""
    return sha256(b"".join(schema_path(name).read_bytes() for name in (NEXUS_EXPERIMENT, RECORD_TO_HTML))).hexdigest()
