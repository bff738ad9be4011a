"""One bad file never stops the others."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer import Exit

from hclarity.cli.output import print_document, print_paths, print_text
from hclarity.errors import HclarityError, MissingInputError
from hclarity.report.console import Reporter

__all__ = ["Done", "Work", "do_each"]


@dataclass(frozen=True)
class Done:
    """What came of one input.

    Args:
        files: what was written, by name.
        text: to print in the place of their paths.
        about: more of it for the JSON document.
    """

    files: Mapping[str, Path]
    text: str | None = None
    about: Mapping[str, object] | None = None


Work = Callable[[Path], Done]
"""Does one input."""

_SOME_FAILED = 1


def do_each(
    inputs: Sequence[Path],
    check: Callable[[Path], object],
    begin: Callable[[], Work],
    reporter: Reporter,
    *,
    as_json: bool,
) -> None:
    """Work on every input, name each failure, print what was done, end with the right code.

    All inputs are looked at before any work begins: a wrong name is told now and not in an hour,
    and a model need not be loaded to tell it. The code of a failure is its own where there was one
    input, 1 where there were several.

    Args:
        inputs: what to work on, in order.
        check: looks at an input, and raises where no work can be done on it.
        begin: makes ready what all the work needs; what it raises ends the run.
        reporter: hears the failures.
        as_json: print one JSON document instead of the paths.

    Raises:
        Exit: when an input failed.
    """
    outcome = _Outcome(reporter, as_json)
    good = [item for item in inputs if outcome.passes(check, item)]
    if good:
        outcome.attempt(begin(), good)
    if as_json:
        print_document({"done": outcome.done, "failed": outcome.failed})
    if outcome.failed:
        if len(inputs) > 1:
            reporter.say(f"{len(outcome.done)} of {len(inputs)} done, the others failed")
        raise Exit(outcome.failed[0]["exit_code"] if len(inputs) == 1 else _SOME_FAILED)


class _Outcome:
    """What became of each input."""

    def __init__(self, reporter: Reporter, as_json: bool) -> None:
        self.done: list[dict[str, Any]] = []
        self.failed: list[dict[str, Any]] = []
        self._reporter, self._as_json = reporter, as_json

    def passes(self, check: Callable[[Path], object], item: Path) -> bool:
        try:
            _refuse_nameless(item)
            check(item)
        except HclarityError as error:
            self._fail(item, error)
            return False
        return True

    def attempt(self, work: Work, items: Iterable[Path]) -> None:
        for item in items:
            try:
                done = work(item)
            except HclarityError as error:
                self._fail(item, error)
                continue
            named = {name: str(path) for name, path in done.files.items()}
            self.done.append({"input": str(item), "files": named, **(done.about or {})})
            if not self._as_json:
                print_text(done.text) if done.text else print_paths(done.files.values())

    def _fail(self, item: Path, error: HclarityError) -> None:
        self._reporter.error(str(error))
        code = error.exit_code
        self.failed.append({"input": str(item), "error": str(error), "exit_code": code})


def _refuse_nameless(item: Path) -> None:
    """Refuse a name of arbitrary bytes, which some file systems allow and most libraries do not."""
    try:
        str(item).encode()
    except UnicodeEncodeError:
        raise MissingInputError(f"{item}: its name is not UTF-8; rename it first") from None
