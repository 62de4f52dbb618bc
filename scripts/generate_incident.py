"""Write a made-up incident's native log files, and its truth: scripts/generate_incident.py DIRECTORY."""

import argparse
import sys
from datetime import datetime
from pathlib import Path

if not __package__:  # run as a file: the checkout is not on the path
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.incident import DEFAULT_START, generate


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, write the files and print where the truth is."""
    options = _parser().parse_args(arguments)
    try:
        generate(
            options.directory,
            seed=options.seed,
            services=options.services,
            minutes=options.minutes,
            entries=options.entries,
            start=options.start,
        )
    except ValueError as error:
        print(f"generate_incident: {error}", file=sys.stderr)
        return 2
    print(options.directory / "truth.json")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="generate_incident", description=__doc__)
    parser.add_argument("directory", type=Path, help="a new or empty folder; native files go to its folder files")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same content (%(default)s)")
    parser.add_argument("--services", type=int, default=12, help="12 to 200 (%(default)s)")
    parser.add_argument("--minutes", type=int, default=90, help="length of the story, at least 5 (%(default)s)")
    parser.add_argument("--entries", type=int, default=60_000, help="about how many log records (%(default)s)")
    parser.add_argument(
        "--start", type=datetime.fromisoformat, default=DEFAULT_START, help="with its zone (%(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
