"""Two programs at work on the same, at the same time."""

from collections import Counter
from pathlib import Path

import pytest
from cells import cell, sampled
from cli_program import Ended
from commands import EVERY, Command
from forked import fork
from stage import Stage


def _said(*runs: Ended) -> Counter[str]:
    """How often anything was said."""
    assert [run.code for run in runs] == [0, 0], runs
    return Counter(line for run in runs for line in run.lines)


def _both(command: Command, folder: Path, *more: tuple[object, ...]) -> list[Ended]:
    """Run a command twice at once, each with words of its own."""
    spoken = [tuple(word for word in command.words if word != "-q") + each for each in more]
    places = {"HCLARITY_MODELS": "models"} if (folder / "models").exists() else {}
    programs = [
        fork(*words, folder=folder, environment={**places, "HCLARITY_OFFLINE": "0"})
        for words in spoken
    ]
    return [program.ended() for program in programs]


@cell(
    "together",
    separate="each song once, both 0; likewise two shards",
    remix="each song once, both 0",
    eval="each score once, both 0",
    train="both 0, the same bits",
    models_pull="fetched once, both 0",
)
@pytest.mark.parametrize("command", sampled(EVERY, "remix", "models pull"), indirect=True)
def test_the_same_command_twice(command: Command, stage: Stage) -> None:
    folder = stage.fresh(command)
    ended = _both(command, folder, (), ())
    said = _said(*ended)
    assert command.results(folder) == stage.whole(command).results
    assert command.left_over(folder) == []
    assert {frozenset(each.paths) for each in ended} == {
        frozenset(stage.whole(command).ended.paths)
    }
    if command.name in ("separate", "remix"):
        assert [said[f"separating song{number}.flac"] for number in range(2)] == [1, 1]
    if command.name == "remix":
        assert [said[f"remixing song{number}"] for number in range(2)] == [1, 1]
    if command.name == "eval":
        lines = (folder / "scores" / "journal.jsonl").read_text().splitlines()
        assert len([line for line in lines if '"scores"' in line]) == len(command.results(folder))


@pytest.mark.slow
def test_two_shards(stage: Stage) -> None:
    command = EVERY["separate"]
    folder = stage.fresh(command)
    said = _said(*_both(command, folder, ("--shard", "0/2"), ("--shard", "1/2")))
    results = command.results(folder)
    assert results.pop("separated/journal.jsonl")  # of all shares: what became of each song
    assert results == stage.whole(command).results
    assert [said[f"separating song{number}.flac"] for number in range(2)] == [1, 1]


@pytest.mark.slow
def test_two_listeners_share_a_separation(stage: Stage) -> None:
    command = EVERY["remix"]
    folder = stage.fresh(command)
    ended = _both(command, folder, ("-o", "one"), ("-o", "two", "--audiogram", "N5"))
    said = _said(*ended)
    assert [said[f"separating song{number}.flac"] for number in range(2)] == [1, 1]
    assert [said[f"remixing song{number}"] for number in range(2)] == [2, 2]
    for song in range(2):
        one, two = ((folder / out / f"song{song}.flac").read_bytes() for out in ("one", "two"))
        assert one != two
    assert command.results(folder).items() <= stage.whole(command).results.items()
