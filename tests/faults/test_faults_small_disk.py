"""A real disk that is too small."""

from itertools import product

import pytest
from cells import cell, sampled
from commands import EVERY, Command
from disks import small_disk
from stage import Stage


@cell(
    "small",
    separate="73 or 74 and a line, nothing torn; elsewhere it completes",
    remix="73 or 74 and a line, nothing torn; elsewhere it completes",
    eval="73 or 74 and a line; elsewhere it completes",
    train="73 or 74 and a line, the last checkpoint reads",
    models_pull="73 or 74 and a line before anything comes, or as it comes",
)
@pytest.mark.parametrize(
    ("command", "eighths"),
    sampled(product(EVERY, range(1, 8)), ("remix", 5)),
    indirect=["command"],
)
def test_a_small_disk(command: Command, eighths: int, stage: Stage) -> None:
    command, folder = command.alone, stage.fresh(command)
    whole = stage.whole(command)
    with small_disk(folder / command.outputs, max(1, whole.pages * eighths // 8)):
        if command.name == "models pull":
            command.prepare(folder, stage.url)  # where models are
        ended = command.run(folder)
        assert ended.code in (73, 74), ended
        assert len([line for line in ended.lines if line.startswith("error: ")]) == 1, ended
        came = command.results(folder)
    assert command.name == "train" or came.items() <= whole.results.items()
    if command.name != "models pull":  # whose model was on that disk
        assert command.run(folder).code == 0
        assert command.results(folder) == whole.results
