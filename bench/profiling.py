"""Where the time of whole commands goes. Writes PROFILE.md beside this file.

A song of four minutes is remixed from given stems, and estimates of it are scored; HAAQI is of 30
seconds, for one listener. Each command runs as it is for its time, and once more under Python's
profiler, which sees its main thread, for the shares. Run as::

    python bench/profiling.py [--seconds 240] [--turns 3] [--before CHECKOUT]
"""

import argparse
import cProfile
import io
import os
import pstats
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile as sf
from programs import hclarity, measured
from separating_inputs import RATE, STEMS, music

PAGE = Path(__file__).with_name("PROFILE.md")
MOST = 8  # lines of a table
SCORED = ["eval", "--dataset", "folder", "--split", "test", "--overwrite", "--quiet"]
COMMANDS = {
    "remix": ["remix", "stems", "--audiogram", "N3", "-o", "out", "--overwrite", "--quiet"],
    "eval, uSDR and cSDR": [
        *[*SCORED, "--root", "long", "--estimates", "guess/long", "--metrics", "usdr,csdr"]
    ],
    "eval, HAAQI": [
        *[*SCORED, "--root", "short", "--estimates", "guess/short", "--metrics", "haaqi"],
        *["--listeners", "standard", "--listener", "N3"],
    ],
}


def main() -> None:
    """Profile all commands, or be the process that is profiled."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--before", type=Path, help="another checkout, to be timed in turns")
    parser.add_argument("--profiled", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.profiled:
        profiled(words.profiled)
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write_songs(place, words.seconds)
        texts = [heading(words)]
        for name, command in COMMANDS.items():
            texts.append(section(name, command, place, words))
            PAGE.write_text("\n\n".join(texts) + "\n", "utf-8")


def write_songs(place: Path, seconds: float) -> None:
    """Stems as for `remix`; two sets with one song each, and what was made of these."""
    random = np.random.default_rng(0)
    for name, length in (("long", seconds), ("short", min(30.0, seconds))):
        whole = music(length)
        shares = random.uniform(0.3, 0.7, (len(STEMS), 1, 1))
        stems = {
            stem: np.roll(whole, number * RATE, -1) * share / len(STEMS)
            for number, (stem, share) in enumerate(zip(STEMS, shares, strict=True))
        }
        mixture = np.sum(list(stems.values()), axis=0)
        for stem, samples in {**stems, "mixture": mixture}.items():
            write(place / name / "test" / "song" / f"{stem}.wav", samples)
        for stem, samples in stems.items():
            write(place / "guess" / name / "song" / f"{stem}.wav", 0.8 * samples + 0.1 * mixture)
            if name == "long":
                write(place / "stems" / f"{stem}.flac", samples)


def write(file: Path, samples: np.ndarray) -> None:
    """Write one file, of 24 bits."""
    file.parent.mkdir(parents=True, exist_ok=True)
    sf.write(str(file), samples.T, RATE, subtype="PCM_24")


def section(name: str, command: list[str], place: Path, words: argparse.Namespace) -> str:
    """What one command takes, and what of it takes most."""
    sides = {"now": None, "before": words.before}
    seconds: dict[str, list[float]] = {
        side: [] for side, at in sides.items() if side == "now" or at
    }
    for _ in range(words.turns):
        for side, taken in seconds.items():
            with sources(sides[side]):
                taken.append(measured(hclarity(*command), place).seconds)
    measured([sys.executable, __file__, "--profiled", *command], place)
    times = ", ".join(f"{side} {statistics.median(taken):.1f} s" for side, taken in seconds.items())
    told = (place / "profile.txt").read_text("utf-8")
    return f"## `{name}`\n\n{times}.\n\n{told}"


@contextmanager
def sources(checkout: Path | None) -> Iterator[None]:
    """Let programs be those of another checkout."""
    kept = os.environ.get("PYTHONPATH")
    if checkout:
        os.environ["PYTHONPATH"] = str(checkout)
    yield
    if kept is not None:
        os.environ["PYTHONPATH"] = kept
    else:
        os.environ.pop("PYTHONPATH", None)


def profiled(command: list[str]) -> None:
    """Run a command under the profiler, in this process."""
    sys.argv = ["hclarity", *command]
    profiler = cProfile.Profile()
    try:
        profiler.runcall(run)
    except SystemExit as ended:
        if ended.code:
            raise
    Path("profile.txt").write_text(table(pstats.Stats(profiler, stream=io.StringIO())), "utf-8")


def run() -> None:
    """What the program does, from its first import."""
    from hclarity.cli.app import main as program

    program()


def table(stats: pstats.Stats) -> str:
    """Own seconds by module and by function."""
    by_module: Counter[str] = Counter()
    by_function: Counter[str] = Counter()
    for (file, _, function), (_, _, own, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        module = module_of(file)
        by_module[module] += own
        by_function[f"{module}: {function}"] += own
    whole = sum(by_module.values())
    lines = ["| module | own s | share |", "|---|---|---|"]
    lines += [
        f"| {it} | {own:.2f} | {own / whole:.0%} |" for it, own in by_module.most_common(MOST)
    ]
    lines += ["", "| function | own s | share |", "|---|---|---|"]
    lines += [
        f"| `{it}` | {own:.2f} | {own / whole:.0%} |" for it, own in by_function.most_common(MOST)
    ]
    return "\n".join(lines)


def module_of(file: str) -> str:
    """A short name for where a function is written."""
    if file.startswith(("~", "<")):
        return "built in"
    parts = Path(file).with_suffix("").parts
    for root in ("hclarity", "site-packages"):
        if root in parts[:-1]:
            after = parts[parts.index(root) + (root == "site-packages") :]
            return ".".join(after if root == "hclarity" else after[:1])
    return "Python's library"


def heading(words: argparse.Namespace) -> str:
    """What holds for all sections."""
    return (
        "# Profile\n\n"
        f"A song of {words.seconds:g} s at {RATE} Hz, four stems; HAAQI of 30 s. Times are medians"
        f" of {words.turns} runs of the whole program; own times are of its main thread under a"
        " profiler, which makes calls dearer. Written by `bench/profiling.py`."
    )


if __name__ == "__main__":
    main()
