"""``python -m fuzz``: the readers one after the other, each for its share; writes tests/FUZZ.md.

Ends with 1 when a reader has failed; the file on which it did so lies where is said.
"""

import argparse
import sys
from datetime import date

from fuzz.campaign import fuzzed
from fuzz.page import PAGE, add_outcome
from fuzz.targets import TARGETS

__all__ = ["main"]


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=(__doc__ or "").strip())
    parser.add_argument("names", nargs="*", metavar="READER", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--executions", type=int, default=100_000, help="in all (100000)")
    parser.add_argument("--seconds", type=int, default=600, help="at most for each (600)")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(TARGETS):
        parser.error(f"no reader {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    targets = [TARGETS[name] for name in asked.names or TARGETS]
    shares = sum(target.share for target in targets)
    failed = 0
    for target in targets:
        executions = max(1, round(asked.executions * target.share / shares))
        outcome = fuzzed(target, executions=executions, seconds=asked.seconds)
        add_outcome(target.name, outcome, date.today().isoformat())
        print(f"{target.name}: {outcome.executions} files tried, {outcome.corpus} kept")
        if outcome.failure:
            failed += 1
            print(f"{outcome.failure}\n{target.name} failed on {outcome.file}", file=sys.stderr)
    print(f"written: {PAGE}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
