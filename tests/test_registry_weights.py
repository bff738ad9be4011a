import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Site, serving
from registry_cards import CARD, write_card

from hclarity.errors import BadDataError, UnavailableError, UsageError
from hclarity.registry.cards import ModelCard, read_card
from hclarity.registry.first_use import remembered
from hclarity.registry.weights import cached_file, find_weights, resolve_weights, verify, where

OFFICIAL, BUNDLED = b"large and good", b"small"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def section(variant: str, content: bytes, url: str = "") -> str:
    return f"""
[weights.{variant}]
file = "{variant}.pt"
{f'url = "{url}"' if url else ""}
sha256 = "{digest(content)}"
bytes = {len(content)}
licence = "MIT"
trained_on = []
seen = []
"""


def unpublished(place: str, address: str) -> str:
    """Official weights of which nobody has published size and digest."""
    return f"""
[weights.official]
file = "official.pt"
{place} = "{address}"
sha256 = "none published"
licence = "MIT"
trained_on = []
seen = []
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HCLARITY_MODELS", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("HCLARITY_OFFLINE", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site(OFFICIAL)) as site:
        yield site


def model(folder: Path, *sections: str) -> ModelCard:
    card = write_card(folder / "tiny", CARD.split("[weights")[0] + "".join(sections))
    (folder / "tiny" / "bundled.pt").write_bytes(BUNDLED)
    return read_card(card)


@pytest.fixture
def card(tmp_path: Path, site: Site) -> ModelCard:
    official = section("official", OFFICIAL, site.url)
    return model(tmp_path, official, section("bundled", BUNDLED))


def test_auto_fetches_the_official_ones_once(card: ModelCard, site: Site, cache: Path) -> None:
    told: list[tuple[int, int | None]] = []
    for _ in range(2):
        resolved = resolve_weights(card, "auto", lambda *now: told.append(now))
        assert (resolved.variant, resolved.note) == ("official", "")
        assert resolved.path == cached_file(card, "official")
        assert resolved.path.is_relative_to(cache / "tiny")
        assert resolved.path.read_bytes() == OFFICIAL
        assert resolved.sha256 == digest(OFFICIAL)
    assert site.asked == [""]
    assert told == [(0, len(OFFICIAL)), (len(OFFICIAL), len(OFFICIAL))]


def test_auto_falls_back_and_says_so(card: ModelCard, site: Site) -> None:
    site.content = b"something else"
    resolved = resolve_weights(card)
    assert resolved.variant == "bundled"
    assert resolved.path.read_bytes() == BUNDLED
    assert resolved.note.startswith("using the small bundled weights of tiny")
    assert "SHA-256 differs" in resolved.note
    assert "\n" not in resolved.note


def test_offline_auto(card: ModelCard, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCLARITY_OFFLINE", "1")
    resolved = resolve_weights(card)
    assert resolved.variant == "bundled"
    assert "HCLARITY_OFFLINE is set" in resolved.note
    assert "run `hclarity models pull tiny` with a network connection" in resolved.note
    assert site.asked == []


def test_offline_uses_what_is_in_the_cache(
    card: ModelCard, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_weights(card)
    monkeypatch.setenv("HCLARITY_OFFLINE", "1")
    assert resolve_weights(card).variant == "official"
    assert resolve_weights(card, "official").note == ""


def test_a_cache_that_cannot_be_written(card: ModelCard, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    resolved = resolve_weights(card)
    assert resolved.variant == "bundled"
    assert "cannot create" in resolved.note


def test_official_means_official(card: ModelCard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCLARITY_OFFLINE", "1")
    with pytest.raises(UnavailableError, match="HCLARITY_OFFLINE is set; run `hclarity models pu"):
        resolve_weights(card, "official")


def test_bundled_means_bundled(card: ModelCard, site: Site) -> None:
    resolved = resolve_weights(card, "bundled")
    assert (resolved.variant, resolved.note) == ("bundled", "")
    assert site.asked == []


def test_a_model_of_ones_own_has_nothing_to_warn_of(tmp_path: Path) -> None:
    card = model(tmp_path, section("bundled", BUNDLED))
    resolved = resolve_weights(card)
    assert (resolved.variant, resolved.note) == ("bundled", "")
    with pytest.raises(UsageError, match="tiny has no official weights; it has bundled"):
        resolve_weights(card, "official")


def test_nothing_to_fall_back_on(tmp_path: Path, site: Site) -> None:
    site.content = b""
    card = model(tmp_path, section("official", OFFICIAL, site.url))
    with pytest.raises(UnavailableError, match="0 bytes instead of 14"):
        resolve_weights(card)


def test_official_weights_beside_the_card_come_first(card: ModelCard, site: Site) -> None:
    beside = card.folder / "official.pt"
    beside.write_bytes(OFFICIAL)
    assert resolve_weights(card).path == beside
    assert site.asked == []


def test_bundled_weights_that_are_missing(tmp_path: Path) -> None:
    card = model(tmp_path, section("bundled", BUNDLED))
    (card.folder / "bundled.pt").unlink()
    with pytest.raises(UnavailableError, match=r"tiny are not here: there is no .*bundled\.pt"):
        resolve_weights(card)


@pytest.mark.parametrize(
    ("content", "told"), [(b"smalL", "has SHA-256 "), (b"smaller", "has 7 bytes, its card says 5")]
)
def test_bundled_weights_that_are_others(card: ModelCard, content: bytes, told: str) -> None:
    (card.folder / "bundled.pt").write_bytes(content)
    with pytest.raises(BadDataError, match=told) as refused:
        resolve_weights(card, "bundled")
    assert str(card.folder / "bundled.pt") in str(refused.value)


def test_a_spoilt_cache_is_not_passed_over(card: ModelCard) -> None:
    resolve_weights(card)
    cached = cached_file(card, "official")
    cached.write_bytes(OFFICIAL[::-1])
    with pytest.raises(BadDataError, match="delete it and get it again") as refused:
        resolve_weights(card)
    assert str(cached) in str(refused.value)


def test_verify(card: ModelCard) -> None:
    assert verify(card.folder / "bundled.pt", card.weights["bundled"]) == digest(BUNDLED)


def test_trust_on_first_use(tmp_path: Path, site: Site) -> None:
    card = model(tmp_path, unpublished("url", site.url))
    first, second = resolve_weights(card), resolve_weights(card)
    assert first.path == second.path == cached_file(card, "official")
    assert first.sha256 == second.sha256 == digest(OFFICIAL)
    assert digest(OFFICIAL) in first.note
    assert (second.note, site.asked) == ("", [""])


def test_what_changes_after_its_first_use_is_refused(tmp_path: Path, site: Site) -> None:
    card = model(tmp_path, unpublished("url", site.url))
    path = resolve_weights(card).path
    path.write_bytes(OFFICIAL[::-1])
    with pytest.raises(BadDataError, match=r"at first it had .*; delete it and get it again"):
        resolve_weights(card)
    path.unlink()
    site.content = OFFICIAL[::-1]
    with pytest.raises(UnavailableError, match="SHA-256 differs"):
        resolve_weights(card)
    site.content = OFFICIAL
    assert resolve_weights(card).note == ""
    assert path.read_bytes() == OFFICIAL


def test_a_file_got_by_hand_is_remembered_too(tmp_path: Path) -> None:
    card = model(tmp_path, unpublished("page", "https://example.org/weights"))
    path = cached_file(card, "official")
    path.parent.mkdir(parents=True)
    path.write_bytes(OFFICIAL)
    assert "official.pt" in resolve_weights(card).note
    assert resolve_weights(card).note == ""
    assert remembered(path) == digest(OFFICIAL)


def test_weights_that_a_person_must_get(tmp_path: Path) -> None:
    card = model(tmp_path, unpublished("page", "https://example.org/weights"))
    told = (
        "get official.pt from https://example.org/weights,"
        " then run: hclarity models import official.pt --as tiny"
    )
    with pytest.raises(UnavailableError, match=told):
        resolve_weights(card)


def test_where(tmp_path: Path, card: ModelCard) -> None:
    by_hand = model(tmp_path / "other", unpublished("page", "https://example.org/weights"))
    assert where(by_hand, "official") == "by hand"
    assert (where(card, "official"), where(card, "bundled")) == ("to fetch", "here")
    assert find_weights(card, "official") is None
    resolve_weights(card)
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
