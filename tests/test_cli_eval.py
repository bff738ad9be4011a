import csv
import hashlib
import json
import os
import re
import shutil
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from cli_program import RATE, Ended, hclarity, music, start
from musdb_songs import SILENT, write_set
from tiny_model import STEMS, make_tiny_model

from hclarity.evaluation.models import ModelRow

pytestmark = pytest.mark.usefixtures("workplace")

SONGS = ("a song", "b song")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("musdb"))


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


def evaluate(root: Path, *words: object) -> Ended:
    return hclarity("eval", "--dataset", "musdb", "--root", root, *words)


def scored(root: Path, *words: object) -> dict[str, Any]:
    """What `--json` tells of a run in which nothing failed."""
    ended = evaluate(root, "--json", *words)
    assert ended.code == 0, ended.err
    told: dict[str, Any] = json.loads(ended.out)
    return told


def values(document: dict[str, Any]) -> dict[tuple[str, ...], float | None]:
    return {
        tuple(score[key] for key in ("row", "song", "stem", "metric")): score["value"]
        for score in document["scores"]
    }


def write_estimates(place: Path, root: Path, level: float = 0.9) -> Path:
    """The true stems, a little softer: 20 dB for a level of 0.9."""
    for song in SONGS:
        (place / song).mkdir(parents=True)
        for stem in STEMS:
            samples, _ = sf.read(root / "test" / song / f"{stem}.wav")
            sf.write(place / song / f"{stem}.wav", level * samples, RATE, subtype="FLOAT")
    return place


def test_a_table_for_each_metric_framed_by_floor_and_ceiling(root):
    ended = evaluate(root)
    assert ended.code == 0, ended.err
    for word in ("uSDR", "cSDR", "mixture", "demucs", "ideal ratio mask", *STEMS):
        assert word in ended.out
    assert "HAAQI" not in ended.out
    assert "model demucs, bundled weights, on the cpu" in ended.lines
    assert (Path("evaluations") / "musdb-test" / "journal.jsonl").is_file()
    again = evaluate(root)
    assert again.out == ended.out
    assert any("are in evaluations" in line for line in again.lines)


def test_documents_and_files_tell_the_same(root):
    document = scored(
        root, "-m", "tiny", "-m", "demucs", "--csv", "s.csv", "--markdown", "s.md", "-q"
    )
    with Path("s.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    told = values(document)
    assert len(lines) == len(told) == 2 * 4 * 4 * 2  # songs, rows, stems, metrics
    for line in lines:
        value = told[line["row"], line["song"], line["stem"], line["metric"]]
        assert line["value"] == ("" if value is None else repr(value))
    assert [row["name"] for row in document["rows"]] == [
        "mixture",
        "tiny",
        "demucs",
        "ideal ratio mask",
    ]
    assert document["failed"] == []
    assert "| tiny" in Path("s.md").read_text(encoding="utf-8")
    assert {song for (_, song, stem, _), value in told.items() if value is None} == {"b song"}
    assert {stem for (_, _, stem, _), value in told.items() if value is None} >= {SILENT}


def test_estimates_by_any_tool_are_scored(root, tmp_path):
    write_estimates(tmp_path / "separated" / "htdemucs", root)
    document = scored(root, "--estimates", "theirs=separated", "--metrics", "usdr")
    assert [row["name"] for row in document["rows"]] == ["mixture", "theirs", "ideal ratio mask"]
    for (row, _, stem, _), value in values(document).items():
        if row == "theirs" and value is not None:
            assert value == pytest.approx(20, abs=0.01), stem
    assert scored(root, "--estimates", "separated", "-m", "tiny")["rows"][2]["name"] == "separated"


def test_only_what_is_missing_is_computed(root, tmp_path, separated):
    make_tiny_model(tmp_path / "other", seed=1)
    scored(root, "-m", "tiny", "--metrics", "usdr")
    assert separated == {("tiny", "a song"): 1, ("tiny", "b song"): 1}
    scored(root, "-m", "tiny", "--metrics", "usdr")
    assert separated.total() == 2
    document = scored(root, "-m", "tiny", "-m", "other", "--metrics", "usdr", "--limit", 1)
    assert {score["song"] for score in document["scores"]} == {"a song"}
    assert separated.pop(("other", "a song")) == 1
    assert separated.total() == 2
    scored(root, "-m", "tiny", "--metrics", "usdr,sisdr")
    assert separated == {("tiny", "a song"): 2, ("tiny", "b song"): 2}
    scored(root, "-m", "tiny", "--metrics", "usdr,sisdr", "--overwrite")
    assert separated == {("tiny", "a song"): 3, ("tiny", "b song"): 3}


def test_new_weights_are_another_model(root, tmp_path, separated):
    make_tiny_model(tmp_path / "mine", seed=1)
    first = scored(root, "-m", "mine", "--metrics", "usdr", "--limit", 1)
    (tmp_path / "mine").rename(tmp_path / "old")
    make_tiny_model(tmp_path / "mine", seed=2)
    second = scored(root, "-m", "mine", "--metrics", "usdr", "--limit", 1)
    assert separated.total() == 2
    assert first["rows"][1]["digest"] != second["rows"][1]["digest"]
    assert values(first) != values(second)


def test_killed_anywhere_it_goes_on_and_tells_the_same(tmp_path, separated):
    root = write_set(tmp_path / "set", songs=4)
    make_tiny_model(tmp_path / "other", seed=1)
    words = ("-m", "tiny", "-m", "other", "--metrics", "usdr,csdr")
    whole = scored(root, *words, "-o", "whole")
    separated.clear()
    journal = tmp_path / "killed" / "journal.jsonl"
    program = start(
        "eval", "--dataset", "musdb", "--root", root, *words, "-o", "killed", cwd=tmp_path
    )
    while not (journal.exists() and '"scores"' in journal.read_text(encoding="utf-8")):
        assert program.poll() is None, program.communicate()
        time.sleep(0.005)
    program.send_signal(signal.SIGKILL)
    program.communicate()
    done = [line for line in _results(journal) if line["row"] in ("tiny", "other")]
    assert scored(root, *words, "-o", "killed") == whole
    assert separated.total() == 2 * 4 - len(done) // 2  # two metrics, kept one by one


def _results(journal: Path) -> list[dict[str, Any]]:
    lines = journal.read_text(encoding="utf-8").split("\n")[:-1]
    results = [json.loads(line)["result"] for line in lines]
    return [result for result in results if isinstance(result, dict)]


@pytest.mark.parametrize("jobs", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_interrupted_it_says_so_on_one_line(tmp_path, jobs):
    root = write_set(tmp_path / "set", songs=4, seconds=4)
    words = ("eval", "--dataset", "musdb", "--root", root, "-j", jobs, "-q")
    program = start(*words, cwd=tmp_path)
    journal = tmp_path / "evaluations" / "musdb-test" / "journal.jsonl"
    while not (journal.exists() and '"scores"' in journal.read_text(encoding="utf-8")):
        assert program.poll() is None, program.communicate()
        time.sleep(0.005)
    program.send_signal(signal.SIGTERM)
    out, err = program.communicate()
    assert program.returncode == 128 + signal.SIGTERM, err
    assert out == b""
    assert err.decode().splitlines() == [
        "error: interrupted; the same command again does what is missing"
    ]


@pytest.mark.slow
def test_several_processes_tell_the_same(root, tmp_path):
    make_tiny_model(tmp_path / "other", seed=1)
    words = ("-m", "tiny", "-m", "other")
    assert scored(root, *words, "-j", 2, "-o", "two") == scored(root, *words, "-o", "one")


def test_a_model_that_has_seen_the_songs_is_marked(root, tmp_path):
    make_tiny_model(tmp_path / "cheat")
    card = tmp_path / "cheat" / "card.toml"
    card.write_text(card.read_text().replace("seen = []", 'seen = ["musdb/test"]'))
    ended = evaluate(root, "-m", "cheat", "-m", "tiny", "--metrics", "usdr", "--json", "-q")
    assert ended.code == 0
    assert ended.lines == ["warning: cheat was trained on these songs: no fair test of it"]
    rows = {row["name"]: row["seen"] for row in json.loads(ended.out)["rows"]}
    assert rows == {"mixture": False, "cheat": True, "tiny": False, "ideal ratio mask": False}
    assert "cheat †" in evaluate(root, "-m", "cheat", "--metrics", "usdr").out
    same = ("eval", "--dataset", "folder", "--root", root, "-m", "cheat", "--metrics", "usdr")
    assert "†" not in hclarity(*same).out


def test_models_of_one_name_are_told_apart(root, tmp_path):
    for number in (1, 2):
        make_tiny_model(tmp_path / f"run{number}" / "best", seed=number)
    words = ("-m", "run1/best", "-m", "late=run2/best", "--metrics", "usdr", "--limit", 1)
    rows = [row["name"] for row in scored(root, *words)["rows"]]
    assert rows == ["mixture", "best", "late", "ideal ratio mask"]


def test_songs_may_have_any_name(root, tmp_path):
    names = ["-rf $(x)", "ünï 日本", "new\nline", '[red]b | c, "d"']
    for name in names:
        shutil.copytree(root / "test" / SONGS[0], tmp_path / "odd" / "test" / name)
    files = ("--csv", "s.csv", "--markdown", "s.md", "--plot", "s.svg")
    document = scored(tmp_path / "odd", "-m", "tiny", "--metrics", "usdr", *files)
    assert {score["song"] for score in document["scores"]} == set(names)
    with Path("s.csv").open(encoding="utf-8", newline="") as file:
        told = {line["song"] for line in csv.DictReader(file)}
    assert told == set(names)
    again = evaluate(tmp_path / "odd", "-m", "tiny", "--metrics", "usdr")
    assert "12 of 12 measurements" in again.err


def test_several_models_make_one_row(root, separated):
    words = ("--metrics", "usdr", "--limit", 1)
    joined = scored(root, "-m", "both=tiny+demucs", *words)
    assert [row["name"] for row in joined["rows"]] == ["mixture", "both", "ideal ratio mask"]
    assert separated == {("tiny", "a song"): 1}  # which has all stems
    alone = values(scored(root, "-m", "tiny", *words))
    assert {key: of for key, of in values(joined).items() if key[0] == "both"} == {
        ("both", *key[1:]): of for key, of in alone.items() if key[0] == "tiny"
    }


def test_a_bad_song_costs_itself_only(root, tmp_path):
    bad = write_set(tmp_path / "set")
    path = bad / "test" / "a song" / "drums.wav"
    path.write_bytes(path.read_bytes()[:2000])
    ended = evaluate(bad, "-m", "tiny", "--metrics", "usdr", "--json")
    assert ended.code == 1
    errors = [line for line in ended.lines if line.startswith("error:")]
    assert len(errors) == 1
    assert "a song" in errors[0]
    assert str(path) in errors[0]
    document = json.loads(ended.out)
    assert {failed["song"] for failed in document["failed"]} == {"a song"}
    whole = values(scored(root, "-m", "tiny", "--metrics", "usdr"))
    assert values(document) == {key: of for key, of in whole.items() if key[1] == "b song"}


def test_songs_are_found_where_the_environment_says(root, monkeypatch):
    monkeypatch.setenv("MUSDB_PATH", str(root))
    ended = hclarity("eval", "--dataset", "musdb", "-m", "tiny", "--metrics", "usdr", "-q")
    assert ended.code == 0, ended.err
    assert "tiny" in ended.out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("musdb", ["--root", "MUSDB_PATH", "zenodo.org/records/3338373", "dataset generate"]),
        ("ensembleset", ["--root", "zenodo", "dataset generate DIR --split valid --layout"]),
        ("folder", ["--root", "dataset generate DIR --split test"]),
    ],
)
def test_without_a_root_the_ways_to_give_one_are_told(monkeypatch, name, words):
    monkeypatch.delenv("MUSDB_PATH", raising=False)
    ended = hclarity("eval", "--dataset", name)
    assert ended.code == 2
    assert len(ended.lines) == 1
    for word in words:
        assert word in ended.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--metrics", "usrd"], "no metric named 'usrd'"),
        (["--metrics", ","], "there are usdr"),
        (["--metrics", "haaqi"], "--listeners"),
        (["--listeners", "standard", "--metrics", "usdr"], "needs haaqi"),
        (["--listener", "N3"], "--listener means nothing without --listeners"),
        (["--preset", "lyrics"], "--preset means nothing without --listeners"),
        (["--strict"], "--strict means nothing without --protocol"),
        (["--haaqi-engine", "reference"], "--haaqi-engine means nothing without"),
        (["--protocol", "cad1", "--metrics", "usdr"], "leave out --metrics"),
        (["--protocol", "cad1", "--listeners", "standard", "--gain", "vocals=3"], "gains of its"),
        (["--listeners", "standard", "--listener", "N9"], "no listener 'N9' in standard"),
        (["--listeners", "standard", "--gain", "viola=3"], "no stem 'viola'"),
        (["--split", "tset"], "no split 'tset'"),
        (["-m", "dmucs"], "no model named 'dmucs'"),
        (["-m", "tiny", "-m", "tiny"], "2 rows would be named tiny"),
        (["-m", "=tiny"], "name it, as NAME=MODEL"),
        (["-m", "=tiny+demucs"], "name it, as NAME=MODEL"),
        (["--estimates", ""], "where are they"),
        (["--estimates", "x="], "where are they"),
        (["--estimates", "=."], "name them, as NAME=DIR"),
        (["--csv", "same", "--markdown", "same"], "a file each"),
        (["-m", "convtasnet-viola"], "estimates viola, accompaniment; the songs have drums"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_what_makes_no_sense_is_refused(root, words, told):
    ended = evaluate(root, *words)
    assert (ended.code, ended.out) == (2, ""), ended.err
    assert told in ended.lines[-1]
    assert len(ended.lines) == 1
    assert not Path("evaluations").exists()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--estimates", "nowhere"], 66, "no folder of estimates at nowhere"),
        (["--estimates", "x=nowhere"], 66, "no folder of estimates at nowhere"),
        (["--estimates", "."], 66, "expected a song/STEM.wav"),
        (["--csv", "nowhere/s.csv"], 73, "no such folder"),
        (["--markdown", "."], 73, "a folder is there"),
        (["--csv", "a file/s.csv"], 73, "no such folder"),
        (["--csv", "a pipe"], 73, "no regular file"),
        (["--plot", "n" * 300 + ".png"], 73, "too long"),
        (["--listeners", "nowhere.json"], 66, "nowhere.json"),
    ],
)
def test_what_is_not_there_is_told_first(root, words, code, told, separated):
    Path("a file").touch()
    os.mkfifo("a pipe")
    ended = evaluate(root, *words)
    assert (ended.code, ended.out) == (code, ""), ended.err
    assert told in ended.err
    assert not separated
    assert Path("a pipe").is_fifo()


def test_a_root_without_songs_is_told(tmp_path):
    ended = evaluate(tmp_path)
    assert ended.code == 66
    assert "no test songs of MUSDB18-HQ" in ended.err


def test_a_missing_reference_engine_is_told_with_the_way_to_get_it(root, monkeypatch):
    monkeypatch.setattr("hclarity.cli.evaluating.find_spec", lambda name: None)
    words = ("--listeners", "standard", "--listener", "N3", "--haaqi-engine", "reference")
    ended = evaluate(root, *words)
    assert (ended.code, ended.out) == (69, "")
    assert "pip install 'hclarity[reference]'" in ended.err


def test_stems_made_for_listeners_need_a_protocol(root, tmp_path):
    path = tmp_path / "enhanced" / "L1" / "a song" / "L1_a song_remix.flac"
    path.parent.mkdir(parents=True)
    sf.write(path, music().T, RATE)
    ended = evaluate(root, "--estimates", "enhanced")
    assert ended.code == 2
    assert "--protocol" in ended.err


def test_a_run_goes_beside_another(root):
    from hclarity.batch.journal import Journal

    folder = Path("evaluations") / "musdb-test"
    folder.mkdir(parents=True)
    with Journal(folder / "journal.jsonl") as journal:
        journal.add({"of": "another run"}, 1)
        assert evaluate(root, "-m", "tiny").code == 0
    again = evaluate(root, "-m", "tiny")
    assert "measurements are in evaluations/musdb-test/journal.jsonl already" in again.err


def test_shares_together_are_the_whole(root):
    for index in range(2):
        assert evaluate(root, "-m", "tiny", "--shard", f"{index}/2").code == 0
    whole = evaluate(root, "-m", "tiny")
    assert whole.code == 0
    assert re.search(r"(\d+) of \1 measurements are in", whole.err)


def write_listeners(path: Path) -> Path:
    """Two listeners, as the Cadenza challenges have them; return the file."""
    ear = {"audiogram_cfs": [250, 500, 1000, 2000, 3000, 4000, 6000, 8000]}
    people = {
        name: {
            "name": name,
            **ear,
            "audiogram_levels_l": [level + 2 * step for step in range(8)],
            "audiogram_levels_r": [level + 5 * step for step in range(8)],
        }
        for name, level in (("L1", 20), ("L2", 35))
    }
    path.write_text(json.dumps(people), encoding="utf-8")
    return path


def test_listeners_hear_each_stem_and_the_remix(tmp_path):
    root = write_set(tmp_path / "musdb", seconds=0.7)
    write_estimates(tmp_path / "theirs", root)
    write_listeners(tmp_path / "listeners.json")
    words = ("--estimates", "theirs", "--listeners", "listeners.json", "--metrics", "haaqi")
    document = scored(root, *words, "--listener", "L2", "--limit", 1)
    found = {
        (it["row"], it["stem"], it["listener"], it["ear"]): it["value"] for it in document["scores"]
    }
    rows = ("mixture", "theirs", "ideal ratio mask")
    assert set(found) == {
        (row, stem, "L2", ear)
        for row in rows
        for stem in (*STEMS, "remix")
        for ear in ("left", "right")
    }
    assert all(0 < value <= 1 for value in found.values())
    for stem in STEMS:
        mixture, theirs, _ = (found[row, stem, "L2", "left"] for row in rows)
        assert mixture < theirs
    ended = evaluate(root, *words, "--listener", "L2", "--limit", 1)
    assert "HAAQI" in ended.out
    assert "remix" in ended.out
    assert "scoring" not in ended.err


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_scripts_of_museval_and_pyclarity_give_the_same_scores(root, tmp_path):
    import museval
    from clarity.enhancer.nalr import NALR
    from clarity.evaluator.haaqi import compute_haaqi
    from clarity.utils.audiogram import Audiogram
    from clarity.utils.signal_processing import compute_rms, resample

    place = write_estimates(tmp_path / "theirs", root, level=0.7)
    people = json.loads(write_listeners(tmp_path / "listeners.json").read_text(encoding="utf-8"))
    words = ("--estimates", "theirs", "--listeners", "listeners.json", "--limit", 1)
    document = scored(root, *words, "--listener", "L1")
    found = {
        (it["stem"], it["metric"], it["ear"]): it["value"]
        for it in document["scores"]
        if it["row"] == "theirs"
    }

    song = SONGS[0]
    true = np.stack([sf.read(root / "test" / song / f"{stem}.wav")[0] for stem in STEMS])
    made = np.stack([sf.read(place / song / f"{stem}.wav")[0] for stem in STEMS])
    ratios = museval.evaluate(true, made, win=RATE, hop=RATE)[0]
    seed = int(hashlib.md5(song.encode()).hexdigest(), 16) % 10**8
    for number, stem in enumerate(STEMS):
        assert found[stem, "csdr", ""] == pytest.approx(np.nanmedian(ratios[number]), abs=1e-6)
        for channel, ear in enumerate(("left", "right")):
            audiogram = Audiogram(
                levels=np.array(people["L1"][f"audiogram_levels_{ear[0]}"], float),
                frequencies=np.array(people["L1"]["audiogram_cfs"], float),
            )
            aid = NALR(nfir=220, sample_rate=RATE)
            gains, _ = aid.build(audiogram)
            reference, processed = (
                resample(aid.apply(gains, sound[number, :, channel]), RATE, 24000)
                for sound in (true, made)
            )
            np.random.seed(seed)
            expected = compute_haaqi(
                processed_signal=processed,
                reference_signal=reference,
                processed_sample_rate=24000,
                reference_sample_rate=24000,
                audiogram=audiogram,
                equalisation=2,
                level1=65 - 20 * np.log10(compute_rms(true[number, :, channel])),
            )
            assert found[stem, "haaqi", ear] == pytest.approx(expected, abs=1e-6)


def test_a_challenge_is_scored_by_its_protocol(tmp_path):
    root = write_set(tmp_path / "musdb", seconds=0.7)
    write_estimates(tmp_path / "theirs", root)
    write_listeners(tmp_path / "listeners.json")
    words = ("--protocol", "cad1", "--listeners", "listeners.json", "--listener", "L1")
    document = scored(root, "--estimates", "theirs", *words, "--limit", 1)
    assert document["about"]["protocol"] == "cad1"
    assert {(it["metric"], it["listener"]) for it in document["scores"]} == {("haaqi", "L1")}
    assert {it["stem"] for it in document["scores"]} == set(STEMS)
    without = evaluate(root, "--estimates", "theirs", "--protocol", "icassp24")
    assert (without.code, without.out) == (66, "")
    assert "--metadata" in without.err
