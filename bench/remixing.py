"""`hclarity remix` from given stems, against a script of pyclarity and pyloudnorm.

Writes into BENCH.md. Both sides are programs, timed from their start to their end, in turns: they
read the same four FLAC files of a generated song and write one. Theirs does what the Cadenza
baselines do: stems summed with their gains, brought to the song's loudness (pyloudnorm), amplified
and compressed for each ear (NALR and Compressor, set as the first Cadenza challenge does), and cut
at full scale. Ours does more: it hears the song twice, matches the loudness of what comes out, and
limits and meters its true peak. Run as::

    python bench/remixing.py [--seconds 120]
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import soundfile as sf
from page import write_section
from programs import Run, hclarity, measured

LISTENER = "N3"
GAINS = {"vocals": 3.0, "drums": -3.0, "bass": -3.0, "other": -3.0}
ROUNDS = 3


def main() -> None:
    """Time both sides and write a table, or do one task for the process that measures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.task:
        TASKS[words.task](words.seconds)
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        measured(task("song", words.seconds), place)
        sides = {"pyclarity": task("pyclarity", words.seconds), "ours": ours()}
        runs: dict[str, list[Run]] = {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, command in sides.items():
                runs[name].append(measured(command, place))
        write_section("remix", table(runs, words.seconds, heard(place)))


def task(name: str, seconds: float) -> list[str]:
    """The command that does one of `TASKS`."""
    return [sys.executable, "-W", "ignore", __file__, "--task", name, "--seconds", str(seconds)]


def ours() -> list[str]:
    """The command as a user types it."""
    gains = [word for stem, gain in GAINS.items() for word in ("--gain", f"{stem}={gain:+g}")]
    asked = ["--audiogram", LISTENER, "--prescription", "nalr", *gains]
    return hclarity("remix", "song", *asked, "-o", "ours", "--overwrite", "--quiet")


def make_song(seconds: float) -> None:
    """Four stems as FLAC of 24 bits."""
    from hclarity.datasets.generated.songs import SAMPLE_RATE, generate_song

    Path("song").mkdir()
    stems = generate_song(1000, seconds)
    for name, samples in zip(stems.names, stems.samples, strict=True):
        sf.write(f"song/{name}.flac", samples.T, SAMPLE_RATE, subtype="PCM_24")


def with_pyclarity(_: float) -> None:
    """The same song by their tools, each as fast as it is."""
    import numpy as np
    import pyloudnorm
    from clarity.enhancer.compressor import Compressor
    from clarity.enhancer.nalr import NALR
    from clarity.utils.audiogram import Audiogram

    from hclarity.hearing.standard import STANDARD_LISTENERS

    read = {stem: sf.read(f"song/{stem}.flac") for stem in GAINS}
    rate = next(iter(read.values()))[1]
    song = sum(samples for samples, _ in read.values())
    mixed = sum(10 ** (gain / 20) * read[stem][0] for stem, gain in GAINS.items())
    meter = pyloudnorm.Meter(rate)
    loudness = meter.integrated_loudness(song)
    mixed = pyloudnorm.normalize.loudness(mixed, meter.integrated_loudness(mixed), loudness)
    listener = STANDARD_LISTENERS[LISTENER]
    ears = []
    for channel, ear in enumerate((listener.left, listener.right)):
        aid = NALR(nfir=220, sample_rate=rate)
        gain, _ = aid.build(
            Audiogram(levels=np.array(ear.thresholds), frequencies=np.array(ear.frequencies))
        )
        compressor = Compressor(
            fs=rate, threshold=0.35, attenuation=0.1, attack=50, release=1000, rms_buffer_size=0.064
        )
        ears.append(compressor.process(aid.apply(gain, mixed[:, channel]))[0])
    Path("theirs").mkdir(exist_ok=True)
    remix = np.clip(np.stack(ears, axis=1), -1, 1)
    sf.write("theirs/song.flac", remix, rate, subtype="PCM_24")


TASKS: dict[str, Callable[[float], None]] = {"song": make_song, "pyclarity": with_pyclarity}


def heard(place: Path) -> dict[str, tuple[float, float]]:
    """Loudness and true peak of both remixes, in LUFS and dBTP, by our meters."""
    import numpy as np

    from hclarity.audio.loudness import integrated_loudness
    from hclarity.audio.reading import read_audio
    from hclarity.audio.true_peak import true_peak

    found = {}
    for name, folder in (("pyclarity", "theirs"), ("ours", "ours")):
        audio = read_audio(place / folder / "song.flac")
        peak = 20 * np.log10(true_peak(audio.samples, audio.sample_rate))
        found[name] = (integrated_loudness(audio) or -np.inf, float(peak))
    return found


def table(runs: dict[str, list[Run]], seconds: float, found: dict[str, tuple[float, float]]) -> str:
    """What was measured, as Markdown."""
    pairs = zip(runs["pyclarity"], runs["ours"], strict=True)
    ratio = median(theirs.seconds / mine.seconds for theirs, mine in pairs)
    lines = [
        "## `hclarity remix` from given stems",
        "",
        f"Four stereo stems of {seconds:g} s at 44.1 kHz, FLAC in and out, audiogram {LISTENER},"
        f" {os.cpu_count()} CPUs: whole programs, imports included, medians of {ROUNDS} turns."
        " pyclarity stands for its NALR and Compressor with pyloudnorm between; it holds the song"
        " in memory, ours does not. Written by `bench/remixing.py`.",
        "",
        "| | time | times real time | bar | peak memory | loudness | true peak |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, of in runs.items():
        one, memory = median(run.seconds for run in of), median(run.mebibytes for run in of)
        lufs, dbtp = found[name]
        lines.append(
            f"| {name} | {one:.1f} s | {seconds / one:.1f} | {'≥ 20' if name == 'ours' else ''}"
            f" | {memory:.0f} MiB | {lufs:.1f} LUFS | {dbtp:+.1f} dBTP |"
        )
    lines += ["", f"**{ratio:.1f} times as fast** (bar: ≥ 3)."]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
