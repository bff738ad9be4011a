"""How each kind of file is read, as the commands read it, and to the end."""

import json
from pathlib import Path

from hclarity.audio.reading import AudioReader
from hclarity.audio.tags import read_tags
from hclarity.batch.journal import Journal
from hclarity.cli.earlier_remix import earlier_remix
from hclarity.cli.items import Item
from hclarity.cli.sources import stems_in
from hclarity.hearing.formats.contents import text_in
from hclarity.hearing.formats.gain_tables import read_gain_table
from hclarity.hearing.formats.reading import read_listener, read_listeners
from hclarity.hearing.formats.typed import typed_test
from hclarity.registry.card_writing import card_text
from hclarity.registry.cards import read_card
from hclarity.remixing.gains_file import read_gains
from hclarity.remixing.plan_file import plan_text, read_plan
from hclarity.separation.record import SeparationRecord
from hclarity.training.recipe import read_recipe, recipe_text

__all__ = [
    "read_as_audiogram",
    "read_as_card",
    "read_as_checkpoint",
    "read_as_gain_table",
    "read_as_gains",
    "read_as_journal",
    "read_as_layout",
    "read_as_plan",
    "read_as_recipe",
    "read_as_record",
    "read_as_report",
    "read_as_sound",
    "read_as_tags",
    "read_as_typed",
]

_WORK = {"song": "a", "settings": {"x": 1}}


def read_as_audiogram(path: Path) -> None:
    """Read one listener; then all, as `eval` does."""
    read_listener(path, other_ear="same")
    read_listeners(path)


def read_as_typed(path: Path) -> None:
    """Read what somebody may have typed or pasted."""
    typed_test(path.read_bytes().decode(errors="replace"))


def read_as_gains(path: Path) -> None:
    """Read stem gains."""
    read_gains(path)


def read_as_gain_table(path: Path) -> None:
    """Read insertion gains that an audiologist prescribed."""
    read_gain_table(path)


def read_as_plan(path: Path) -> None:
    """Read a plan; written and read again, it is the same."""
    plan = read_plan(text_in(path, "a gain plan"))
    assert read_plan(plan_text(plan)) == plan


def read_as_report(path: Path) -> None:
    """Read what lies beside a remix."""
    earlier_remix(path)


def read_as_record(path: Path) -> None:
    """Read what lies beside stems, which says how they are named; then look for them."""
    SeparationRecord.from_json(text_in(path, "a record"))
    stems_in(Item.of(path.parent))


def read_as_card(path: Path) -> None:
    """Read a model's card; written and read again, it is the same."""
    card = read_card(path)
    path.write_text(card_text(card), encoding="utf-8")
    assert read_card(path) == card


def read_as_recipe(path: Path) -> None:
    """Read a recipe; written and read again, it is the same."""
    recipe = read_recipe(path)
    path.write_text(recipe_text(recipe), encoding="utf-8")
    assert read_recipe(path) == recipe


def read_as_journal(path: Path) -> None:
    """Go on with a journal; what is added is found again, whatever was there."""
    with Journal(path) as journal:
        journal.add(_WORK, 7)
    with Journal(path) as journal:
        assert journal[_WORK] == 7


def read_as_sound(path: Path) -> None:
    """Hear a file to its end."""
    with AudioReader(path) as reader:
        for _ in reader.blocks():
            pass


def read_as_tags(path: Path) -> None:
    """Read what a song carries beside its sound; nothing is raised whatever that is."""
    tags = read_tags(path)
    assert tags.problem is None or tags.problem.isprintable()


def read_as_checkpoint(path: Path) -> None:
    """Read weights of whatever layout, and look at every number."""
    from hclarity.registry.upstream.evidence import checked_state  # torch takes seconds to load
    from hclarity.registry.upstream.layouts import read_published

    checked_state(read_published(path).state)


def read_as_layout(path: Path) -> None:
    """Translate contents, told as words, of a checkpoint that has been read."""
    from fuzz.tensors_as_words import from_words
    from hclarity.registry.upstream.layouts import recognise

    try:
        told = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return
    if isinstance(told, dict):
        config = told.get("config")
        recognise(from_words(told.get("contents")), config if isinstance(config, dict) else {})
