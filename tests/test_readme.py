"""What the README tells people to type works as written."""

import json
import os
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

import hclarity
from hclarity.audio.encoding import Encoding
from hclarity.audio.writing import AudioWriter
from hclarity.cli.app import app
from hclarity.registry.cards import read_card
from hclarity.training.recipe import read_recipe

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BUNDLED = sorted(ROOT.glob("models/*/mini.toml"))
TABLES = ("hclarity models", "hclarity eval", "hclarity audiogram")  # what prints no paths
LONG = ("hclarity dataset", "hclarity train", "hclarity eval")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("hclarity ")
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """What the README's reader has: a song and an audiogram."""
    here = tmp_path_factory.mktemp("reader")
    rng = np.random.default_rng(0)
    with AudioWriter(
        here / "song.flac", sample_rate=44100, channels=2, encoding=Encoding("flac")
    ) as song:
        song.push((0.1 * rng.standard_normal((2, 66150))).astype(np.float32))
    (audiogram,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    (here / "me.json").write_text(audiogram)
    return here


def run(commands: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HCLARITY_OFFLINE", "1")
    monkeypatch.setenv("HCLARITY_MODELS", str(folder / "models"))
    for command in commands:
        done = CliRunner().invoke(app, shlex.split(command)[1:])
        assert done.exit_code == 0, f"{command}: {done.output}"
        if not command.startswith(TABLES):
            assert all(Path(path).exists() for path in done.stdout.splitlines())


def test_every_quick_command_works_as_written(folder, monkeypatch):
    quick = [command for command in COMMANDS if not command.startswith(LONG)]
    assert len(quick) >= 4
    run(quick, folder, monkeypatch)


@pytest.mark.slow
def test_every_long_command_works_as_written(folder, monkeypatch):
    long = [command for command in COMMANDS if command.startswith(LONG)]
    assert len(long) >= len(LONG)
    run(long, folder, monkeypatch)


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_is_understood_as_written(words, folder, monkeypatch):
    """Each of its words; what it does is left undone."""
    monkeypatch.chdir(folder)
    command, (_, *rest) = get_command(app), shlex.split(words)
    while isinstance(command, TyperGroup):
        name, *rest = rest
        command = command.commands[name]
    command.make_context(name, rest)


def test_what_it_prints_is_what_the_readme_shows(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HCLARITY_OFFLINE", "1")
    monkeypatch.setenv("HCLARITY_MODELS", str(folder / "models"))
    shown = re.findall(r"<!-- output -->\n```text\n(.*?)```", README, re.DOTALL)
    typed = [command for command in COMMANDS if "separate" in command or "remix" in command]
    for command, text in zip(typed, shown, strict=True):
        assert CliRunner().invoke(app, shlex.split(command)[1:]).stdout == text


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`?make ([a-z-]+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_ci_runs_the_readmes_test_command():
    assert "make test" in (ROOT / ".ci/run").read_text()
    assert "make test" in README


def test_every_command_has_help_and_a_place_in_the_readme():
    listed = CliRunner().invoke(app, ["--help"], env={"NO_COLOR": "1", "COLUMNS": "200"}).output
    names = [command.name for command in app.registered_commands]
    names += [group.name for group in app.registered_groups]
    for name in names:
        assert name in listed
        assert f"hclarity {name}" in README or f"make {name}" in README, name


def test_every_exit_code_is_documented():
    from hclarity import errors

    for word in errors.__all__:
        code = getattr(errors, word).exit_code
        assert re.search(rf"^\| .*\b{code}\b.* \|", README, re.MULTILINE), (word, code)


def test_scores_in_the_readme_are_those_of_the_cards():
    cells = re.findall(
        r"^\| (`\w+`|a quarter of it|ideal mask) \| (\w+) \|((?: -?[\d.]+ \|){5})$",
        README,
        re.MULTILINE,
    )
    assert {row for row, _, _ in cells} == {
        *(f"`{card.parent.name}`" for card in BUNDLED),
        "a quarter of it",
        "ideal mask",
    }
    columns = ("drums", "bass", "other", "vocals", "mean")
    rows = {"a quarter of it": ("demucs", "floor_"), "ideal mask": ("demucs", "ideal_")}
    for row, songs, numbers in cells:
        model, kind = rows.get(row, (row.strip("`"), ""))
        scores = read_card(ROOT / "models" / model / "card.toml").weights["bundled"].scores
        shown = [float(number) for number in numbers.replace("|", " ").split()]
        assert shown == [scores[f"{songs}_usdr_{kind}{column}"] for column in columns]


def test_the_changelogs_newest_version_is_the_packages():
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert re.findall(r"^## (\S+)", changelog, re.MULTILINE)[0] == hclarity.__version__


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.parent.name)
def test_the_recipe_trains_the_net_that_the_card_describes(path):
    recipe = read_recipe(path)
    card = read_card(path.parent / "card.toml").of("bundled")
    assert (recipe.net, recipe.stems) == (card.net, card.stems)
    assert (recipe.sample_rate, recipe.channels) == (card.sample_rate, card.channels)
    assert recipe.augmentation.level == card.level
    weights_only = {"dconv_init", "filterbank"}  # what a net begins as
    trained = {key: value for key, value in recipe.arguments.items() if key not in weights_only}
    assert trained == card.weights["bundled"].arguments


def test_the_report_never_holds_the_audiogram(folder):
    report = json.loads((folder / "remixed" / "song.remix.json").read_text())
    text = json.dumps(report)
    assert "audiogram" not in text
    assert os.fspath(folder) not in text
