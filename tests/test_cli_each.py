import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer import Exit

from hclarity.batch.executors.local import LocalExecutor
from hclarity.batch.leases import leased
from hclarity.cli.each import Done, Work, do_each
from hclarity.cli.items import Item
from hclarity.errors import BadDataError, MissingInputError, UnavailableError
from hclarity.report.console import Reporter


class Diary:
    """Checks and works on names, as they tell it to, and remembers in which order."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def check(self, item: Path) -> None:
        self.lines.append(f"check {item}")
        if "missing" in item.name:
            raise MissingInputError(f"{item} is not there")

    def begin(self, reporter: Reporter) -> Work:
        self.lines.append("begin")
        return self.work

    def work(self, item: Item) -> Done:
        self.lines.append(f"work {item.path}")
        return done(item)

    def run(self, *names: str, as_json: bool = False) -> int:
        return code_of(*names, check=self.check, begin=self.begin, as_json=as_json)


def done(item: Item) -> Done:
    match item.path.stem:
        case "bad":
            raise BadDataError(f"{item.path} is damaged")
        case "bug":
            raise ZeroDivisionError("division by zero")
        case "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        case "old":
            return Done({"one": item.path / "1"}, before=True, seconds=1800.0)
    return Done({"one": item.path / "1", "two": item.path / "2"}, seconds=1800.0)


def begin(reporter: Reporter) -> Work:
    reporter.warn("a worker is ready")
    return done


def code_of(*names: str, check: Any = lambda path: None, begin: Any = begin, **how: Any) -> int:
    items = [Item.of(Path(name)) for name in names]
    try:
        do_each(items, check, begin, Reporter(), **{"as_json": False, **how})
    except Exit as end:
        return end.exit_code
    return 0


def test_all_are_looked_at_before_any_work_begins(capsys: pytest.CaptureFixture[str]) -> None:
    diary = Diary()
    assert diary.run("a", "bad", "missing", "b") == 1
    checks = [f"check {name}" for name in ("a", "bad", "missing", "b")]
    assert diary.lines == [*checks, "begin", "work a", "work bad", "work b"]
    out, err = capsys.readouterr()
    assert out.splitlines() == ["a/1", "a/2", "b/1", "b/2"]
    *errors, summary = err.splitlines()
    assert errors == ["error: missing is not there", "error: bad is damaged"]
    assert summary.startswith("done 2, failed 2; 1 h of music in 0 s, ")


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["a"], 0),
        (["missing"], 66),
        (["bad"], 65),
        (["bug"], 70),
        (["bad", "x/bad"], 1),
        (["a", "missing"], 1),
    ],
)
def test_the_exit_code(names: list[str], code: int) -> None:
    assert Diary().run(*names) == code


def test_nothing_begins_without_an_input_that_can_be_worked_on() -> None:
    diary = Diary()
    assert diary.run("missing 1", "missing 2") == 1
    assert "begin" not in diary.lines


def test_what_cannot_begin_ends_the_run() -> None:
    def begin(_: Reporter) -> Work:
        raise UnavailableError("no weights")

    with pytest.raises(UnavailableError, match="no weights"):
        code_of("a", "b", begin=begin, as_json=True)


def test_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert Diary().run("a", "bad", "old", as_json=True) == 1
    document = json.loads(capsys.readouterr().out)
    a, old = document["done"]
    assert a == {"input": "a", "files": {"one": "a/1", "two": "a/2"}}
    assert old == {"input": "old", "files": {"one": "old/1"}}
    assert document["failed"] == [{"input": "bad", "error": "bad is damaged", "exit_code": 65}]
    assert set(document) == {"version", "done", "failed", "summary"}
    summary = document["summary"]
    counted = [summary[key] for key in ("done", "already_done", "failed", "audio_hours")]
    assert counted == [1, 1, 1, 0.5]


def test_an_error_of_ours_costs_its_input_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("a", "bug", "b") == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == ["a/1", "a/2", "b/1", "b/2"]
    assert "error: bug: internal error: ZeroDivisionError: division by zero; this is a bug" in err


def test_inputs_of_one_name_do_not_replace_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("x/a", "y/a", "b") == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == ["x/a/1", "x/a/2", "b/1", "b/2"]
    assert "error: y/a: its results would replace those of x/a, of the same name; rename" in err


def test_a_bad_input_keeps_no_good_one_from_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("x/bad", "y/bad.song") == 1
    assert code_of("x/bad", "bad/good") == 1
    assert "bad/good/1" in capsys.readouterr().out


@pytest.mark.parametrize(("one", "other"), [("Song", "song"), ("\u00e9", "e\u0301")])
@pytest.mark.parametrize("alike", [True, False])
def test_names_that_a_file_system_does_not_tell_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: str, other: str, alike: bool
) -> None:
    """Where it does, they are two files; a hard link makes them one, as it is elsewhere."""
    monkeypatch.chdir(tmp_path)

    def work(item: Item) -> Done:
        result = Path(f"{item.name}.result")
        if alike and item.name == one:
            Path(f"{other}.result").touch()
            result.hardlink_to(f"{other}.result")
        result.touch()
        return Done({"result": result})

    assert code_of(one, f"x/{other}", begin=lambda _: work) == int(alike)


# --- shared with other programs ------------------------------------------------------------------


def lasting(folder: Path, item: Item) -> Done:
    with leased(folder, item.name):
        return done(item)


def test_what_others_are_at_work_on_comes_last(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def held() -> Iterator[None]:
        with leased(tmp_path, "a"):
            yield

    other = held()
    other.__enter__()
    monkeypatch.setattr(
        "hclarity.batch.leases.Busy.wait", lambda busy: other.__exit__(None, None, None)
    )
    assert code_of("a", "b", begin=lambda _: partial(lasting, tmp_path)) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == ["b/1", "b/2", "a/1", "a/2"]
    assert "waiting: another program is at work in" in err


def test_a_journal_keeps_what_became_of_each(tmp_path: Path) -> None:
    path = tmp_path / "out" / "journal.jsonl"
    assert code_of("a", "bad", "old", journal=path) == 1
    results = [json.loads(line)["result"] for line in path.read_text().splitlines()]
    assert [result["outcome"] for result in results] == ["done", "failed"]
    assert results[1]["error"] == "bad is damaged"


# --- in other processes --------------------------------------------------------------------------


def test_several_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["a", "bad", "bug", "old", "x/a", "b"]
    assert code_of(*names, executor=LocalExecutor(2)) == 1
    out, err = capsys.readouterr()
    assert sorted(out.splitlines()) == ["a/1", "a/2", "b/1", "b/2", "old/1"]
    assert sorted(line for line in err.splitlines() if line.startswith("error: "))[0].startswith(
        "error: bad is damaged"
    )
    assert err.count("warning: a worker is ready") == 1
    assert "error: bug: internal error: ZeroDivisionError" in err
    assert "error: x/a: its results would replace those of a" in err
    assert "done 2, already done 1, failed 3" in err


def test_what_kills_its_process_is_told_and_stops_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert code_of("deadly", "a", "b", executor=LocalExecutor(1)) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == ["a/1", "a/2", "b/1", "b/2"]
    assert "error: deadly: its process died, maybe for want of memory" in err


def unable(reporter: Reporter) -> Work:
    raise UnavailableError("no weights")


def test_what_cannot_begin_in_a_process_ends_the_run_too() -> None:
    with pytest.raises(UnavailableError, match="no weights"):
        code_of("a", "b", begin=unable, executor=LocalExecutor(2))
