import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from training_songs import RECIPE, write_recipe

from hclarity.errors import ConfigurationError, MissingInputError, UsageError
from hclarity.training.recipe import differences, read_recipe, recipe_text
from hclarity.training.recipe_places import available_recipes, find_recipe, run_name

SHIPPED = sorted((Path(__file__).parent.parent / "models").glob("*/*.toml"))
SHIPPED = [path for path in SHIPPED if path.name in ("recipe.toml", "mini.toml")]


@pytest.mark.parametrize("path", SHIPPED, ids=run_name)
def test_a_recipe_that_ships_is_valid_and_written_as_it_is_read(path, tmp_path):
    recipe = read_recipe(path)
    copy = tmp_path / "recipe.toml"
    copy.write_text(recipe_text(recipe), encoding="utf-8")
    assert read_recipe(copy) == recipe
    assert differences(read_recipe(copy), recipe) == []


def test_recipes_that_ship_are_found_by_name():
    assert {"demucs", "demucs-mini"} <= set(available_recipes())
    for name in available_recipes():
        assert run_name(find_recipe(name)) == name


def test_recipes_elsewhere_are_found_by_path(tmp_path, monkeypatch):
    path = write_recipe(tmp_path)
    assert find_recipe(str(path)) == path
    path.rename(tmp_path / "recipe.toml")
    assert find_recipe(str(tmp_path)) == tmp_path / "recipe.toml"
    with pytest.raises(UsageError, match=r"no recipe for 'demux' \(did you mean 'demucs'\?\)"):
        find_recipe("demux")
    with pytest.raises(MissingInputError, match=r"no recipe at nowhere\.toml"):
        find_recipe("nowhere.toml")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("sead=3", r"unknown key sead \(did you mean 'seed'\?\)"),
        ("data.crop_second=3", r"unknown key data\.crop_second \(did you mean 'crop_seconds'\?\)"),
        ("augmentation.swop=0.5", r"unknown key augmentation\.swop \(did you mean 'swap'\?\)"),
        ("optimiser.clipp=3", r"unknown key optimiser\.clipp \(did you mean 'clip'\?\)"),
        ("schedule.warmpu=3", r"unknown key schedule\.warmpu \(did you mean 'warmup'\?\)"),
        ("run.setps=3", r"unknown key run\.setps \(did you mean 'steps'\?\)"),
        ("model.titel=3", r"unknown key model\.titel \(did you mean 'title'\?\)"),
        ("arguments.width=[4]", "arguments must be a table of texts, numbers and truth values"),
        ("arguments.width=2026-01-31", "arguments must be a table of texts, numbers and truth"),
        ("arguments.width=nan", "arguments must be a table of texts, numbers and truth values"),
        ("run.steps=0", "run.steps must be above 0, got 0"),
        ("run.batch=two", "run.batch must be a whole number, got 'two'"),
        ("run.averaging=1.0", "run.averaging must be from 0 to below 1, got 1.0"),
        ("run.precision=fp8", "run.precision must be one of fp32, bf16, fp16, got 'fp8'"),
        ("optimiser.learning_rate=0", "optimiser.learning_rate must be above 0"),
        ("optimiser.name=adan", r"optimiser.name must be .* \(did you mean 'adam'\?\)"),
        ("optimiser.betas=[0.9]", "optimiser.betas must be a list of two numbers"),
        ("optimiser.betas=[0.9, 1.0]", "optimiser.betas must be from 0 to below 1"),
        ("schedule.name=cosin", r"schedule.name must be .* \(did you mean 'cosine'\?\)"),
        ("schedule.factor=0", "schedule.factor must be above 0"),
        ("loss.name=l3", "loss.name must be one of"),
        ("loss.floor=high", "loss.floor must be a number"),
        ("data.coherent=1.5", "data.coherent must be from 0 to 1"),
        ("data.crop_seconds=0", "data.crop_seconds must be above 0"),
        ("model.overlap=1", "model.overlap must be from 0 to below 1"),
        ("stems=[]", "stems must be named once each"),
        ('stems=["bass", "bass"]', "stems must be named once each"),
        ("channels=0", "channels must be above 0"),
        ("seed=-1", "seed must be 0 or more"),
        ("seed.of=3", "seed is not a section"),
    ],
)
def test_a_wrong_recipe_is_refused_in_one_line(tmp_path, setting, told):
    path = write_recipe(tmp_path)
    with pytest.raises(ConfigurationError, match=told) as refusal:
        read_recipe(path, [setting])
    assert "\n" not in str(refusal.value)


def test_what_is_missing_or_broken_is_told_with_the_file(tmp_path):
    path = write_recipe(tmp_path, RECIPE.replace("steps = 6", ""))
    with pytest.raises(ConfigurationError, match=r"tiny\.toml: the key run\.steps is missing"):
        read_recipe(path)
    path = write_recipe(tmp_path, RECIPE.replace('name = "thresholded-snr"', ""))
    with pytest.raises(ConfigurationError, match=r"the key loss\.name is missing"):
        read_recipe(path)
    path = write_recipe(tmp_path, "seed")
    with pytest.raises(ConfigurationError, match="not a TOML file"):
        read_recipe(path)


def test_settings_are_as_in_the_file(tmp_path):
    path = write_recipe(tmp_path)
    settings = [
        "run.steps=7",
        "optimiser.learning_rate=3e-4",
        "loss.name=si-sdr",  # a word, without its quotation marks
        "loss.floor=1e-3",
        'stems=["vocals"]',
        "arguments.N=16",
        "model.half=true",
    ]
    recipe = read_recipe(path, settings)
    assert (recipe.run.steps, recipe.optimiser.learning_rate) == (7, 3e-4)
    assert (recipe.loss.name, recipe.loss.parameters) == ("si-sdr", {"floor": 1e-3})
    assert (recipe.stems, recipe.arguments["N"]) == (("vocals",), 16)
    assert recipe.arguments["L"] == 20
    assert recipe.model.half
    for word in ("run.steps", "=3"):
        with pytest.raises(UsageError, match="expected KEY=VALUE"):
            read_recipe(path, [word])


def test_a_recipe_may_extend_another(tmp_path):
    base = write_recipe(tmp_path)
    (tmp_path / "further").mkdir()
    path = tmp_path / "further" / "recipe.toml"
    text = 'extends = "../tiny.toml"\nstems = ["vocals"]\narguments = { N = 8 }\n[run]\nsteps = 9\n'
    path.write_text(text)
    recipe, below = read_recipe(path), read_recipe(base)
    assert recipe.arguments == {"N": 8}  # of the net: given whole
    run = replace(below.run, steps=9)
    assert recipe == replace(below, stems=("vocals",), arguments={"N": 8}, run=run)
    told = differences(recipe, below)
    assert "run.steps is 9, was 6" in told
    assert "arguments.L is None, was 20" in told
    path.write_text('extends = "recipe.toml"')
    with pytest.raises(ConfigurationError, match="extends itself"):
        read_recipe(path)
    path.write_text("extends = 3")
    with pytest.raises(ConfigurationError, match="extends must be a path"):
        read_recipe(path)
    path.write_text('extends = "none.toml"')
    with pytest.raises(MissingInputError, match=r"none\.toml"):
        read_recipe(path)


def test_a_recipe_is_read_without_torch():
    program = (
        "import sys\nimport hclarity.training.recipe, hclarity.training.run_folder\n"
        "import hclarity.training.songs, hclarity.training.recipe_places\n"
        "heavy = {'torch', 'lightning_fabric', 'scipy', 'tensorboard'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    ("base", "told"),
    [("/dev/zero", "is not a file"), ("a\\u0000b", "no file can have that name")],
)
def test_a_recipe_extends_files_only(tmp_path, base, told):
    path = tmp_path / "recipe.toml"
    path.write_text(f'extends = "{base}"\n')
    with pytest.raises(MissingInputError, match=told):
        read_recipe(path)


def test_a_chain_of_recipes_has_an_end(tmp_path):
    for number in range(30):
        (tmp_path / f"{number}.toml").write_text(f'extends = "{number + 1}.toml"\n')
    with pytest.raises(ConfigurationError, match="a chain of more than 8"):
        read_recipe(tmp_path / "0.toml")


def test_the_stems_of_a_recipe_lead_nowhere(tmp_path):
    path = write_recipe(tmp_path)
    with pytest.raises(ConfigurationError, match="a stem must be named with letters"):
        read_recipe(path, ['stems=["../../x"]'])
