"""A long song needs no more memory than a short one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
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
