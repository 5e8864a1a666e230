"""`python -m bench.scale`: simulate the day, and write docs/scale.md."""

import argparse
import sys

from bench.report import read_sections
from bench.scale.measured import renew_service_times
from bench.scale.page import TARGET, page
from bench.scale.runs import PATHS

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--renew", action="store_true", help="with the service times of docs/benchmarks.md")
    if parser.parse_args().renew:
        renew_service_times(read_sections(), PATHS)
    TARGET.write_text(page(), "utf-8")
    sys.stdout.write(f"{TARGET.name} was written.\n")
