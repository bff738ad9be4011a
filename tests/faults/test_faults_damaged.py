"""What earlier runs have left, damaged: done again, or told, never believed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cells import cell, sampled
from commands import EVERY, Command
from stage import Stage

RECORD = "separated/tiny/song0/separation.json"
Damage = Callable[[bytes], bytes]


def _done(command: Command, stage: Stage) -> Path:
    folder = stage.fresh(command)
    assert command.run(folder).code == 0
    return folder


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _garbled(content: bytes) -> bytes:
    return bytes(byte ^ 0x55 for byte in content)


@cell(
    "damaged",
    separate="`separation.json`: separated again, the same bytes",
    eval="a line of the journal: that is scored again, the same scores",
)
@pytest.mark.parametrize("damage", [_cut, _garbled])
@pytest.mark.parametrize(
    ("command", "file"),
    sampled([("separate", RECORD), ("eval", "scores/journal.jsonl")]),
    indirect=["command"],
)
def test_it_is_done_again(command: Command, file: str, damage: Damage, stage: Stage) -> None:
    folder, whole = _done(command, stage), stage.whole(command)
    path = folder / file
    path.write_bytes(damage(path.read_bytes()))
    ended = command.run(folder)
    assert (ended.code, ended.out) == (0, whole.ended.out), ended
    if command.name == "separate":  # else the damage is in the journal still
        assert command.results(folder) == whole.results


@cell(
    "damaged",
    remix="`NAME.remix.json`: 73, it is not taken for ours; `separation.json`: separated again",
)
@pytest.mark.parametrize("damage", sampled((_cut, _garbled)))
def test_a_report_that_does_not_read(damage: Damage, stage: Stage) -> None:
    command = EVERY["remix"].alone
    folder = _done(command, stage)
    path = folder / "remixed" / "song0.remix.json"
    path.write_bytes(damage(path.read_bytes()))
    before = {each: each.read_bytes() for each in (folder / "remixed").iterdir()}
    ended = command.run(folder)
    assert (ended.code, ended.out, len(ended.lines)) == (73, "", 1)
    assert "is no report of hclarity's; choose another --out" in ended.lines[0]
    assert {each: each.read_bytes() for each in before} == before
    path.unlink()
    (folder / "remixed" / "song0.flac").unlink()
    (folder / RECORD).write_text("{")
    assert command.run(folder).code == 0
    assert command.results(folder) == stage.whole(command).results


@cell("damaged", train="65, the checkpoint is named; without it the run begins again")
@pytest.mark.parametrize("damage", sampled((_cut, _garbled), _cut))
def test_a_checkpoint_that_does_not_read(damage: Damage, stage: Stage) -> None:
    command = EVERY["train"]
    folder = _done(command, stage)
    path = folder / "run" / "checkpoint.pt"
    path.write_bytes(damage(path.read_bytes()))
    ended = command.run(folder)
    assert (ended.code, ended.out, len(ended.lines)) == (65, "", 1), ended
    assert "cannot go on from run/checkpoint.pt" in ended.lines[0]
    path.unlink()
    assert command.run(folder).code == 0
    assert command.results(folder) == stage.whole(command).results
