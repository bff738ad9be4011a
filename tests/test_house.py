"""The walls of the house: who may know what."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import hclarity

PACKAGE = Path(hclarity.__file__).parent
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "models" not in path.parts)
# From the ground up; a package imports only from lower floors and from itself.
FLOORS = (
    {"errors"},
    {"nets", "metrics", "batch"},
    {"audio"},
    {"hearing"},
    {"registry"},
    {"separation", "datasets"},
    {"remixing"},
    {"evaluation"},
    {"training"},
    {"report"},
    {"cli"},
)
FLOOR = {package: number for number, packages in enumerate(FLOORS) for package in packages}
TORCH = ("nets", "separation", "training", "registry/nets.py", "registry/upstream/")
RICH = ("report", "cli")
PLOTS = ("report",)
OPENVINO = (
    "separation/engines/openvino_door.py",
    "separation/engines/conversion.py",
    "separation/engines/rewrites/",
)
FRAMES_FIRST = ("audio/", "datasets/generated/sampled.py")


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path, *, at_run_time: bool = True) -> tuple[str, ...]:
    """Every module that a file names in an import, also inside functions."""
    return tuple(_imports(syntax(path), at_run_time))


def _imports(tree: ast.Module, at_run_time: bool) -> Iterator[str]:
    typing_only = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
        for node in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if at_run_time and id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def package_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "hclarity" and len(parts) > 1 else None


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_fall_to_lower_floors(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own not in FLOOR:
        assert own in {"__init__", "__main__"}
        return
    for module in imports(path, at_run_time=False):
        other = package_of(module)
        if other in FLOOR and other != own:
            assert FLOOR[other] < FLOOR[own], f"{name(path)} imports {module}"


def test_there_are_no_import_loops():
    modules = {f"hclarity.{name(path)[:-3].replace('/', '.')}": path for path in FILES}
    graph = {
        module: {found for found in imports(path) if found in modules}
        for module, path in modules.items()
    }
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, f"import loop: {' -> '.join([*trail, module])}"
        if module not in done:
            for other in graph[module]:
                visit(other, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize(
    ("library", "places"),
    [
        ("torch", TORCH),
        ("rich", RICH),
        ("matplotlib", PLOTS),
        ("torchaudio", ("nets/torchaudio_models.py",)),
        ("openvino", OPENVINO),
    ],
)
def test_a_library_is_known_in_its_places_only(library, places):
    for path in FILES:
        known = any(module.split(".")[0] == library for module in imports(path))
        assert not known or name(path).startswith(places), f"{name(path)} imports {library}"


def test_openvino_comes_through_its_door():
    """Which keeps it from reporting: whoever imports a part of it has been there before."""
    for path in FILES:
        parts = [module for module in imports(path) if module.startswith("openvino")]
        if parts and path.stem != "openvino_door":
            tree = syntax(path)
            top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
            words = "\n".join(ast.unparse(node) for node in top)
            assert "from hclarity.separation.engines.openvino_door import openvino" in words
            assert "from openvino" not in words


def test_openvino_has_one_core():
    """A second one in a process may end it."""
    assert [name(path) for path in FILES if "Core()" in path.read_text(encoding="utf-8")] == [
        "separation/engines/openvino_door.py"
    ]


def test_soundfile_order_stays_with_the_files():
    for path in FILES:
        if "soundfile" in set(imports(path)):
            assert name(path).startswith(FRAMES_FIRST), name(path)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_sample_rates_are_told_by_cards_and_nets(path):
    """File formats, generated songs, and others' files that do not tell theirs, may know a rate."""
    known = (
        "audio/encoding.py",
        "audio/opus.py",
        "datasets/generated/",
        "registry/importing.py",
        "registry/upstream/",
    )
    if name(path).startswith(known):
        return
    tree = syntax(path)
    numbers = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert not numbers & {22050, 44100, 48000}


def test_there_is_no_drawer_for_everything():
    assert not {"utils.py", "helpers.py", "common.py", "misc.py"} & {path.name for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_public_names_are_declared_and_there(path):
    module = ".".join(["hclarity", *path.relative_to(PACKAGE).with_suffix("").parts])
    if path.name in {"__init__.py", "__main__.py"}:
        return
    loaded = importlib.import_module(module)
    assert all(hasattr(loaded, word) for word in loaded.__all__)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["separate", "--no-such-option"]])
def test_quick_answers_load_nothing_heavy(words):
    program = (
        "import sys\nfrom hclarity.cli.app import app\n"
        f"try:\n    app({words!r})\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'openvino', 'scipy', 'av', 'soundfile', 'soxr', 'matplotlib'}\n"
        "heavy &= set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)\nsys.exit(len(heavy))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
