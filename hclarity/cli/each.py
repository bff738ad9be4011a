"""One bad file never stops the others."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Self

from typer import Exit

from hclarity import __version__
from hclarity.batch.executors.executor import Came, Executor, Lost, Tell, Told
from hclarity.batch.executors.executor import Work as ExecutorWork
from hclarity.batch.journal import Journal
from hclarity.batch.leases import Busy
from hclarity.cli.ending import told
from hclarity.cli.items import Item
from hclarity.cli.output import print_document, print_paths, print_text
from hclarity.errors import CannotCreateError, HclarityError, MissingInputError
from hclarity.registry.whole_files import make_folder
from hclarity.report.batch import batch_summary
from hclarity.report.console import Reporter
from hclarity.report.relay import Relay, Said, say_relayed

__all__ = ["Begin", "Done", "Work", "do_each"]


@dataclass(frozen=True)
class Done:
    """What came of one input.

    Args:
        files: what was written, by name.
        text: to print in the place of their paths.
        about: more of it for the JSON document.
        before: whether it was there already.
        seconds: of music.
    """

    files: Mapping[str, Path]
    text: str | None = None
    about: Mapping[str, object] | None = None
    before: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class _Failed:
    """Why nothing came of one input."""

    reason: str
    code: int


Work = Callable[[Item], Done]
"""Does one input."""

Begin = Callable[[Reporter], Work]
"""Makes ready what all the work needs; for work in other processes it is pickled."""

_SOME_FAILED = 1


def do_each(
    items: Sequence[Item],
    check: Callable[[Path], object],
    begin: Begin,
    reporter: Reporter,
    *,
    as_json: bool,
    executor: Executor | None = None,
    settle: Callable[[], Begin] | None = None,
    journal: Path | None = None,
) -> None:
    """Work on every input, name each failure, print what was done, end with the right code.

    All inputs are looked at before any work begins: a wrong name is told now and not in an hour,
    and a model need not be loaded to tell it. What other programs are at work on comes last, as
    far as they have not done it by then. The code of a failure is its own where there was one
    input, 1 where there were several.

    Args:
        items: what to work on, in order.
        check: looks at an input, and raises where no work can be done on it.
        begin: makes ready what all the work needs; what it raises ends the run.
        reporter: hears the failures.
        as_json: print one JSON document instead of the paths.
        executor: does several at once, in processes; None for one after the other, here.
        settle: what all workers of an executor shall begin with, once that is settled here.
        journal: the file in which all programs of a batch keep what became of each input; None
            where nobody would read it.

    Raises:
        Exit: when an input failed.
    """
    begun = monotonic()
    with _Outcome(reporter, as_json, journal) as outcome:
        good = [item for item in items if outcome.passes(check, item)]
        if good:
            begin = settle() if executor and settle else begin
            outcome.attempt(good, begin, executor)
    summary = outcome.summary(monotonic() - begun)
    if as_json:
        document = {"done": outcome.done, "failed": outcome.failed, "summary": summary}
        print_document(document)
    if len(items) > 1 and (outcome.failed or summary["audio_hours"] or summary["already_done"]):
        reporter.show(batch_summary(summary, outcome.failed))
    if outcome.failed:
        raise Exit(outcome.failed[0]["exit_code"] if len(items) == 1 else _SOME_FAILED)


class _Outcome:
    """What became of each input."""

    def __init__(self, reporter: Reporter, as_json: bool, journal: Path | None) -> None:
        self.done: list[dict[str, Any]] = []
        self.failed: list[dict[str, Any]] = []
        self._before = 0
        self._seconds = 0.0
        self._owners: dict[str, list[tuple[Item, Path]]] = {}  # each with a file of its results
        self._told: set[Said] = set()
        self._reporter, self._as_json = reporter, as_json
        self._journal = None if journal is None else Journal(journal)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._journal:
            make_folder(self._journal.path.parent)
            self._stack.enter_context(self._journal)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def passes(self, check: Callable[[Path], object], item: Item) -> bool:
        try:
            _refuse_nameless(item.path)
            check(item.path)
        except HclarityError as error:
            self._take(item, _Failed(str(error), error.exit_code))
            return False
        return True

    def attempt(self, items: Sequence[Item], begin: Begin, executor: Executor | None) -> None:
        """Do all of it; first what nobody else is at work on, and one of each name."""
        here = None if executor else begin(self._reporter)
        while items:
            now: dict[str, Item] = {}
            for item in items:
                now.setdefault(_folded(item.name), item)
            later = [item for item in items if now[_folded(item.name)] is not item]
            elsewhere: dict[Item, Busy] = {}
            with self._reporter.progress(f"{len(items)} inputs", len(items)) as bar:
                for item, found in self._found(list(now.values()), begin, here, executor):
                    if isinstance(found, Busy):
                        elsewhere[item] = found
                    else:
                        self._take(item, found)
                    if executor:
                        bar.advance(1)
            for busy in elsewhere.values():
                self._reporter.say(f"waiting: {busy}")
                busy.wait()
            items = [*elsewhere, *filter(self._is_free, later)]

    def _is_free(self, item: Item) -> bool:
        """Whether no other input has had results of this name, or has tried in vain."""
        for owner, file in self._owners.get(_folded(item.name), ()):
            if owner.name == item.name or _is_one_file(file, owner.name, item.name):
                words = f"its results would replace those of {owner.path}, of the same name"
                advice = "rename one of them, or choose another --out"
                reason = f"{item.path}: {words}; {advice}"
                self._take(item, _Failed(reason, CannotCreateError.exit_code))
                return False
        return True

    def summary(self, seconds: float) -> dict[str, Any]:
        """How it went, in numbers."""
        return {
            "done": len(self.done) - self._before,
            "already_done": self._before,
            "failed": len(self.failed),
            "audio_hours": self._seconds / 3600,
            "seconds": seconds,
            "times_real_time": self._seconds / seconds if seconds else 0.0,
        }

    def _found(
        self, items: Sequence[Item], begin: Begin, here: Work | None, executor: Executor | None
    ) -> Iterator[tuple[Item, Done | _Failed | Busy]]:
        """Yield what comes of each."""
        if here is not None:
            yield from ((item, _attempted(here, item)) for item in items)
        elif executor is not None:
            for event in executor.run(_Workbench(begin), items):
                match event:
                    case Came(task, value):
                        yield items[task], value
                    case Lost(task, reason):
                        yield items[task], _Failed(f"{items[task].path}: {reason}", _SOME_FAILED)
                    case Told(value) if value not in self._told:  # else each worker says it
                        self._told.add(value)
                        say_relayed(self._reporter, value)

    def _take(self, item: Item, found: Done | _Failed) -> None:
        before = isinstance(found, Done) and found.before
        if self._journal and not before:
            of = {"input": str(item.path), "name": item.name, "version": __version__}
            self._journal.add(of, _kept(found))
        if isinstance(found, _Failed):
            self._reporter.error(found.reason)
            reason = {"error": found.reason, "exit_code": found.code}
            self.failed.append({"input": str(item.path), **reason})
            return
        for file in list(found.files.values())[:1]:
            self._owners.setdefault(_folded(item.name), []).append((item, file))
        self._before += found.before
        self._seconds += 0 if found.before else found.seconds
        named = {name: str(path) for name, path in found.files.items()}
        self.done.append({"input": str(item.path), "files": named, **(found.about or {})})
        if not self._as_json:
            print_text(found.text) if found.text else print_paths(found.files.values())


def _kept(found: Done | _Failed) -> dict[str, object]:
    """What became of an input, as a journal has it."""
    if isinstance(found, _Failed):
        return {"outcome": "failed", "error": found.reason, "exit_code": found.code}
    files = {name: str(path) for name, path in found.files.items()}
    return {"outcome": "done", "seconds": found.seconds, "files": files}


@dataclass(frozen=True)
class _Workbench:
    """What a worker of an executor has; see `hclarity.batch.executors.executor.Begin`."""

    begin: Begin

    def __call__(self, tell: Tell) -> ExecutorWork:
        work = self.begin(Relay(tell))
        return lambda item: iter([_attempted(work, item)])


def _attempted(work: Work, item: Item) -> Done | _Failed | Busy:
    try:
        return work(item)
    except Busy as busy:
        return busy
    except BrokenPipeError:  # of what we print: there is nobody to work for
        raise
    except Exception as error:  # ours are no reason for the others not to be done
        line, code = told(error)
        named = line if isinstance(error, HclarityError) else f"{item.path}: {line}"
        return _Failed(named, code)


def _folded(name: str) -> str:
    """What a name is to file systems to which capitals, or ways to write accents, are one."""
    return unicodedata.normalize("NFC", name).casefold()


def _is_one_file(file: Path, name: str, other: str) -> bool:
    """Whether a file of results would be found under another name, too, on this file system."""
    before, _, after = str(file).rpartition(name)
    twin = Path(f"{before}{other}{after}")
    return twin.exists() and file.exists() and twin.samefile(file)


def _refuse_nameless(path: Path) -> None:
    """Refuse a name of arbitrary bytes, which some file systems allow and most libraries do not."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise MissingInputError(f"{path}: its name is not UTF-8; rename it first") from None
