"""`hclarity separate`: songs in, stems out."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hclarity.cli import options
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.audio.encoding import Encoding
    from hclarity.cli.each import Done, Work
    from hclarity.cli.items import Item
    from hclarity.cli.layout import StemLayout
    from hclarity.cli.ready_model import WantedModel

__all__ = ["separate"]


def separate(
    songs: options.SongsArg = None,
    model: options.ModelOpt = "demucs",
    weights: options.WeightsOpt = "auto",
    out: options.OutOpt = Path("separated"),
    filename: options.FilenameOpt = "{track}/{stem}.{ext}",
    stems: options.StemsOpt = None,
    two_stems: options.TwoStemsOpt = None,
    format: options.FormatOpt = "flac",
    bits: options.BitsOpt = "24",
    device: options.DeviceOpt = "auto",
    engine: options.EngineOpt = "auto",
    precision: options.PrecisionOpt = "auto",
    overwrite: options.OverwriteOpt = False,
    from_file: options.FromFileOpt = None,
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
    """Separate songs into stems.

    Writes OUT/MODEL/SONG/STEM.EXT and separation.json beside the stems, at the rate, channels and
    level of the song. What is already done is not done again.
    """
    from hclarity.audio.encoding import Encoding
    from hclarity.cli.each import do_each
    from hclarity.cli.items import wanted_items
    from hclarity.cli.layout import REMIXED, SEPARATED, StemLayout
    from hclarity.cli.ready_model import WantedModel
    from hclarity.cli.running import Running
    from hclarity.cli.separating import check_song
    from hclarity.cli.wanted_stems import refuse_impossible, wanted_stems
    from hclarity.registry.models import find_card

    reporter = Reporter(quiet=quiet)
    running = Running(jobs, executor, timeout, ray_address, ray_gpus, slurm)
    card = find_card(model)
    refuse_impossible(card, weights, lambda spoken: wanted_stems(spoken, stems, two_stems))
    encoding = Encoding(format, bits)
    layout = StemLayout(out / card.name, filename, format)
    items = wanted_items(songs, from_file, shard, results=(out, SEPARATED, REMIXED))
    wanted = WantedModel(card, weights, device, engine, precision)
    begin = partial(
        _begin,
        stems=stems,
        two_stems=two_stems,
        layout=layout,
        encoding=encoding,
        overwrite=overwrite,
    )
    do_each(
        items,
        check_song,
        partial(begin, model=wanted),
        reporter,
        as_json=json,
        executor=running.workers(len(items), bytes_each=wanted.bytes_needed, folder=out),
        settle=lambda: partial(begin, model=wanted.settled(reporter)),
        journal=running.journal(out, shard),
    )


def _begin(
    reporter: Reporter,
    *,
    model: "WantedModel",
    stems: str | None,
    two_stems: str | None,
    layout: "StemLayout",
    encoding: "Encoding",
    overwrite: bool,
) -> "Work":
    """Make ready a model that separates songs."""
    from hclarity.cli.each import Done
    from hclarity.cli.ready_model import ready_model
    from hclarity.cli.separating import SongSeparator
    from hclarity.cli.wanted_stems import wanted_stems

    ready = ready_model(model, reporter)
    wanted = wanted_stems(ready.card, stems, two_stems)
    separator = SongSeparator(ready, layout, encoding, wanted, reporter, overwrite=overwrite)

    def work(song: "Item") -> "Done":
        found = separator(song)
        return Done(found.stems, before=found.before, seconds=found.seconds)

    return work
