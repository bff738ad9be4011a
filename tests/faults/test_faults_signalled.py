"""Asked to end, by Ctrl-C or politely: a line, and nothing half done."""

import random
import signal
from functools import partial
from itertools import product

import pytest
from cells import cell, sampled
from commands import EVERY, Command
from stage import Stage
from troubles import signalled_at_change


@cell(
    "signalled",
    separate="130, 143 and a line; nothing half-written; then the same bytes",
    remix="130, 143 and a line; nothing half-written; then the same bytes",
    eval="130, 143 and a line; scores kept; then the same scores",
    train="130, 143 and a line that says how to go on; then the same bits",
    models_pull="130, 143 and a line; what has come is kept; then completes",
)
@pytest.mark.parametrize(
    ("command", "number"),
    sampled(product(EVERY, (signal.SIGINT, signal.SIGTERM)), ("train", signal.SIGINT)),
    indirect=["command"],
)
def test_a_signal_leaves_nothing_half_done(
    command: Command, number: signal.Signals, stage: Stage
) -> None:
    whole, chance = stage.whole(command), random.Random(f"{command.name} {number}")
    for change in sorted(chance.sample(range(whole.changes), 3)):
        folder = stage.fresh(command)
        ended = command.run(folder, partial(signalled_at_change, change, number))
        if ended.code == 0:  # the signal came when all was done
            assert command.results(folder) == whole.results
            continue
        assert ended.code == 128 + number, ended
        assert whole.ended.out.startswith(ended.out)  # of songs that were done before
        assert len(ended.lines) == 1
        assert ended.lines[0].startswith("error: interrupted")
        assert command.left_over(folder) == []
        if command.name != "train":
            assert command.results(folder).items() <= whole.results.items()
        assert command.run(folder).code == 0
        assert command.results(folder) == whole.results
