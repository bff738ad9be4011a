"""A disk that is full, or fails, at every k-th operation; and a real one that is too small."""

import errno
from functools import partial

import pytest
from cells import cell
from commands import Command
from stage import Stage
from troubles import failing_writes

_MOST = 400  # operations, more than any of the commands needs
_EACH = ["separate", "remix", "eval", "train", "models pull"]


def _strike(command: Command, stage: Stage, number: int, code: int, *, once: bool) -> bool:
    """Let the disk fail after so many operations; return whether there were as many."""
    folder, whole = stage.fresh(command), stage.whole(command)
    trouble = partial(failing_writes, number, code, once=once)
    ended = command.begin(folder, trouble).ended()
    if ended.code:
        assert ended.code in (1, 73, 74), ended
        errors = [line for line in ended.lines if line.startswith("error: ")]
        assert errors, ended
        assert errors == ended.lines
        assert command.name == "train" or command.results(folder).items() <= whole.results.items()
        assert command.left_over(folder) == [], ended
        ended = command.begin(folder).ended()
    assert ended.code == 0, ended
    assert command.results(folder) == whole.results
    return ended.code != 0


@cell(
    "full",
    separate="73 or 74, nothing torn, older stems kept; then completes",
    remix="73 or 74, nothing torn, an older remix kept; then completes",
    eval="74, every score before is kept; then completes",
    train="73 or 74, the last checkpoint is kept; `--resume` completes",
    models_pull="73 or 74, what has come is kept; then completes",
)
@pytest.mark.parametrize("command", _EACH, indirect=True)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails(command: Command, code: int, stage: Stage) -> None:
    pass
