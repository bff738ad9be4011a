"""`hclarity separate`: songs in, stems out."""

from pathlib import Path

from hclarity.cli import options
from hclarity.cli.each import Done, Work, do_each
from hclarity.report.console import Reporter

__all__ = ["separate"]


def separate(
    songs: options.SongsArg,
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
    json: options.JsonOpt = False,
    quiet: options.QuietOpt = False,
) -> None:
    """Separate songs into stems.

    Writes OUT/MODEL/SONG/STEM.EXT and separation.json beside the stems, at the rate, channels and
    level of the song. What is already done is not done again.
    """
    from hclarity.audio.encoding import Encoding
    from hclarity.cli.layout import StemLayout
    from hclarity.cli.ready_model import ready_model
    from hclarity.cli.separating import SongSeparator, check_song
    from hclarity.cli.wanted_stems import refuse_impossible, wanted_stems
    from hclarity.registry.models import find_card

    reporter = Reporter(quiet=quiet)
    card = find_card(model)
    refuse_impossible(card, weights, lambda spoken: wanted_stems(spoken, stems, two_stems))
    encoding = Encoding(format, bits)
    layout = StemLayout(out / card.name, filename, format)

    def begin() -> Work:
        ready = ready_model(card, weights, device, reporter, engine=engine, precision=precision)
        wanted = wanted_stems(ready.card, stems, two_stems)
        separate = SongSeparator(ready, layout, encoding, wanted, reporter, overwrite=overwrite)
        return lambda song: Done(separate(song))

    do_each(songs, check_song, begin, reporter, as_json=json)
