"""A disk that is full from the k-th operation on, for every k."""

import shutil
from functools import partial
from itertools import product
from pathlib import Path

import pytest
from cells import cell, sampled
from cli_program import Ended, music, write_song
from commands import EVERY, Command
from stage import Stage
from troubles import full_disk

_MOST = 300  # operations, more than any of the commands needs
_SAMPLE = 19  # every so-manieth is part of `make test`
_AGAIN = 5  # after every so-manieth the command is run again


@pytest.fixture
def before(command: Command, stage: Stage) -> Path:
    """A folder with older outputs, which the command will replace; or with none."""
    folder = stage.fresh(command)
    if command.name in ("separate", "remix"):
        assert command.alone.run(folder).code == 0
        write_song(folder / "song0.flac", music(1.5, seed=2))
    return folder


def _copied(folder: Path, number: int) -> Path:
    copy = folder.with_name(f"{folder.name}-{number}")
    shutil.copytree(folder, copy)
    return copy


def _refuse_torn(ended: Ended, command: Command, folder: Path) -> None:
    """A clear line, and no half work."""
    assert ended.code in (73, 74), ended
    assert len([line for line in ended.lines if line.startswith("error: ")]) == 1, ended
    assert command.left_over(folder) == [], ended


def _refuse_lost(command: Command, folder: Path, before: Path, whole: Path) -> None:
    """What was there before is there still, or else all that comes in its place."""
    if command.name == "train":
        return  # whose files change on the way; that they read is enough
    came, older, newer = map(command.parts, (folder, before, whole))
    if command.name in ("separate", "remix"):
        assert came.keys() == older.keys()
        assert all(part in (older[top], newer[top]) for top, part in came.items())
        assert came != newer
    else:
        assert command.results(folder).items() <= command.results(whole).items()


@cell(
    "full",
    separate="73 or 74 and a line, older stems kept; then completes",
    remix="73 or 74 and a line, an older remix kept; then completes",
    eval="73 or 74 and a line, scores before kept; then completes",
    train="73 or 74 and a line, the last checkpoint kept; then the same bits",
    models_pull="73 or 74 and a line, what has come kept; then completes",
)
@pytest.mark.parametrize(
    ("command", "step"),
    sampled(product(EVERY, (_SAMPLE, 1)), ("separate", _SAMPLE), ("models pull", _SAMPLE)),
    indirect=["command"],
)
def test_a_full_disk(command: Command, step: int, before: Path) -> None:
    command = command.alone
    whole = _copied(before, -1)
    assert command.run(whole).code == 0
    newer = command.results(whole)
    for number in range(0, _MOST, step):
        folder = _copied(before, number)
        ended = command.run(folder, partial(full_disk, number))
        if ended.code == 0:
            assert command.results(folder) == newer
            return
        _refuse_torn(ended, command, folder)
        _refuse_lost(command, folder, before, whole)
        if number % _AGAIN == 0:
            assert command.run(folder).code == 0
            assert command.results(folder) == newer
        shutil.rmtree(folder)
    pytest.fail("the disk was full for ever")
