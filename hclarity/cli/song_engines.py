"""Which engine hears which song."""

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from hclarity.cli.ready_model import ReadyModel
from hclarity.registry.models import user_models
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.separation.engines.choice import EngineChoice
    from hclarity.separation.engines.engine import Engine

__all__ = ["SongEngines"]

_WORTH_CONVERTING_S = 60.0


class SongEngines:
    """The engines of a model, each made when a song first needs it.

    OpenVINO takes seconds to make ready, so unless it is asked for it hears no short songs; and it
    never hears those that are shorter than a chunk.

    Args:
        model: ready to compute.
        stems: those that the net shall estimate.
        reporter: hears which engine it is, and what takes a while.
    """

    def __init__(self, model: ReadyModel, stems: Sequence[str], reporter: Reporter) -> None:
        self._model, self._stems, self._reporter = model, stems, reporter
        self._made: dict[EngineChoice, Engine] = {}
        if model.engine != "auto":
            self.of(inf)  # now, for it may not be here

    def of(self, seconds: float) -> "Engine":
        """Return the engine for a song of this length.

        Raises:
            UnavailableError: for an engine that is not here.
        """
        choice = self._model.engine
        shortest = _WORTH_CONVERTING_S if choice == "auto" else self._model.card.chunk_seconds
        if seconds < shortest:
            choice = "torch"
        if choice not in self._made:
            self._made[choice] = self._make(choice)
        return self._made[choice]

    def _make(self, choice: "EngineChoice") -> "Engine":
        from hclarity.separation.engines.choice import choose_engine  # here, for it imports torch

        model = self._model
        engine = choose_engine(
            model.net,
            model.card,
            stems=self._stems,
            device=model.device,
            engine=choice,
            precision=model.precision,
            identity=f"{model.weights.sha256} {model.making}",
            folder=user_models() / ".converted",
            say=self._reporter.say,
        )
        weights = f"{model.weights.variant} weights, on the {model.device}"
        by = f"by {engine.name} in {engine.precision}"
        self._reporter.say(f"model {model.card.name}, {weights}, {by}")
        return engine
