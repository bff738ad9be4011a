"""`hclarity dataset check`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Exit, Option

from hclarity.cli import options
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.datasets.checking import Finding
    from hclarity.datasets.data_set import DataSet
    from hclarity.datasets.tracks import Track

__all__ = ["check"]

_FOUND_SOME = 1


def check(
    dataset: Annotated[str, Option(help="Its name; `hclarity dataset list`.", metavar="NAME")],
    root: Annotated[Path, Option(help="The folder that it lies in.", metavar="FOLDER")],
    split: Annotated[
        list[str] | None,
        Option(help="Only this split; repeatable; default: all there are.", show_default=False),
    ] = None,
    json: options.JsonOpt = False,
    quiet: options.QuietOpt = False,
) -> None:
    """Read all songs of a data set and say what is wrong with them.

    Looked for are songs and files that are damaged, missing or there twice, stems that are silent
    or clipped, files of one song that differ in sample rate, channels or length, songs of another
    sample rate or number of channels than most, and mixtures that are not the sum of their stems.
    Ends with 1 when something is found.
    """
    from hclarity.cli.output import print_document
    from hclarity.datasets.catalogue import data_set

    reporter = Reporter(quiet=quiet)
    known = data_set(dataset)
    splits = _splits(known, root, split)
    findings = {
        name: _findings(known, root, name, tracks, reporter) for name, tracks in splits.items()
    }
    if json:
        told = {name: _document(tracks, findings[name]) for name, tracks in splits.items()}
        print_document({"dataset": known.name, "root": str(root), "splits": told})
    else:
        _print(findings)
    if any(findings.values()):
        raise Exit(_FOUND_SOME)


def _splits(known: "DataSet", root: Path, wanted: list[str] | None) -> "dict[str, list[Track]]":
    """The songs of each split, incomplete ones too; of those that must be there none, maybe."""
    from hclarity.datasets.catalogue import open_tracks

    splits = {name: known.find(root, name) for name in wanted or known.splits}
    absent = [name for name, tracks in splits.items() if not tracks]
    if absent and (wanted or len(absent) == len(splits)):
        open_tracks(known.name, root, absent[0])  # which says why there are none
    return {name: tracks for name, tracks in splits.items() if tracks or known.splits.get(name)}


def _findings(
    known: "DataSet", root: Path, split: str, tracks: "list[Track]", reporter: Reporter
) -> "list[Finding]":
    from hclarity.datasets.checking import check_track
    from hclarity.datasets.comparing import check_split
    from hclarity.report.datasets import songs_in_words

    findings = check_split(known, root, split, tracks)
    with reporter.progress(f"checking {split}", len(tracks)) as bar:
        for track in tracks:
            findings += check_track(track, known)
            bar.advance(1)
    bad = len({found.track for found in findings} - {None})
    there = songs_in_words(len(tracks), known.splits.get(split))
    reporter.say(f"{split}: {there}, {bad or 'none'} with findings")
    return findings


def _print(findings: "dict[str, list[Finding]]") -> None:
    from hclarity.report.datasets import finding_table

    for name, found in findings.items():
        if found:
            print(finding_table(name, found), flush=True)


def _document(tracks: "list[Track]", findings: "list[Finding]") -> dict[str, object]:
    return {
        "songs": len(tracks),
        "findings": [
            {"song": found.track, "kind": found.kind, "words": found.words} for found in findings
        ],
    }
