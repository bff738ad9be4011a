import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from cli_program import Ended, files_in, hclarity, start, write_song
from safetensors.torch import load_file
from training_runs import step_of, wait_for, words
from training_songs import RATE, RECIPE, STEMS, write_recipe, write_songs

import hclarity as package
from hclarity.training import extras
from hclarity.training.loop import Training

pytestmark = pytest.mark.usefixtures("workplace")

HERE = Path(package.__file__).parent.parent
FILES = [
    "card.toml",
    "checkpoint.pt",
    "data.json",
    "metrics.csv",
    "recipe.toml",
    "weights.safetensors",
]


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("songs")
    write_songs(root)
    write_songs(root, "valid", songs=1)
    write_recipe(root)
    return root


@pytest.fixture(scope="module")
def whole(songs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing interrupted."""
    run = tmp_path_factory.mktemp("whole") / "run"
    assert hclarity(*words(songs, run), "-q").code == 0
    return run


def assert_same(one: Path, other: Path) -> None:
    """Weights, averages and optimiser, to the bit; and the model."""
    ours, theirs = (torch.load(run / "checkpoint.pt")["learner"] for run in (one, other))
    for part in ("net", "average"):
        for name, weights in ours[part].items():
            assert torch.equal(theirs[part][name], weights), name
    for number, state in ours["optimiser"]["state"].items():
        for name, value in state.items():
            assert torch.equal(theirs["optimiser"]["state"][number][name], value)
    models = [(run / "weights.safetensors").read_bytes() for run in (one, other)]
    assert models[0] == models[1]


def losses(run: Path) -> list[str]:
    lines = (run / "metrics.csv").read_text().splitlines()
    return [",".join((line.split(",")[0], *line.split(",")[2:4])) for line in lines]


def test_songs_and_a_recipe_become_a_model(songs: Path) -> None:
    ended = hclarity(*words(songs, "run"))
    assert (ended.code, ended.paths) == (0, ["run"])
    assert [line.split(":")[0] for line in ended.lines] == ["step 3", "step 6"]
    assert "uSDR" in ended.lines[0]
    assert [file for file in files_in(Path("run")) if "tfevents" not in file] == FILES
    data = json.loads(Path("run/data.json").read_text())
    assert (data["train"], data["valid"]) == (["song0", "song1"], ["song0"])
    song = write_song(Path("song.flac"), rate=RATE)
    ended = hclarity("separate", song, "-m", "run", "-o", "stems")
    assert (ended.code, [Path(path).stem for path in ended.paths]) == (0, list(STEMS))


def test_a_run_is_never_replaced_and_resumed_only_as_it_was_begun(songs: Path, whole: Path) -> None:
    shutil.copytree(whole, "run")
    before = {path: path.read_bytes() for path in Path("run").rglob("*") if path.is_file()}
    for more, code, told in [
        ((), 73, "run holds a run already: --resume goes on with it, or choose another --out"),
        (("--resume", "--set", "optimiser.name=adamw"), 78, "optimiser.name is 'adamw', was"),
        (("--resume", "--set", "run.batch=8"), 78, "run.batch is 8, was 4"),
        (("--resume", "--set", "optimiser.clap=1.0"), 78, "(did you mean 'clip'?)"),
        (("--resume", "--validation-root", songs, "--validation-split", "train"), 78,
         "with other songs to valid"),
    ]:  # fmt: skip
        ended = hclarity(*words(songs, "run", *more))
        assert ended.code == code, ended
        (line,) = ended.lines
        assert told in line
    assert {path: path.read_bytes() for path in before} == before
    ended = hclarity(*words(songs, "run", "--resume", "--json"))
    document = json.loads(ended.out)
    assert (ended.code, document["model"], document["step"]) == (0, "run", 6)
    assert set(document["usdr"]) == set(STEMS)
    ended = hclarity(*words(songs, "run", "--resume", "--steps", "7", "--precision", "bf16"))
    assert ended.code == 0
    assert ended.lines[0] == (
        "going on with changes: run.steps is 7, was 6; run.precision is 'bf16', was 'fp32'"
    )


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param((), marks=pytest.mark.slow),
        ("--precision", "bf16", "--set", "run.accumulate=2"),
    ],
)
def test_a_run_that_was_killed_goes_on_as_if_it_were_not(
    songs: Path, settings: tuple[str, ...]
) -> None:
    settings = (*settings, "--steps", "30", "--set", "run.validate_every=10")
    whole, kept = Path("whole"), Path("run/checkpoint.pt")
    assert hclarity(*words(songs, whole, "-q", *settings)).code == 0
    program = start(*words(songs, "run", *settings))
    wait_for(lambda: kept.exists() and step_of(kept) >= 2, program)
    program.send_signal(signal.SIGKILL)
    program.communicate()
    assert 2 <= step_of(kept) < 30
    ended = hclarity(*words(songs, "run", "--resume", *settings))
    assert (ended.code, ended.paths) == (0, ["run"])
    assert_same(whole, Path("run"))
    assert losses(whole) == losses(Path("run"))


def test_a_second_signal_says_how_to_go_on(songs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(self: Training) -> None:
        for _ in range(2):
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(Training, "run", twice)
    ended = hclarity(*words(songs, "run"))
    assert ended.code == 143
    (line,) = ended.lines
    assert line.startswith("error: interrupted; go on with: hclarity ")
    assert line.endswith("--resume")


def test_a_recipe_that_no_net_can_have_does_not_occupy_the_folder(songs: Path) -> None:
    for wrong in ("arguments.nope=3", "loss.floor=2"):
        assert hclarity(*words(songs, "run", "--set", wrong)).code == 78
        assert not Path("run").exists()
    assert hclarity(*words(songs, "run", "-q", "--steps", "1")).code == 0


def test_two_models_do_not_share_a_name(songs: Path) -> None:
    song = write_song(Path("song.flac"), rate=RATE)
    for name in ("mine", "yours"):
        assert hclarity(*words(songs, f"runs/{name}", "-q", "--steps", "1")).code == 0
        ended = hclarity("separate", song, "-m", f"runs/{name}")
        assert ended.code == 0
        assert {Path(path).parts[1] for path in ended.paths} == {name}


def test_a_run_without_songs_to_judge_says_so(tmp_path: Path) -> None:
    root = write_songs(tmp_path / "songs", songs=1)
    write_recipe(root)
    ended = hclarity(*words(root, "run", "--steps", "1"))
    assert ended.code == 0
    assert ended.lines == [
        "warning: no songs to validate with: the last weights are kept, not the best"
    ]


def test_a_time_that_is_over_ends_the_run(songs: Path) -> None:
    ended = hclarity(*words(songs, "run", "--max-time", "2s", "--steps", "1000000", "--json"))
    document = json.loads(ended.out)
    assert ended.code == 0
    assert document["best_step"] == document["step"] < 1000000


def test_names_and_folders_of_their_own(songs: Path) -> None:
    """The run is named after the recipe; a model that ships is found by its name."""
    write_recipe(Path(), RECIPE)
    ended = hclarity("train", "tiny.toml", "--root", songs, "-q", "--steps", "1", "--workers", "0")
    assert (ended.code, ended.paths) == (0, ["runs/tiny"])
    ended = hclarity("train", "demucs-mini", "--root", songs)
    assert (ended.code, ended.lines) == (
        65, ["error: song0 is at 8000 Hz, the recipe wants 44100 Hz"]
    )  # fmt: skip


def test_what_cannot_be_trained(songs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("file").write_text("mine")
    recipe, root = str(songs / "tiny.toml"), ("--root", str(songs))
    for asked, code, told in [
        (("missing.toml", *root), 66, "no recipe at missing.toml"),
        (("demux", *root), 2, "no recipe for 'demux' (did you mean 'demucs'?)"),
        ((recipe, *root, "--set", "run.stepps=3"), 78, "unknown key run.stepps"),
        ((recipe, *root, "--set", "steps"), 2, "expected KEY=VALUE"),
        ((recipe, *root, "--max-time", "soon"), 2, "expected a length of time such as 2h30m"),
        ((recipe, *root, "--steps", "0"), 2, "invalid value for '--steps'"),
        ((recipe, *root, "--devices", "many"), 2, "--devices must be auto or a number"),
        ((recipe, *root, "--dataset", "musdb19"), 2, "no data set named 'musdb19'"),
        ((recipe, *root, "--set", "net=convtasnett"), 78, "no net 'convtasnett'"),
        ((recipe, "--root", "nowhere"), 66, "nowhere"),
        ((recipe, *root, "-o", "my run"), 78, "the run's folder must be named"),
        ((recipe, *root, "-o", "file"), 73, "file is a file"),
        ((recipe, *root, "-o", "file/run"), 73, "cannot be made a folder"),
        ((recipe,), 2, "missing option '--root'"),
    ]:
        ended = hclarity("train", *asked, "-q")
        assert ended.code == code, ended
        (line,) = ended.lines
        assert line.startswith("error: ")
        assert told in line
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    ended = hclarity("train", recipe, *root, "-o", "new")
    assert (ended.code, Path("new").exists()) == (69, False)
    assert ended.lines == [
        "error: training needs the package lightning_fabric: pip install 'hclarity[train]'"
    ]


def test_a_full_disk_ends_the_run_in_one_line(songs: Path) -> None:
    program = start(*words(songs, "run"), largest_file=20_000)
    _, err = program.communicate()
    (line,) = [line for line in err.decode().splitlines() if line.startswith("error")]
    assert program.returncode == 74
    assert "cannot be written" in line
    assert line.endswith("make room, then --resume goes on with the run")
    assert not list(Path("run").rglob("*.part"))


def test_a_song_that_breaks_ends_the_run_in_one_line(songs: Path) -> None:
    shutil.copytree(songs, "songs")
    for file in Path("songs/train").glob("*/bass.wav"):
        file.write_bytes(file.read_bytes()[:60])
    ended: Ended = hclarity(*words(Path("songs"), "run"))
    assert ended.code in (65, 74)
    (line,) = ended.lines
    assert "bass.wav" in line


def test_two_processes_learn_what_one_does(songs: Path, whole: Path) -> None:
    asked = [str(word) for word in words(songs, "run", "--device", "cpu", "--steps", "4")]
    port = ["--nproc-per-node", "2", "--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    both = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", *port, "-m", "hclarity", *asked],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert (both.returncode, both.stdout) == (0, "run\n"), both.stderr
    assert hclarity(*words(songs, "alone", "--steps", "4")).code == 0
    alone, together = (
        torch.load(f"{run}/checkpoint.pt")["learner"]["net"] for run in ("alone", "run")
    )
    for name, weights in alone.items():
        torch.testing.assert_close(together[name], weights, rtol=1e-5, atol=1e-6)
    one, two = (load_file(f"{run}/weights.safetensors") for run in ("alone", "run"))
    for name, weights in one.items():
        torch.testing.assert_close(two[name], weights, rtol=1e-5, atol=1e-6)
    for first, second in zip(losses(Path("alone")), losses(Path("run")), strict=True):
        assert first.split(",")[0] == second.split(",")[0]
