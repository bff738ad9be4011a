from pathlib import Path

import pytest
from registry_cards import BUNDLED, model, section, unpublished

from hclarity.registry.places import cached_file, earlier_files, find_weights, where


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HCLARITY_MODELS", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_where(tmp_path: Path) -> None:
    url = "https://example.org/weights"
    card = model(tmp_path, section("official", b"good", url), section("bundled", BUNDLED))
    by_hand = model(tmp_path / "other", unpublished("page", url))
    assert where(by_hand, "official") == "by hand"
    assert (where(card, "official"), where(card, "bundled")) == ("to fetch", "here")
    assert find_weights(card, "official") is None
    cached_file(card, "official").parent.mkdir(parents=True)
    cached_file(card, "official").touch()
    assert where(card, "official") == "here"
    assert find_weights(card, "official") == cached_file(card, "official")
    (card.folder / "bundled.pt").unlink()
    assert where(card, "bundled") == "missing"


def test_new_weights_get_a_new_place(tmp_path: Path) -> None:
    places = {
        cached_file(model(tmp_path, section("official", content)), "official")
        for content in (b"first", b"second")
    }
    assert len(places) == 2


@pytest.mark.parametrize("place", ["url", "page"])
def test_so_do_undigested_ones_of_another_address(tmp_path: Path, place: str) -> None:
    first, again, second = (
        cached_file(model(tmp_path, unpublished(place, f"https://example.org/{name}")), "official")
        for name in ("a", "a", "b")
    )
    assert first == again != second
    assert {path.name[8:] for path in (first, second)} == {"-official.pt"}


def test_files_from_before_their_digest_was_published(tmp_path: Path, cache: Path) -> None:
    url = "https://example.org/weights"
    undigested = cached_file(model(tmp_path, unpublished("url", url)), "official")
    card = model(tmp_path, section("official", b"good", url))
    assert list(earlier_files(card, "official")) == []
    (cache / "tiny").mkdir(parents=True)
    undigested.write_bytes(b"bad")
    assert find_weights(card, "official") is None
    plain = cache / "tiny" / "official.pt"
    plain.write_bytes(b"good")
    assert list(earlier_files(card, "official")) == [undigested, plain]
    assert find_weights(card, "official") == plain
    cached_file(card, "official").write_bytes(b"unchecked")
    assert find_weights(card, "official") == cached_file(card, "official")


def test_a_plain_name_vouches_for_no_address(tmp_path: Path, cache: Path) -> None:
    card = model(tmp_path, unpublished("url", "https://example.org/weights"))
    (cache / "tiny").mkdir(parents=True)
    (cache / "tiny" / "official.pt").touch()
    assert find_weights(card, "official") is None
    assert list(earlier_files(card, "official")) == []
