"""``nexuslims page``."""

import argparse

from nexuslims_core.cli.answers import Answer
from nexuslims_core.cli.paths import absolute
from nexuslims_core.cli.validating import read_record


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare record, page and where its links lead."""
    parser.add_argument("record", type=absolute, metavar="RECORD.xml")
    parser.add_argument("-o", "--out", type=absolute, required=True, metavar="OUT.html")
    parser.add_argument("--preview-base", default="", metavar="URL", help="where previews and metadata are served")
    parser.add_argument("--dataset-base", default="", metavar="URL", help="where raw files are served")
    parser.add_argument("--record-url", default="", metavar="URL", help="where the record's XML can be had")
    parser.add_argument("--crate-url", default="", metavar="URL", help="where its RO-Crate can be had")


def run(args: argparse.Namespace) -> Answer:
    """Render a record as one self-contained page."""
    from nexuslims_core.artefacts import write_whole
    from nexuslims_core.records.page import to_html

    xml = read_record(args.record)
    page = to_html(
        xml,
        preview_base=args.preview_base,
        dataset_base=args.dataset_base,
        record_url=args.record_url,
        crate_url=args.crate_url,
    )
    write_whole(args.out, page)
    return Answer(document={"page": str(args.out)}, text=str(args.out))
