from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from simsched import scenario as scenarios
from simsched.statistics import Estimate
from simsched.statistics.measurement import mean
from simsched.statistics.summary import ClassSummary, ServerSummary
from simsched.statistics.theory import Figure, Known, bounds, disagreements, known, networks, queues
from simsched.statistics.theory.known import describe
from simsched.statistics.theory.networks import mva
from simsched.statistics.theory.queues import Service, Stream


def test_mm1_at_load_nine_tenths():
    assert queues.mm1_mean_response(0.9, 1.0) - 1 == pytest.approx(9.0)
    assert queues.mm1_wait_quantile(0.95, 0.9, 1.0) == pytest.approx(28.9, abs=0.005)
    assert queues.mm1_wait_quantile(0.99, 0.9, 1.0) == pytest.approx(45.0, abs=0.005)
    assert queues.mm1_response_quantile(0.5, 0.9, 1.0) == pytest.approx(math.log(2) / 0.1)


def test_nobody_waits_below_the_share_that_finds_the_server_idle():
    assert queues.mm1_wait_quantile(0.4, 0.5, 1.0) == 0.0


def test_pollaczek_khinchine_agrees_with_mm1_and_halves_the_wait_of_constant_service():
    assert queues.mg1_mean_response(0.8, Service(1.0, 1.0)) == pytest.approx(
        queues.mm1_mean_response(0.8, 1.0)
    )
    assert queues.mg1_mean_wait(0.8, Service(1.0, 0.0)) == pytest.approx(2.0)


def test_erlang_c_by_its_sum():
    servers, offered = 7, 5.5
    last = offered**servers / math.factorial(servers) * servers / (servers - offered)
    total = sum(offered**k / math.factorial(k) for k in range(servers)) + last
    assert queues.erlang_c(servers, offered) == pytest.approx(last / total)


def test_mmc_with_one_server_is_mm1():
    assert queues.mmc_mean_response(0.8, 1.0, 1) == pytest.approx(
        queues.mm1_mean_response(0.8, 1.0)
    )
    assert queues.mmc_response_quantile(0.95, 0.8, 1.0, 1) == pytest.approx(
        queues.mm1_response_quantile(0.95, 0.8, 1.0)
    )


@pytest.mark.parametrize(("rate", "servers"), [(2.5, 3), (2.0, 3), (90.0, 100)])
def test_the_tail_of_mmc_integrates_to_its_mean(rate, servers):
    area, _ = quad(lambda t: queues.mmc_response_tail(t, rate, 1.0, servers), 0, 200, limit=200)
    assert area == pytest.approx(queues.mmc_mean_response(rate, 1.0, servers), rel=1e-6)


def test_quantiles_of_mmc_invert_its_tail():
    time = queues.mmc_response_quantile(0.99, 2.5, 1.0, 3)
    assert queues.mmc_response_tail(time, 2.5, 1.0, 3) == pytest.approx(0.01)


def test_processor_sharing_slows_all_alike():
    assert queues.sharing_mean_response(0.8, 1.0) == pytest.approx(5.0)
    assert queues.sharing_slowdown(0.8) == pytest.approx(5.0)


def machine_repairman(users, think_s, service_s):
    """The throughput by solving the birth-death chain of the number who wait."""
    rates = [1.0]
    for waiting in range(users):
        rates.append(rates[-1] * (users - waiting) / think_s * service_s)
    chain = np.array(rates) / sum(rates)
    return (1 - chain[0]) / service_s


@pytest.mark.parametrize(("users", "think_s"), [(1, 1.0), (5, 3.0), (20, 4.0), (40, 60.0)])
def test_the_repairman_is_its_markov_chain_and_a_closed_network(users, think_s):
    expected = machine_repairman(users, think_s, 0.5)
    assert networks.repairman_throughput_per_s(users, think_s, 0.5) == pytest.approx(expected)
    solution = mva(users, [0.5], think_s)
    assert solution.throughput_per_s == pytest.approx(expected)
    assert solution.response_s == pytest.approx(
        networks.repairman_mean_response(users, think_s, 0.5)
    )
    assert solution.utilisation == pytest.approx((expected * 0.5,))


def test_a_thousand_users_do_not_overflow():
    assert networks.repairman_throughput_per_s(1000, 1e6, 0.5) == pytest.approx(1e-3, rel=1e-3)
    assert networks.repairman_throughput_per_s(1000, 1e-6, 0.5) == pytest.approx(2.0)


def test_mva_of_two_equal_queues_by_hand():
    # balanced network: N / (demand * (N + K - 1))
    assert mva(4, [0.1, 0.1]).throughput_per_s == pytest.approx(4 / (0.1 * 5))


def test_operational_bounds():
    assert bounds.open_throughput(80.0, 0.05, 2) == pytest.approx(40.0)
    assert bounds.open_throughput(8.0, 0.05, 2) == 8.0
    assert bounds.closed_throughput(10, 1.0, 0.25, 1.0) == pytest.approx(4.0)
    assert bounds.closed_throughput(2, 1.0, 0.25, 1.0) == pytest.approx(1.0)
    assert bounds.closed_response(10, 1.0, 0.25, 1.0) == pytest.approx(1.5)


def scenario(phases, servers="s: {model: serial}", workload="open: {rate: 80/s}"):
    return scenarios.loads(
        f"name: t\nrequests:\n  page: {phases}\n"
        f"workload:\n  {workload}\n  requests: 100\nservers:\n  {servers}\n"
    )


def found(*args, **kwargs):
    """What is known of the first server, as {model: {metric: value}}."""
    one = scenario(*args, **kwargs)
    name, server = next(iter(one.servers.items()))
    return {
        match.model: {figure.metric: figure.value for figure in match.figures}
        for match in known(one, name, server)
    }


def models(*args, **kwargs):
    return [model for model in found(*args, **kwargs) if model != "operational bounds"]


def test_an_exponential_request_on_a_serial_server_is_mm1():
    figures = found("[{io: {exponential: 10ms}}]")["M/M/1"]
    assert figures["response_time_s.mean"] == pytest.approx(0.05)
    assert figures["response_time_s.p95"] == pytest.approx(0.05 * math.log(20))


@pytest.mark.parametrize("workload", ["open: {rate: 80/s}", "closed: {users: 3, think: 1s}"])
def test_what_a_server_costs_changes_no_model(workload):
    phases = "[{io: {exponential: 10ms}}]"
    costly = found(phases, "s: {model: serial, cost: 3}", workload)
    assert costly == found(phases, workload=workload)


def test_a_constant_request_is_md1_and_several_phases_are_mg1():
    constant = found("[{cpu: 10ms}]")["M/D/1 (Pollaczek-Khinchine)"]
    assert constant["response_time_s.mean"] == pytest.approx(0.03)
    figures = found("[{cpu: 5ms}, {io: {exponential: 5ms}}]")["M/G/1 (Pollaczek-Khinchine)"]
    expected = queues.mg1_mean_response(80.0, Service(0.010, 0.005**2))
    assert figures == {"response_time_s.mean": pytest.approx(expected)}


def test_overhead_is_part_of_the_service():
    server = "s: {model: serial, overhead: {request: 1ms}}"
    figures = found("[{cpu: {exponential: 10ms}}]", server)["M/G/1 (Pollaczek-Khinchine)"]
    expected = queues.mg1_mean_response(80.0, Service(0.011, 0.010**2))
    assert figures["response_time_s.mean"] == pytest.approx(expected)


def test_a_mix_of_classes_has_the_moments_of_the_mixture():
    one = scenarios.loads(
        "name: t\nrequests:\n  long: [{cpu: 20ms}]\n  short: [{cpu: 4ms}]\n"
        "workload:\n  open: {rate: 80/s}\n  mix: {long: 1, short: 3}\n  requests: 9\n"
        "servers:\n  s: {model: serial}\n"
    )
    exact = known(one, "s", one.servers["s"])[0]
    second = (0.020**2 + 3 * 0.004**2) / 4
    expected = 80 * second / (2 * (1 - 80 * 0.008)) + 0.008
    assert exact.figures == (Figure("response_time_s.mean", pytest.approx(expected)),)


def test_several_serial_workers_are_mmc():
    figures = found("[{io: {exponential: 20ms}}]", "s: {model: serial, workers: 3}")
    mean = figures["M/M/3 (Erlang C)"]["response_time_s.mean"]
    assert mean == pytest.approx(queues.mmc_mean_response(80, 50, 3))


def test_a_cooperative_server_with_io_is_the_network_of_the_lecture():
    phases = "[{cpu: {exponential: 4ms}}, {io: {exponential: 50ms}}, {cpu: {exponential: 4ms}}]"
    figures = found(phases, "s: {model: cooperative}")["open network with feedback (product form)"]
    assert figures == {"response_time_s.mean": pytest.approx(2 * 0.004 / 0.36 + 0.050)}


def test_a_loop_without_io_is_a_single_server():
    assert models("[{cpu: {exponential: 10ms}}]", "s: {model: cooperative}") == ["M/M/1"]


def test_loops_share_the_arrivals():
    figures = found("[{cpu: {exponential: 10ms}}]", "s: {model: cooperative, workers: 2}")
    assert figures["M/M/1"]["response_time_s.mean"] == pytest.approx(1 / (100 - 40))


def test_an_order_that_ignores_service_keeps_the_mean_but_not_the_quantiles():
    figures = found("[{cpu: {exponential: 10ms}}]", "s: {model: serial, discipline: lifo}")
    assert figures["M/M/1"] == {"response_time_s.mean": pytest.approx(0.05)}


@pytest.mark.parametrize(
    ("phases", "servers", "workload"),
    [
        ("[{cpu: 20ms}]", "s: {model: serial}", "open: {rate: 80/s}"),
        ("[{cpu: 5ms}]", "s: {model: serial}", "open: {rate: 80/s, arrivals: constant}"),
        ("[{cpu: 5ms}]", "s: {model: serial, discipline: shortest}", "open: {rate: 80/s}"),
        ("[{cpu: 5ms}]", "s: {model: serial, workers: 2}", "open: {rate: 80/s}"),
        ("[{cpu: 4ms}, {io: 5ms}, {cpu: 4ms}]", "s: {model: cooperative}", "open: {rate: 80/s}"),
        (
            "[{io: 5ms}, {cpu: {exponential: 4ms}}]",
            "s: {model: cooperative}",
            "open: {rate: 80/s}",
        ),
        (
            "[{cpu: {exponential: 4ms}}, {io: 5ms}, {io: 5ms}]",
            "s: {model: cooperative}",
            "open: {rate: 80/s}",
        ),
        (
            "[{cpu: {exponential: 4ms}}, {io: 5ms}, {cpu: {exponential: 3ms}}]",
            "s: {model: cooperative}",
            "open: {rate: 80/s}",
        ),
        (
            "[{cpu: {exponential: 4ms}}, {io: 5ms}]",
            "s: {model: cooperative, overhead: {switch: 1ms}}",
            "open: {rate: 80/s}",
        ),
    ],
)
def test_what_no_formula_covers_has_bounds_alone(phases, servers, workload):
    assert models(phases, servers, workload) == []


def test_a_gap_that_is_exponential_is_poisson():
    gap = "open: {interarrival: {exponential: 12.5ms}}"
    assert models("[{cpu: {exponential: 10ms}}]", workload=gap) == ["M/M/1"]


def test_bounds_hold_for_every_open_scenario():
    figures = found("[{cpu: 20ms}, {io: 30ms}]")["operational bounds"]
    assert figures["throughput_per_s"] == pytest.approx(20.0)
    assert figures["response_time_s.mean"] == pytest.approx(0.050)


def test_a_schedule_matches_nothing():
    one = scenarios.loads(
        "name: t\nrequests:\n  page: [{cpu: 1ms}]\n"
        "workload:\n  schedule: [{at: 0ms, request: page}]\nservers:\n  s: {model: serial}\n"
    )
    assert known(one, "s", one.servers["s"]) == ()


def test_known_figures_are_told_on_one_line():
    one = scenario("[{cpu: {exponential: 10ms}}]", "s: {model: serial, discipline: lifo}")
    assert [describe(each) for each in known(one, "s", one.servers["s"])] == [
        "s: M/M/1: response_time.mean = 50.0 ms [Kleinrock, Queueing Systems 1 (1975), 3.2]",
        "s: operational bounds: throughput <= 80.0/s, response_time.mean >= 10.0 ms "
        "[Denning & Buzen, ACM Comput. Surv. 10 (1978)]",
    ]


def simulated(values):
    measured = mean(np.array(values))
    metric = "response_time_s.mean"
    estimates = {metric: measured.estimate(0.95)}
    return ServerSummary("s", {}, estimates, measurements={metric: measured})


def test_a_simulation_that_disagrees_is_warned_of():
    model = Known("s", "M/M/1", "", (Figure("response_time_s.mean", 0.1),))
    (text,) = disagreements([model], {"s": simulated([0.07, 0.08, 0.075, 0.082])})
    assert text == (
        "s: response_time.mean is 76.8 ms (95 % interval 68.2 ms to 85.3 ms), but M/M/1 says "
        "100 ms; the run may be too short for its load"
    )


def test_a_simulation_that_agrees_is_not():
    model = Known("s", "M/M/1", "", (Figure("response_time_s.mean", 0.08),))
    assert disagreements([model], {"s": simulated([0.07, 0.08, 0.075, 0.082])}) == ()


def test_intervals_widen_with_the_number_of_figures_held_against_them():
    model = Known("s", "M/M/1", "", (Figure("response_time_s.mean", 0.087),))
    servers = {"s": simulated([0.07, 0.08, 0.075, 0.082])}
    assert len(disagreements([model], servers)) == 1
    assert disagreements([model] * 10, servers) == ()


def test_a_bound_and_an_estimate_without_interval_are_not_held_against_each_other():
    bound = Known("s", "operational bounds", "", (Figure("response_time_s.mean", 1.0, ">="),))
    model = Known("s", "M/M/1", "", (Figure("response_time_s.mean", 1.0),))
    assert bound.is_bound
    assert not model.is_bound
    assert disagreements([bound], {"s": simulated([0.07, 0.08])}) == ()
    single = simulated([0.07])
    assert isinstance(single.estimates["response_time_s.mean"], Estimate)
    assert disagreements([model], {"s": single}) == ()


def birth_death(rate, servers, room):
    """The mean number in M/M/c/K and the chance that it is full, by its chain; service rate 1."""
    chain = [1.0]
    for number in range(1, room + 1):
        chain.append(chain[-1] * rate / min(number, servers))
    weights = np.array(chain) / sum(chain)
    return float(np.arange(room + 1) @ weights), float(weights[-1])


@pytest.mark.parametrize(
    ("rate", "servers", "room"), [(0.9, 1, 5), (1.0, 1, 4), (2.5, 3, 7), (5.0, 3, 3), (3.0, 2, 40)]
)
def test_a_bounded_queue_is_its_markov_chain(rate, servers, room):
    number, loss = birth_death(rate, servers, room)
    found = queues.mmck_number_and_admitted(servers, room, rate)
    assert found == pytest.approx((number, 1 - loss))
    completed = queues.mmck_throughput_per_s(rate, 1.0, servers, room)
    assert completed == pytest.approx(rate * (1 - loss))
    assert queues.mmck_mean_response(rate, 1.0, servers, room) == pytest.approx(number / completed)


def test_a_bounded_queue_with_much_room_is_mmc_and_under_overload_does_not_overflow():
    roomy = queues.mmck_mean_response(2.5, 1.0, 3, 5000)
    assert roomy == pytest.approx(queues.mmc_mean_response(2.5, 1.0, 3))
    assert queues.mmck_throughput_per_s(9.0, 1.0, 3, 5000) == pytest.approx(3.0)


def test_convolution_is_mean_value_analysis_where_stations_have_one_server():
    expected = mva(20, [0.5, 0.2], 4.0).throughput_per_s
    found = networks.convolution_throughput_per_s(20, [(0.5, 1), (0.2, 1)], 4.0)
    assert found == pytest.approx(expected)
    assert networks.convolution_throughput_per_s(4, [(0.1, 1), (0.1, 1)]) == pytest.approx(
        4 / (0.1 * 5)
    )


def test_convolution_with_several_servers_is_the_chain_of_several_repairmen():
    chain = [1.0]
    for waiting in range(10):
        chain.append(chain[-1] * (10 - waiting) / 2.0 / min(waiting + 1, 3) * 0.7)
    busy = np.minimum(np.arange(11), 3) @ np.array(chain) / sum(chain)
    assert networks.convolution_throughput_per_s(10, [(0.7, 3)], 2.0) == pytest.approx(busy / 0.7)


def test_convolution_of_two_thousand_users_keeps_its_digits():
    found = networks.convolution_throughput_per_s(2000, [(0.5, 1), (0.2, 3)], 400.0)
    assert found == pytest.approx(2.0, rel=1e-9)


def test_priorities_by_hand_and_without_any():
    one = Service(1.0, 1.0)
    first, second = queues.priority_mean_waits([Stream(0.3, one, 0), Stream(0.5, one, 1)])
    assert (first, second) == pytest.approx((0.8 / 0.7, 0.8 / 0.7 / 0.2))
    alike = queues.priority_mean_waits([Stream(0.3, one, 0), Stream(0.5, one, 0)])
    assert alike == pytest.approx([queues.mg1_mean_wait(0.8, one)] * 2)


@pytest.mark.parametrize(
    ("closed", "throughput", "response_s"),
    [
        ("users: 3, pacing: 100ms", 30.0, 0.025),  # each user asks ten times a second
        ("users: 3, pacing: 20ms", 100.0, 0.025),  # the worker has ten milliseconds for each
        ("users: 9, pacing: 20ms", 100.0, 0.07),  # and 9 users wait for it all the time
        ("users: 9, pacing: 20ms, stages: [{at: 1s, users: 0}]", 100.0, 0.025),
        ("users: 1, stages: [{at: 1s, users: 9}], think: 75ms", 90.0, 0.025),
    ],
)
def test_bounds_of_users_with_a_pace_or_in_stages(closed, throughput, response_s):
    workload = f"closed: {{{closed}}}"
    figures = found("[{cpu: 10ms}, {io: 15ms}]", "s: {model: cooperative}", workload)
    bounds_of_it = figures["operational bounds"]
    assert bounds_of_it["throughput_per_s"] == pytest.approx(throughput)
    assert bounds_of_it["response_time_s.mean"] == pytest.approx(response_s)


CLOSED = "closed: {users: 12, think: {exponential: 100ms}}"
HYPER = "{hyperexponential: {mean: 10ms, cv: 2}}"


@pytest.mark.parametrize(
    ("phases", "servers", "workload"),
    [
        (  # the switch interval is as long as the service
            f"[{{cpu: {HYPER}}}]",
            "s: {model: threaded, threads: 64, switch_interval: 5ms}",
            "open: {rate: 50/s}",
        ),
        (  # requests wait for one of few threads
            f"[{{cpu: {HYPER}}}]",
            "s: {model: threaded, threads: 4, switch_interval: 10us}",
            "open: {rate: 50/s}",
        ),
        (
            "[{cpu: {exponential: 10ms}}]",
            "s: {model: threaded, interpreter_lock: false}",
            "open: {rate: 50/s}",
        ),
        (
            "[{cpu: {exponential: 10ms}}]",
            "s: {model: threaded, overhead: {switch: 1ms}}",
            "open: {rate: 50/s}",
        ),
        ("[{cpu: {exponential: 5ms}}]", "s: {model: threaded, workers: 2}", "open: {rate: 50/s}"),
        ("[{cpu: 5ms}]", "s: {model: serial, backlog: 3}", "open: {rate: 50/s}"),
        (
            "[{cpu: {exponential: 5ms}}]",
            "s: {model: serial, max_in_flight: 3}",
            "open: {rate: 50/s}",
        ),
        (
            "[{cpu: {exponential: 5ms}}]",
            "s: {model: serial, workers: 2, dispatch: least_busy}",
            "open: {rate: 50/s}",
        ),
        ("[{io: 5ms, blocking: true}]", "s: {model: cooperative}", "open: {rate: 50/s}"),
        ("[{cpu: 10ms}]", "s: {model: cooperative}", CLOSED),
        (
            "[{cpu: {exponential: 10ms}}]",
            "s: {model: cooperative, dispatch: least_busy, workers: 2}",
            CLOSED,
        ),
        ("[{cpu: {exponential: 10ms}}]", "s: {model: threaded, threads: 11}", CLOSED),
        (f"[{{cpu: {HYPER}}}]", "s: {model: threaded, threads: 12}", CLOSED),
        ("[{io: 10ms}]", "s: {model: serial, workers: 11}", CLOSED),
        (
            "[{cpu: {exponential: 10ms}}]",
            "s: {model: cooperative, overhead: {request: 1ms}}",
            CLOSED,
        ),
    ],
)
def test_what_no_formula_covers_of_the_deeper_model_has_bounds_alone(phases, servers, workload):
    assert list(found(phases, servers, workload)) == ["operational bounds"]


def test_clients_that_give_up_or_events_match_nothing():
    text = (
        "name: t\nrequests: {{page: [{{cpu: {{exponential: 10ms}}}}]}}\n"
        "workload: {{open: {{rate: 50/s}}, duration: 60s}}\n"
        "servers: {{s: {{model: serial}}}}\n{more}\n"
    )
    for more in ("client: {timeout: 1s}", "events: [{at: 1s, for: 1s, worker: 0, down: true}]"):
        one = scenarios.loads(text.format(more=more))
        (bound,) = known(one, "s", one.servers["s"])
        assert bound.figures == (Figure("throughput_per_s", 50.0, "<="),)


def test_as_many_workers_as_users_have_no_queue():
    figures = found(
        "[{io: {uniform: {low: 0ms, high: 40ms}}}]", "s: {model: serial, workers: 12}", CLOSED
    )
    exact = figures["closed network without a queue"]
    assert exact["throughput_per_s"] == pytest.approx(12 / 0.120)
    assert exact["response_time_s.mean"] == pytest.approx(0.020)


def test_bounds_of_users_who_wait_for_their_answers():
    figures = found("[{cpu: 20ms}, {io: 30ms}]", "s: {model: cooperative}", CLOSED)
    bound = figures["operational bounds"]
    assert bound["throughput_per_s"] == pytest.approx(50.0)  # 1 / Dmax; alone it were 80
    assert bound["response_time_s.mean"] == pytest.approx(12 * 0.020 - 0.100)


def test_branches_side_by_side_bound_the_response_by_the_longest():
    figures = found("[{parallel: [[{io: 30ms}], [{io: 20ms}]]}]", "s: {model: cooperative}")
    assert figures["operational bounds"]["response_time_s.mean"] == pytest.approx(0.030)


def test_an_overload_may_fall_on_the_long_requests_alone():
    figures = found("[{cpu: 20ms}]", "s: {model: serial, discipline: shortest}")
    assert figures["operational bounds"] == {"throughput_per_s": 80.0}


def test_the_figure_of_one_class_is_told_and_held_against_that_class():
    model = Known("s", "M", "S", (Figure("response_time_s.mean", 0.1, request="page"),))
    assert describe(model) == "s: M: response_time.mean of page = 100 ms [S]"
    measured = mean(np.array([0.07, 0.08, 0.075, 0.082]))
    one = ClassSummary({}, {}, {"response_time_s.mean": measured})
    server = ServerSummary("s", {}, {}, classes={"page": one})
    assert disagreements([model], {"s": server}) == (
        "s: response_time.mean of page is 76.8 ms (95 % interval 68.2 ms to 85.3 ms), but M says "
        "100 ms; the run may be too short for its load",
    )
    assert disagreements([model], {"s": ServerSummary("s", {}, {})}) == ()


def test_a_bounded_queue_that_is_never_or_always_full():
    # so few that all 200 servers are busy with a probability of 10^-975
    assert queues.mmck_mean_response(1.0, 1000.0, 200, 210) == pytest.approx(0.001)
    assert queues.mmck_throughput_per_s(1.0, 1000.0, 200, 210) == pytest.approx(1.0)
    # so many that a place is never free for long: each is there for one service
    assert queues.mmck_mean_response(1e9, 1 / 3e7, 1, 1) == pytest.approx(3e7)
    assert queues.mmck_throughput_per_s(1e9, 1 / 3e7, 1, 1) == pytest.approx(1 / 3e7)


def test_users_who_think_for_a_year_leave_the_response_its_digits():
    # an arrival finds another of the two at work with the probability 3 * 10^-17
    assert networks.repairman_mean_response(3, 3e7, 1e-9) == pytest.approx(1e-9)
    assert networks.repairman_throughput_per_s(3, 3e7, 1e-9) == pytest.approx(1e-7)


def test_a_figure_that_differs_by_rounding_alone_is_no_disagreement():
    measured = mean(np.array([0.3 / 3, 0.3 / 3]))
    server = ServerSummary("s", {}, {}, measurements={"response_time_s.mean": measured})
    model = Known("s", "model", "book", (Figure("response_time_s.mean", 0.4 / 4),))
    assert disagreements([model], {"s": server}) == ()
