"""What `remix` is asked for, in words, as values."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, cast

from hclarity.cli.heard import read_told
from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.formats.contents import text_in
from hclarity.hearing.formats.gain_tables import read_gain_table
from hclarity.hearing.prescriptions.names import PRESCRIPTIONS, Prescription
from hclarity.registry.spelling import did_you_mean
from hclarity.remixing.gains_file import read_gains
from hclarity.remixing.plan import GainPlan, Loudness
from hclarity.remixing.plan_file import read_plan
from hclarity.remixing.planning import EarGains, plan_for
from hclarity.remixing.presets import DEFAULT_PRESET, preset_gains
from hclarity.remixing.stem_gains import Balance, StemGains, parse_gains
from hclarity.report.console import Reporter

__all__ = ["RemixWords", "WantedRemix", "wanted_remix"]

_FOR_PLOTS = {"audiogram", "listener", "other_ear"}


@dataclass(frozen=True)
class RemixWords:
    """All words that a plan follows from; `hclarity.cli.options` says what each means."""

    audiogram: str | None
    listener: str | None
    other_ear: Literal["same", "normal"] | None
    prescription: str
    wdrc: bool
    compat: Literal["cadenza"] | None
    preset: str | None
    gain: Sequence[str] | None
    gains: Path | None
    gains_id: str | None
    loudness: str
    ceiling: float


@dataclass(frozen=True)
class WantedRemix:
    """What a remix shall do.

    Args:
        plan: all of it but for the stem gains.
        balance: what gains the stems get.
        listener: for whom; None where nobody's audiogram was given.
    """

    plan: GainPlan
    balance: Balance
    listener: Listener | None


def wanted_remix(
    words: RemixWords, plan: Path | None, given: Collection[str], reporter: Reporter, *, plot: bool
) -> WantedRemix:
    """Make a plan of words, or read that which was saved.

    Args:
        words: what was typed, or the defaults.
        plan: the file of a plan; None where there is none.
        given: those of the words that were typed.
        reporter: hears what is odd about an audiogram.
        plot: whether an audiogram is wanted for a plot, even with a saved plan.

    Raises:
        UsageError: for words that do not go together, or cannot be.
        HclarityError: as readers of files do.
    """
    if plan is not None and plan.exists():
        _refuse_beside_a_plan(words, plan, given, plot=plot)
        saved = _saved(plan)
        gains = StemGains(saved.stem_gains)
        return WantedRemix(saved, lambda _: gains, _listener(words, reporter))
    listener = _listener(words, reporter)
    return WantedRemix(_plan(words, listener), _balance(words), listener)


def _refuse_beside_a_plan(
    words: RemixWords, plan: Path, given: Collection[str], *, plot: bool
) -> None:
    for word in vars(words):
        if word in given and not (plot and word in _FOR_PLOTS):
            raise UsageError(
                f"{plan} is there and holds the whole plan; leave out --{word.replace('_', '-')},"
                " or name a new file"
            )


def _saved(path: Path) -> GainPlan:
    try:
        return read_plan(text_in(path))
    except BadDataError as error:
        raise BadDataError(f"{path}: {error}") from None


def _listener(words: RemixWords, reporter: Reporter) -> Listener | None:
    if words.audiogram is None:
        return None
    return read_told(words.audiogram, words.listener, words.other_ear, reporter).listener


def _plan(words: RemixWords, listener: Listener | None) -> GainPlan:
    prescription = _prescription(words.prescription)
    if listener is None and isinstance(prescription, str) and prescription != "none":
        raise UsageError("give --audiogram FILE, or --prescription none to change the balance only")
    try:
        return plan_for(
            listener,
            prescription=prescription,
            wdrc=words.wdrc,
            as_cadenza=words.compat == "cadenza",
            stem_gains={},
            loudness=_loudness(words.loudness),
            ceiling=words.ceiling,
        )
    except BadDataError as error:  # the audiogram is read by now, so something typed is wrong
        raise UsageError(str(error)) from None


def _prescription(word: str) -> Prescription | EarGains:
    if word in PRESCRIPTIONS:
        return cast(Prescription, word)
    path = Path(word)
    if path.exists():
        return read_gain_table(path)
    names = ", ".join(PRESCRIPTIONS)
    raise UsageError(
        f"no prescription {word!a}{did_you_mean(word, PRESCRIPTIONS)};"
        f" there are {names}, or name a file with gains"
    )


def _loudness(word: str) -> Loudness:
    try:
        return "match" if word == "match" else float(word)
    except ValueError:
        raise UsageError(f"--loudness must be match or a LUFS number, got {word!r}") from None


def _balance(words: RemixWords) -> Balance:
    """What stem gains to give the stems that there are."""
    ways = {"--preset": words.preset, "--gain": words.gain, "--gains": words.gains}
    typed = [way for way, value in ways.items() if value]
    if len(typed) > 1:
        raise UsageError(f"give {' or '.join(typed)}, not both")
    if words.gains_id is not None and words.gains is None:
        raise UsageError("--gains-id chooses from a file; give --gains FILE too")
    if words.gains is not None:
        given = read_gains(words.gains, words.gains_id)
    elif words.gain:
        given = parse_gains(words.gain)
    else:
        return partial(preset_gains, words.preset or DEFAULT_PRESET)
    return lambda _: given
