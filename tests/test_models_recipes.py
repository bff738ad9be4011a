"""Every recipe that ships: it can be read, and its net is the one of the card beside it."""

from pathlib import Path

import pytest

from hclarity.registry.cards import read_card
from hclarity.registry.nets import sketch_net
from hclarity.training.losses import build_loss
from hclarity.training.recipe import Recipe, read_recipe

MODELS = Path(__file__).parent.parent / "models"
RECIPES = sorted(path for path in MODELS.glob("*/*.toml") if path.name != "card.toml")


def name(path: Path) -> str:
    return path.relative_to(MODELS).as_posix()


def shapes(recipe: Recipe, arguments: dict[str, object]) -> dict[str, tuple[int, ...]]:
    net = sketch_net(
        recipe.net,
        recipe.stems,
        sample_rate=recipe.sample_rate,
        channels=recipe.channels,
        arguments=arguments,
    )
    return {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}


def test_there_are_recipes_for_all_models_but_those_of_unknown_data():
    without = {path.parent.name for path in MODELS.glob("*/card.toml")}
    without -= {path.parent.name for path in RECIPES}
    assert without == {"bsrnn-amanteur", "hdemucs_mmi"}


@pytest.mark.parametrize("path", RECIPES, ids=name)
def test_a_shipped_recipe_can_be_trained(path):
    recipe = read_recipe(path)
    assert shapes(recipe, recipe.arguments)
    assert build_loss(recipe.loss.name, **recipe.loss.parameters)
    assert recipe.run.batch % recipe.run.accumulate == 0
    named = {*recipe.augmentation.presence}
    if recipe.augmentation.gain:
        named |= {*recipe.augmentation.gain.stems}
    assert named <= {"drums", "bass", "other", "vocals"}


@pytest.mark.parametrize("path", [path for path in RECIPES if path.name == "recipe.toml"], ids=name)
def test_a_recipe_trains_the_model_that_has_the_official_weights(path):
    recipe, card = read_recipe(path), read_card(path.parent / "card.toml")
    for about in ("net", "stems", "sample_rate", "channels"):
        assert getattr(recipe, about) == getattr(card, about)
    assert (recipe.model.level or recipe.augmentation.level) == card.level
    official = card.weights["official"].arguments
    assert shapes(recipe, recipe.arguments) == shapes(recipe, official)
