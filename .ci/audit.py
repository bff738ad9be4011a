"""Known advisories about what is pinned: ``make audit``. Asks pip-audit, and does not believe it.

Where the database of advisories cannot be reached, pip-audit may skip every package, and end well.
That is no answer. So each pinned package must have been asked about, or the audit has failed.
Ends with 0 when nothing is known about any, 1 when something is, 69 when it could not be found out.
"""

import json
import subprocess
import sys
from pathlib import Path

__all__ = ["main"]

PINS = Path(__file__).parent.parent / "constraints.txt"
FOUND, UNAVAILABLE = 1, 69
OPTIONS = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]


def main(program: str = "pip-audit", pins: Path = PINS) -> int:
    """Audit, tell what came of it, and return the exit code."""
    run = subprocess.run(
        [program, "--requirement", str(pins), *OPTIONS], capture_output=True, text=True
    )
    try:
        packages = json.loads(run.stdout)["dependencies"]
    except (ValueError, LookupError, TypeError):
        why = (run.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return failed(f"pip-audit gave no answer (exit code {run.returncode}): {why[:300]}")
    known = [package for package in packages if package.get("vulns")]
    for package in known:
        for advisory in package["vulns"]:
            mended = ", ".join(advisory.get("fix_versions", [])) or "no version yet"
            where = f"{package['name']} {package['version']}"
            print(f"{where}: {advisory['id']}, mended in {mended}")
    asked = {package["name"].lower() for package in packages if "vulns" in package}
    if unasked := sorted(pinned(pins) - {name.replace("_", "-") for name in asked}):
        names = ", ".join(unasked[:5]) + (" ..." if len(unasked) > 5 else "")
        return failed(f"{len(unasked)} of {len(pinned(pins))} packages were not found: {names}")
    print(f"{len(asked)} packages were asked about, {len(known)} have known advisories")
    return FOUND if known else 0


def pinned(pins: Path) -> set[str]:
    """Return the names of what is pinned."""
    lines = pins.read_text(encoding="utf-8").splitlines()
    names = (line.partition("==")[0].strip() for line in lines if "==" in line)
    return {name.lower().replace("_", "-") for name in names}


def failed(why: str) -> int:
    """Say that nothing is known, which is not that all is well."""
    print(
        f"the audit failed: {why}\nthe database of advisories must be reachable (pypi.org);"
        " nothing is known about what was not asked about",
        file=sys.stderr,
    )
    return UNAVAILABLE


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
