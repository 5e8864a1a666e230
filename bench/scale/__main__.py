"""`python -m bench.scale`: simulate the day, and write docs/scale.md."""

import sys

from bench.scale.page import TARGET, page

if __name__ == "__main__":
    TARGET.write_text(page(), "utf-8")
    sys.stdout.write(f"{TARGET.name} was written.\n")
