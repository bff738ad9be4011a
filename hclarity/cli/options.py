"""The words that commands on songs understand, each declared once."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

__all__ = [
    "AudiogramOpt",
    "BitsOpt",
    "CeilingOpt",
    "DeviceOpt",
    "FilenameOpt",
    "FormatOpt",
    "GainOpt",
    "JsonOpt",
    "ListenerOpt",
    "LoudnessOpt",
    "ModelArg",
    "ModelOpt",
    "OutOpt",
    "OverwriteOpt",
    "PrescriptionOpt",
    "PresetOpt",
    "QuietOpt",
    "SongsArg",
    "SongsOrStemsArg",
    "StemsOpt",
    "TwoStemsOpt",
    "WeightsOpt",
]

SongsArg = Annotated[
    list[Path],
    Argument(metavar="SONG", help="Audio files: WAV, FLAC, MP3, OGG, Opus, M4A, video sound, …"),
]
SongsOrStemsArg = Annotated[
    list[Path] | None,
    Argument(
        metavar="SONG|STEMS_FOLDER",
        help="Songs (separated on the way) or folders of stems; default: the newest separation.",
        show_default=False,
    ),
]
_MODEL_HELP = "A model's name, its folder, or its card."
ModelOpt = Annotated[str, Option("-m", "--model", help=_MODEL_HELP, metavar="NAME")]
ModelArg = Annotated[str, Argument(help=_MODEL_HELP, metavar="NAME")]
WeightsOpt = Annotated[
    Literal["auto", "official", "bundled"],
    Option(help="auto: the official weights if they are here or can be fetched, else bundled."),
]
OutOpt = Annotated[Path, Option("-o", "--out", help="Folder for the results.", metavar="FOLDER")]
FilenameOpt = Annotated[
    str, Option(help="Where stems go: {track}, {stem} and {ext} are filled in.", metavar="TEMPLATE")
]
StemsOpt = Annotated[
    str | None, Option(help="Write only these stems, e.g. vocals,drums.", metavar="NAMES")
]
TwoStemsOpt = Annotated[
    str | None,
    Option(help="Write this stem, and the rest of the song as no_STEM.", metavar="STEM"),
]
FormatOpt = Annotated[
    Literal["wav", "flac", "mp3", "ogg", "opus"], Option(help="Format of the written files.")
]
BitsOpt = Annotated[
    Literal["16", "24", "32f"],
    Option(help="Bits of WAV and FLAC samples; 16 is dithered, 32f (WAV) is float."),
]
DeviceOpt = Annotated[
    Literal["auto", "cpu", "cuda", "mps"], Option("-d", "--device", help="Where the net computes.")
]
OverwriteOpt = Annotated[
    bool,
    Option("--overwrite", help="Do again what is already done; default: only what is missing."),
]
JsonOpt = Annotated[bool, Option("--json", help="Print one JSON document on stdout.")]
QuietOpt = Annotated[bool, Option("-q", "--quiet", help="Say nothing but warnings and errors.")]
AudiogramOpt = Annotated[
    Path | None,
    Option(
        help='Hearing thresholds in dB HL: {"left": {"250": 20, "500": 25, …}, "right": {…}},'
        " or a Cadenza listeners.json; needed unless --prescription none.",
        metavar="FILE",
    ),
]
ListenerOpt = Annotated[
    str | None, Option(help="Which listener, where a file holds several.", metavar="ID")
]
PrescriptionOpt = Annotated[
    Literal["nalr", "none"],
    Option(help="How thresholds become gain: NAL-R, or none (stem gains only)."),
]
GainOpt = Annotated[
    list[str] | None,
    Option("--gain", help="Gain of a stem in dB, e.g. vocals=+3; repeatable.", metavar="STEM=DB"),
]
PresetOpt = Annotated[
    Literal["original", "ha-mild", "lyrics", "lyrics-strong", "beat", "ci"] | None,
    Option(
        help="Balance of the stems: original (none changed), ha-mild (vocals +1 dB, others -1;"
        " the default unless --gain is given), lyrics (vocals +3), lyrics-strong (vocals +6),"
        " beat (drums and bass +3), ci (vocals +8, other -6).",
        show_default=False,
    ),
]
LoudnessOpt = Annotated[
    str, Option(help="match (as loud as the song) or a loudness in LUFS.", metavar="match|LUFS")
]
CeilingOpt = Annotated[
    float, Option(help="True peak that is never exceeded, in dBTP.", metavar="DB")
]
