"""How the learning rate moves: a factor for each step."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from hclarity.training.sections import Schedule

__all__ = ["LearningRate"]


@dataclass
class _State:
    """What validations have changed."""

    factor: float = 1.0
    validations: int = 0
    best: float = -math.inf
    waited: int = 0


class LearningRate:
    """The share of a recipe's learning rate that a step gets.

    Args:
        schedule: of the recipe.
    """

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._state = _State()

    def factor(self, step: int, progress: float) -> float:
        """Return the factor of a step, the first being 1.

        Args:
            step: its number.
            progress: which share of the run is over, from 0 to 1.
        """
        rise = min(1.0, step / max(1, self._schedule.warmup))
        return rise * self._state.factor * self._fall(progress)

    def _fall(self, progress: float) -> float:
        left = max(0.0, 1 - progress)
        match self._schedule.name:
            case "hold":
                cooldown = self._schedule.cooldown
                return max(0.01, min(1.0, left / cooldown)) if cooldown else 1.0
            case "cosine":
                return 0.5 * (1 - math.cos(math.pi * left))
        return 1.0

    def validated(self, score: float) -> None:
        """Take the score of a validation; higher is better, and -inf where no song judged."""
        state, schedule = self._state, self._schedule
        state.validations += 1
        if math.isfinite(score):
            state.waited = 0 if score > state.best else state.waited + 1
            state.best = max(score, state.best)
        if (schedule.name == "decay" and state.validations % schedule.every == 0) or (
            schedule.name == "plateau" and state.waited >= schedule.every
        ):
            state.factor *= schedule.factor
            state.waited = 0

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return asdict(self._state)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a checkpoint stands."""
        self._state = _State(**state)
