"""`hclarity eval` end to end, against a script of museval and pyclarity. Writes into BENCH.md.

Songs are generated, estimates are their stems with some of the others in them. Ours is the program
as a user runs it, from its start to its tables: uSDR, cSDR and HAAQI of stems and remix, of the
estimates, the mixture and the ideal ratio mask, for three listeners. Theirs would take hours, so a
share is timed, before ours and after: museval on one song, and pyclarity on one ear of one stem
(amplified and resampled, as the Cadenza baseline does). The whole is the medians times how often
each is needed; reading, remixing and uSDR are given to them for nothing. Run as::

    python bench/evaluating.py [--songs 5] [--seconds 30] [--jobs 1]
"""

import argparse
import csv
import hashlib
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import soundfile as sf
from page import write_section

from hclarity.datasets.generated.songs import SAMPLE_RATE, STEMS, generate_song
from hclarity.hearing.standard import STANDARD_LISTENERS

ROWS = 3  # mixture, estimates, ideal ratio mask
LISTENERS = ("N2", "N4", "S2")
HEARD = len(STEMS) + 1  # and the remix
EARS = 2
NAME = "estimates"
ROUNDS = 3


@dataclass(frozen=True)
class Share:
    """One piece of their work: what it found, and how long it took."""

    value: float
    seconds: float


def main() -> None:
    """Time both sides and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--jobs", type=int, default=1)
    words = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # theirs have one thread too
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        write_songs(place, words.songs, words.seconds)
        rounds = ROUNDS - 1
        shares = {name: [timed(work, place) for _ in range(rounds)] for name, work in WORK.items()}
        ours = run_ours(place, words.jobs)
        for name, work in WORK.items():
            shares[name].append(timed(work, place))
        write_section("eval", table(shares, ours, words, found_by_ours(place)))


def write_songs(place: Path, songs: int, seconds: float) -> None:
    """Songs in MUSDB18-HQ's layout, and estimates in demucs'."""
    for number in range(songs):
        stems = generate_song(1000 + number, seconds)
        mixture = stems.samples.sum(axis=0)
        for name, samples in zip(stems.names, stems.samples, strict=True):
            write(place / "set" / "test" / f"song {number}" / f"{name}.wav", samples)
            estimate = 0.85 * samples + 0.1 * (mixture - samples)
            write(place / NAME / f"song {number}" / f"{name}.wav", estimate)
        write(place / "set" / "test" / f"song {number}" / "mixture.wav", mixture)


def write(path: Path, samples: Any) -> None:
    """Write a file of floats."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sf.write(path, samples.T, SAMPLE_RATE, subtype="FLOAT")


def read(place: Path, *parts: str) -> Any:
    """Read a file, ``[frames, channels]``."""
    return sf.read(place.joinpath(*parts))[0]


def timed(work: Callable[[Path], float], place: Path) -> Share:
    """Do a piece of their work."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begun = time.perf_counter()
        value = work(place)
        return Share(value, time.perf_counter() - begun)


def with_museval(place: Path) -> float:
    """The cSDR of the vocals of one song; all its stems are scored together."""
    import museval

    song = "song 0"
    true = np.stack([read(place, "set", "test", song, f"{stem}.wav") for stem in STEMS])
    estimates = np.stack([read(place, NAME, song, f"{stem}.wav") for stem in STEMS])
    window = {"win": SAMPLE_RATE, "hop": SAMPLE_RATE}
    ratios = museval.evaluate(true, estimates, **window, mode="v4")[0]
    return float(np.nanmedian(ratios[STEMS.index("vocals")]))


def with_pyclarity(place: Path) -> float:
    """The HAAQI of the vocals of one song, for the left ear of one listener."""
    from clarity.enhancer.nalr import NALR
    from clarity.evaluator.haaqi import compute_haaqi
    from clarity.utils.audiogram import Audiogram
    from clarity.utils.signal_processing import compute_rms, resample

    song, heard = "song 0", STANDARD_LISTENERS[LISTENERS[0]].left
    audiogram = Audiogram(
        levels=np.array(heard.thresholds), frequencies=np.array(heard.frequencies)
    )
    aid = NALR(nfir=220, sample_rate=SAMPLE_RATE)
    gain, _ = aid.build(audiogram)
    true = read(place, "set", "test", song, "vocals.wav")[:, 0]
    estimate = read(place, NAME, song, "vocals.wav")[:, 0]
    reference, processed = (
        resample(aid.apply(gain, sound), SAMPLE_RATE, 24000) for sound in (true, estimate)
    )
    np.random.seed(int(hashlib.md5(song.encode()).hexdigest(), 16) % 10**8)
    return float(
        compute_haaqi(
            processed_signal=processed,
            reference_signal=reference,
            processed_sample_rate=24000,
            reference_sample_rate=24000,
            audiogram=audiogram,
            equalisation=2,
            level1=65 - 20 * np.log10(compute_rms(true)),
        )
    )


WORK = {"museval": with_museval, "pyclarity": with_pyclarity}


def run_ours(place: Path, jobs: int) -> float:
    """Run the program; return its seconds."""
    heard = [word for name in LISTENERS for word in ("--listener", name)]
    program = [sys.executable, "-m", "hclarity", "eval", "--dataset", "musdb", "--root", "set"]
    program += ["--estimates", NAME, "--listeners", "standard", *heard, "-j", str(jobs), "-q"]
    begun = time.perf_counter()
    subprocess.run([*program, "--csv", "ours.csv"], cwd=place, check=True, stdout=sys.stderr)
    return time.perf_counter() - begun


def found_by_ours(place: Path) -> dict[str, float]:
    """The same values as theirs, of ours."""
    with (place / "ours.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    wanted = {
        "museval": {"metric": "csdr"},
        "pyclarity": {"metric": "haaqi", "listener": LISTENERS[0], "ear": "left"},
    }
    same = {"row": NAME, "song": "song 0", "stem": "vocals"}
    return {
        name: float(next(it["value"] for it in lines if {**it, **same, **more} == it))
        for name, more in wanted.items()
    }


def table(
    shares: dict[str, list[Share]], ours: float, words: argparse.Namespace, found: dict[str, float]
) -> str:
    """What was measured, as Markdown."""
    times = {
        "museval": ROWS * words.songs,
        "pyclarity": ROWS * words.songs * len(LISTENERS) * HEARD * EARS,
    }
    one = {name: median(share.seconds for share in of) for name, of in shares.items()}
    theirs = sum(times[name] * one[name] for name in WORK)
    lines = [
        "## `hclarity eval`, end to end",
        "",
        f"Songs of {words.seconds:g} s: {words.songs}; 3 rows, 4 stems and a remix,"
        f" {len(LISTENERS)} listeners; `-j {words.jobs}`, {os.cpu_count()} CPUs. Ours is timed from"
        " the start of the program to its tables; of theirs, on one thread, a share, from which the"
        " whole follows. Written by `bench/evaluating.py`.",
        "",
        "| | once | how often | all | difference |",
        "|---|---|---|---|---|",
    ]
    for name, unit in (("museval", "song"), ("pyclarity", "ear of a stem")):
        difference = abs(shares[name][0].value - found[name])
        lines.append(
            f"| {name}, one {unit} | {one[name]:.1f} s | {times[name]}"
            f" | {times[name] * one[name]:.0f} s (extrapolated) | {difference:.1e} |"
        )
    lines.append(f"| `hclarity eval` | | | {ours:.0f} s | |")
    lines += ["", f"**{theirs / ours:.1f} times as fast.**"]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
