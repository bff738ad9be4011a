"""The page of `hclarity eval`, and beside it the best and the worst stems, separated again."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from stat import S_ISDIR

from hclarity.cli.ending import told
from hclarity.errors import CannotCreateError
from hclarity.evaluation.aggregates import Report
from hclarity.evaluation.examples import Case, excerpts, telling_cases
from hclarity.evaluation.published import Published
from hclarity.evaluation.rows import Output, Row
from hclarity.evaluation.songs import Song
from hclarity.registry.whole_folders import WholeFolder, whole_folder
from hclarity.report.browser_page import SCORES, is_page
from hclarity.report.console import Reporter
from hclarity.report.scores_page import (
    Example,
    Heard,
    example_name,
    example_script,
    scores_page,
)

__all__ = ["refuse_page", "write_page"]


def refuse_page(folder: Path) -> None:
    """Refuse a folder for a page, before anything is computed.

    Raises:
        CannotCreateError: when it cannot be made, or what is there is no page of ours.
    """
    if why := _why_not(folder):
        raise CannotCreateError(f"{folder} cannot be created: {why}")


def write_page(
    folder: Path,
    report: Report,
    published: Sequence[Published],
    rows: Sequence[Row],
    songs: Mapping[str, Song],
    reporter: Reporter,
) -> None:
    """Write the page, in the place of an older one; what is broken off leaves nothing.

    An example that cannot be made is told, there and to the reporter, and costs no other.

    Args:
        folder: that `refuse_page` did not refuse.
        report: all scores.
        published: rows that others printed.
        rows: of the table, which separate again.
        songs: by their names.
        reporter: hears how far it is.

    Raises:
        CannotCreateError: when the folder cannot be made.
        StorageError: when the disk is full or fails.
    """
    able = {row.name: row for row in rows if row.enhanced is None}
    cases = [case for case in telling_cases(report) if case.row in able]
    place = folder.resolve()
    with whole_folder(place) as files:
        examples = _examples(files, cases, able, songs, reporter)
        files.write("index.html", scores_page(report, examples, published))
        files.finish(may_replace)
    reporter.say(f"the page is {folder / 'index.html'}")


def may_replace(folder: Path) -> bool:
    """Whether what is there is an older page of scores, and nothing else."""
    return is_page(folder, SCORES)


def _examples(
    files: WholeFolder,
    cases: Sequence[Case],
    rows: Mapping[str, Row],
    songs: Mapping[str, Song],
    reporter: Reporter,
) -> list[Example]:
    """Write the sound of each case; return them in their order."""
    made: dict[Case, Example] = {}
    number = count()
    with reporter.progress("separating songs again, for the page", len(_by_output(cases))) as bar:
        for (name, row), own in _by_output(cases).items():
            bar.advance(0)  # says that it has begun
            try:
                heard = dict(_sounds(Output(rows[row], replace(songs[name])), own, number))
            except BrokenPipeError:
                raise
            except Exception as error:  # costs these cases, and no others
                line, _ = told(error)
                reporter.warn(f"no example of {row} in {name}: {line}")
                made |= {case: Example(case, None, line) for case in own}
            else:
                for case, (one, script) in heard.items():
                    files.write(example_name(one.number), script)
                    made[case] = Example(case, one)
            bar.advance(1)
    return [made[case] for case in cases]


def _by_output(cases: Sequence[Case]) -> dict[tuple[str, str], list[Case]]:
    """Cases by song and row: what is to be separated once."""
    found: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        found.setdefault((case.song, case.row), []).append(case)
    return found


def _sounds(
    output: Output, cases: Sequence[Case], numbers: Iterator[int]
) -> Iterator[tuple[Case, tuple[Heard, bytes]]]:
    """What can be heard of cases of one output, and the script of each."""
    found = excerpts(output, [case.stem for case in cases])
    for case in cases:
        excerpt = found[case.stem]
        seconds = excerpt.truth.shape[1] / excerpt.sample_rate
        heard = Heard(next(numbers), excerpt.start_s, seconds)
        yield case, (heard, example_script(heard.number, excerpt))


def _why_not(folder: Path) -> str | None:
    """Why there cannot be a page, as far as that can be told without making one."""
    place = folder.resolve()
    try:
        if not S_ISDIR(place.stat().st_mode):
            return "what is there is no folder"
        if not may_replace(place):
            return "the folder that is there is no page of hclarity eval"
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:  # such as for a long name
        return error.strerror
    above = next(parent for parent in place.parents if parent.exists())
    if not above.is_dir():
        return f"{above} is no folder"
    return None if os.access(above, os.W_OK | os.X_OK) else f"{above} may not be written to"
