"""What separation costs by the length of a song and by the number of songs: a table and plots."""

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from programs import hclarity, measured
from separating_inputs import write_song

__all__ = ["lengths_row"]

SONG_S = 30  # of those that are counted
COUNTS = (1, 2, 4)
PLOTS = Path(__file__).parent / "plots"


def lengths_row(words: Namespace, place: Path) -> str:
    """The bundled Hybrid Demucs."""
    _separated(place, [write_song(place / "short.wav", 15)])  # converts
    by_length = {}
    for seconds in words.lengths:
        song = write_song(place / "song.wav", seconds)
        by_length[seconds] = _median_seconds(place, [song], words.program_turns)
        song.unlink()
    songs = [write_song(place / f"song-{number}.wav", SONG_S) for number in range(max(COUNTS))]
    by_count = {
        count: _median_seconds(place, songs[:count], words.program_turns) for count in COUNTS
    }
    _plot("separating-length", by_length, "length of the song, s")
    _plot("separating-songs", by_count, f"songs of {SONG_S} s")
    lines = [
        "### Cost by length and number of songs",
        "",
        "`hclarity separate` with the bundled Hybrid Demucs, one program for all songs, converted"
        f" before; medians of {words.program_turns} runs. It takes one song after the other: a song"
        " already has all cores.",
        "",
        "| music | time | s per s of music |",
        "|---|---|---|",
    ]
    lines += [_line(f"{length:g} s", length, of) for length, of in by_length.items()]
    lines += [
        _line(f"{count} songs of {SONG_S} s", count * SONG_S, of) for count, of in by_count.items()
    ]
    lines += [
        "",
        "![Seconds by the length of a song](bench/plots/separating-length.svg)"
        " ![Seconds by the number of songs](bench/plots/separating-songs.svg)",
    ]
    return "\n".join(lines)


def _line(title: str, music: float, seconds: float) -> str:
    return f"| {title} | {seconds:.1f} s | {seconds / music:.3f} |"


def _median_seconds(place: Path, songs: list[Path], turns: int) -> float:
    return median(_separated(place, songs) for _ in range(turns))


def _separated(place: Path, songs: list[Path]) -> float:
    """Seconds of a program that separates songs."""
    asked = ("-m", "demucs", "--weights", "bundled", "-o", "ours", "--overwrite", "--quiet")
    return measured(hclarity("separate", *map(str, songs), *asked), place).seconds


def _plot(name: str, seconds: Mapping[float, float], over: str) -> None:
    """Draw a few points; the same points make the same file."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure, axes = plt.subplots(figsize=(4, 2.6), layout="constrained")
        axes.plot(list(seconds), list(seconds.values()), "o-")
        axes.set(xlabel=over, ylabel="time, s", xlim=(0, None), ylim=(0, None))
        axes.grid(visible=True, alpha=0.3)
        PLOTS.mkdir(exist_ok=True)
        figure.savefig(PLOTS / f"{name}.svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
