"""Where a run stands, beside weights and optimiser; and the time that it has taken."""

import math
import time
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Clock", "Pace", "Standing"]


@dataclass
class Standing:
    """Where a run stands.

    Args:
        step: steps done.
        seconds: that they took, validations included.
        validated: the step after which the last validation was.
        validation_seconds: that the longest validation took.
        best: mean uSDR in dB of the best validation.
        best_step: after which it was.
        best_scores: uSDR in dB of each stem then.
        waited: validations since.
        skipped: steps in a row without a finite gradient.
        losses: sum of the losses since the last validation.
        counted: how many they are.
        rows: of metrics.csv.
    """

    step: int = 0
    seconds: float = 0.0
    validated: int = -1
    validation_seconds: float = 0.0
    best: float = -math.inf
    best_step: int = 0
    best_scores: dict[str, float] = field(default_factory=dict)
    waited: int = 0
    skipped: int = 0
    losses: float = 0.0
    counted: int = 0
    rows: list[dict[str, float]] = field(default_factory=list)

    def validation(self, scores: dict[str, float], mean: float) -> bool:
        """Take the scores of a validation; return whether there was none better."""
        self.validated = self.step
        if mean < self.best or (mean == self.best and scores):
            self.waited += 1
            return False
        self.best, self.best_step, self.best_scores = mean, self.step, scores
        self.waited = 0
        return True

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return asdict(self)


class Clock:
    """The seconds of a run, over all its sessions.

    Args:
        before: of earlier sessions.
        begun: when this session began, by `time.monotonic`.
    """

    def __init__(self, before: float, begun: float) -> None:
        self._before, self._begun = before, begun

    def now(self) -> float:
        """Return the seconds so far."""
        return self._before + self.session()

    def session(self) -> float:
        """Return the seconds of this session."""
        return time.monotonic() - self._begun


class Pace:
    """How fast a session is: a running mean over the last steps."""

    _KEPT = 0.95

    def __init__(self) -> None:
        self.seconds = 0.0

    def took(self, seconds: float) -> float:
        """Take the seconds of a step; return the mean of the last ones."""
        kept = self._KEPT if self.seconds else 0.0
        self.seconds = kept * self.seconds + (1 - kept) * seconds
        return self.seconds
