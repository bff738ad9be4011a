"""Writing a model for the programs of others."""

from pathlib import Path

from hclarity.registry.cards import ModelCard
from hclarity.registry.weights import ResolvedWeights
from hclarity.registry.whole_files import write_whole

__all__ = ["export_model"]


def export_model(card: ModelCard, resolved: ResolvedWeights, target: Path) -> Path:
    """Write a Hybrid Demucs as the ``demucs`` package's own file, whole or not at all.

    Args:
        card: of the model.
        resolved: its weights.
        target: the file to write, which demucs wants to end in ``.th``.

    Returns:
        The file.

    Raises:
        ConfigurationError: when the card and its weights do not agree.
        BadDataError: for a net that demucs does not have, and for weights that are not the net's.
        UnavailableError: when demucs is not installed: the file names its class.
        CannotCreateError: when the file cannot be created.
        StorageError: when the disk is full or fails.
    """
    from hclarity.registry.nets import load_net
    from hclarity.registry.upstream.hdemucs import demucs_file

    write_whole(target, demucs_file(load_net(card, resolved)))
    return target
