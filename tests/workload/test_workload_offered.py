from __future__ import annotations

import pytest
from workload_scenes import FEEDBACK, open_at, scenario

from simsched.workload import draw, offered_load


def load_of(scene):
    return offered_load(scene, scene.servers["server"])


def test_a_serial_worker_is_held_for_the_whole_request():
    load = load_of(scenario(open_at("10/s", requests=1)))
    (station,) = load.stations
    assert (station.name, station.servers) == ("workers", 1)
    assert station.demand_s == pytest.approx(0.058)
    assert station.utilisation == pytest.approx(0.58)


def test_a_loop_is_held_for_the_cpu_time_alone():
    load = load_of(scenario(open_at("80/s", requests=1), server={"model": "cooperative"}))
    (station,) = load.stations
    assert station.name == "loops"
    assert station.utilisation == pytest.approx(0.64)


def test_workers_share_the_load():
    server = {"model": "serial", "workers": 4}
    load = load_of(scenario(open_at("10/s", requests=1), server=server))
    assert load.bottleneck.utilisation == pytest.approx(0.145)


OVERHEAD = {"request": "1ms", "switch": "100us"}


def test_a_serial_worker_adds_its_overhead_per_request():
    server = {"model": "serial", "overhead": OVERHEAD}
    load = load_of(scenario(open_at("10/s", requests=1), server=server))
    assert load.bottleneck.demand_s == pytest.approx(0.059)


def test_io_that_comes_back_late_occupies_a_worker_and_no_loop():
    for model, demand_s in (("serial", 0.060), ("cooperative", 0.008)):
        server = {"model": model, "overhead": {"io": "2ms"}}
        load = load_of(scenario(open_at("10/s", requests=1), server=server))
        assert load.bottleneck.demand_s == pytest.approx(demand_s)
        assert load.classes[0].elapsed_s == pytest.approx(0.060)


def test_a_loop_adds_a_switch_each_time_it_gets_a_request_back():
    io = {"io": "5ms"}
    classes = {"page": (*FEEDBACK, io, io)}  # back after the first and the second of three
    server = {"model": "cooperative", "overhead": OVERHEAD}
    load = load_of(scenario(open_at("10/s", requests=1), classes, server=server))
    assert load.bottleneck.demand_s == pytest.approx(0.008 + 0.001 + 2 * 0.0001)


def test_classes_bring_their_share_of_the_requests():
    classes = {"page": FEEDBACK, "ping": ({"cpu": "2ms"},), "unused": ({"cpu": "1s"},)}
    workload = open_at("100/s", requests=1, mix={"page": 1, "ping": 3})
    load = load_of(scenario(workload, classes, server={"model": "cooperative"}))
    page, ping, unused = load.classes
    assert (page.arrival_rate_per_s, ping.arrival_rate_per_s) == pytest.approx((25, 75))
    assert (page.cpu_s, page.io_s) == pytest.approx((0.008, 0.05))
    assert unused.arrival_rate_per_s == 0
    assert load.arrival_rate_per_s == pytest.approx(100)
    assert load.bottleneck.utilisation == pytest.approx(25 * 0.008 + 75 * 0.002)


def test_renewal_arrivals_have_the_rate_of_their_mean_gap():
    gaps = {"gamma": {"mean": "20ms", "cv": 2.0}}
    load = load_of(scenario({"open": {"interarrival": gaps}, "requests": 1}))
    assert load.arrival_rate_per_s == pytest.approx(50)


def test_the_offered_load_is_what_a_long_workload_brings():
    scene = scenario(open_at("10/s", requests=100_000))
    workload = draw(scene, 1)
    brought = workload.demand_ns().sum() / workload.arrival_ns[-1]
    assert brought == pytest.approx(load_of(scene).bottleneck.utilisation, rel=0.02)


def test_a_schedule_offers_no_rate():
    assert load_of(scenario({"schedule": ({"at": 0, "request": "page"},)})) is None


NESTED = {
    "page": [
        {"cpu": "4ms"},
        {"hold": "db", "phases": [{"io": "10ms"}, {"io": "6ms", "blocking": True}]},
        {"parallel": [[{"io": "20ms", "on": "api"}], [{"io": "30ms"}]]},
    ]
}
RESOURCES = {"db": {"capacity": 2}, "api": {"capacity": 4}, "unused": {"capacity": 1}}


def stations(server):
    scene = scenario(open_at("10/s", requests=1), NESTED, server=server, resources=RESOURCES)
    return {
        each.name: (round(each.demand_s * 1000, 6), each.servers)
        for each in load_of(scene).stations
    }


def test_a_slot_is_kept_until_io_comes_back_only_where_it_is_held():
    late = stations({"model": "cooperative", "overhead": {"io": "1ms"}})
    assert late == {"loops": (11, 1), "db": (18, 2), "api": (20, 4)}


def test_each_resource_is_a_station_for_as_long_as_a_slot_is_kept():
    assert stations({"model": "cooperative"}) == {"loops": (10, 1), "db": (16, 2), "api": (20, 4)}


def test_a_serial_worker_does_branches_one_after_another():
    server = {"model": "serial", "workers": 3, "cores": 2}
    expected = {"workers": (70, 3), "cores": (4, 2), "db": (16, 2), "api": (20, 4)}
    assert stations(server) == expected


def test_a_threaded_server_has_threads_locks_and_cores():
    server = {"model": "threaded", "threads": 5, "workers": 2, "parallel": "concurrent"}
    common = {"threads": (50, 10), "db": (16, 2), "api": (20, 4)}
    assert stations(server) == common | {"locks": (4, 2)}
    assert stations(server | {"interpreter_lock": False}) == common | {"cores": (4, 2)}
    assert stations(server | {"cores": 1}) == common | {"locks": (4, 2), "cores": (4, 1)}


def test_a_limit_of_requests_in_flight_is_a_station():
    server = {"model": "cooperative", "max_in_flight": 7, "overhead": {"request": "1ms"}}
    assert stations(server)["places"] == (51, 7)


def test_a_limit_of_each_worker_is_as_many_places_in_all():
    server = {"model": "cooperative", "workers": 3, "max_in_flight": {"max": 7, "per": "worker"}}
    assert stations(server)["places"] == (50, 21)


OFF_LOADED = {"phases": [{"cpu": "1ms"}, {"cpu": "20ms", "in": "thread"}, {"cpu": "2ms"}]}
HANDLER = {"in": "thread", "phases": [{"cpu": "4ms"}, {"io": "6ms"}]}
FREE = {"phases": [{"cpu": "20ms", "in": "thread", "lock_free": "75%"}, {"cpu": "2ms"}]}
APART = {"phases": [{"cpu": "1ms"}, {"cpu": "9ms", "in": "process"}]}


@pytest.mark.parametrize(
    ("request_class", "server", "expected"),
    [
        (OFF_LOADED, {}, {"loops": (3, 1), "locks": (23, 1), "pool threads": (20, 40)}),
        (
            OFF_LOADED,
            {"interpreter_lock": False, "workers": 2, "thread_pool": 5},
            {"loops": (3, 2), "cores": (23, 2), "pool threads": (20, 10)},
        ),
        (HANDLER, {}, {"loops": (0, 1), "locks": (4, 1), "pool threads": (10, 40)}),
        (APART, {"process_pool": 3}, {"loops": (1, 1), "pool processes": (9, 3)}),
        (
            FREE,
            {},
            {"loops": (2, 1), "locks": (7, 1), "cores": (22, 1), "pool threads": (20, 40)},
        ),
        (
            FREE,
            {"model": "threaded", "threads": 3, "cores": 2},
            {"threads": (22, 3), "locks": (7, 1), "cores": (22, 2)},
        ),
        (FREE, {"model": "serial"}, {"workers": (22, 1)}),
        (OFF_LOADED, {"model": "serial"}, {"workers": (23, 1)}),
    ],
)
def test_what_loops_have_done_elsewhere_is_asked_of_the_lock_and_of_the_pools(
    request_class, server, expected
):
    scene = scenario(
        open_at("10/s", requests=1),
        requests={"page": request_class},
        server={"model": "cooperative", **server},
    )
    found = {
        each.name: (round(each.demand_s * 1000, 6), each.servers)
        for each in load_of(scene).stations
    }
    assert found == expected
