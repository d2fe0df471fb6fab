"""Mistakes in the statistics that the tests must notice, for ``mutations.py``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutation:
    """One mistake: in *file*, *before* becomes *after*; the modules *quick* should notice.

    ``file`` is below ``simsched``; ``quick`` are the words after ``test_stats_``, with spaces.
    """

    name: str
    file: str
    before: str
    after: str
    quick: str

    @property
    def tests(self) -> tuple[str, ...]:
        """The test files that should notice."""
        return tuple(f"tests/statistics/test_stats_{word}.py" for word in self.quick.split())


MUTATIONS = (
    # intervals
    Mutation(
        "standard error without the square root of n",
        "statistics/interval.py",
        "return math.sqrt(variance / replications)",
        "return math.sqrt(variance) / replications",
        "summary verdicts stopping holm",
    ),
    Mutation(
        "standard deviation in place of the standard error",
        "statistics/interval.py",
        "return math.sqrt(variance / replications)",
        "return math.sqrt(variance)",
        "summary verdicts stopping holm",
    ),
    Mutation(
        "variance over n in place of n - 1",
        "statistics/interval.py",
        "float(np.sum(influence**2)) / (replications - 1)",
        "float(np.sum(influence**2)) / replications",
        "summary verdicts stopping holm",
    ),
    Mutation(
        "degrees of freedom n in place of n - 1",
        "statistics/interval.py",
        "t_quantile((1 + confidence) / 2, len(influence) - 1)",
        "t_quantile((1 + confidence) / 2, len(influence))",
        "summary verdicts stopping holm",
    ),
    Mutation(
        "one-sided intervals called two-sided",
        "statistics/interval.py",
        "t_quantile((1 + confidence) / 2, len(influence) - 1)",
        "t_quantile(confidence, len(influence) - 1)",
        "summary verdicts stopping holm",
    ),
    Mutation(
        "one-sided p-values",
        "statistics/interval.py",
        "return 2 * student.beyond(",
        "return student.beyond(",
        "holm",
    ),
    Mutation(
        "mean of replications' means in place of the ratio estimator",
        "statistics/measurement.py",
        "value = float(np.sum(numerator)) / total\n",
        "value = float(np.nanmean(values))\n",
        "summary time_spent parts",
    ),
    Mutation(
        "ratio estimator without the covariance of its parts",
        "statistics/measurement.py",
        "(numerator - value * denominator) / np.mean(denominator)",
        "(numerator - np.mean(numerator)) / np.mean(denominator)",
        "summary time_spent parts",
    ),
    # warm-up and windows
    Mutation(
        "the warm-up is left in",
        "statistics/replication.py",
        "Window(trace, cut.time_ns, span=span)",
        "Window(trace, 0 * cut.time_ns, span=span)",
        "summary parts warmup",
    ),
    Mutation(
        "a replication is cut where it settles itself",
        "statistics/warmup.py",
        "(series[own] if len(series) > 1 else 0)",
        "0 * series[own]",
        "warmup",
    ),
    Mutation(
        "each server is cut by itself",
        "statistics/warmup.py",
        "max(cut.time_ns, min(time_ns, run.half_ns))",
        "cut.time_ns",
        "warmup appraisal",
    ),
    Mutation(
        "throughput over the whole run, warm-up included",
        "statistics/window.py",
        "return max(0, self.end_ns - self.start_ns)",
        "return max(0, self.end_ns)",
        "summary parts",
    ),
    Mutation(
        "completions of the warm-up count",
        "statistics/window.py",
        "done &= finish > self.start_ns",
        "done &= finish > 0",
        "summary",
    ),
    Mutation(
        "work for clients that gave up is forgotten",
        "statistics/presence.py",
        "yield trace.late_cpu_ns, np",
        "yield 0 * trace.late_cpu_ns, np",
        "summary",
    ),
    Mutation(
        "work for clients that gave up is spread from their arrival on",
        "statistics/presence.py",
        "np.maximum(start, finish)",
        "np.minimum(start, finish)",
        "summary",
    ),
    Mutation(
        "MSER divides by n in place of its square",
        "statistics/warmup.py",
        "(spread / count**2)",
        "(spread / count)",
        "warmup",
    ),
    Mutation(
        "MSER may cut to the last points",
        "statistics/warmup.py",
        "[:-BATCH]",
        "[:-1]",
        "warmup",
    ),
    # batch means
    Mutation(
        "correlated batches are believed",
        "statistics/interval.py",
        "if lag1(batches) > critical(len(batches))",
        "if lag1(batches) > 2",
        "batch_means contrast",
    ),
    Mutation(
        "a run is cut into batches that leave its end out",
        "statistics/window.py",
        "edges[-1] = window.end_ns + 1",
        "edges[-1] = window.end_ns",
        "batch_means",
    ),
    Mutation(
        "the check of batches refuses twice as often",
        "statistics/interval.py",
        "normal_quantile(1 - SIGNIFICANCE)",
        "normal_quantile(1 - 2 * SIGNIFICANCE)",
        "batch_means",
    ),
    # quantiles
    Mutation(
        "a quantile of one replication is told for all",
        "statistics/quantile.py",
        "return merged(self.columns)",
        "return self.columns[0]",
        "quantile summary",
    ),
    Mutation(
        "a quantile is told from a single point in its tail",
        "statistics/quantile.py",
        "TAIL = 5",
        "TAIL = 1",
        "quantile wording",
    ),
    Mutation(
        "an interval of a quantile without the spread of its share",
        "statistics/batch_means.py",
        "(low - probability * counts) / counts.mean()",
        "(low - probability * counts) / counts.sum()",
        "batch_means quantile",
    ),
    # comparisons
    Mutation(
        "unpaired in place of paired differences",
        "statistics/contrast.py",
        "ours * self.ours.influence - theirs * self.theirs.influence",
        "(ours**2 * self.ours.influence**2 + theirs**2 * self.theirs.influence**2) ** 0.5",
        "holm verdicts batch_means classes summary",
    ),
    Mutation(
        "servers are swapped",
        "statistics/compare.py",
        "{i: against(*found) for i, found in measured.items()}",
        "{i: against(*reversed(found)) for i, found in measured.items()}",
        "classes summary holm",
    ),
    Mutation(
        "classes are held against all requests of the baseline",
        "statistics/compare.py",
        "one.measured(metric, self.request) for one in (self.server, self.baseline)",
        "x.measured(metric, r) for x, r in ((self.server, self.request), (self.baseline, None))",
        "classes",
    ),
    Mutation(
        "ratios as if the baseline were known",
        "statistics/contrast.py",
        "square * ours, square * theirs, square * together",
        "square * ours, 0.0, square * ours",
        "holm unpaired",
    ),
    Mutation(
        "Bonferroni's intervals in place of Holm's",
        "statistics/compare.py",
        "level = alpha / (count - step)",
        "level = alpha / count",
        "holm",
    ),
    Mutation(
        "no adjustment for several comparisons",
        "statistics/compare.py",
        "(count - step) * p_values[i]",
        "p_values[i]",
        "holm",
    ),
    Mutation(
        "adjusted p-values that fall again",
        "statistics/compare.py",
        "highest = max(highest, min(1.0, (count - step) * p_values[i]))",
        "highest = min(1.0, (count - step) * p_values[i])",
        "holm",
    ),
    Mutation(
        "Welch's degrees of freedom are n1 + n2",
        "statistics/contrast.py",
        "total**2 / weights if weights else sum(n - 1 for _, n in parts)",
        "float(sum(n for _, n in parts))",
        "unpaired",
    ),
    Mutation(
        "faster and slower are swapped",
        "statistics/words/numbers.py",
        'word = "faster" if ratio < 1 else "slower"',
        'word = "slower" if ratio < 1 else "faster"',
        "verdicts classes wording",
    ),
    Mutation(
        "half as many replications are advised",
        "statistics/verdict.py",
        "relative * abs(baseline) / deviation",
        "relative * abs(baseline) / deviation * 1.4",
        "verdicts",
    ),
    Mutation(
        "servers are ranked without a difference that is told",
        "statistics/ranking.py",
        "if p <= alpha",
        "if p <= 1",
        "verdicts",
    ),
    # stopping, load, objectives
    Mutation(
        "replications grow with the width and not with its square",
        "statistics/stopping.py",
        "math.ceil(done * (reached / wanted) ** 2)",
        "math.ceil(done * (reached / wanted))",
        "stopping",
    ),
    Mutation(
        "a whole interval is taken for a half",
        "statistics/estimate.py",
        "return (self.high - self.low) / 2",
        "return self.high - self.low",
        "stopping verdicts parts",
    ),
    Mutation(
        "a server that cannot keep up is given a mean",
        "statistics/summarize.py",
        "return known if self.unstable is None else refuse_steady_state(known, self.unstable)",
        "return known",
        "losses warnings parts summary objectives verdicts run_length appraisal",
    ),
    Mutation(
        "a load of exactly 1 is called stable",
        "statistics/stability.py",
        "return self.utilisation < CAPACITY",
        "return self.utilisation <= 1",
        "run_length warnings",
    ),
    Mutation(
        "the length that is needed forgets the square of the load's distance from 1",
        "statistics/run_length.py",
        "/ (1 - load) ** 4",
        "/ (1 - load) ** 2",
        "run_length",
    ),
    Mutation(
        "an objective is judged by its value alone",
        "statistics/slo.py",
        "ends = {limit.allows(estimate.low), limit.allows(estimate.high)}",
        "ends = {limit.allows(estimate.value)}",
        "objectives parts",
    ),
    Mutation(
        "lost requests keep every limit",
        "statistics/slo.py",
        'return "inconclusive" if found == "pass" and lost > losses.MATERIAL else found',
        "return found",
        "losses parts",
    ),
    # order, fairness, resources, where time went
    Mutation(
        "Kendall's tau counts each pair once",
        "statistics/completion_order.py",
        "return 1 - 4 * inversions(finish_ns)",
        "return 1 - 2 * inversions(finish_ns)",
        "completion_order",
    ),
    Mutation(
        "Jain's index without n",
        "statistics/figures.py",
        "(len(shares) * squares)",
        "squares",
        "summary",
    ),
    Mutation(
        "a pool is in use during the warm-up too",
        "statistics/observation.py",
        "np.maximum(came, window.start_ns)",
        "came",
        "parts",
    ),
    Mutation(
        "waits for a pool are of those who got a slot in the window",
        "statistics/observation.py",
        "asked = came >= window.start_ns",
        "asked = went >= window.start_ns",
        "parts",
    ),
    Mutation(
        "the capacity of a pool is forgotten",
        "statistics/metrics.py",
        "ratio(busy, lengths * one.capacity, NO_TIME)",
        "ratio(busy, lengths, NO_TIME)",
        "parts warnings",
    ),
    Mutation(
        "the slowest requests are the fastest",
        "statistics/observation.py",
        "slow = self.response_ns >= limit_ns",
        "slow = self.response_ns <= limit_ns",
        "time_spent",
    ),
    # theory
    Mutation(
        "Little's law is not checked",
        "statistics/replication.py",
        "    check_littles_law(trace)\n",
        "    pass\n",
        "summary",
    ),
    Mutation(
        "theory's disagreement is not told",
        "statistics/theory/known.py",
        "if estimate.may_be(figure.value):",
        "if estimate.may_be(estimate.value):",
        "theory",
    ),
    Mutation(
        "bounds of a schedule from all work alone",
        "statistics/theory/bounds.py",
        "float(np.max(self.at_s + np.cumsum(work[::-1])[::-1]))",
        "float(self.at_s[0] + np.sum(work))",
        "theory_finite",
    ),
    Mutation(
        "bounds of a schedule forget the slots of a resource",
        "statistics/theory/bounds.py",
        "station.demand_s / station.servers",
        "station.demand_s",
        "theory_finite",
    ),
)
