"""The sections of a recipe, each a value that refuses to be born wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hclarity.errors import ConfigurationError
from hclarity.registry.quoting import shown
from hclarity.registry.spelling import did_you_mean

__all__ = ["Data", "Loss", "Model", "Optimiser", "Run", "Schedule"]

LOSSES = ("l1", "l1-complex", "si-sdr", "thresholded-snr")
OPTIMISERS = ("adam", "adamw")
SCHEDULES = ("hold", "cosine", "plateau", "decay")
PRECISIONS = ("fp32", "bf16", "fp16")


@dataclass(frozen=True)
class Data:
    """Where items come from.

    Args:
        crop_seconds: length of an item.
        coherent: share of the items whose stems come from one place of one song; in the others
            each stem comes from a song of its own.
        activity: take only what `hclarity.training.activity` finds to be more than silence.
        dataset: what ``--dataset`` is by default.
    """

    crop_seconds: float
    coherent: float = 1.0
    activity: bool = False
    dataset: str = "folder"

    def __post_init__(self) -> None:
        _require_above_0("data", self, "crop_seconds")
        _require_share("data.coherent", self.coherent)


@dataclass(frozen=True)
class Loss:
    """What is made small: a name of `hclarity.training.losses`, and the parameters of that."""

    name: str
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require_one_of("loss.name", self.name, LOSSES)


@dataclass(frozen=True)
class Optimiser:
    """How weights follow gradients.

    Args:
        name: ``adam`` or ``adamw``.
        learning_rate: before the schedule.
        betas: of the moments.
        weight_decay: added to the gradient (adam), or taken off the weights (adamw).
        clip: largest norm of the gradient; 0 for any.
    """

    name: str
    learning_rate: float
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0
    clip: float = 0.0

    def __post_init__(self) -> None:
        _require_one_of("optimiser.name", self.name, OPTIMISERS)
        _require_above_0("optimiser", self, "learning_rate")
        _require_not_below_0("optimiser", self, "weight_decay", "clip")
        for beta in self.betas:
            _require_share("optimiser.betas", beta, below_1=True)


@dataclass(frozen=True)
class Schedule:
    """How the learning rate moves, after a rise over ``warmup`` steps.

    Args:
        name: ``hold`` (then a fall in a line over the last share ``cooldown``), ``cosine`` (a
            falling half wave to 0), ``plateau`` (times ``factor`` after ``every`` validations
            without a better one), ``decay`` (times ``factor`` every so many validations).
        warmup: steps of the rise.
        cooldown: share of the run.
        factor: from above 0 to 1.
        every: validations.
    """

    name: str = "hold"
    warmup: int = 0
    cooldown: float = 0.25
    factor: float = 0.5
    every: int = 5

    def __post_init__(self) -> None:
        _require_one_of("schedule.name", self.name, SCHEDULES)
        _require_not_below_0("schedule", self, "warmup")
        _require_above_0("schedule", self, "factor", "every")
        _require_share("schedule.cooldown", self.cooldown)
        _require_share("schedule.factor", self.factor)


@dataclass(frozen=True)
class Run:
    """How long, how many at once, and what is looked at on the way.

    Args:
        steps: of the optimiser.
        batch: items of a step, over all processes.
        accumulate: into how many micro-batches each process cuts its share of them.
        averaging: decay of the moving average of the weights, which is what is kept.
        validate_every: steps.
        validate_seconds: of each song; 0 for all of it.
        checkpoint_minutes: between checkpoints; there is also one after each validation.
        precision: ``fp32``, or where the net may compute in less, ``bf16`` or ``fp16``.
        patience: validations without a better one after which the run ends; 0 for any number.
    """

    steps: int
    batch: int
    accumulate: int = 1
    averaging: float = 0.999
    validate_every: int = 1000
    validate_seconds: float = 0.0
    checkpoint_minutes: float = 5.0
    precision: str = "fp32"
    patience: int = 0

    def __post_init__(self) -> None:
        _require_above_0("run", self, "steps", "batch", "accumulate", "validate_every")
        _require_not_below_0("run", self, "validate_seconds", "checkpoint_minutes", "patience")
        _require_share("run.averaging", self.averaging, below_1=True)
        _require_one_of("run.precision", self.precision, PRECISIONS)


@dataclass(frozen=True)
class Model:
    """What the card of the trained model says beyond the net.

    Args:
        title: one line for people.
        description: a sentence or two.
        licence: of the weights.
        trained_on: in words; by default the data set and how many of its songs.
        chunk_seconds: what the net is given at once; 0 for the length of a training item.
        overlap: of chunks.
        level: to which a song is brought first, as cards have it; by default that of the items.
        half: whether the weights are kept in half precision.
    """

    title: str = ""
    description: str = ""
    licence: str = "not stated"
    trained_on: tuple[str, ...] = ()
    chunk_seconds: float = 0.0
    overlap: float = 0.25
    level: str = ""
    half: bool = False

    def __post_init__(self) -> None:
        _require_not_below_0("model", self, "chunk_seconds")
        _require_share("model.overlap", self.overlap, below_1=True)


def _require_above_0(section: str, values: object, *names: str) -> None:
    for name in names:
        if not getattr(values, name) > 0:
            raise ConfigurationError(
                f"{section}.{name} must be above 0, got {getattr(values, name)}"
            )


def _require_not_below_0(section: str, values: object, *names: str) -> None:
    for name in names:
        if getattr(values, name) < 0:
            raise ConfigurationError(
                f"{section}.{name} must be 0 or more, got {getattr(values, name)}"
            )


def _require_share(name: str, value: float, *, below_1: bool = False) -> None:
    if not 0 <= value <= 1 or (below_1 and value == 1):
        raise ConfigurationError(
            f"{name} must be from 0 to {'below ' if below_1 else ''}1, got {value}"
        )


def _require_one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ConfigurationError(
            f"{name} must be one of {', '.join(known)}, got {shown(value)}"
            f"{did_you_mean(value, known)}"
        )
