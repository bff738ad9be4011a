"""All readers of strangers' files. A line for each: name, reader, seeds, and how much it gets."""

from fuzz import readers, seeds_documents, seeds_sounds
from fuzz.target import Target

__all__ = ["TARGETS"]


def _checkpoints() -> dict[str, bytes]:
    from fuzz.seeds_checkpoints import checkpoints  # here, for torch takes seconds to load

    return checkpoints()


def _layouts() -> dict[str, bytes]:
    from fuzz.seeds_checkpoints import layouts

    return layouts()


def _of(*targets: Target) -> dict[str, Target]:
    return {target.name: target for target in targets}


TARGETS = _of(
    Target("audiograms", readers.read_as_audiogram, seeds_documents.audiograms, share=4),
    Target("typed", readers.read_as_typed, seeds_documents.typed, largest=512, share=2),
    Target("gains", readers.read_as_gains, seeds_documents.stem_gains, largest=1024, share=2),
    Target("gain-tables", readers.read_as_gain_table, seeds_documents.gain_tables, share=2),
    Target("plans", readers.read_as_plan, seeds_documents.plans, share=3),
    Target("reports", readers.read_as_report, seeds_documents.reports, share=2),
    Target("records", readers.read_as_record, seeds_documents.records, "separation.json", share=2),
    Target("cards", readers.read_as_card, seeds_documents.cards, "card.toml", share=2),
    Target("recipes", readers.read_as_recipe, seeds_documents.recipes, "recipe.toml", share=2),
    Target("journals", readers.read_as_journal, seeds_documents.journals, share=1),
    Target("tags", readers.read_as_tags, seeds_sounds.tagged, share=1),
    Target("sounds", readers.read_as_sound, seeds_sounds.sounds, largest=32768, share=0.5),
    Target("checkpoints", readers.read_as_checkpoint, _checkpoints, largest=32768, share=0.5),
    Target("layouts", readers.read_as_layout, _layouts, largest=65536, share=0.5),
)
"""The readers by their names."""
