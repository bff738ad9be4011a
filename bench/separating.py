"""Separation beside its peers. Writes into BENCH.md, each row when it is there.

Whole programs and nets take turns on the same music, weights and two cores. Run by ``make bench``,
or as::

    python bench/separating.py --bsrnn CHECKOUT_OF_magronp/bsrnn --tasnet FOLDER_OF_demucs-2.0.3

``--only net,memory`` measures these rows and leaves the others as they are. ``memory`` takes
twenty minutes and some gigabytes of disk, and is only measured when it is named.
"""

import argparse
import os
import platform
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from page import write_section
from separating_lengths import lengths_row
from separating_nets import net_row, peers_row
from separating_programs import bundled_row, command_row, memory_row, startup_row

CORES = 2
ROWS: dict[str, Callable[[argparse.Namespace, Path], str]] = {
    "net": net_row,
    "command": command_row,
    "peers": peers_row,
    "bundled": bundled_row,
    "startup": startup_row,
    "memory": memory_row,
    "lengths": lengths_row,
}


def main() -> None:
    """Measure what is asked for."""
    words = arguments()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    os.environ["HCLARITY_OFFLINE"] = "1"
    write_section("separation", heading())
    for name in words.only:
        begun = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            os.environ["HCLARITY_MODELS"] = str(Path(folder) / "models")
            text = ROWS[name](words, Path(folder))
        write_section(f"separation-{name}", text)
        print(f"{text}\n\n{name}: {time.perf_counter() - begun:.0f} s\n", flush=True)


def arguments() -> argparse.Namespace:
    """What is said on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", type=rows, default=[name for name in ROWS if name != "memory"])
    parser.add_argument("--bsrnn", type=Path, help="checkout of github.com/magronp/bsrnn")
    parser.add_argument("--tasnet", type=Path, help="unpacked demucs-2.0.3")
    parser.add_argument("--turns", type=int, default=3, help="of nets")
    parser.add_argument("--program-turns", type=int, default=1, help="of programs")
    parser.add_argument("--startup-turns", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=240.0, help="of music for the full net")
    parser.add_argument("--peer-seconds", type=float, default=6.0, help="of music for the peers")
    parser.add_argument("--minutes", type=float, default=4.0, help="of the song for programs")
    parser.add_argument("--memory-minutes", type=numbers, default=[10.0, 60.0], help="two songs")
    parser.add_argument("--lengths", type=numbers, default=[10.0, 30.0, 120.0, 600.0], help="in s")
    return parser.parse_args()


def rows(words: str) -> list[str]:
    """Names of rows, in the order of the page."""
    named = words.split(",")
    if unknown := set(named) - set(ROWS):
        raise argparse.ArgumentTypeError(f"no row {min(unknown)}; there are {', '.join(ROWS)}")
    return [name for name in ROWS if name in named]


def numbers(words: str) -> list[float]:
    """Numbers with commas between."""
    return [float(word) for word in words.split(",")]


def heading() -> str:
    """What holds for all rows."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "openvino", "demucs"))
    return (
        "## Separation\n\n"
        f"{CORES} cores of {platform.machine()}, {packages}. Real music at 44.1 kHz (the excerpt"
        " that comes with stempeg, repeated); both sides of a ratio in one run. Written by"
        " `bench/separating.py`, row by row."
    )


if __name__ == "__main__":
    main()
