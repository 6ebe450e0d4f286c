"""``nexuslims stylesheets``."""

import argparse
from pathlib import Path

from nexuslims_core.cli.answers import Answer, WrongUsageError
from nexuslims_core.cli.paths import absolute
from nexuslims_core.errors import ConfigurationError, StorageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare where the sheets go, and where their links lead."""
    parser.add_argument("--out", type=absolute, metavar="DIR", help="write them there, to be loaded into CDCS by hand")
    parser.add_argument("--load", action="store_true", help="load them into the CDCS of the settings")
    parser.add_argument(
        "--token-file", type=absolute, metavar="FILE", help="holds the token of a superuser of that CDCS, for --load"
    )
    parser.add_argument(
        "--preview-base", metavar="URL", help="where previews and metadata are served; default: the setting, else /data"
    )
    parser.add_argument(
        "--dataset-base",
        metavar="URL",
        help="where raw files are served; default: the setting, else /instrument-data",
    )


def run(args: argparse.Namespace) -> Answer:
    """Fill the bases in; write the sheets, load them, or both."""
    if not args.out and not args.load:
        raise WrongUsageError("say where the stylesheets go: --out DIR, --load, or both")
    sheets = _sheets(args)
    written = _write(sheets, args.out) if args.out else []
    loaded = _load(sheets, args.token_file) if args.load else None
    lines = [*written, *([f"{loaded} shows records with them now"] if loaded else [])]
    return Answer(document={"written": written, "loaded": loaded}, text="\n".join(lines))


def _sheets(args: argparse.Namespace) -> dict[str, bytes]:
    """Return the sheets by the names of their files: that of a record's page, then that of lists."""
    from nexuslims_core.records.page import detail_sheet, list_sheet
    from nexuslims_core.schemas import RECORD_LIST, RECORD_TO_HTML

    preview, dataset = args.preview_base, args.dataset_base
    if preview is None or dataset is None:
        settings = _settings(needed=args.load)
        preview = settings[0] if preview is None else preview
        dataset = settings[1] if dataset is None else dataset
    try:
        return {
            RECORD_TO_HTML: detail_sheet(preview_base=preview, dataset_base=dataset),
            RECORD_LIST: list_sheet(preview_base=preview),
        }
    except ValueError as error:
        raise WrongUsageError(str(error)) from error


def _settings(*, needed: bool) -> tuple[str, str]:
    """Return the bases of the settings; none where there are no settings and none are needed."""
    from nexuslims_core.config import load_settings

    try:
        settings = load_settings()
    except ConfigurationError:
        if needed:
            raise
        return "", ""
    return settings.preview_base_url, settings.dataset_base_url


def _write(sheets: dict[str, bytes], folder: Path) -> list[str]:
    from nexuslims_core.artefacts import write_whole

    for name, sheet in sheets.items():
        write_whole(folder / name, sheet)
    return [str(folder / name) for name in sheets]


def _load(sheets: dict[str, bytes], token_file: Path | None) -> str:
    from nexuslims_core.config import load_settings
    from nexuslims_core.publishing.cdcs_sheets import load_sheets
    from nexuslims_core.trust import open_session

    settings = load_settings()
    if settings.cdcs_url is None:
        raise ConfigurationError("NEXUSLIMS_CDCS_URL is not set: say which CDCS (see .env.example)")
    if token_file is None:
        raise WrongUsageError("--load needs --token-file FILE with the token of a superuser, who alone may do this")
    try:
        token = token_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"cannot read {token_file}: {error}") from error
    (detail, listed) = ((Path(name).stem, sheet) for name, sheet in sheets.items())
    session = open_session(settings.ca_bundle)
    load_sheets(settings.cdcs_url, token, settings.cdcs_template, detail=detail, listed=listed, session=session)
    return settings.cdcs_url
