"""A long song needs no more memory than a short one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile as sf
from cli_program import music, write_song

MEASURED = """
import resource, sys
from hclarity.cli.app import app
try:
    app(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_kib(*words: object) -> int:
    """What a command needs at most, in KiB."""
    command = [sys.executable, "-c", MEASURED, *map(str, words)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(run.stdout.splitlines()[-1])


@pytest.mark.slow
def test_twelve_minutes_need_no_more_memory_than_two(workplace: Path):
    for name, minutes in (("short", 2), ("long", 12)):
        write_song(workplace / f"{name}.flac", music(60.0 * minutes))
    ear = {"250": 20, "1000": 40, "4000": 60}
    (workplace / "me.json").write_text(json.dumps({"left": ear, "right": ear}))
    for command in (
        ["separate", "--model", "tiny", "--quiet"],
        ["remix", "--model", "tiny", "--quiet", "--audiogram", "me.json"],
    ):
        short, long = (peak_kib(*command, f"{name}.flac") for name in ("short", "long"))
        assert long <= 1.1 * short, command


THREE_HOURS = """
import resource, sys
from pathlib import Path
import numpy as np
from hclarity.audio.encoding import Encoding
from hclarity.audio.writing import AudioWriter
from hclarity.hearing.insertion_gains import InsertionGains
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.remixer import RemixMeasurement, RemixRenderer

RATE, BLOCK = 44100, 65536
ear = InsertionGains((250.0, 1000.0, 4000.0), (5.0, 15.0, 25.0))
plan = GainPlan({"vocals": 3.0, "drums": -3.0}, left=ear, right=ear)
stems = ("vocals", "drums", "bass", "other")
loud = 0.1 * np.random.default_rng(0).standard_normal((len(stems), 2, BLOCK)).astype(np.float32)
silent = np.zeros_like(loud)

def song(hours):
    for number in range(round(hours * 3600 * RATE / BLOCK)):
        block = silent if number % 10 else loud  # so that the file stays small
        yield block.sum(axis=0), block

def remix(hours, path):
    measurement = RemixMeasurement(plan, stems, RATE)
    for heard in song(hours):
        measurement.push(*heard)
    renderer = RemixRenderer(plan, stems, RATE, measurement.result())
    with AudioWriter(path, sample_rate=RATE, channels=2, encoding=Encoding("flac")) as writer:
        for heard in song(hours):
            writer.push(renderer.push(*heard))
        writer.push(renderer.flush())
    report = renderer.report()
    assert report.true_peak_dbtp <= plan.ceiling_db
    assert report.loudness_range is not None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

print(remix(0.1, Path("short.flac")), remix(3, Path("long.flac")))
"""


@pytest.mark.slow
def test_three_hours_are_remixed_in_the_memory_of_six_minutes(tmp_path: Path):
    command = [sys.executable, "-c", THREE_HOURS]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    short, long = map(int, run.stdout.split())
    assert sf.info(tmp_path / "long.flac").duration == pytest.approx(3 * 3600, abs=2)
    # The loudness of every 100 ms is kept, three times: 2.6 MB.
    assert long - short < 8 * 1024
