"""A training as the program runs it: what learns is loaded, watched, and may be interrupted."""

import os
import shlex
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typer import Exit

from hclarity.cli.ending import KILLED_BY, uninterrupted
from hclarity.errors import StorageError
from hclarity.report.console import Reporter
from hclarity.report.training import TrainingDisplay
from hclarity.training.signals import Stop, stopping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hclarity.separation.devices import Device
    from hclarity.training.activity import Activity
    from hclarity.training.loop import Outcome
    from hclarity.training.processes import Fabric
    from hclarity.training.recipe import Recipe
    from hclarity.training.run_folder import RunFolder
    from hclarity.training.songs import Songs

__all__ = ["Asked", "trained"]


@dataclass(frozen=True)
class Asked:
    """All that was asked for, and could be checked without loading torch.

    Args:
        recipe: which net, and how.
        songs: to learn from, and to be judged by.
        folder: of the run.
        device: where to compute.
        devices: how many, as `device_count` takes it.
        workers: processes that read; None for as many as is usual.
        limit: seconds that the run may take.
        begun: when the program did, by `time.monotonic`.
        changed: what of the recipe is not as it was.
    """

    recipe: "Recipe"
    songs: "Songs"
    folder: "RunFolder"
    device: "Device"
    devices: str
    workers: int | None
    limit: float
    begun: float
    changed: "Sequence[str]" = ()


def trained(asked: Asked, *, resume: bool, quiet: bool) -> "Outcome | None":
    """Train, and say how it goes; None in all processes but the first, which speaks for all.

    Raises:
        Exit: when a signal ended it early.
        HclarityError: as `Training` does.
    """
    # Of several processes, torchrun and Fabric number each.
    first = os.environ.get("RANK", os.environ.get("LOCAL_RANK", "0")) == "0"
    reporter = Reporter(quiet=quiet or not first)
    if first and not asked.songs.validation:
        reporter.warn("no songs to validate with: the last weights are kept, not the best")
    if asked.changed:
        reporter.say(f"going on with changes: {'; '.join(asked.changed)}")
    stop = Stop()
    try:
        with stopping() as stop:
            outcome = _outcome(asked, stop, reporter)
        if outcome.complete:
            return outcome if first else None
        end = f"interrupted after step {outcome.step}, and nothing is lost"
    except KeyboardInterrupt:  # the second signal
        end = "interrupted"
    except StorageError as error:
        raise StorageError(f"{error}; make room, then --resume goes on with the run") from error
    if first:
        words = sys.argv[1:] if resume else [*sys.argv[1:], "--resume"]
        reporter.error(f"{end}; go on with: {shlex.join(['hclarity', *words])}")
    # A run stops too when another of its processes was told to.
    raise Exit(KILLED_BY + (stop.signal or signal.SIGTERM))


def _outcome(asked: Asked, stop: Stop, reporter: Reporter) -> "Outcome":
    """Load what learns, and let it learn."""
    with uninterrupted():
        from hclarity.training.loop import Training
        from hclarity.training.memory import keep_freed_memory
        from hclarity.training.processes import device_count, readers, start_processes
    keep_freed_memory()
    run = asked.recipe.run
    fabric = start_processes(asked.device, device_count(asked.devices), run.precision)
    fabric.barrier()  # all have seen the folder as it was
    display = TrainingDisplay(reporter, run.steps, len(asked.songs.validation))
    training = Training(
        asked.recipe,
        asked.songs,
        asked.folder,
        fabric,
        watch=display,
        stop=stop,
        active=_activity(asked, fabric, reporter) if asked.recipe.data.activity else None,
        workers=readers(fabric) if asked.workers is None else asked.workers,
        max_seconds=asked.limit,
        begun=asked.begun,
    )
    with display.shown():
        return training.run()


def _activity(asked: Asked, fabric: "Fabric", reporter: Reporter) -> "Activity":
    """Where the stems are heard; found by the first process, read by the others."""
    from hclarity.registry.whole_files import make_folder
    from hclarity.training.activity import find_activity

    tracks = asked.songs.tracks
    make_folder(asked.folder.path)
    with (
        fabric.rank_zero_first(),
        reporter.progress("listening to the songs", len(tracks)) as bar,
    ):
        return find_activity(tracks, asked.folder.activity, lambda: bar.advance(1))
