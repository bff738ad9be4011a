"""`hclarity remix`: songs or stems in, songs for one person's ears out."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hclarity.cli import options
from hclarity.cli.each import do_each
from hclarity.errors import BadDataError, UsageError
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.cli.separating import SongSeparator
    from hclarity.hearing.prescriptions import Prescription
    from hclarity.registry.cards import ModelCard
    from hclarity.registry.weights import Choice
    from hclarity.remixing.plan import GainPlan
    from hclarity.remixing.stem_gains import Balance
    from hclarity.separation.devices import Device

__all__ = ["remix"]

SEPARATED = Path("separated")
DEFAULT_PRESET = "ha-mild"


def remix(
    songs: options.SongsOrStemsArg = None,
    audiogram: options.AudiogramOpt = None,
    listener: options.ListenerOpt = None,
    prescription: options.PrescriptionOpt = "nalr",
    preset: options.PresetOpt = None,
    gain: options.GainOpt = None,
    loudness: options.LoudnessOpt = "match",
    ceiling: options.CeilingOpt = -1.0,
    model: options.ModelOpt = "demucs",
    weights: options.WeightsOpt = "auto",
    out: options.OutOpt = Path("remixed"),
    format: options.FormatOpt = "flac",
    bits: options.BitsOpt = "24",
    device: options.DeviceOpt = "auto",
    json: options.JsonOpt = False,
    quiet: options.QuietOpt = False,
) -> None:
    """Remix songs for one person's hearing.

    Stems are rebalanced, each ear is amplified by a prescription from its audiogram, loudness is
    that of the song, and no peak exceeds the ceiling. Writes OUT/SONG.EXT and OUT/SONG.json.
    """
    from hclarity.audio.encoding import Encoding
    from hclarity.cli.remixing import SongRemixer, check_song_or_stems
    from hclarity.cli.sources import newest_separation
    from hclarity.cli.wanted_stems import refuse_impossible, refuse_unknown_stems
    from hclarity.registry.models import find_card

    reporter = Reporter(quiet=quiet)
    encoding = Encoding(format, bits)
    items = songs or [newest_separation(SEPARATED)]
    card = None if all(item.is_dir() for item in items) else find_card(model)
    balance = _balance(preset, gain)
    changed = balance(card.stems).changed if card else ()
    if card:
        refuse_impossible(
            card,
            weights,
            lambda spoken: refuse_unknown_stems(balance(spoken.stems).changed, spoken),
        )
    plan = _plan(audiogram, listener, prescription, loudness, ceiling)

    def begin() -> SongRemixer:
        separated = card if changed else None
        separator = _separator(separated, weights, device, reporter) if separated else None
        return SongRemixer(plan, balance, separator, out, encoding, reporter)

    do_each(items, check_song_or_stems, begin, reporter, as_json=json)


def _balance(preset: str | None, gains: list[str] | None) -> "Balance":
    """What stem gains to give the stems that there are."""
    from hclarity.remixing.stem_gains import parse_gains, preset_gains

    if preset is not None and gains:
        raise UsageError("give --preset or --gain, not both")
    if not gains:
        return partial(preset_gains, preset or DEFAULT_PRESET)
    given = parse_gains(gains)
    return lambda _: given


def _plan(
    audiogram: Path | None,
    listener: str | None,
    prescription: "Prescription",
    loudness: str,
    ceiling: float,
) -> "GainPlan":
    """All that was asked for, as one value."""
    from hclarity.hearing.formats import read_listener
    from hclarity.remixing.plan import plan_for

    if audiogram is None and prescription != "none":
        raise UsageError("give --audiogram FILE, or --prescription none to change the balance only")
    ears = read_listener(audiogram, listener) if audiogram else None
    try:
        return plan_for(
            ears,
            prescription=prescription,
            stem_gains={},
            loudness="match" if loudness == "match" else float(loudness),
            ceiling=ceiling,
        )
    except BadDataError as error:  # the audiogram is read by now, so something typed is wrong
        raise UsageError(str(error)) from None
    except ValueError:
        raise UsageError(f"--loudness must be match or a LUFS number, got {loudness!r}") from None


def _separator(
    card: "ModelCard", weights: "Choice", device: "Device", reporter: Reporter
) -> "SongSeparator":
    """Separates as `hclarity separate` does by default, to the same place."""
    from hclarity.audio.encoding import Encoding
    from hclarity.cli.layout import StemLayout
    from hclarity.cli.ready_model import ready_model
    from hclarity.cli.separating import SongSeparator
    from hclarity.cli.wanted_stems import wanted_stems

    ready = ready_model(card, weights, device, reporter)
    layout = StemLayout(SEPARATED / card.name, "{track}/{stem}.{ext}", "flac")
    return SongSeparator(ready, layout, Encoding("flac"), wanted_stems(ready.card), reporter)
