import json
import multiprocessing
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from evaluation_fakes import FakeMeasure, FakeRow
from stem_folders import noise, write_folder

from hclarity.batch.executors.local import LocalExecutor
from hclarity.batch.journal import Journal
from hclarity.datasets.folders import find_tracks
from hclarity.errors import StorageError
from hclarity.evaluation.measures import Task
from hclarity.evaluation.rows import Output
from hclarity.evaluation.scores import Score
from hclarity.evaluation.songs import Song
from hclarity.evaluation.walk import Failure, Walk

SONGS = ("a", "b", "c")


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
    for seed, name in enumerate(SONGS):
        files = {"drums.wav": noise(seed), "vocals.wav": noise(seed + 10)}
        if name == "b":
            files["vocals.wav"] = 0 * files["vocals.wav"]
        write_folder(tmp_path / "set" / "test" / name, files)
    tracks = find_tracks(tmp_path / "set", "test")
    return [Task(Song(it.name, it), (FakeMeasure(1), FakeMeasure(2))) for it in tracks]


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    return tmp_path / "paper"


def separated(paper: Path) -> list[str]:
    """What was separated since the last time somebody asked."""
    lines = paper.read_text().splitlines() if paper.exists() else []
    paper.write_text("")
    return sorted(lines)


def walked(
    folder: Path, tasks: Sequence[Task], rows: Sequence[FakeRow], jobs: int = 1
) -> tuple[list[Score], list[Failure]]:
    done: list[int] = []
    with Journal(folder / "j") as journal:
        walk = Walk(tasks, rows, journal)
        missing = walk.missing
        walk.run(LocalExecutor(jobs) if jobs > 1 else None, done.append)
        assert sum(done) == missing
        return list(walk.scores()), walk.failures


def test_every_row_and_measure_of_every_song_is_scored_in_order(tasks, paper, tmp_path):
    rows = [FakeRow("x", paper), FakeRow("y", paper, 0.25)]
    scores, failures = walked(tmp_path, tasks, rows)
    assert not failures
    assert [(it.song, it.row, it.scene, it.stem) for it in scores] == [
        (song, row, measure, stem)
        for song in SONGS
        for row in ("x", "y")
        for measure in ("S1", "S2")
        for stem in ("drums", "vocals")
    ]
    assert [it.value is None for it in scores] == [
        it.song == "b" and it.stem == "vocals" for it in scores
    ]
    # once for each song and row, for all measures
    assert separated(paper) == sorted(f"{row} {song}" for row in "xy" for song in SONGS)
    assert scores[:2] == FakeMeasure(1).scores(Output(rows[0], tasks[0].song))


def test_what_is_done_is_not_done_again(tasks, paper, tmp_path):
    rows = [FakeRow("x", paper), FakeRow("y", paper, 0.25)]
    first, _ = walked(tmp_path, tasks, rows)
    separated(paper)
    assert walked(tmp_path, tasks, rows)[0] == first
    assert separated(paper) == []
    more = [replace(task, measures=(*task.measures, FakeMeasure(3))) for task in tasks]
    assert len(walked(tmp_path, more, rows[:1])[0]) == 18
    assert separated(paper) == ["x a", "x b", "x c"]
    walked(tmp_path, tasks, [rows[0], replace(rows[1], gain=0.3)])
    assert separated(paper) == ["y a", "y b", "y c"]


def test_another_name_of_a_row_changes_no_score(tasks, paper, tmp_path):
    scores, _ = walked(tmp_path, tasks, [FakeRow("x", paper)])
    separated(paper)
    renamed, _ = walked(tmp_path, tasks, [FakeRow("z", paper)])
    assert renamed == [replace(score, row="z") for score in scores]
    assert separated(paper) == []


def test_songs_are_known_by_what_is_in_their_files(tasks, paper, tmp_path):
    rows = [FakeRow("x", paper)]
    first, _ = walked(tmp_path, tasks, rows)
    separated(paper)
    (tmp_path / "set").rename(tmp_path / "elsewhere")
    moved = [
        replace(task, song=Song(track.name, track))
        for task, track in zip(tasks, find_tracks(tmp_path / "elsewhere", "test"), strict=True)
    ]
    assert walked(tmp_path, moved, rows)[0] == first
    assert separated(paper) == []
    write_folder(tmp_path / "elsewhere" / "test" / "c", {"drums.wav": noise(99)}, mixture=None)
    walked(tmp_path, moved, rows)
    assert separated(paper) == ["x c"]


def test_all_is_done_again_when_asked_for_and_nothing_else_is_lost(tasks, paper, tmp_path):
    x, y = FakeRow("x", paper), FakeRow("y", paper, 0.25)
    walked(tmp_path, tasks, [x, y])
    separated(paper)
    with Journal(tmp_path / "j") as journal:
        walk = Walk(tasks, [replace(x, fails_on="b")], journal, again=True)
        assert not list(walk.scores())
        walk.run()
        assert {score.song for score in walk.scores()} == {"a", "c"}
    assert separated(paper) == ["x a", "x b", "x c"]
    walked(tmp_path, tasks, [x, y])
    assert separated(paper) == []


def test_files_are_read_for_their_digests_once(tasks, paper, tmp_path, monkeypatch):
    walked(tmp_path, tasks, [FakeRow("x", paper)])
    monkeypatch.setattr("hclarity.evaluation.digests.sha256_of", lambda path: 1 / 0)
    walked(tmp_path, tasks, [FakeRow("x", paper)])


def test_excerpts_are_songs_of_their_own_and_tasks_of_one_song_are_one(tasks, paper, tmp_path):
    song = tasks[0].song
    parts = [replace(song, name="a 1", frames=500), replace(song, name="a 2", start=500)]
    every = [Task(it, (FakeMeasure(n),)) for n in (1, 2) for it in (song, *parts)]
    scores, _ = walked(tmp_path, every, [FakeRow("x", paper)])
    assert separated(paper) == ["x a", "x a 1", "x a 2"]
    assert len({score.value for score in scores}) == len(scores) == 12


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failure_costs_its_row_and_song_only(tasks, paper, tmp_path, jobs):
    rows = [FakeRow("x", paper, fails_on="b"), FakeRow("y", paper, 0.25)]
    scores, failures = walked(tmp_path, tasks, rows, jobs)
    assert failures == [Failure("b", "x", "b is too beautiful")]
    assert len(scores) == 20
    assert {(it.row, it.song) for it in scores} == {
        (row, song) for row in "xy" for song in SONGS if (row, song) != ("x", "b")
    }
    separated(paper)
    mended = [FakeRow("x", paper), rows[1]]
    assert len(walked(tmp_path, tasks, mended)[0]) == 24
    assert separated(paper) == ["x b"]


def test_a_song_whose_files_are_gone_fails_alone(tasks, paper, tmp_path):
    gone = tmp_path / "set" / "test" / "b" / "drums.wav"
    gone.unlink()
    scores, failures = walked(tmp_path, tasks, [FakeRow("x", paper)])
    assert [(it.song, it.row) for it in failures] == [("b", "")]
    assert str(gone) in failures[0].reason
    assert {score.song for score in scores} == {"a", "c"}


def test_several_processes_find_the_same(tasks, paper, tmp_path):
    (tmp_path / "two").mkdir()
    rows = [FakeRow("x", paper), FakeRow("y", paper, 0.25)]
    alone = walked(tmp_path, tasks, rows)
    separated(paper)
    assert walked(tmp_path / "two", tasks, rows, jobs=2) == alone
    assert separated(paper) == sorted(f"{row} {song}" for row in "xy" for song in SONGS)
    assert multiprocessing.active_children() == []


def test_a_process_that_is_killed_takes_no_other_with_it(tasks, paper, tmp_path):
    rows = [FakeRow("w", paper, 0.2), FakeRow("x", paper, dies_on="a"), FakeRow("y", paper, 0.25)]
    scores, failures = walked(tmp_path, tasks, rows, jobs=2)
    assert {(it.song, it.row) for it in failures} == {("a", "x"), ("a", "y")}
    assert "its process died" in failures[0].reason
    assert {(it.row, it.song) for it in scores if it.song == "a"} == {("w", "a")}
    assert len({(it.row, it.song) for it in scores}) == 7


def test_a_bug_in_a_process_is_told_as_one(tasks, paper, tmp_path):
    rows = [FakeRow("x", paper, breaks_on="b")]
    with pytest.raises(RuntimeError, match="ZeroDivisionError: a bug") as caught:
        walked(tmp_path, tasks, rows, jobs=2)
    assert "evaluation_fakes.py" in "".join(caught.value.__notes__)
    assert multiprocessing.active_children() == []


def test_a_run_that_ends_early_leaves_no_process_and_keeps_what_it_found(tasks, paper, tmp_path):
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    rows = [FakeRow("x", paper), FakeRow("y", paper, 0.25)]
    with Journal(tmp_path / "j") as journal:
        walk = Walk(tasks, rows, journal)
        with pytest.raises(KeyboardInterrupt):
            walk.run(LocalExecutor(2), interrupt)
        assert multiprocessing.active_children() == []
        assert walk.missing == 11
    with Journal(tmp_path / "j") as journal:
        assert Walk(tasks, rows, journal).missing == 11


def test_a_full_disk_ends_it(tasks, paper, tmp_path, monkeypatch):
    with Journal(tmp_path / "j") as journal:
        walk = Walk(tasks, [FakeRow("x", paper)], journal)
        monkeypatch.setattr("hclarity.batch.journal.fsync", _full)
        with pytest.raises(StorageError, match="space"):
            walk.run()


def _full(_: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("result", [None, 5, {}, {"scores": "x"}, {"scores": [["drums", "usdr"]]}])
def test_results_that_are_no_scores_are_found_anew(tasks, paper, tmp_path, result):
    rows = [FakeRow("x", paper)]
    whole, _ = walked(tmp_path, tasks, rows)
    lines = (tmp_path / "j").read_text(encoding="utf-8").splitlines()
    last = {**json.loads(lines[-1]), "result": result}
    (tmp_path / "j").write_text("\n".join([*lines, json.dumps(last), ""]), encoding="utf-8")
    with Journal(tmp_path / "j") as journal:
        assert Walk(tasks, rows, journal).missing == 1
    assert walked(tmp_path, tasks, rows)[0] == whole


def test_infinite_scores_are_kept(tasks, paper, tmp_path):
    endless = [replace(task, measures=(FakeMeasure(9),)) for task in tasks]
    rows = [FakeRow("x", paper)]
    for _ in range(2):
        scores, _ = walked(tmp_path, endless, rows)
        assert [score.value for score in scores] == [float("inf")] * 3 + [None] + [float("inf")] * 2


class Meddling(FakeMeasure):
    """Somebody writes to a file as soon as a row is measured."""

    def scores(self, output: Output) -> list[Score]:
        found = super().scores(output)
        for sounds in output.song.track.stems.values():
            sounds[0].path.write_bytes(b"")
        return list(found)


def test_a_song_that_changes_has_no_scores(tasks, paper, tmp_path):
    tasks = [Task(tasks[0].song, (Meddling(1), Meddling(2))), *tasks[1:]]
    scores, failures = walked(tmp_path, tasks, [FakeRow("x", paper)])
    assert {it.song for it in scores} == {"b", "c"}
    told = "a changed while it was scored; the same command again scores it anew"
    assert failures == [Failure("a", "x", told)]


def test_estimates_that_change_have_no_scores(tasks, paper, tmp_path):
    file = tmp_path / "estimate"
    file.write_bytes(b"one")

    class Read(FakeRow):
        def files_of(self, song: Song) -> dict[Path, str]:
            return {file: sha256(b"one").hexdigest()}

    row = Read("x", paper)
    assert not walked(tmp_path, tasks[:1], [row])[1]
    file.write_bytes(b"another")
    tasks = [Task(tasks[0].song, (FakeMeasure(3),))]
    assert [it.row for it in walked(tmp_path, tasks, [row])[1]] == ["x"]
