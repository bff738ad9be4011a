import json
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from audio_files import stempeg_example
from cli_program import files_in, hclarity, start
from stem_folders import noise, write_folder
from tiny_model import STEMS

from hclarity.datasets.catalogue import DATASETS, open_tracks

pytestmark = pytest.mark.usefixtures("workplace")


def generate(*words: object, folder: object = "set", seconds: object = 1):
    return hclarity("dataset", "generate", folder, "--seconds", seconds, *words)


# Generate


def test_songs_are_the_sum_of_their_stems_and_made_once() -> None:
    words = ("--songs", "1", "--seed", "7")
    ended = generate(*words)
    assert (ended.code, ended.paths, ended.lines) == (0, ["set/train"], ["generating"])
    track = Path("set/train/song0007")
    assert files_in(Path("set")) == sorted(f"train/song0007/{n}.wav" for n in ("mixture", *STEMS))
    samples = {path.stem: sf.read(path)[0] for path in track.iterdir()}
    mixture = samples.pop("mixture")
    assert mixture.shape == (44100, 2)
    np.testing.assert_array_equal(sum(samples.values()), mixture)
    before = {path: path.stat().st_mtime_ns for path in track.iterdir()}
    again = generate(*words)
    assert (again.code, again.paths) == (0, ["set/train"])
    assert again.lines == ["1 of 1 song was there already and is kept"]
    assert generate(*words, "-q").lines == []
    assert {path: path.stat().st_mtime_ns for path in track.iterdir()} == before


@pytest.mark.parametrize(
    ("layout", "place", "instruments"),
    [
        ("musdb", "set/valid", set(STEMS)),
        ("ensembleset", "set/audio/valid", {"violin", "viola", "cello"}),
        ("woodwind", "set/audio/valid", {"flute", "oboe", "clarinet", "sax", "bassoon"}),
    ],
)
def test_every_layout_is_read_as_the_set_it_stands_for(layout, place, instruments) -> None:
    ended = generate("--songs", 3, "--layout", layout, "--split", "valid", "-j", 1)
    assert (ended.code, ended.paths) == (0, [place])
    tracks = open_tracks(layout, Path("set"), "valid")
    assert len(tracks) == 3
    assert set().union(*(track.names for track in tracks)) == instruments
    for track in tracks:
        assert (track.sample_rate, track.channels, track.frames) == (44100, 2, 44100)
        assert track.mixture is not None
        total = sum(track.read(name).astype(np.float64) for name in track.names)
        np.testing.assert_allclose(track.read_mixture(), total, rtol=0, atol=1e-9)
    checked = json.loads(check(layout, "--json", "-q").out)["splits"]["valid"]
    kinds = {finding["kind"] for finding in checked["findings"] if finding["song"]}
    assert kinds <= {"silent"}  # players may rest


def test_both_ensembles_share_a_root_and_are_listed_as_cadenza_lists_them() -> None:
    for layout in ("ensembleset", "woodwind", "ensembleset"):
        assert generate("--songs", 2, "--layout", layout, "-j", 1, "-q").code == 0
    songs = json.loads(Path("set/metadata/music_tracks.train.json").read_text())
    assert {name: song["dataset"] for name, song in songs.items()} == {
        "strings0000": "EnsembleSet", "strings0001": "EnsembleSet",
        "winds0000": "CadenzaWoodwind", "winds0001": "CadenzaWoodwind",
    }  # fmt: skip
    for song in songs.values():
        for file in (*song["stems_path"], song["mixture_path"]):
            assert Path("set/audio/train", file).is_file()
    names = [track.name for track in open_tracks("ensembleset", Path("set"), "train")]
    assert names == ["strings0000", "strings0001"]


def test_several_processes_make_the_same_songs() -> None:
    for jobs in (1, 2):
        words = ("--songs", 2, "--layout", "ensembleset", "-j", jobs)
        assert generate(*words, folder=f"by{jobs}").code == 0
    assert files_in(Path("by1")) == files_in(Path("by2"))
    assert len(files_in(Path("by1"))) == 2 * 5 + 1
    for file in files_in(Path("by1")):
        assert Path("by1", file).read_bytes() == Path("by2", file).read_bytes()


@pytest.mark.parametrize(
    ("how", "jobs"),
    [
        (signal.SIGTERM, 2),
        pytest.param(signal.SIGKILL, 1, marks=pytest.mark.slow),
        (signal.SIGKILL, 2),
    ],
)
def test_a_killed_run_leaves_only_whole_songs(how: signal.Signals, jobs: int) -> None:
    run = start("dataset", "generate", "set", "--songs", 200, "--seconds", 1, "-j", jobs)
    deadline = time.monotonic() + 300
    while not list(Path().glob("set/train/song*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    run.send_signal(how)
    _, said = run.communicate(timeout=300)
    assert run.returncode != 0
    assert b"Traceback" not in said
    tracks = open_tracks("musdb", Path("set"), "train")
    assert 0 < len(tracks) < 200
    assert all(track.frames == 44100 and track.mixture is not None for track in tracks)
    if how == signal.SIGTERM:
        assert [path.name for path in Path("set/train").iterdir() if path.name[0] == "."] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--seconds", "nan"), "invalid value for '--seconds'"),
        (("--seconds", "0"), "invalid value for '--seconds'"),
        (("--songs", "0"), "invalid value for '--songs'"),
        (("--jobs", "0"), "invalid value for '-j' / '--jobs'"),
        (("--tier", "poor"), "'poor' is not one of 'synthetic', 'rich'"),
        (("--layout", "poor"), "'poor' is not one of 'musdb', 'ensembleset', 'woodwind'"),
        (("--casting", "held-out"), "--casting held-out is of recorded instruments and voices"),
        (("--casting", "poor"), "'poor' is not one of 'training', 'held-out'"),
    ],
)
def test_songs_that_cannot_be_generated(words: tuple[str, ...], told: str) -> None:
    ended = hclarity("dataset", "generate", "here", *words)
    assert ended.code == 2
    (line,) = ended.lines
    assert told in line
    assert not Path("here").exists()


def test_a_place_that_is_taken() -> None:
    """And what goes wrong in another process is told as well as in this one."""
    Path("set").write_text("mine")
    ended = generate("--songs", 2, "-j", 2)
    assert ended.code == 73
    assert ended.lines[-1] == "error: set/train cannot be made a folder: Not a directory"


def test_metadata_of_others_are_not_replaced() -> None:
    path = Path("set/metadata/music_tracks.train.json")
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    ended = generate("--songs", 1, "--layout", "woodwind")
    assert (ended.code, ended.lines[-1]) == (
        65,
        f"error: {path} cannot be read as JSON; move it away",
    )
    assert path.read_text() == "mine"


def test_what_was_made_and_what_was_kept_as_a_document() -> None:
    assert generate("--seed", 1, "--songs", 2, "-q", "-j", 1).code == 0
    ended = generate("--songs", 3, "--json", "-j", 1)
    assert ended.code == 0
    assert ended.lines == ["2 of 3 songs were there already and are kept", "generating"]
    document = json.loads(ended.out)
    assert document.pop("version")
    kept = ["song0001", "song0002"]
    assert document == {"folder": "set/train", "made": ["song0000"], "kept": kept}


@pytest.mark.parametrize("layout", ["musdb", "woodwind"])
@pytest.mark.parametrize("split", ["../esc", "", ".", "..", "a/b", "/tmp", ".hidden"])
def test_a_split_stays_in_its_root(layout: str, split: str) -> None:
    ended = generate("--songs", 1, "--layout", layout, "--split", split, folder="in/set")
    (line,) = ended.lines
    assert ended.code == 2
    assert "split" in line
    assert files_in(Path()) == []


def test_only_cadenzas_layouts_have_splits_of_other_names() -> None:
    ended = generate("--songs", 1, "--split", "mine")
    (line,) = ended.lines
    assert (ended.code, Path("set").exists()) == (2, False)
    assert line == "error: MUSDB18-HQ has no split 'mine', only train, valid, test"
    ended = generate("--songs", 1, "--split", "mine", "--layout", "woodwind")
    assert (ended.code, ended.paths) == (0, ["set/audio/mine"])


# Check


def check(dataset: str, *words: object, root: object = "set"):
    return hclarity("dataset", "check", "--dataset", dataset, "--root", root, *words)


def test_a_set_without_faults() -> None:
    for name in ("train/a", "train/b", "test/c"):
        write_folder(Path("set") / name)
    ended = check("folder")
    assert (ended.code, ended.out) == (0, "")
    assert ended.lines == [
        "checking train",
        "train: 2 songs, none with findings",
        "checking test",
        "test: 1 song, none with findings",
    ]
    assert check("folder", "--split", "test", "-q").err == ""


def test_a_set_without_all_its_songs() -> None:
    write_folder(Path("set/train/a"))
    write_folder(Path("set/test/b"))
    ended = check("musdb")
    assert ended.code == 1
    assert [line.split(maxsplit=2) for line in ended.paths] == [
        ["train", "missing", "85 of 86 songs"],
        ["valid", "missing", "14 of 14 songs"],
        ["test", "missing", "49 of 50 songs"],
    ]
    assert ended.lines[1:3] == [
        "train: 1 of 86 songs, none with findings",
        "valid: 0 of 14 songs, none with findings",
    ]
    document = json.loads(check("musdb", "--split", "test", "--json", "-q").out)
    finding = {"song": None, "kind": "missing", "words": "49 of 50 songs"}
    assert document["splits"] == {"test": {"songs": 1, "findings": [finding]}}


def test_findings_are_told_and_end_with_1() -> None:
    write_folder(Path("set/train/a"))
    write_folder(Path("set/train/b"), {f"{name}.wav": noise(1) for name in STEMS[:3]})
    Path("set/train/a/bass.wav").write_text("not a sound")
    ended = check("musdb", "--split", "train")
    assert ended.code == 1
    _, first, second = ended.paths
    assert first.startswith("train  a  unreadable  set/train/a/bass.wav is")
    assert second == "train  b  missing     no vocals"
    assert ended.lines[-1] == "train: 2 of 86 songs, 2 with findings"


def test_findings_as_a_document() -> None:
    write_folder(Path("set/train/a"), {f"{name}.wav": noise(1) for name in STEMS[:3]})
    ended = check("musdb", "--split", "train", "--json", "-q")
    assert (ended.code, ended.err) == (1, "")
    document = json.loads(ended.out)
    assert (document["dataset"], document["root"]) == ("musdb", "set")
    findings = [
        {"song": None, "kind": "missing", "words": "85 of 86 songs"},
        {"song": "a", "kind": "missing", "words": "no vocals"},
    ]
    assert document["splits"] == {"train": {"songs": 1, "findings": findings}}


def test_stem_files_do_not_sum_and_are_fine() -> None:
    Path("set/test").mkdir(parents=True)
    shutil.copy(stempeg_example(), "set/test/Artist - Song.stem.mp4")
    ended = check("musdb18", "--split", "test")
    assert (ended.code, ended.lines[-1]) == (1, "test: 1 of 50 songs, none with findings")
    assert ended.paths == ["test    missing  49 of 50 songs"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--dataset", "musdb", "--root", "nowhere"), 66, "found no such folder"),
        (("--dataset", "musdb", "--root", "set", "--split", "test"), 66, "found only train songs"),
        (("--dataset", "musdb", "--root", "set", "--split", "none"), 2, "has no split 'none'"),
        (("--dataset", "none", "--root", "set"), 2, "no data set named 'none'"),
        (("--dataset", "musdb"), 2, "missing option '--root'"),
    ],
)
def test_what_cannot_be_checked(words: tuple[str, ...], code: int, told: str) -> None:
    write_folder(Path("set/train/a"))
    ended = hclarity("dataset", "check", *words)
    (line,) = ended.lines
    assert (ended.code, ended.out) == (code, "")
    assert line.startswith("error: ")
    assert told in line


# List


def test_all_sets_are_listed() -> None:
    ended = hclarity("dataset", "list")
    assert (ended.code, ended.err) == (0, "")
    for known in DATASETS.values():
        assert f"\n{known.name} " in f"\n{ended.out}"
        assert known.layout in ended.out
        assert known.page is None or known.page in ended.out
    document = json.loads(hclarity("dataset", "list", "--json").out)
    assert [known["name"] for known in document["datasets"]] == list(DATASETS)
    assert document["datasets"][0]["splits"] == {"train": 86, "valid": 14, "test": 50}
