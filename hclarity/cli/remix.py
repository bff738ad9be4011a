"""`hclarity remix`: songs or stems in, songs for one person's ears out."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from typer import Context

from hclarity.cli import options
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.cli.each import Work
    from hclarity.cli.ready_model import WantedModel
    from hclarity.cli.remix_order import RemixOrder
    from hclarity.cli.separating import SongSeparator

__all__ = ["remix"]

# What a remix of other gains needs again to be of the same song for the same ears.
_AGAIN = (
    "audiogram",
    "listener",
    "other_ear",
    "prescription",
    "loudness",
    "ceiling",
    "full_scale_spl",
    "weekly_hours",
    "allow_loud",
    "plot",
    "model",
    "weights",
    "out",
    "format",
    "bits",
)
_BYTES_NEEDED = 300_000_000  # of memory, from given stems


def remix(
    ctx: Context,
    songs: options.SongsOrStemsArg = None,
    audiogram: options.AudiogramOpt = None,
    listener: options.ListenerOpt = None,
    other_ear: options.OtherEarOpt = None,
    prescription: options.PrescriptionOpt = "nalr",
    wdrc: options.WdrcOpt = False,
    compat: options.CompatOpt = None,
    preset: options.PresetOpt = None,
    gain: options.GainOpt = None,
    gains: options.GainsOpt = None,
    gains_id: options.GainsIdOpt = None,
    loudness: options.LoudnessOpt = "match",
    ceiling: options.CeilingOpt = -1.0,
    full_scale_spl: options.FullScaleSplOpt = None,
    weekly_hours: options.WeeklyHoursOpt = 40.0,
    allow_loud: options.AllowLoudOpt = False,
    plan: options.PlanOpt = None,
    show_plan: options.ShowPlanOpt = False,
    dry_run: options.DryRunOpt = False,
    plot: options.RemixPlotOpt = False,
    page: options.PageOpt = False,
    model: options.ModelOpt = "demucs",
    weights: options.WeightsOpt = "auto",
    out: options.OutOpt = Path("remixed"),
    format: options.FormatOpt = "flac",
    bits: options.BitsOpt = "24",
    device: options.DeviceOpt = "auto",
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
    """Remix songs for one person's hearing.

    Stems are rebalanced, each ear is amplified by a prescription from its audiogram, loudness is
    that of the song, and no peak exceeds the ceiling. Writes OUT/SONG.EXT and OUT/SONG.remix.json,
    which says what was done. What is already done is not done again. Not a medical device.
    """
    from hclarity.audio.encoding import Encoding
    from hclarity.cli.each import do_each
    from hclarity.cli.items import wanted_items
    from hclarity.cli.layout import REMIXED, SEPARATED
    from hclarity.cli.ready_model import WantedModel
    from hclarity.cli.remix_order import PageWords, RemixOrder
    from hclarity.cli.remix_words import RemixWords, prescription_words, refuse_page, wanted_remix
    from hclarity.cli.remixing import check_song_or_stems
    from hclarity.cli.running import Running
    from hclarity.cli.sources import holds_stems, newest_separation
    from hclarity.cli.wanted_stems import refuse_impossible, refuse_unknown_stems
    from hclarity.registry.models import find_card
    from hclarity.registry.whole_files import refuse_uncreatable
    from hclarity.remixing.safety import Safety
    from hclarity.report.pictures import check_picture

    given = _given(ctx)
    _refuse_idle(given, format)
    reporter = Reporter(quiet=quiet)
    running = Running(jobs, executor, timeout, ray_address, ray_gpus, slurm)
    words = RemixWords(
        audiogram=audiogram,
        listener=listener,
        other_ear=other_ear,
        prescription=prescription,
        wdrc=wdrc,
        compat=compat,
        preset=preset,
        gain=gain,
        gains=gains,
        gains_id=gains_id,
        loudness=loudness,
        ceiling=ceiling,
    )
    encoding = Encoding(format, bits)
    named = songs if songs or from_file else [newest_separation(SEPARATED)]
    items = wanted_items(
        named, from_file, shard, results=(out, SEPARATED, REMIXED), is_item=holds_stems
    )
    card = None if all(item.path.is_dir() for item in items) else find_card(model)
    wanted = wanted_remix(words, plan, given, reporter, plot=plot, page=page)
    if plot:
        check_picture(Path("ears.png"))
    safety = Safety(full_scale_spl, weekly_hours, allow_loud) if full_scale_spl else None
    if page:
        refuse_page(wanted.prescribed)
    told = PageWords(_again(ctx, given), prescription_words(prescription)) if page else None
    order = RemixOrder(wanted, out, encoding, plan, plot, told, safety, overwrite)
    if plan and not plan.exists():
        refuse_uncreatable(plan)
    changed = (card.stems if page else wanted.balance(card.stems).changed) if card else ()
    if card:
        refuse_impossible(
            card,
            weights,
            lambda spoken: refuse_unknown_stems(wanted.balance(spoken.stems).changed, spoken),
        )
    if dry_run:
        stems = card.stems if card else ()
        begin = partial(_preview, order=order, stems=stems, show_plan=show_plan)
        do_each(items, check_song_or_stems, begin, reporter, as_json=json)
        return
    separating = WantedModel(card, weights, device) if card and changed else None
    size = separating.bytes_needed if separating else _BYTES_NEEDED
    begin = partial(_begin, order=order, show_plan=show_plan)
    do_each(
        items,
        check_song_or_stems,
        partial(begin, separating=separating),
        reporter,
        as_json=json,
        executor=running.workers(len(items), bytes_each=size, folder=out),
        settle=lambda: partial(begin, separating=separating and separating.settled(reporter)),
        journal=running.journal(out, shard),
    )


def _preview(
    reporter: Reporter, *, order: "RemixOrder", stems: Sequence[str], show_plan: bool
) -> "Work":
    """Only say what would be done."""
    from hclarity.cli.remixing import preview

    return preview(order, stems, reporter, show_plan=show_plan)


def _begin(
    reporter: Reporter,
    *,
    order: "RemixOrder",
    separating: "WantedModel | None",
    show_plan: bool,
) -> "Work":
    """Make ready what remixes, and what separates as `hclarity separate` does by default."""
    from hclarity.cli.remixing import SongRemixer

    separator = _separator(separating, reporter) if separating else None
    return SongRemixer(order, separator, reporter, show_plan=show_plan)


def _given(ctx: Context) -> frozenset[str]:
    """The options that were typed."""
    from_defaults = ("DEFAULT", "DEFAULT_MAP")
    sources = {name: ctx.get_parameter_source(name) for name in ctx.params}
    return frozenset(
        name for name, source in sources.items() if source and source.name not in from_defaults
    )


def _again(ctx: Context, given: frozenset[str]) -> list[str]:
    """What was typed and means the same for gains that are saved on a page."""
    typed = {name: ctx.params[name] for name in _AGAIN if name in given}
    words = []
    for name, value in typed.items():
        words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return words


def _refuse_idle(given: frozenset[str], format: str) -> None:
    """Refuse what was typed and would do nothing."""
    from hclarity.errors import UsageError

    for word in ("weekly_hours", "allow_loud"):
        if word in given and "full_scale_spl" not in given:
            option = word.replace("_", "-")
            raise UsageError(f"--{option} needs --full-scale-spl, without which no level is known")
    if "bits" in given and format not in ("wav", "flac"):
        raise UsageError(f"--bits is about wav and flac; {format} has none, leave it out")


def _separator(separating: "WantedModel", reporter: Reporter) -> "SongSeparator":
    """Separates to the usual place."""
    from hclarity.audio.encoding import Encoding
    from hclarity.cli.layout import SEPARATED, StemLayout
    from hclarity.cli.ready_model import ready_model
    from hclarity.cli.separating import SongSeparator
    from hclarity.cli.wanted_stems import wanted_stems

    ready = ready_model(separating, reporter)
    layout = StemLayout(SEPARATED / ready.card.name, "{track}/{stem}.{ext}", "flac")
    return SongSeparator(ready, layout, Encoding("flac"), wanted_stems(ready.card), reporter)
