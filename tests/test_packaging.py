"""What a user installs is whole."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    """A wheel built through the source distribution, as a release is."""
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return zipfile.ZipFile(next(out.glob("*.whl")))


def test_the_wheel_holds_cards_recipes_and_weights(wheel):
    for name in ("card.toml", "recipe.toml", "weights.safetensors"):
        inside = wheel.read(f"hclarity/models/demucs/{name}")
        assert inside == (ROOT / "models" / "demucs" / name).read_bytes()


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    names = wheel.namelist()
    assert "hclarity/py.typed" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"hclarity"}
    assert not [name for name in names if "test" in name]


def test_the_installed_command_goes_through_the_door_that_takes_an_early_interrupt(wheel):
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "hclarity = hclarity.__main__:main" in wheel.read(entry_points).decode().splitlines()


def test_the_bundled_weights_are_small_enough_for_a_wheel():
    for weights in (ROOT / "models").glob("*/*.safetensors"):
        assert weights.stat().st_size <= 12_000_000


def test_what_is_pinned_is_within_the_ranges():
    from importlib.metadata import requires

    from packaging.requirements import Requirement

    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line)
    pins = {name.lower(): version for name, version in pins.items()}
    needed = [Requirement(text) for text in requires("hclarity") or []]
    for requirement in needed:
        if requirement.marker is None or "extra" not in str(requirement.marker):
            assert requirement.specifier.contains(pins[requirement.name.lower()]), requirement
