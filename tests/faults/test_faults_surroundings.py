"""A clock that goes backwards, a network that is not there, a cache that cannot be written to."""

import shutil
import socket
from itertools import product
from pathlib import Path

import pytest
from cells import cell, sampled
from cli_program import write_song
from commands import EVERY, Command
from disks import read_only
from forked import run
from registry_cards import write_official
from stage import Stage
from troubles import backwards_clock


@cell(
    "clock",
    separate="no difference",
    remix="no difference",
    eval="no difference",
    train="no difference",
)
@pytest.mark.parametrize("command", sampled([*EVERY][:4], "separate"), indirect=True)
def test_a_clock_that_goes_backwards(command: Command, stage: Stage) -> None:
    whole, folder = stage.whole(command), stage.fresh(command)
    ended = command.run(folder, backwards_clock)
    assert (ended.code, ended.out) == (0, whole.ended.out)
    assert command.results(folder) == whole.results


@pytest.fixture
def closed() -> str:
    """An address at which nobody listens."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{port.getsockname()[1]}/far.pt"


def _far_model(folder: Path, url: str, tiny: Path) -> None:
    """A model that is elsewhere; and one that has something smaller here beside it."""
    known = "sha256 = 'none published'"
    write_official(folder / "models" / "far", f"url = '{url}'", known)
    both = folder / "models" / "both"
    shutil.copytree(tiny, both)
    text = (folder / "models" / "far" / "card.toml").read_text()
    with (both / "card.toml").open("a") as card:
        card.write("\n[weights.official]" + text.split("[weights.official]")[1])


_HEARS = {
    "separate": ("separate", "song.flac", "-q"),
    "remix": ("remix", "song.flac", "-q", "--audiogram", "N3"),
    "eval": ("eval", "--dataset", "musdb", "--root", "set", "-q", "--metrics", "usdr"),
}


@cell(
    "no network",
    separate="69 and what to do; with bundled weights those, and a warning",
    remix="69 and what to do; with bundled weights those, and a warning",
    eval="69 and what to do; with bundled weights those, and a warning",
    models_pull="69 and what to do",
)
@pytest.mark.parametrize(
    ("command", "offline"),
    sampled(product([*_HEARS, "models pull"], "01"), ("models pull", "0")),
)
def test_no_network(
    command: str, offline: str, closed: str, stage: Stage, tiny_models: Path, tmp_path: Path
) -> None:
    _far_model(tmp_path, closed, tiny_models / "tiny")
    write_song(tmp_path / "song.flac")
    EVERY["eval"].prepare(tmp_path, closed)
    places = {"HCLARITY_MODELS": "models", "HCLARITY_OFFLINE": offline}
    words = _HEARS.get(command)
    far = (*words, "-m", "far") if words else ("models", "pull", "far", "-q")
    ended = run(*far, folder=tmp_path, **places)
    assert (ended.code, len(ended.lines)) == (69, 1), ended
    assert "hclarity models pull far" in ended.lines[0]
    assert ("HCLARITY_OFFLINE is set" in ended.lines[0]) == (offline == "1")
    if words:
        ended = run(*words, "-m", "both", folder=tmp_path, **places)
        assert ended.code == 0, ended
        assert "warning: using the small bundled weights of both" in ended.lines[0]


@cell("no network", train="no difference: it asks nobody")
@pytest.mark.slow
def test_training_needs_no_network(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    command = EVERY["train"]
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    folder = stage.fresh(command)
    assert command.run(folder).code == 0
    assert command.results(folder) == stage.whole(command).results


@cell(
    "no cache",
    separate="no difference, or bundled weights and a warning",
    remix="no difference",
    eval="no difference",
    train="no difference",
    models_pull="73",
)
@pytest.mark.parametrize("command", sampled(EVERY, "models pull"), indirect=True)
def test_a_cache_that_cannot_be_written_to(
    command: Command, stage: Stage, tiny_models: Path
) -> None:
    folder = stage.fresh(command)
    if not (folder / "models").exists():
        shutil.copytree(tiny_models, folder / "models")
    with read_only(folder / "models"):
        ended = command.run(folder)
    if command.name == "models pull":
        assert ended.code == 73, ended
        assert len(ended.lines) == 1
    else:
        assert (ended.code, ended.err) == (0, ""), ended
        assert command.results(folder) == stage.whole(command).results


@pytest.mark.slow
def test_weights_that_cannot_be_kept(stage: Stage, tiny_models: Path, tmp_path: Path) -> None:
    _far_model(tmp_path, stage.url, tiny_models / "tiny")
    write_song(tmp_path / "song.flac")
    places = {"HCLARITY_MODELS": "models", "HCLARITY_OFFLINE": "0"}
    with read_only(tmp_path / "models"):
        ended = run("separate", "-m", "both", "-q", "song.flac", folder=tmp_path, **places)
    assert ended.code == 0, ended
    assert "warning: using the small bundled weights of both" in ended.lines[0]
