import pytest

from hclarity.errors import BadDataError
from hclarity.nets.bands import SCHEMES, band_count, band_widths, band_widths_by_edges
from hclarity.registry.upstream.band_schemes import scheme_of


@pytest.mark.parametrize("rule", [band_widths, band_widths_by_edges])
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("told", [True, False])
def test_every_scheme_is_found_again(rule, scheme, told):
    widths = rule(scheme, sample_rate=48000, n_fft=2048)
    found = scheme_of(widths, 48000 if told else None, rule)
    assert SCHEMES[found] == SCHEMES[scheme]


def test_bands_of_another_rule_are_not_found():
    widths = band_widths("v7", sample_rate=44100, n_fft=2048)
    assert len(widths) == band_count("v7")
    with pytest.raises(BadDataError, match=r"expected bands of .*5, 5, 4.* got .*4, 4, 4"):
        scheme_of(widths, 44100, band_widths_by_edges)
