"""`hclarity eval --page`: the folder that a browser opens."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_program import RATE, Ended, files_in, hclarity
from listening_pages import page_data
from musdb_songs import SILENT, write_set
from scores_pages import example_sounds

from hclarity.evaluation.models import ModelRow

pytestmark = pytest.mark.usefixtures("workplace")

PAGE = Path("page/index.html")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("musdb"), songs=3)


@pytest.fixture
def separated(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """How often each model separated each song."""
    times: Counter[tuple[str, str]] = Counter()
    separate = ModelRow.estimate

    def counting(row: ModelRow, song: Any) -> Any:
        times[row.name, song.name] += 1
        return separate(row, song)

    monkeypatch.setattr(ModelRow, "estimate", counting)
    return times


def evaluate(root: Path, *words: object, models: tuple[str, ...] = ("tiny",)) -> Ended:
    named = [word for model in models for word in ("-m", model)]
    place = ("--dataset", "musdb", "--root", root, "--metrics", "usdr")
    return hclarity("eval", *place, *named, "--page", "page", *words)


def test_a_page_with_the_best_and_the_worst_to_hear(
    root: Path, separated: Counter[tuple[str, str]]
) -> None:
    ended = evaluate(root)
    assert ended.code == 0, ended.err
    assert "the page is page/index.html" in ended.lines
    assert "uSDR" in ended.out
    sounds = [f"sound/{number:04d}.js" for number in range(6)]
    assert files_in(Path("page")) == ["index.html", *sounds]
    data = page_data(PAGE)
    assert [row["name"] for row in data["rows"]] == ["mixture", "tiny", "ideal ratio mask"]
    assert [example["good"] for example in data["examples"]] == [True] * 3 + [False] * 3
    assert SILENT not in {e["stem"] for e in data["examples"] if e["song"] == "b song"}
    for example in data["examples"]:
        heard = example_sounds(Path("page") / f"sound/{example['heard']['number']:04d}.js")
        assert heard["truth"].shape == (2, round(example["heard"]["seconds"] * 48000))
        wrong = heard["estimate"] - heard["truth"]
        sdr = 10 * np.log10(np.square(heard["truth"]).sum() / np.square(wrong).sum())
        assert sdr == pytest.approx(example["value"], abs=0.5)  # songs of 2 s are heard whole
    songs = {example["song"] for example in data["examples"]}
    assert separated == {
        ("tiny", song): 1 + (song in songs) for song in ("a song", "b song", "c song")
    }


def test_only_what_is_heard_is_separated_again_and_the_older_page_replaced(
    root: Path, separated: Counter[tuple[str, str]]
) -> None:
    evaluate(root)
    separated.clear()
    (Path("page/sound") / "0099.js").touch()
    assert evaluate(root, "--limit", 1).code == 0
    assert separated == {("tiny", "a song"): 1}
    assert len(list(Path("page/sound").iterdir())) == 4
    assert len(page_data(PAGE)["metrics"][0]["songs"]) == 1


def test_estimates_are_heard_too(root: Path) -> None:
    for song in ("a song", "b song", "c song"):
        (Path("theirs") / song).mkdir(parents=True)
        (Path("theirs") / song / "drums.wav").write_bytes(
            (root / "test" / song / "drums.wav").read_bytes()
        )
    ended = evaluate(root, "--estimates", "theirs", models=())
    assert ended.code == 0, ended.err
    examples = page_data(PAGE)["examples"]
    assert {(example["row"], example["stem"]) for example in examples} == {("theirs", "drums")}


@pytest.mark.slow
def test_with_workers_it_is_the_same(root: Path) -> None:
    evaluate(root)
    alone = page_data(PAGE)
    assert evaluate(root, "-j", 2, "-o", "two").code == 0
    assert page_data(PAGE) == alone


def test_a_song_that_cannot_be_separated_again_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert evaluate(root).code == 0
    separate = ModelRow.estimate

    def failing(row: ModelRow, song: Any) -> Any:
        if song.name == "a song":
            raise ZeroDivisionError("a bug")
        return separate(row, song)

    monkeypatch.setattr(ModelRow, "estimate", failing)
    ended = evaluate(root)
    assert ended.code == 0
    warnings = [line for line in ended.lines if line.startswith("warning: ")]
    assert len(warnings) == 1
    assert warnings[0].startswith("warning: no example of tiny in a song: ")
    examples = page_data(PAGE)["examples"]
    assert len(examples) == 6
    assert {
        bool(e["problem"]) == (e["song"] == "a song") == (e["heard"] is None) for e in examples
    } == {True}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("a file", "what is there is no folder"),
        ("a file/page", "is no folder"),
        ("theirs", "is no page of hclarity eval"),
        (".", "is no page of hclarity eval"),
        ("n" * 300, "too long"),
    ],
)
def test_where_there_can_be_no_page_nothing_is_scored(
    root: Path, words: str, told: str, separated: Counter[tuple[str, str]]
) -> None:
    Path("a file").touch()
    Path("theirs").mkdir()
    Path("theirs/index.html").write_text("mine")
    ended = evaluate(root, "--page", words)
    assert (ended.code, ended.out, len(ended.lines)) == (73, "", 1), ended.err
    assert told in ended.err
    assert f"{words} cannot be created" in ended.err
    assert not separated
    assert Path("theirs/index.html").read_text() == "mine"


def test_what_a_stranger_added_to_a_page_keeps_it(root: Path) -> None:
    evaluate(root, "--limit", 1)
    (Path("page") / "sound" / "diary.js").write_text("mine")
    before = PAGE.read_bytes()
    ended = evaluate(root, "--limit", 1)
    assert (ended.code, len(ended.lines)) == (73, 1)
    assert PAGE.read_bytes() == before


def test_an_empty_folder_and_one_behind_a_link_will_do(root: Path) -> None:
    Path("empty").mkdir()
    Path("page").symlink_to("empty")
    assert evaluate(root, "--limit", 1).code == 0
    assert Path("page").is_symlink()
    assert Path("empty/index.html").is_file()


def test_nothing_is_left_where_it_is_broken_off(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(*_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr("hclarity.cli.eval_page.scores_page", broken_off)
    ended = evaluate(root, "--json")
    assert ended.code == 130
    assert json.loads(ended.out)["scores"]
    assert {path for path in os.listdir() if path != "evaluations"} == set()


def test_a_share_has_a_page_of_its_songs(root: Path) -> None:
    songs = []
    for index in range(2):
        assert evaluate(root, "--shard", f"{index}/2").code in (0, 66)
        if PAGE.exists():
            songs += page_data(PAGE)["metrics"][0]["songs"]
    assert {"a song", "b song", "c song"} >= set(songs) != set()


def test_one_channel_is_heard_with_both_ears(root: Path) -> None:
    import soundfile as sf

    for path in root.rglob("*.wav"):
        place = Path("mono") / path.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        samples, _ = sf.read(path)
        sf.write(place, samples[:, 0], RATE)
    assert evaluate(Path("mono"), "--limit", 1).code == 0
    sounds = example_sounds(Path("page/sound/0000.js"))
    np.testing.assert_allclose(sounds["truth"][0], sounds["truth"][1], atol=0.02)
