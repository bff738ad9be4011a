import json
from pathlib import Path

import pytest
from typer import Exit

from hclarity.cli.each import Done, Work, do_each
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

    def begin(self) -> Work:
        self.lines.append("begin")
        return self.work

    def work(self, item: Path) -> Done:
        self.lines.append(f"work {item}")
        if "bad" in item.name:
            raise BadDataError(f"{item} is damaged")
        return Done({"one": item / "1", "two": item / "2"})

    def run(self, *names: str, as_json: bool = False) -> int:
        try:
            paths = [Path(name) for name in names]
            do_each(paths, self.check, self.begin, Reporter(), as_json=as_json)
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
    assert err.splitlines() == [
        "error: missing is not there",
        "error: bad is damaged",
        "2 of 4 done, the others failed",
    ]


@pytest.mark.parametrize(
    ("names", "code"),
    [(["a"], 0), (["missing"], 66), (["bad"], 65), (["bad", "bad"], 1), (["a", "missing"], 1)],
)
def test_the_exit_code(names: list[str], code: int) -> None:
    assert Diary().run(*names) == code


def test_nothing_begins_without_an_input_that_can_be_worked_on() -> None:
    diary = Diary()
    assert diary.run("missing 1", "missing 2") == 1
    assert "begin" not in diary.lines


def test_what_cannot_begin_ends_the_run() -> None:
    def begin() -> Work:
        raise UnavailableError("no weights")

    diary = Diary()
    with pytest.raises(UnavailableError, match="no weights"):
        do_each([Path("a"), Path("b")], diary.check, begin, Reporter(), as_json=True)


def test_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert Diary().run("a", "bad", as_json=True) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["done"] == [{"input": "a", "files": {"one": "a/1", "two": "a/2"}}]
    assert document["failed"] == [{"input": "bad", "error": "bad is damaged", "exit_code": 65}]
    assert set(document) == {"version", "done", "failed"}
