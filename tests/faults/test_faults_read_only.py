"""Folders that may not be written to."""

import pytest
from cells import cell, sampled
from commands import EVERY, Command
from disks import read_only
from stage import Stage


@cell(
    "read-only",
    separate="73; what is done already is told, 0",
    remix="73; what is done already is told, 0",
    eval="73",
    train="73",
    models_pull="73; what is here already is told, 0",
)
@pytest.mark.parametrize("command", sampled(EVERY, "train"), indirect=True)
def test_a_folder_that_is_read_only(command: Command, stage: Stage) -> None:
    command, folder = command.alone, stage.fresh(command)
    with read_only(folder / command.outputs):
        ended = command.run(folder)
    errors = [line for line in ended.lines if line.startswith("error: ")]
    assert (ended.code, ended.out) == (73, ""), ended
    assert len(errors) == 1
    assert "Read-only file system" in errors[0] or "may not be written to" in errors[0]
    ended = command.run(folder)
    assert ended.code == 0, ended
    assert command.results(folder).items() <= stage.whole(command).results.items()


@pytest.mark.parametrize(
    "command", sampled(("separate", "remix", "models pull"), "separate"), indirect=True
)
def test_what_is_done_may_be_read_only(command: Command, stage: Stage) -> None:
    folder = stage.fresh(command)
    assert command.run(folder).code == 0
    with read_only(folder):
        ended = command.run(folder)
    assert ended.code == 0, ended
    assert ended.out == stage.whole(command).ended.out
