"""Killed at any moment: nothing torn, and the same command again comes to the same."""

import random
import signal
from functools import partial

import pytest
from cells import cell, sampled
from commands import Command
from stage import Stage
from troubles import killed_at_change

# How often each command is killed, 50 times in all; every other time at a moment, else at a change
# of the disk. The first of each is part of `make test`.
_TIMES = {"separate": 14, "remix": 12, "eval": 10, "train": 8, "models pull": 6}
_KILLS = [(name, kill) for name, times in _TIMES.items() for kill in range(times)]


@cell(
    "killed",
    separate="no torn file; the same again: the same bytes, no `.part` left",
    remix="no torn file; the same again: the same bytes, no `.part` left",
    eval="the journal keeps each whole score; the same again: the same scores",
    train="no torn file; `--resume`: the same bits",
    models_pull="no torn file; the same again goes on and completes",
)
@pytest.mark.parametrize(
    ("command", "kill"), sampled(_KILLS, *((name, 0) for name in _TIMES)), indirect=["command"]
)
def test_a_kill_tears_nothing(command: Command, kill: int, stage: Stage) -> None:
    whole, folder = stage.whole(command), stage.fresh(command)
    chance = random.Random(f"{command.name} {kill}")
    if kill % 2:
        program = command.begin(folder)
        program.has_ended(within=chance.uniform(0, whole.seconds))
        program.signal(signal.SIGKILL)
    else:
        number = chance.randrange(whole.changes)
        program = command.begin(folder, partial(killed_at_change, number))
    assert program.ended().code in (0, -signal.SIGKILL)
    between = command.results(folder)
    if command.name != "train":  # whose files change on the way; that they read is enough
        assert between.items() <= whole.results.items()
    again = command.begin(folder).ended()
    assert again.code == 0, again
    assert command.results(folder) == whole.results
    assert again.out == whole.ended.out
    assert command.left_over(folder) == []
