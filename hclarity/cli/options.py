"""The words that commands on songs understand, each declared once."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from hclarity.hearing.prescriptions.names import PRESCRIPTIONS
from hclarity.remixing.presets import DEFAULT_PRESET, PRESETS

__all__ = [
    "AllowLoudOpt",
    "AudiogramArg",
    "AudiogramOpt",
    "BitsOpt",
    "CeilingOpt",
    "CompatOpt",
    "DeviceOpt",
    "DryRunOpt",
    "EngineOpt",
    "ExecutorOpt",
    "FilenameOpt",
    "FormatOpt",
    "FromFileOpt",
    "FullScaleSplOpt",
    "GainOpt",
    "GainsIdOpt",
    "GainsOpt",
    "JobsOpt",
    "JsonOpt",
    "ListenerOpt",
    "LoudnessOpt",
    "ModelArg",
    "ModelOpt",
    "OtherEarOpt",
    "OutOpt",
    "OverwriteOpt",
    "PlanOpt",
    "PrecisionOpt",
    "PrescriptionOpt",
    "PresetOpt",
    "QuietOpt",
    "RayAddressOpt",
    "RayGpusOpt",
    "RemixPlotOpt",
    "ShardOpt",
    "ShowPlanOpt",
    "SlurmOpt",
    "SongsArg",
    "SongsOrStemsArg",
    "StemsOpt",
    "TimeoutOpt",
    "TwoStemsOpt",
    "WdrcOpt",
    "WeeklyHoursOpt",
    "WeightsOpt",
]


def _preset_help() -> str:
    """Each balance, and who is known to prefer it."""
    told = (f"{name}: {preset.words} ({preset.evidence})" for name, preset in PRESETS.items())
    default = f"Default: {DEFAULT_PRESET}, unless --gain or --gains is given."
    return f"Balance of the stems, in dB. {default} {'. '.join(told)}."


def _prescription_help() -> str:
    """Each prescription, and where it is published."""
    told = "; ".join(f"{name}: {words}" for name, words in PRESCRIPTIONS.items())
    return (
        f"How thresholds become gain. {told}. Or a file with your audiologist's gains (CSV:"
        " frequency_hz,left_gain_db,right_gain_db). NAL-NL2 and DSL are not free, and not here."
    )


SongsArg = Annotated[
    list[Path] | None,
    Argument(
        metavar="SONG|FOLDER",
        help="Audio files: WAV, FLAC, MP3, OGG, Opus, M4A, video sound, …; folders of them, with"
        " all below; patterns such as 'music/**/*.flac'.",
        show_default=False,
    ),
]
SongsOrStemsArg = Annotated[
    list[Path] | None,
    Argument(
        metavar="SONG|FOLDER",
        help="Songs (separated on the way), folders of stems, or folders of either, with all"
        " below; default: the newest separation.",
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
EngineOpt = Annotated[
    Literal["auto", "torch", "openvino"],
    Option(help="What computes the net; auto: OpenVINO for songs of a minute or more, else torch."),
]
PrecisionOpt = Annotated[
    Literal["auto", "fp32", "bf16"],
    Option(
        help="Of the net. auto: bf16 where OpenVINO computes on a CPU that has it, else fp32."
        " Stems in bf16 differ by a hundredth or less."
    ),
]
OverwriteOpt = Annotated[
    bool,
    Option("--overwrite", help="Do again what is already done; default: only what is missing."),
]
JsonOpt = Annotated[bool, Option("--json", help="Print one JSON document on stdout.")]
QuietOpt = Annotated[bool, Option("-q", "--quiet", help="Say nothing but warnings and errors.")]
FromFileOpt = Annotated[
    Path | None,
    Option(metavar="FILE", help="More inputs, a line each (or up to a NUL each); - for stdin."),
]
ShardOpt = Annotated[
    str | None,
    Option(
        metavar="I/N",
        help="Only the share numbered I, from 0, of N: the same on every host. auto: as the array"
        " job says (Slurm, AWS Batch, torchrun).",
    ),
]
JobsOpt = Annotated[
    str | None,
    Option(
        "-j",
        "--jobs",
        metavar="N|auto",
        help="How many at once, in processes that may die without harm; auto: what cores and memory"
        " allow. Default: one after the other, in this process.",
        show_default=False,
    ),
]
ExecutorOpt = Annotated[
    Literal["local", "ray", "slurm"] | None,
    Option(help="Who does the work: processes here, a Ray cluster, jobs of Slurm."),
]
TimeoutOpt = Annotated[
    str | None,
    Option(
        metavar="TIME",
        help="End work on one input that takes longer, such as 10m; it is tried three times.",
    ),
]
RayAddressOpt = Annotated[
    str | None,
    Option(metavar="ADDRESS", help="Of a Ray cluster; default: one on this machine, for the run."),
]
RayGpusOpt = Annotated[
    float, Option(metavar="N", help="GPUs for each Ray worker; 0.5 lets two share one.", min=0)
]
SlurmOpt = Annotated[
    list[str] | None,
    Option(
        metavar="KEY=VALUE",
        help="For sbatch, as submitit has it: slurm_partition=gpu, timeout_min=60, mem_gb=8,"
        " gpus_per_node=1; cluster=local runs the jobs here. Repeatable.",
    ),
]
_AUDIOGRAM_HELP = (
    "Hearing thresholds: a file (Apple Health's export, FHIR, CSV, a Cadenza listeners.json, JSON),"
    " a standard audiogram (N1 to N7, S1 to S3), or pairs such as"
    " 'right=250:20,500:25,…;left=250:15,…' in Hz:dB HL."
)
AudiogramArg = Annotated[str, Argument(help=_AUDIOGRAM_HELP, metavar="AUDIOGRAM")]
AudiogramOpt = Annotated[
    str | None,
    Option(help=_AUDIOGRAM_HELP + " Needed unless --prescription none.", metavar="FILE|NAME|PAIRS"),
]
ListenerOpt = Annotated[
    str | None,
    Option(
        help="Which listener, where a file holds several; or the date of which test.", metavar="ID"
    ),
]
OtherEarOpt = Annotated[
    Literal["same", "normal"] | None,
    Option(help="What to take for an ear that was not tested.", show_default=False),
]
PrescriptionOpt = Annotated[str, Option(help=_prescription_help(), metavar="NAME|FILE")]
WdrcOpt = Annotated[
    bool,
    Option(
        "--wdrc",
        help="Compress each ear in six bands, by ratios from the audiogram (CAMFIT), around the"
        " level that the song usually has there, which keeps its prescribed gain. Default: off,"
        " for listeners rate recorded music better without (Kirchberger & Russo 2016).",
    ),
]
CompatOpt = Annotated[
    Literal["cadenza"] | None,
    Option(
        help="cadenza: amplify by the very filter and compressor of the Cadenza challenges, which"
        " miss NAL-R by up to 4 dB at 250 Hz, and hardly compress.",
        show_default=False,
    ),
]
GainOpt = Annotated[
    list[str] | None,
    Option(
        "--gain",
        help="Gain of a stem in dB, -60 (gone) to +10, e.g. vocals=+3; repeatable.",
        metavar="STEM=DB",
    ),
]
GainsOpt = Annotated[
    Path | None,
    Option(
        help='Gains from a file: {"vocals": 3, "drums": -2}, what a listening page saved, or a'
        " gains.json of Cadenza.",
        metavar="FILE",
    ),
]
GainsIdOpt = Annotated[
    str | None, Option(help="Which gains, where the file holds several.", metavar="ID")
]
PresetOpt = Annotated[
    Literal["original", "ha-mild", "lyrics", "lyrics-strong", "beat", "ci"] | None,
    Option(help=_preset_help(), show_default=False),
]
PlanOpt = Annotated[
    Path | None,
    Option(
        help="The whole plan of the remix: written there, or, where the file is there already,"
        " read and followed. Edit it in between; other options may be typed beside it as long as"
        " they say the same.",
        metavar="FILE",
    ),
]
ShowPlanOpt = Annotated[
    bool, Option("--show-plan", help="Print the plan in the place of the paths.")
]
DryRunOpt = Annotated[bool, Option("--dry-run", help="Only say what would be done; write nothing.")]
LoudnessOpt = Annotated[
    str, Option(help="match (as loud as the song) or a loudness in LUFS.", metavar="match|LUFS")
]
CeilingOpt = Annotated[
    float,
    Option(
        help="True peak that is never exceeded, in dBTP, as a meter that oversamples eight times"
        " (ITU-R BS.1770-5) reads it, but for content within 6 % of Nyquist. MP3, OGG and Opus stay"
        " 0.75, 1 and 1.5 dB below, for decoding raises peaks.",
        metavar="DB",
    ),
]
FullScaleSplOpt = Annotated[
    float | None,
    Option(
        help="How loud your player and headphones make a full-scale sine, in dB SPL: then the"
        " report says for how many hours a week the remix is safe (WHO, ITU-T H.870), and what is"
        " not safe for --weekly-hours is refused.",
        metavar="DB",
        min=40,
        max=140,
    ),
]
WeeklyHoursOpt = Annotated[
    float,
    Option(help="How many hours a week you will listen.", metavar="HOURS", min=0.1, max=168),
]
AllowLoudOpt = Annotated[
    bool, Option("--allow-loud", help="Write also what is not safe for so long.")
]
PageOpt = Annotated[
    bool,
    Option(
        "--page",
        help="Write OUT/SONG.page/index.html, too: a page to listen, compare and choose on, in any"
        " browser, without a network. What is saved there is for --gains.",
    ),
]
RemixPlotOpt = Annotated[
    bool, Option("--plot", help="Draw what each ear gets, before and after, into OUT/SONG.png.")
]
