"""Rows of the bench of separation in which whole programs are timed and weighed."""

import sys
from argparse import Namespace
from pathlib import Path
from statistics import median

from programs import Run, hclarity, measured
from separating_inputs import add_model, write_song

__all__ = ["bundled_row", "command_row", "memory_row", "startup_row"]

NETS = {"full": 48, "narrow": 8}  # names of Hybrid Demucs with random weights -> their width
BUNDLED = ("demucs", "convtasnet", "bsrnn")
OUT_OF_MEMORY = (-9, 1)  # killed by the system, or told by it


def command_row(words: Namespace, place: Path) -> str:
    """`hclarity separate` beside the `demucs` command, the full net."""
    add_model(place, "full", NETS["full"])
    song = str(write_song(place / "song.wav", 60 * words.minutes))
    _keep_converted(place, "full")
    sides = {"theirs": demucs(song, "full"), "ours": separate(song, "full")}
    runs: dict[str, list[Run]] = {name: [] for name in sides}
    for _ in range(words.program_turns):
        for name, command in sides.items():
            runs[name].append(measured(command, place))
    pairs = zip(runs["theirs"], runs["ours"], strict=True)
    ratio = median(theirs.seconds / ours.seconds for theirs, ours in pairs)
    lines = [
        "### `hclarity separate` beside `demucs`",
        "",
        f"A song of {words.minutes:g} minutes, the full Hybrid Demucs with the same random weights,"
        " each with its own defaults (WAV of 16 bits; FLAC of 24, bf16 where the CPU has it): whole"
        f" programs, medians of {words.program_turns} turns. Ours has been converted before.",
        "",
        "| | time | times real time | peak memory | ratio | bar |",
        "|---|---|---|---|---|---|",
    ]
    for name, title in (("theirs", "demucs"), ("ours", "hclarity")):
        seconds = median(run.seconds for run in runs[name])
        weight = max(run.mebibytes for run in runs[name])
        told = f"**{ratio:.2f}** | ≥ 3" if name == "ours" else "|"
        lines.append(
            f"| {title} | {seconds:.1f} s | {60 * words.minutes / seconds:.1f}"
            f" | {weight:.0f} MiB | {told} |"
        )
    return "\n".join(lines)


def bundled_row(words: Namespace, place: Path) -> str:
    """The models that come with hclarity, and what one stem alone takes."""
    song = str(write_song(place / "song.wav", 60 * words.minutes))
    seconds: dict[tuple[str, bool], list[float]] = {}
    commands = {}
    for model in BUNDLED:
        for alone in (False, True):
            stems = ("--stems", "vocals") if alone else ()
            _keep_converted(place, model, "--weights", "bundled", *stems)
            commands[model, alone] = separate(song, model, "--weights", "bundled", *stems)
    for _ in range(words.program_turns):
        for which, command in commands.items():
            seconds.setdefault(which, []).append(measured(command, place).seconds)
    lines = [
        "### The bundled models",
        "",
        f"`hclarity separate` on a song of {words.minutes:g} minutes: whole programs, medians of"
        f" {words.program_turns} turns. Converted before.",
        "",
        "| model | all stems | times real time | bar | `--stems vocals` | of the time |",
        "|---|---|---|---|---|---|",
    ]
    for model in BUNDLED:
        whole, alone = median(seconds[model, False]), median(seconds[model, True])
        lines.append(
            f"| {model} | {whole:.1f} s | **{60 * words.minutes / whole:.1f}** | ≥ 12"
            f" | {alone:.1f} s | {alone / whole:.0%} |"
        )
    return "\n".join(lines)


def startup_row(words: Namespace, place: Path) -> str:
    """How soon a program that has nothing to compute returns."""
    theirs = "demucs --help"
    commands = {
        theirs: ([sys.executable, "-m", "demucs", "--help"], 0),
        "hclarity --help": (hclarity("--help"), 0),
        "hclarity models list": (hclarity("models", "list"), 0),
        "hclarity separate x --modle y": (hclarity("separate", "x", "--modle", "y"), 2),
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(words.startup_turns):
        for name, (command, end) in commands.items():
            seconds[name].append(measured(command, place, ends=(end,)).seconds)
    lines = [
        "### Programs that compute nothing",
        "",
        f"Medians of {words.startup_turns} turns.",
        "",
        "| | time | ratio | bar |",
        "|---|---|---|---|",
    ]
    for name, of in seconds.items():
        pairs = zip(seconds[theirs], of, strict=True)
        ratio = median(slow / quick for slow, quick in pairs)
        told = "|" if name == theirs else f"**{ratio:.1f}** | ≥ 5"
        lines.append(f"| `{name}` | {median(of):.2f} s | {told} |")
    return "\n".join(lines)


def memory_row(words: Namespace, place: Path) -> str:
    """Peak memory, and whether it grows with the song."""
    short, long = words.memory_minutes
    for name, width in NETS.items():
        add_model(place, name, width)
        _keep_converted(place, name)
    ours = {}
    for minutes in (short, long):
        song = write_song(place / "song.wav", 60 * minutes)
        ours[minutes] = measured(separate(str(song), "full"), place).mebibytes
    narrow = measured(separate(str(song), "narrow"), place).mebibytes
    theirs = measured(demucs(str(song), "narrow"), place, ends=(0, *OUT_OF_MEMORY))
    failed = f", then it failed ({theirs.status})" if theirs.status else ""
    growth, share = ours[long] / ours[short], narrow / theirs.mebibytes
    largest = max(ours.values()) / 953.674  # MiB in a GB
    lines = [
        "### Peak memory",
        "",
        "| net | song | program | peak memory | | bar |",
        "|---|---|---|---|---|---|",
        f"| full | {short:g} min | hclarity | {ours[short]:.0f} MiB | | |",
        f"| full | {long:g} min | hclarity | {ours[long]:.0f} MiB"
        f" | **{growth:.2f}** times, {largest:.2f} GB | ≤ 1.1 times, < 2.5 GB |",
        f"| width 8 | {long:g} min | demucs | {theirs.mebibytes:.0f} MiB{failed} | | |",
        f"| width 8 | {long:g} min | hclarity | {narrow:.0f} MiB | **{share:.3f}** of it | ≤ 1/3 |",
        "",
        "Hybrid Demucs with random weights, whole programs, WAV in. The narrow net is for the song"
        " to weigh more than the net.",
    ]
    return "\n".join(lines)


def separate(song: str, model: str, *words: str) -> list[str]:
    """Our command, with its defaults."""
    return hclarity("separate", song, "-m", model, *words, "-o", "ours", "--overwrite", "--quiet")


def demucs(song: str, model: str) -> list[str]:
    """Theirs, with its defaults."""
    return [sys.executable, "-m", "demucs", "--repo", "repo", "-n", model, "-o", "theirs", song]


def _keep_converted(place: Path, model: str, *words: str) -> None:
    """Separate a song that is longer than a chunk, once."""
    measured(separate(str(write_song(place / "short.wav", 15)), model, *words), place)
