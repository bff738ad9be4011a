"""Inputs that change or vanish while they are read: one version's results, or none."""

import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
from cells import cell, sampled
from cli_program import Ended, music, write_song
from commands import EVERY, Part
from forked import Trouble, run, untroubled
from meddling import MEDDLINGS, meddling
from stage import Stage

Parts = dict[str, Part]

pytestmark = pytest.mark.usefixtures("stage")

SONG, OTHER = "song.flac", "other.flac"
STEM, OTHER_STEM = "separated/tiny/song/vocals.flac", "separated/tiny/other/vocals.flac"
TRUTH, OTHER_TRUTH = "set/test/a song/bass.wav", "set/test/b song/bass.wav"
LEARNT = "songs/train/song0/bass.wav"
WORDS = {
    "separate": ("separate", "-m", "tiny", "-q", SONG),
    "remix": ("remix", "-m", "tiny", "--audiogram", "N3", "-q", SONG),
}
# A song is heard, separated, metered and remixed; -1 is between the look at it and the first.
_READINGS = [("separate", each) for each in range(2)] + [("remix", each) for each in range(4)]


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two songs of one length."""
    root = tmp_path_factory.mktemp("versions")
    return {
        name: write_song(root / name, music(6, seed=seed))
        for seed, name in enumerate((SONG, OTHER))
    }


def place(folder: Path, versions: Mapping[str, Path], song: str = SONG) -> Path:
    """A folder with both, one of them as the song."""
    folder.mkdir()
    shutil.copy(versions[song], folder / SONG)
    shutil.copy(versions[OTHER], folder / OTHER)
    return folder


def do(command: str, folder: Path, trouble: Trouble = untroubled) -> Ended:
    return run(*WORDS[command], folder=folder, trouble=trouble)


@pytest.fixture(scope="module")
def _wholes() -> dict[str, dict[str, Parts]]:
    return {}


@pytest.fixture
def whole_parts(
    _wholes: dict[str, dict[str, Parts]], versions: dict[str, Path], tmp_path: Path
) -> Callable[[str], dict[str, Parts]]:
    """What comes of each version, by its name; made when it is first asked for."""

    def made(command: str) -> dict[str, Parts]:
        if command not in _wholes:
            _wholes[command] = {}
            for song in versions:
                folder = place(tmp_path / f"whole {song}", versions, song)
                assert do(command, folder).code == 0
                _wholes[command][song] = EVERY[command].parts(folder)
        return _wholes[command]

    return made


@cell(
    "changing",
    separate="65 or 66 and nothing of it, or one version's stems",
    remix="65 or 66 and no remix, or one version's",
)
@pytest.mark.parametrize(
    ("command", "reading", "how"),
    sampled(
        [(*each, how) for each in _READINGS for how in MEDDLINGS],
        ("separate", 1, "overwritten"),
        ("remix", 2, "replaced"),
    ),
)
def test_a_song_that_changes(
    command: str,
    reading: int,
    how: str,
    tmp_path: Path,
    versions: dict[str, Path],
    whole_parts: Callable[[str], dict[str, Parts]],
) -> None:
    folder = place(tmp_path / "struck", versions)
    trouble = partial(meddling, SONG, OTHER, how, reading)
    ended = do(command, folder, trouble)
    assert ended.code in (0, 65, 66), ended
    assert [line.startswith("error: ") for line in ended.lines].count(True) == bool(ended.code)
    came, wholes = EVERY[command].parts(folder), whole_parts(command)
    assert all(part in [whole[top] for whole in wholes.values()] for top, part in came.items())
    assert ended.code or came in wholes.values()
    shutil.copy(versions[OTHER], folder / SONG)
    assert do(command, folder).code == 0
    assert EVERY[command].parts(folder) == wholes[OTHER]


@cell("changing", remix="65 or 66 and no remix, or one version's")
@pytest.mark.parametrize("how", sampled(MEDDLINGS))
@pytest.mark.parametrize("reading", range(2))
def test_a_stem_that_changes(
    reading: int, how: str, tmp_path: Path, versions: dict[str, Path]
) -> None:
    folder = place(tmp_path / "struck", versions)
    assert run("separate", "-m", "tiny", "-q", SONG, OTHER, folder=folder).code == 0
    trouble = partial(meddling, STEM, OTHER_STEM, how, reading)
    ended = do("remix", folder, trouble)
    assert ended.code in (65, 66), ended
    assert len(ended.lines) == 1
    assert not list((folder / "remixed").rglob("*"))


@cell("changing", eval="told and not scored, or one version's scores, 1")
@pytest.mark.parametrize("how", sampled(MEDDLINGS))
def test_a_true_stem_that_changes(how: str, stage: Stage) -> None:
    command = EVERY["eval"].alone
    folder, changed = stage.fresh(command), stage.fresh(command)
    shutil.copy(changed / OTHER_TRUTH, changed / TRUTH)
    assert command.run(changed).code == 0
    whole, other = stage.whole(command).results, command.results(changed)
    ended = command.run(folder, partial(meddling, TRUTH, OTHER_TRUTH, how, 0))
    assert ended.code == 1, ended
    assert "a song" in ended.lines[0]
    assert command.results(folder).items() <= {**whole, **other}.items()
    shutil.copy(folder / OTHER_TRUTH, folder / TRUTH)
    assert command.run(folder).code == 0
    assert other.items() <= command.results(folder).items() <= {**whole, **other}.items()


@cell("changing", train="cut or gone: 65 or 66; whole again: `--resume` comes to the same bits")
@pytest.mark.parametrize("how", sampled(("gone", "cut"), "gone"))
def test_a_song_that_is_learnt_and_breaks(how: str, stage: Stage) -> None:
    command = EVERY["train"]
    folder = stage.fresh(command)
    shutil.copy(folder / LEARNT, folder / "kept.wav")
    ended = command.run(folder, partial(meddling, LEARNT, "", how, 5))
    assert (ended.code in (65, 66), len(ended.lines)) == (True, 1), ended
    assert LEARNT in ended.lines[0]
    shutil.copy(folder / "kept.wav", folder / LEARNT)
    assert command.run(folder).code == 0
    assert command.results(folder) == stage.whole(command).results
