"""Every distribution against independent closed forms, quantiles and goodness of fit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats
from workload_scenes import demand

from simsched.errors import InputError
from simsched.workload.distributions import law, moments
from simsched.workload.distributions.gamma import Gamma
from simsched.workload.distributions.weibull import Weibull
from simsched.workload.streams import Streams

MS = 1e-3

EXAMPLES = {
    "exponential": {"exponential": "10ms"},
    "lognormal by mean": {"lognormal": {"mean": "40ms", "cv": 1.2}},
    "lognormal by percentiles": {"lognormal": {"p50": "30ms", "p99": "400ms"}},
    "gamma by mean": {"gamma": {"mean": "40ms", "cv": 0.5}},
    "spread gamma": {"gamma": {"mean": "40ms", "cv": 2.5}},
    "gamma by percentiles": {"gamma": {"p50": "30ms", "p99": "400ms"}},
    "erlang": {"erlang": {"mean": "12ms", "stages": 3}},
    "hyperexponential": {"hyperexponential": {"mean": "20ms", "cv": 3.0}},
    "uniform": {"uniform": {"low": "5ms", "high": "15ms"}},
    "weibull by mean": {"weibull": {"mean": "40ms", "cv": 1.7}},
    "narrow weibull": {"weibull": {"mean": "40ms", "cv": 0.1}},
    "weibull by percentiles": {"weibull": {"p50": "30ms", "p99": "400ms"}},
    "pareto": {"pareto": {"low": "1ms", "high": "10s", "shape": 1.5}},
    "pareto of shape 1": {"pareto": {"low": "1ms", "high": "10s", "shape": 1.0}},
    "pareto of shape 2": {"pareto": {"low": "1ms", "high": "10s", "shape": 2.0}},
}

P50_P99 = stats.norm.ppf(0.99)

REFERENCES = {
    "exponential": stats.expon(scale=10 * MS),
    "lognormal by mean": stats.lognorm(
        np.sqrt(np.log(1 + 1.2**2)), scale=40 * MS / np.sqrt(1 + 1.2**2)
    ),
    "lognormal by percentiles": stats.lognorm(np.log(400 / 30) / P50_P99, scale=30 * MS),
    "gamma by mean": stats.gamma(4, scale=10 * MS),
    "spread gamma": stats.gamma(0.16, scale=250 * MS),
    "erlang": stats.erlang(3, scale=4 * MS),
    "uniform": stats.uniform(5 * MS, 10 * MS),
    "pareto": stats.truncpareto(1.5, 10_000, scale=1 * MS),
    "pareto of shape 1": stats.truncpareto(1.0, 10_000, scale=1 * MS),
    "pareto of shape 2": stats.truncpareto(2.0, 10_000, scale=1 * MS),
    "weibull by percentiles": stats.weibull_min(
        np.log(np.log(100) / np.log(2)) / np.log(400 / 30),
        scale=30 * MS / np.log(2) ** (np.log(400 / 30) / np.log(np.log(100) / np.log(2))),
    ),
}

each_example = pytest.mark.parametrize("name", EXAMPLES)
each_reference = pytest.mark.parametrize("name", REFERENCES)


def seconds(written, n, name="test"):
    return law(demand(written)).sampler(Streams(1, 1, name))(n) / 1e9


@each_reference
def test_moments_are_those_of_the_textbook(name):
    got, reference = moments(demand(EXAMPLES[name])), REFERENCES[name]
    assert got.mean_s == pytest.approx(reference.mean(), rel=1e-9)
    assert got.variance_s2 == pytest.approx(reference.var(), rel=1e-9)


@pytest.mark.parametrize("shape", [0.5, 1.0, 1.5, 2.0, 3.0, 40.0])
def test_pareto_moments_are_the_integrals_of_its_density(shape):
    low, high = 1 * MS, 10 * MS
    got = moments(demand({"pareto": {"low": "1ms", "high": "10ms", "shape": shape}}))
    mass, mean, square = (
        integrate.quad(lambda x, k=k: x ** (k - shape - 1), low, high, epsrel=1e-13)[0]
        for k in (0, 1, 2)
    )
    assert got.mean_s == pytest.approx(mean / mass, rel=1e-9)
    assert got.variance_s2 == pytest.approx(square / mass - (mean / mass) ** 2, rel=1e-9)


@each_reference
def test_draws_fit_the_distribution_of_the_textbook(name):
    draws = seconds(EXAMPLES[name], 20_000)
    assert stats.kstest(draws, REFERENCES[name].cdf).pvalue > 0.001


@each_example
def test_sample_means_lie_in_their_confidence_interval(name):
    expected, n = moments(demand(EXAMPLES[name])), 200_000
    mean = seconds(EXAMPLES[name], n).mean()
    assert abs(mean - expected.mean_s) < stats.norm.ppf(0.9995) * np.sqrt(expected.variance_s2 / n)


@pytest.mark.parametrize("family", ["lognormal", "gamma", "weibull"])
@pytest.mark.parametrize("cv", [1e-7, 1e-4, 0.01, 0.3, 1.0, 2.0, 7.5, 100.0])
def test_mean_and_cv_are_honoured(family, cv):
    got = moments(demand({family: {"mean": "40ms", "cv": cv}}))
    assert got.mean_s == pytest.approx(0.04, rel=1e-9)
    assert got.cv == pytest.approx(cv, rel=1e-9)


@pytest.mark.parametrize("cv", [1.0, 1.001, 3.0, 50.0])
def test_hyperexponential_honours_mean_and_cv_with_balanced_means(cv):
    mixture = law(demand({"hyperexponential": {"mean": "40ms", "cv": cv}}))
    assert mixture.moments().mean_s == pytest.approx(0.04, rel=1e-9)
    assert mixture.moments().cv == pytest.approx(cv, rel=1e-9)
    contributions = [
        p * part.mean for p, part in zip(mixture.probabilities, mixture.laws, strict=True)
    ]
    assert contributions == pytest.approx([0.02e9, 0.02e9], rel=1e-9)


@pytest.mark.parametrize("family", ["lognormal", "gamma", "weibull"])
@pytest.mark.parametrize("p99", [31, 60, 400, 30_000])
def test_percentiles_are_honoured(family, p99):
    written = {family: {"p50": "30ms", "p99": f"{p99}ms"}}
    fitted = law(demand(written))
    reference = {
        "lognormal": lambda: stats.lognorm(fitted.sigma, scale=np.exp(fitted.mu)),
        "gamma": lambda: stats.gamma(fitted.shape, scale=fitted.scale),
        "weibull": lambda: stats.weibull_min(fitted.shape, scale=fitted.scale),
    }[family]()
    assert reference.ppf([0.5, 0.99]) / 1e6 == pytest.approx([30, p99], rel=1e-8)
    assert (fitted.mean, fitted.variance) == pytest.approx(reference.stats("mv"), rel=1e-8)
    if p99 <= 400:
        draws = seconds(written, 20_000)
        assert stats.kstest(draws * 1e9, reference.cdf).pvalue > 0.001


def test_empirical_draws_each_value_equally_often():
    written = {"empirical": {"values": ("1ms", "2ms", "2ms", "9ms")}}
    values, counts = np.unique(seconds(written, 40_000), return_counts=True)
    assert values.tolist() == [0.001, 0.002, 0.009]
    assert stats.chisquare(counts, [10_000, 20_000, 10_000]).pvalue > 0.001
    got = moments(demand(written))
    assert got.mean_s == pytest.approx(3.5 * MS, rel=1e-12)
    assert got.variance_s2 == pytest.approx(np.var([1, 2, 2, 9]) * 1e-6, rel=1e-12)


def test_a_mixture_has_the_moments_of_total_expectation_and_variance():
    hit = {"weight": 3, "duration": "1ms"}
    miss = {"weight": 1, "duration": {"exponential": "20ms"}}
    written = {"mixture": (hit, miss)}
    got = moments(demand(written))
    mean = 0.75 * 1 + 0.25 * 20
    square = 0.75 * 1 + 0.25 * 2 * 20**2
    assert got.mean_s == pytest.approx(mean * 1e-3, rel=1e-12)
    assert got.variance_s2 == pytest.approx((square - mean**2) * 1e-6, rel=1e-12)
    draws = seconds(written, 40_000)
    assert stats.binomtest(int((draws == 0.001).sum()), 40_000, 0.75).pvalue > 0.001
    assert stats.kstest(draws[draws != 0.001], stats.expon(scale=0.02).cdf).pvalue > 0.001


def test_equal_components_of_a_mixture_draw_independently():
    part = {"weight": 1, "duration": {"exponential": "20ms"}}
    draws = seconds({"mixture": (part, part)}, 1000)
    assert len(np.unique(draws)) == 1000


def test_a_shift_moves_the_mean_and_keeps_the_variance():
    got = moments(demand({"shifted": {"by": "5ms", "duration": {"exponential": "10ms"}}}))
    assert (got.mean_s, got.variance_s2) == pytest.approx((15 * MS, 1e-4), rel=1e-12)
    assert (
        seconds({"shifted": {"by": "5ms", "duration": {"exponential": "10ms"}}}, 1000).min() > 5e-3
    )


def test_a_constant_never_varies():
    assert (moments(demand("7ms")).mean_s, moments(demand("7ms")).variance_s2) == (0.007, 0)
    assert set(seconds("7ms", 10)) == {0.007}


def test_nothing_has_a_cv_when_its_mean_is_zero():
    assert moments(demand(0)).cv is None


def test_percentiles_that_no_gamma_has_are_refused():
    with pytest.raises(
        InputError, match="no gamma distribution fits a p99 of 1e\\+40 times the p50"
    ):
        Gamma.from_percentiles(1, 1e40)


def test_a_cv_that_no_weibull_has_is_refused():
    with pytest.raises(
        InputError, match="no Weibull distribution can be fitted to a cv of 1e\\+30"
    ):
        Weibull.from_mean_cv(1e6, 1e30)


@pytest.mark.parametrize("shape", [0.2, 1.0, 3.0, 100.0])
def test_a_narrow_pareto_varies_like_a_uniform(shape):
    got = moments(demand({"pareto": {"low": "10ms", "high": "10.00001ms", "shape": shape}}))
    assert got.variance_s2 == pytest.approx((1e-8) ** 2 / 12, rel=1e-4)


@pytest.mark.parametrize("shape", [0.2, 3.0, 100.0])
def test_the_variance_of_a_pareto_does_not_jump_where_it_is_computed_in_another_way(shape):
    below, above = (
        moments(demand({"pareto": {"low": "10ms", "high": high, "shape": shape}})).variance_s2
        for high in ("20ms", "20.000001ms")
    )
    assert below == pytest.approx(above, rel=1e-6)
