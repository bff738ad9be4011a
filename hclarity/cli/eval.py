"""`hclarity eval`: songs with true stems, models and other people's estimates in; scores out."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from shutil import get_terminal_size
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Exit, Option

from hclarity.cli import options
from hclarity.errors import CannotCreateError, UsageError
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.cli.evaluating import Evaluated
    from hclarity.evaluation.published import Published

__all__ = ["evaluate"]

_SOME_FAILED = 1
_NARROW = 60  # columns, which a name and a score always fit into


def evaluate(
    dataset: Annotated[
        str, Option(metavar="NAME", help="Which data set; `hclarity dataset list`.")
    ],
    root: Annotated[
        Path | None,
        Option(metavar="DIR", help="The folder that it lies in; default for musdb: $MUSDB_PATH."),
    ] = None,
    split: Annotated[
        str | None,
        Option("--split", "--subset", metavar="NAME", help="Default: test, else valid."),
    ] = None,
    limit: Annotated[int | None, Option(metavar="N", help="Only the first N songs.", min=1)] = None,
    model: Annotated[
        list[str] | None,
        Option(
            "-m",
            "--model",
            metavar="[NAME=]MODEL",
            help="A model's name, its folder, or its card; repeatable; default: demucs, without"
            " --estimates. A+B+… makes one row of models that have an instrument each.",
        ),
    ] = None,
    weights: options.WeightsOpt = "auto",
    estimates: Annotated[
        list[str] | None,
        Option(
            metavar="[NAME=]DIR",
            help="Stems that any tool estimated: TRACK/STEM.wav, in demucs' or Cadenza's layout;"
            " repeatable.",
        ),
    ] = None,
    metrics: Annotated[
        str | None,
        Option(
            metavar="NAMES",
            help="Of usdr, csdr, sisdr, haaqi; default: usdr,csdr, with --listeners haaqi too.",
        ),
    ] = None,
    listeners: Annotated[
        str | None,
        Option(
            metavar="FILE|standard",
            help="Who listens, for haaqi: a Cadenza listeners.json, one audiogram, or the ten"
            " standard audiograms.",
        ),
    ] = None,
    listener: Annotated[
        list[str] | None,
        Option(metavar="ID", help="Only this one of the listeners; repeatable."),
    ] = None,
    preset: options.PresetOpt = None,
    gain: options.GainOpt = None,
    protocol: Annotated[
        Literal["cad1", "icassp24", "cad2-lyrics", "cad2-ensembles"] | None,
        Option(help="Remix and score as the baseline of this Cadenza challenge."),
    ] = None,
    metadata: Annotated[
        Path | None,
        Option(metavar="DIR", help="The challenge's scenes, gains and listeners, as JSON files."),
    ] = None,
    strict: Annotated[
        bool, Option("--strict", help="With the known defects of the baseline, too.")
    ] = False,
    baselines: Annotated[
        bool, Option("--baselines", help="Show published scores beside those measured.")
    ] = False,
    haaqi_engine: Annotated[
        Literal["own", "reference"],
        Option(help="reference: pyclarity itself, a dozen times slower."),
    ] = "own",
    csv: Annotated[
        Path | None, Option(metavar="FILE", help="Write every score, a line each.")
    ] = None,
    markdown: Annotated[
        Path | None, Option(metavar="FILE", help="Write the tables as Markdown, for a paper.")
    ] = None,
    plot: Annotated[
        Path | None, Option(metavar="FILE", help="Draw the scores of each stem: PNG, SVG or PDF.")
    ] = None,
    page: Annotated[
        Path | None,
        Option(
            metavar="DIR",
            help="Make a page for a browser of it: tables, songs, and the best and worst stems to"
            " hear. That takes as long as separating those songs again.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        Option(
            "-o",
            "--out",
            metavar="DIR",
            help="Folder of the journal of what is done; default: evaluations/DATASET-SPLIT.",
        ),
    ] = None,
    device: options.DeviceOpt = "auto",
    overwrite: options.OverwriteOpt = False,
    shard: options.ShardOpt = None,
    jobs: options.JobsOpt = None,
    executor: options.ExecutorOpt = None,
    timeout: options.TimeoutOpt = None,
    ray_address: options.RayAddressOpt = None,
    ray_gpus: options.RayGpusOpt = 0,
    slurm: options.SlurmOpt = None,
    json: options.JsonOpt = False,
    quiet: options.QuietOpt = False,
) -> None:
    """Score models or estimates on songs with true stems.

    Prints a table for each metric, framed by the mixture itself and the ideal ratio mask. Stop it
    when you like: the same command again computes only what is missing.
    """
    from hclarity.cli.eval_words import (
        wanted_balance,
        wanted_estimates,
        wanted_listeners,
        wanted_metrics,
        wanted_models,
        wanted_songs,
    )
    from hclarity.cli.evaluating import Asked, evaluated
    from hclarity.cli.running import Running
    from hclarity.evaluation.published import published_rows

    reporter = Reporter(quiet=quiet)
    running = Running(jobs, executor, timeout, ray_address, ray_gpus, slurm)
    names = wanted_metrics(metrics, listeners, protocol)
    _refuse_senseless(
        {
            "--listener": (listener, "--listeners", listeners),
            "--preset": (preset, "--listeners", listeners),
            "--gain": (gain, "--listeners", listeners),
            "--metadata": (metadata, "--protocol", protocol),
            "--strict": (strict, "--protocol", protocol),
            "--haaqi-engine": (haaqi_engine != "own", "--metrics haaqi", "haaqi" in names),
        }
    )
    if protocol and (preset or gain):
        raise UsageError(f"--protocol {protocol} has gains of its own: leave out --preset, --gain")
    _require_places(csv, markdown, plot)
    if page is not None:
        from hclarity.cli.eval_page import refuse_page

        refuse_page(page)
    asked = Asked(
        songs=wanted_songs(dataset, root, split, limit, shard),
        models=wanted_models(model or ([] if estimates else ["demucs"])),
        weights=weights,
        device=device,
        estimates=wanted_estimates(estimates),
        metrics=names,
        listeners=wanted_listeners(listeners, listener),
        balance=wanted_balance(preset, gain),
        protocol=protocol,
        metadata=metadata,
        strict=strict,
        engine=haaqi_engine,
        out=out,
        running=running,
        overwrite=overwrite,
    )
    found = evaluated(asked, reporter)
    published = published_rows(dataset, protocol, asked.songs.split) if baselines else ()
    try:
        if found.report.scores:
            _write(found, published, csv, markdown, plot)
            if page is not None:
                from hclarity.cli.eval_page import write_page

                write_page(page, found.report, published, found.rows, found.songs, reporter)
    finally:  # the table is not lost with a file
        _print(found, published, as_json=json)
    if found.failures:
        raise Exit(_SOME_FAILED)


def _refuse_senseless(needs: Mapping[str, tuple[object, str, object]]) -> None:
    """Refuse options that mean nothing without another.

    Args:
        needs: by option, what was given for it, what it needs, and what was given for that.
    """
    for option, (given, other, needed) in needs.items():
        if given and not needed:
            raise UsageError(f"{option} means nothing without {other}")


def _require_places(csv: Path | None, markdown: Path | None, plot: Path | None) -> None:
    """Refuse now, and not in hours, what cannot be written."""
    places = [path for path in (csv, markdown, plot) if path is not None]
    for path in places:
        if why := _why_not(path):
            raise CannotCreateError(f"{path} cannot be created: {why}")
    if len({path.absolute() for path in places}) < len(places):
        raise UsageError("--csv, --markdown and --plot need a file each")
    if plot is not None:
        from hclarity.report.score_plots import check_plot

        check_plot(plot)


def _why_not(path: Path) -> str | None:
    """Why a file cannot be written, as far as that can be told without doing it."""
    if not os.path.isdir(path.parent):
        return "there is no such folder"
    if not os.access(path.parent, os.W_OK):
        return "its folder may not be written to"
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:  # such as for its long name
        return error.strerror
    if S_ISDIR(mode):
        return "a folder is there"
    return None if S_ISREG(mode) else "what is there is no regular file"


def _write(
    found: "Evaluated",
    published: "Sequence[Published]",
    csv: Path | None,
    markdown: Path | None,
    plot: Path | None,
) -> None:
    """Write the files that were asked for."""
    from hclarity.cli.files import write_text
    from hclarity.evaluation.score_files import csv_text
    from hclarity.report import scores

    if csv is not None:
        write_text(csv, csv_text(found.report))
    if markdown is not None:
        write_text(markdown, scores.markdown(found.report, published))
    if plot is not None:
        from hclarity.report.score_plots import plot_scores

        plot_scores(found.report, plot)


def _print(found: "Evaluated", published: "Sequence[Published]", *, as_json: bool) -> None:
    from hclarity.cli.output import print_document
    from hclarity.evaluation.score_files import document
    from hclarity.report.scores import WIDTH, score_tables

    if as_json:
        failed = [asdict(failure) for failure in found.failures]
        print_document({**document(found.report), "failed": failed})
    elif found.report.scores:
        room = get_terminal_size().columns if sys.stdout.isatty() else WIDTH
        width = min(max(room, _NARROW), WIDTH)
        print(score_tables(found.report, published, width=width), flush=True)
