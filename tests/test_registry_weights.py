from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Site, serving
from registry_cards import BUNDLED, digest, model, section, unpublished

from hclarity.errors import BadDataError, CannotCreateError, UnavailableError, UsageError
from hclarity.registry import first_use
from hclarity.registry.cards import ModelCard
from hclarity.registry.first_use import digest_path, remember, remembered
from hclarity.registry.places import cached_file, where
from hclarity.registry.weights import checked_digest, resolve_weights, wanted_digest

# As a zip archive begins, which is all that is looked at.
OFFICIAL, CHANGED = b"PK\x03\x04 good", b"PK\x03\x04 else"


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
    site.content = CHANGED
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
    with pytest.raises(UnavailableError, match=f"0 bytes instead of {len(OFFICIAL)}:"):
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


def test_the_checked_digest(card: ModelCard) -> None:
    path, weights = card.folder / "bundled.pt", card.weights["bundled"]
    assert checked_digest(path, weights) == wanted_digest(path, weights) == digest(BUNDLED)


def test_checking_only_reads(tmp_path: Path) -> None:
    card = model(tmp_path, unpublished("page", "https://example.org/weights"))
    path, weights = cached_file(card, "official"), card.weights["official"]
    path.parent.mkdir(parents=True)
    path.write_bytes(b"rubbish")
    assert checked_digest(path, weights) == digest(b"rubbish")
    assert wanted_digest(path, weights) is None
    assert list(path.parent.iterdir()) == [path]


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
    site.content = CHANGED
    with pytest.raises(UnavailableError, match="SHA-256 differs; if it was changed there") as told:
        resolve_weights(card)
    assert f"delete {digest_path(path)}," in str(told.value)
    site.content = OFFICIAL
    assert resolve_weights(card).note == ""
    assert path.read_bytes() == OFFICIAL


def test_what_changed_for_good_is_trusted_anew(tmp_path: Path, site: Site) -> None:
    card = model(tmp_path, unpublished("url", site.url))
    path = resolve_weights(card).path
    path.unlink()
    digest_path(path).unlink()
    site.content = CHANGED
    assert digest(CHANGED) in resolve_weights(card).note


def test_the_advice_fits_the_failure(card: ModelCard, site: Site) -> None:
    site.content = OFFICIAL[::-1]
    with pytest.raises(UnavailableError, match=r"SHA-256 differs$"):
        resolve_weights(card, "official")
    site.content = b""
    with pytest.raises(UnavailableError, match=r"not the wanted file$"):
        resolve_weights(card, "official")
    site.content, site.breaks_off_after = OFFICIAL, 3
    with pytest.raises(UnavailableError, match=r"broke off .*; run `hclarity models pull tiny`"):
        resolve_weights(card, "official")


def test_what_the_server_does_not_have(tmp_path: Path, site: Site) -> None:
    card = model(tmp_path, unpublished("url", site.at("/nothing")))
    with pytest.raises(UnavailableError, match=r"404 Not Found$"):
        resolve_weights(card)


def test_a_log_in_page_is_not_trusted(tmp_path: Path, site: Site) -> None:
    site.content = b"<!DOCTYPE html><html>Welcome</html>"
    card = model(tmp_path, unpublished("url", site.url))
    path = cached_file(card, "official")
    with pytest.raises(UnavailableError, match=r"127.* does not begin as weights do"):
        resolve_weights(card)
    assert not path.exists()
    site.content = OFFICIAL
    assert resolve_weights(card).path.read_bytes() == OFFICIAL


def test_nor_is_one_that_was_put_here(tmp_path: Path) -> None:
    card = model(tmp_path, unpublished("page", "https://example.org/weights"))
    path = cached_file(card, "official")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"<html>")
    with pytest.raises(BadDataError, match=r"official\.pt does not begin as weights do; delete it"):
        resolve_weights(card)
    assert remembered(path) is None


def test_a_place_where_nothing_can_be_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, _: bytes) -> None:
        raise CannotCreateError(f"{path} cannot be created: Permission denied")

    monkeypatch.setattr(first_use, "write_whole", refuse)
    card = model(tmp_path, unpublished("page", "https://example.org/weights"))
    (card.folder / "official.pt").write_bytes(OFFICIAL)
    resolved = resolve_weights(card)
    assert resolved.sha256 == digest(OFFICIAL)
    assert digest(OFFICIAL) in resolved.note
    assert "official.pt.sha256 cannot be created: Permission denied" in resolved.note


def test_a_cache_that_is_a_file(tmp_path: Path, site: Site, cache: Path) -> None:
    card = model(tmp_path, unpublished("url", site.url))
    cache.touch()
    with pytest.raises(CannotCreateError, match="cannot create"):
        resolve_weights(card)


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


def test_the_way_to_them_is_told(tmp_path: Path) -> None:
    place = 'page = "https://example.org/weights"'
    section = unpublished("page", "https://example.org/weights")
    card = model(tmp_path, section.replace(place, f"{place}\npage_path = 'best/one.ckpt'"))
    told = "get best/one.ckpt from https://example.org/weights, then run: .* import one.ckpt --as"
    with pytest.raises(UnavailableError, match=told):
        resolve_weights(card)


def test_another_address_is_fetched_from(tmp_path: Path, site: Site) -> None:
    resolve_weights(model(tmp_path, unpublished("url", site.url)))
    site.content = CHANGED
    card = model(tmp_path, unpublished("url", site.at("/moved")))
    assert where(card, "official") == "to fetch"
    assert resolve_weights(card).path.read_bytes() == CHANGED


def kept_before(card: ModelCard, content: bytes, *, plainly: bool) -> Path:
    """A file that came when nobody had published its digest."""
    undigested = unpublished("url", card.weights["official"].url)
    kept = cached_file(model(card.folder.parent / "before", undigested), "official")
    path = kept.with_name("official.pt") if plainly else kept
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    remember(path, digest(content))
    return path


@pytest.mark.parametrize("plainly", [True, False])
def test_a_published_digest_finds_what_is_here(
    card: ModelCard, site: Site, monkeypatch: pytest.MonkeyPatch, plainly: bool
) -> None:
    path = kept_before(card, OFFICIAL, plainly=plainly)
    monkeypatch.setenv("HCLARITY_OFFLINE", "1")
    assert where(card, "official") == "here"
    resolved = resolve_weights(card)
    assert (resolved.path, resolved.variant, resolved.note) == (path, "official", "")
    assert resolved.sha256 == digest(OFFICIAL)
    assert site.asked == []


@pytest.mark.parametrize("plainly", [True, False])
def test_a_published_digest_finds_out_what_was_wrong(
    card: ModelCard, site: Site, plainly: bool
) -> None:
    path = kept_before(card, b"an impostor", plainly=plainly)
    assert where(card, "official") == "to fetch"
    resolved = resolve_weights(card)
    assert resolved.path == cached_file(card, "official") != path
    assert resolved.path.read_bytes() == OFFICIAL
    assert resolved.note.startswith(f"{path} came before its checksum was published, and is ano")
    assert digest(b"an impostor")[:12] in resolved.note
    assert resolve_weights(card).note == ""
