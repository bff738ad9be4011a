import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest
from registry_cards import write_card

import hclarity
from hclarity.errors import HclarityError, MissingInputError, UsageError
from hclarity.registry.models import available_models, find_card, readable_cards, user_models


@pytest.fixture(autouse=True)
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HCLARITY_MODELS", str(tmp_path / "users"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "users").mkdir()
    return tmp_path / "users"


def test_demucs_comes_with_hclarity() -> None:
    assert "demucs" in available_models()
    card = find_card("demucs")
    assert card.stems == ("drums", "bass", "other", "vocals")
    assert (card.sample_rate, card.channels) == (44100, 2)
    official = card.weights["official"]
    assert official.bytes == 334_697_255
    assert official.sha256.startswith("a004b279")
    assert official.seen == ("musdb/train", "musdb/test")
    assert "bundled" in card.weights


def test_finds_the_users_models_by_name(users: Path) -> None:
    write_card(users / "mine")
    (users / "fetched-weights-only").mkdir()
    assert {"demucs", "mine"} < set(available_models())
    assert "fetched-weights-only" not in available_models()
    assert list(available_models()) == sorted(available_models())
    assert find_card("mine").folder == users / "mine"


def test_the_users_model_wins(users: Path) -> None:
    write_card(users / "demucs")
    assert find_card("demucs").title == "Tiny"


def test_a_name_wins_over_a_folder_here(tmp_path: Path) -> None:
    write_card(tmp_path / "demucs")
    assert find_card("demucs").title == "Hybrid Demucs"
    assert find_card("./demucs").title == "Tiny"
    assert find_card(tmp_path / "demucs").title == "Tiny"


def test_finds_a_folder_or_a_card(tmp_path: Path) -> None:
    card = write_card(tmp_path / "somewhere")
    for words in ("somewhere", "somewhere/card.toml", tmp_path / "somewhere", card):
        assert find_card(words).name == "somewhere"


def test_an_unknown_name() -> None:
    with pytest.raises(UsageError, match=r"'demux' \(did you mean 'demucs'\?\); see `hcl"):
        find_card("demux")


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 5000])
def test_a_name_that_no_file_can_have(name: str) -> None:
    with pytest.raises((UsageError, MissingInputError)):
        find_card(name)


@pytest.mark.parametrize("path", ["runs/nothing", "nothing.toml", "/nothing/at/all"])
def test_a_path_that_leads_nowhere(path: str) -> None:
    with pytest.raises(MissingInputError, match="nothing"):
        find_card(path)


def test_no_name_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_card(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no model named ''"):
        find_card("")
    assert find_card(".").title == "Tiny"


def test_a_folder_without_a_card(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingInputError, match=r"empty/card\.toml"):
        find_card("empty")


def test_a_card_with_a_mistake_hides_no_other(users: Path) -> None:
    write_card(users / "broken", "title = 3")
    told: list[HclarityError] = []
    names = [card.name for card in readable_cards(told.append)]
    assert names == [name for name in available_models() if name != "broken"]
    (error,) = told
    assert "broken" in str(error)


def test_without_a_word_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCLARITY_MODELS", "")
    cache = Path(platformdirs.user_cache_dir("hclarity", appauthor=False))
    assert user_models() == cache / "models"


def test_an_installed_package_holds_its_own_models(tmp_path: Path) -> None:
    """As in a wheel, where the models lie inside the package."""
    source = Path(hclarity.__file__).parent
    package = tmp_path / "site" / "hclarity"
    shutil.copytree(source / "registry", package / "registry")
    for file in ("__init__.py", "errors.py"):
        shutil.copy(source / file, package / file)
    write_card(package / "models" / "inside")
    words = "from hclarity.registry.models import *; print(*available_models())"
    told = subprocess.run(
        [sys.executable, "-c", words], cwd=tmp_path / "site", capture_output=True, check=True
    )
    assert told.stdout.split() == [b"inside"]


def test_finding_a_model_needs_no_torch() -> None:
    words = (
        "import sys; import hclarity.registry.models, hclarity.registry.weights;"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", words], check=True, cwd=Path(__file__).parent.parent)
