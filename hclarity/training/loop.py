"""The training loop: items in, weights out, and a checkpoint that loses nothing on the way."""

import itertools
import math
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from hclarity.errors import BadDataError
from hclarity.training.activity import Activity
from hclarity.training.checkpoints import cannot_go_on, load_checkpoint
from hclarity.training.items import Crops, Share, batches
from hclarity.training.learner import Learner, NotFiniteError
from hclarity.training.processes import Fabric, summed
from hclarity.training.recipe import Recipe
from hclarity.training.recorder import Recorder
from hclarity.training.run_folder import RunFolder
from hclarity.training.schedule import LearningRate
from hclarity.training.signals import Stop
from hclarity.training.songs import Songs
from hclarity.training.sources import sources_of
from hclarity.training.standing import Clock, Pace, Standing
from hclarity.training.validation import Validation, contract_of, mean_score

__all__ = ["Outcome", "StepReport", "Training", "Watch"]

_CURVE_EVERY = 10  # steps
# Share of the time of a run that is kept for its last validation, until one has told its length.
_KEPT_FOR_VALIDATION = 0.03
_SKIPPED_IN_A_ROW = 30  # steps that overflow, each at half the scale: then it is no matter of scale


@dataclass(frozen=True)
class StepReport:
    """What is told after a step.

    Args:
        step: its number, from 1.
        loss: its own.
        learning_rate: of this step.
        audio_per_second: seconds of items learnt from in a second.
        progress: which share of the run is over.
        seconds_left: as far as can be told.
    """

    step: int
    loss: float
    learning_rate: float
    audio_per_second: float
    progress: float
    seconds_left: float


class Watch(Protocol):
    """Is told how a training goes."""

    def step(self, report: StepReport) -> None:
        """After a step."""

    def validating(self, done: int) -> None:
        """Before the first song of a validation, and after each."""

    def validated(self, row: dict[str, float]) -> None:
        """After a validation, with its line of metrics.csv."""


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Args:
        complete: whether it came to its end, and was not stopped.
        step: the last one.
        scores: uSDR in dB of each stem, of the weights that are kept.
        best_step: after which those weights were.
    """

    complete: bool
    step: int
    scores: dict[str, float]
    best_step: int


class Training:
    """One training, from its beginning or its checkpoint to its end.

    Args:
        recipe: which net, and how.
        songs: to learn from, and to be judged by.
        folder: of the run, which is begun once the net and the songs are accepted.
        fabric: where it computes.
        watch: is told how it goes.
        stop: says whether to end early.
        active: where to draw items from, if not from everywhere.
        workers: processes that read; 0 for none.
        max_seconds: that the whole run may take, what was before a resume included.
        begun: when this session began, by `time.monotonic`; now, by default.

    Raises:
        HclarityError: for a recipe that cannot be, songs that lack its stems, or a checkpoint of no
            use.
    """

    def __init__(
        self,
        recipe: Recipe,
        songs: Songs,
        folder: RunFolder,
        fabric: Fabric,
        *,
        watch: Watch,
        stop: Stop,
        active: Activity | None = None,
        workers: int = 0,
        max_seconds: float = math.inf,
        begun: float | None = None,
    ) -> None:
        self._recipe, self._fabric, self._watch, self._stop = recipe, fabric, watch, stop
        self._limit = max_seconds
        run = recipe.run
        share = Share(fabric.global_rank, fabric.world_size, run.batch, run.accumulate)
        sources = sources_of(songs.tracks, recipe.stems)
        self._learner = Learner(recipe, sources, fabric)
        contract = contract_of(self._learner.plain, recipe)
        self._validation = Validation(songs.validation, sources, contract, run.validate_seconds)
        self._rate, self._standing, self._pace = LearningRate(recipe.schedule), Standing(), Pace()
        self._load(folder)
        first = self._standing.step
        self._seconds = self._standing.seconds
        self._clock = Clock(self._seconds, time.monotonic() if begun is None else begun)
        self._saved, self._begun = self._seconds, self._progress()
        self._folder = folder
        self._items = batches(
            Crops(songs.tracks, sources, recipe, active), share, first_step=first,
            steps=run.steps, workers=workers, pin=fabric.device.type == "cuda",
        )  # fmt: skip
        self._recorder = Recorder(
            folder, recipe, songs, contract, step=first, first=fabric.is_global_zero
        )

    def run(self) -> Outcome:
        """Learn until the steps are done, the time or patience is over, or a signal comes.

        Raises:
            BadDataError: when a loss or gradient is not finite; the last checkpoint stands and the
                items of that step are kept beside it.
            HclarityError: when songs cannot be read or files not written.
        """
        with closing(self._recorder), closing(self._items):
            complete = self._learn()
        self._fabric.barrier()
        standing = self._standing
        return Outcome(complete, standing.step, standing.best_scores, standing.best_step)

    def _learn(self) -> bool:
        """Return whether the end was reached; a validation that is still owed comes first."""
        while True:
            if self._is_due():
                complete = self._validate()
                self._save()
                if not complete:
                    return False
            elif self._clock.now() - self._saved >= 60 * self._recipe.run.checkpoint_minutes:
                self._save()
            if self._is_over():
                return True
            if self._step():
                self._save()
                return False

    def _is_due(self) -> bool:
        """Whether a validation is."""
        step = self._standing.step
        regular = step > 0 and step % self._recipe.run.validate_every == 0
        return self._standing.validated != step and (regular or self._is_over())

    def _is_over(self) -> bool:
        patience = self._recipe.run.patience
        return self._progress() >= 1 or 0 < patience <= self._standing.waited

    def _progress(self) -> float:
        """Which share of the steps is done, or of the time over, if that is more."""
        kept = max(self._standing.validation_seconds, _KEPT_FOR_VALIDATION * self._limit)
        time = 0.0 if math.isinf(self._limit) else self._seconds / max(1e-9, self._limit - kept)
        return max(self._standing.step / self._recipe.run.steps, time)

    def _step(self) -> bool:
        """Take a step; return whether any process has been asked to stop."""
        standing, started = self._standing, self._clock.now()
        number = standing.step + 1
        items = list(itertools.islice(self._items, self._recipe.run.accumulate))
        factor = self._rate.factor(number, self._progress())
        try:
            loss, stop = self._agreed(self._learner.gradients(number, items))
            if not math.isfinite(loss) and self._recipe.run.precision != "fp16":
                raise NotFiniteError(f"the loss of step {number} is {loss}")
            taken = self._learner.move(number, factor)
            self._count_skipped(number, skipped=not (taken and math.isfinite(loss)))
        except NotFiniteError as error:
            kept = self._recorder.bad_items(number, items, self._fabric.global_rank)
            raise BadDataError(f"{error}; its items are in {kept}; {self._way_out()}") from error
        standing.step = number
        self._told(loss, factor, self._clock.now() - started)
        return stop

    def _way_out(self) -> str:
        """What to do about numbers that are none: the same again would come to the same."""
        stands = self._folder.checkpoint.exists()
        begins = "goes on from the last checkpoint" if stands else "begins again"
        return (
            f"{'' if stands else 'there is no checkpoint yet: '}--resume {begins}; give it a lower"
            " optimiser.learning_rate or optimiser.clip, or run.precision=fp32, by --set"
        )

    def _count_skipped(self, number: int, *, skipped: bool) -> None:
        """Refuse to go on skipping when the scale of fp16 has fallen enough."""
        standing = self._standing
        standing.skipped = standing.skipped + 1 if skipped else 0
        if standing.skipped > _SKIPPED_IN_A_ROW:
            raise NotFiniteError(
                f"no step of the last {standing.skipped} had a finite loss and gradient, up to step"
                f" {number}"
            )

    def _agreed(self, loss: float) -> tuple[float, bool]:
        """Return the mean loss of all processes, and whether one is to stop; note the time."""
        fabric, stop = self._fabric, self._stop.signal is not None
        seconds = self._clock.now() if fabric.is_global_zero else 0.0
        losses, stops, self._seconds = summed(fabric, [loss, float(stop), seconds])
        return losses / fabric.world_size, stops > 0

    def _told(self, loss: float, factor: float, seconds: float) -> None:
        standing, recipe = self._standing, self._recipe
        if math.isfinite(loss):
            standing.losses += loss
            standing.counted += 1
        audio = recipe.run.batch * recipe.data.crop_seconds / self._pace.took(seconds)
        rate, progress = recipe.optimiser.learning_rate * factor, self._progress()
        left = self._clock.session() * (1 - progress) / max(1e-9, progress - self._begun)
        report = StepReport(standing.step, loss, rate, audio, progress, left)
        self._watch.step(report)
        if standing.step % _CURVE_EVERY == 0:
            curves = {"loss": loss, "learning_rate": rate, "audio_per_second": audio}
            self._recorder.draw(standing.step, curves)

    def _validate(self) -> bool:
        """Score the averaged weights, keep them if there were none better; False if stopped."""
        standing, started = self._standing, self._clock.now()
        self._watch.validating(0)
        net = self._learner.averaged_net
        scores = self._validation.scores(
            net, self._fabric, self._watch.validating, lambda: self._stop.signal is not None
        )
        if scores is None:
            return False
        now = self._clock.now()
        told = [now - started, now] if self._fabric.is_global_zero else [0.0, 0.0]
        seconds, self._seconds = summed(self._fabric, told)  # as the first process counts
        standing.validation_seconds = max(standing.validation_seconds, seconds)
        mean = mean_score(scores)
        self._rate.validated(mean)
        if standing.validation(scores, mean):
            self._recorder.model(net.state_dict(), scores)
        standing.rows.append(self._row(scores, mean))
        standing.losses, standing.counted = 0.0, 0
        self._recorder.table(standing)
        self._watch.validated(standing.rows[-1])
        return True

    def _row(self, scores: dict[str, float], mean: float) -> dict[str, float]:
        """The line of a validation in metrics.csv."""
        standing, recipe = self._standing, self._recipe
        factor = self._rate.factor(standing.step, self._progress())
        audio = recipe.run.batch * recipe.data.crop_seconds / (self._pace.seconds or math.inf)
        return {
            "step": standing.step,
            "seconds": self._clock.now(),
            "loss": standing.losses / standing.counted if standing.counted else math.nan,
            "learning_rate": recipe.optimiser.learning_rate * factor,
            "audio_per_second": audio,
            **({"usdr": mean} if scores else {}),
            **{f"usdr_{stem}": score for stem, score in scores.items()},
        }

    def _save(self) -> None:
        self._standing.seconds = self._saved = self._clock.now()
        state = {
            "learner": self._learner.state_dict(),
            "standing": self._standing.state_dict(),
            "rate": self._rate.state_dict(),
        }
        self._recorder.checkpoint(state)

    def _load(self, folder: RunFolder) -> None:
        state = load_checkpoint(folder.checkpoint)
        if state is None:
            return
        try:
            self._learner.load_state_dict(state["learner"])
            self._rate.load_state_dict(state["rate"])
            self._standing = Standing(**state["standing"])
        except (KeyError, RuntimeError, TypeError, ValueError) as error:
            raise BadDataError(cannot_go_on(folder.checkpoint)) from error
