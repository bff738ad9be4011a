"""A model made ready for a run: fetched, loaded, once."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hclarity.cli.ending import uninterrupted
from hclarity.registry.cards import ModelCard
from hclarity.registry.weights import Choice, ResolvedWeights, resolve_weights
from hclarity.report.console import Bar, Reporter
from hclarity.report.models import size_words
from hclarity.separation.record import making_of

if TYPE_CHECKING:
    from hclarity.nets.separation_net import SeparationNet
    from hclarity.separation.devices import Device
    from hclarity.separation.engines.choice import EngineChoice, PrecisionChoice

__all__ = ["ReadyModel", "WantedModel", "ready_model", "ready_weights"]

# What a worker takes beside the weights: programs, two chunks and all that comes of them; and how
# many times the weights, as they are computed with. Measured with nets of 8 and 335 MB.
_BYTES_BESIDE = 1_200_000_000
_TIMES_WEIGHTS = 5


@dataclass(frozen=True)
class WantedModel:
    """A model, and what it shall be computed by, as typed."""

    card: ModelCard
    weights: Choice = "auto"
    device: "Device" = "auto"
    engine: "EngineChoice" = "auto"
    precision: "PrecisionChoice" = "auto"

    @property
    def bytes_needed(self) -> int:
        """About how much memory it takes to separate a song, however long."""
        allowed = [
            weights.bytes or 0
            for variant, weights in self.card.weights.items()
            if self.weights in ("auto", variant)
        ]
        return _BYTES_BESIDE + _TIMES_WEIGHTS * max(allowed, default=0)

    def settled(self, reporter: Reporter) -> "WantedModel":
        """The same with weights that are here, chosen once for all who will compute with them.

        Raises:
            HclarityError: as `resolve_weights` does.
        """
        return replace(self, weights=ready_weights(self.card, self.weights, reporter).variant)


@dataclass(frozen=True)
class ReadyModel:
    """A net with its weights, what it is to be computed by, and a digest of how it makes stems.

    The card is as it is with these weights.
    """

    card: ModelCard
    weights: ResolvedWeights
    net: "SeparationNet"
    device: str
    engine: "EngineChoice"
    precision: "PrecisionChoice"
    making: str


def ready_model(wanted: WantedModel, reporter: Reporter) -> ReadyModel:
    """Fetch and load a model.

    Raises:
        HclarityError: as `resolve_weights`, `load_net` and `choose_device` do.
    """
    with uninterrupted():
        from hclarity.registry.nets import load_net
        from hclarity.registry.upstream.contents import read_config
        from hclarity.separation.devices import choose_device

    card = wanted.card
    device = choose_device(wanted.device)
    weights = ready_weights(card, wanted.weights, reporter)
    spoken = card.of(weights.variant)
    making = making_of(spoken, weights.variant, read_config(weights.path))
    net = load_net(card, weights)
    return ReadyModel(spoken, weights, net, device, wanted.engine, wanted.precision, making)


def ready_weights(card: ModelCard, choice: Choice, reporter: Reporter) -> ResolvedWeights:
    """Find or fetch a model's weights, and say what must be known of them.

    Raises:
        HclarityError: as `resolve_weights` does.
    """
    bars: list[Bar] = []
    with ExitStack() as stack:

        def show(come: int, size: int | None) -> None:
            if not bars:
                label = f"fetching {card.name} ({size_words(size)})"
                bars.append(stack.enter_context(reporter.progress(label, size)))
            bars[0].set(come)

        weights = resolve_weights(card, choice, show)
    if weights.note:
        reporter.warn(weights.note)
    return weights
