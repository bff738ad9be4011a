import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registry_cards import write_card

from hclarity.registry.card_writing import card_text
from hclarity.registry.cards import ModelCard, Weights, read_card
from hclarity.registry.models import available_models, find_card

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text("abcXYZ059_.+-", min_size=1, max_size=8).filter(
    lambda name: name[0] not in ".+-" and name[-1] != "."
)


def reread(card: ModelCard, folder: Path) -> ModelCard:
    return replace(
        read_card(write_card(folder, card_text(card))), name=card.name, folder=card.folder
    )


@pytest.mark.parametrize("name", available_models())
def test_what_is_written_of_a_model_is_the_model(name: str, tmp_path: Path) -> None:
    card = find_card(name)
    assert reread(card, tmp_path / "a") == card


def weights(size: int | None) -> st.SearchStrategy[Weights]:
    return st.builds(
        Weights,
        file=NAMES,
        sha256=st.just("none published") if size is None else st.just("ab" * 32),
        licence=TEXTS,
        trained_on=st.lists(TEXTS, max_size=3).map(tuple),
        seen=st.lists(TEXTS, max_size=3).map(tuple),
        bytes=st.just(size),
        url=st.sampled_from(["https://example.org/a?b='%22"]),
        page=st.sampled_from(["", "https://example.org/b"]),
        arguments=st.dictionaries(
            TEXTS, TEXTS | NUMBERS | st.integers(-(2**63), 2**63 - 1) | st.booleans()
        ),
        scores=st.dictionaries(TEXTS, NUMBERS, max_size=3),
    )


CARDS = st.builds(
    ModelCard,
    name=st.just("a"),
    title=TEXTS,
    description=TEXTS,
    net=TEXTS,
    stems=st.lists(NAMES, min_size=1, max_size=4, unique_by=str.lower).map(tuple),
    sample_rate=st.integers(8000, 48000),
    channels=st.integers(1, 8),
    chunk_seconds=st.floats(0.1, 60),
    overlap=st.floats(0, 0.99),
    stride=st.integers(1, 10**5),
    level=st.sampled_from(["deviation", "peak", "-40 LUFS"]),
    weights=st.fixed_dictionaries({"official": weights(None)}, optional={"bundled": weights(7)}),
    folder=st.just(Path("a")),
)


@settings(deadline=None, max_examples=100)
@given(card=CARDS)
def test_every_card_is_read_as_it_was_written(
    card: ModelCard, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert reread(card, tmp_path_factory.mktemp("card")) == card


@given(card=CARDS)
@settings(deadline=None, max_examples=30)
def test_a_terminal_obeys_nothing_of_it(card: ModelCard) -> None:
    text = card_text(card)
    assert text.replace("\n", "").isprintable()
    assert tomllib.loads(text)
