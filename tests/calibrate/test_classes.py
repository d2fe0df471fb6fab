"""The classes of requests are the routes behind their paths, or what rules say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsched.calibrate.classes import MOST_CLASSES, Classes, Rule, path_of
from simsched.errors import InputError


def classes_of(*requests: str, rules: tuple[str, ...] = (), times: int = 20) -> list[str]:
    """Return the class of each of *requests*, of which there are so many."""
    found = Classes([Rule.parse(rule) for rule in rules])
    groups = [found.add(*request.split(" ", 1)) for request in requests for _ in range(times)]
    names = found.names()
    return [names[group] for group in groups[::times]]


@pytest.mark.parametrize(
    ("target", "route"),
    [
        ("/item/7", "/item/{}"),
        ("/item/7/", "/item/{}"),
        ("//item//7?color=red#top", "/item/{}"),
        ("https://www.example.com:443/item/7", "/item/{}"),
        ("/user/2b1e4f7a-5c2d-4a7e-9f10-0c8d7a6b5e4f/cart", "/user/{}/cart"),
        ("/commit/9fceb02d0ae598e95dc970b74767f19372d61af8", "/commit/{}"),
        ("/v2/archive/2023-11-15", "/v2/archive/{}"),
        ("/unsubscribe/ada@example.com", "/unsubscribe/{}"),
        ("/session/dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW", "/session/{}"),
        ("/products/running-shoes", "/products/running-shoes"),
        ("/assets/app.3f2a.js", "static files"),
        ("/favicon.ico", "static files"),
        ("/", "/"),
        ("*", "/*"),
    ],
)
def test_what_identifies_one_thing_is_left_open(target, route):
    assert classes_of(f"GET {target}") == [route]


def test_other_methods_are_other_classes():
    assert classes_of("GET /cart", "HEAD /cart", "POST /cart") == ["/cart", "/cart", "POST /cart"]


def test_many_names_in_one_place_are_left_open_but_frequent_ones_are_kept():
    names = [f"/shop/{chr(97 + i // 26)}{chr(97 + i % 26)}-shoes/reviews" for i in range(60)]
    found = Classes()
    groups = [found.add("GET", each) for each in names for _ in range(2)]
    often = [found.add("GET", "/shop/sale") for _ in range(60)]
    routes = found.names()
    assert {routes[group] for group in groups} == {"/shop/{}/reviews"}
    assert routes[often[0]] == "/shop/sale"


def test_rare_routes_share_a_class():
    found = Classes()
    often = [found.add("GET", "/cart") for _ in range(30)]
    rare = [found.add("GET", "/help") for _ in range(3)]
    names = found.names()
    assert (names[often[0]], names[rare[0]]) == ("/cart", "other")


def test_too_few_requests_are_all_of_one_class():
    assert classes_of("GET /cart", "GET /help", times=3) == ["request", "request"]


def test_there_are_not_too_many_classes():
    found = classes_of(*(f"GET /{chr(97 + i)}" for i in range(MOST_CLASSES + 5)))
    assert len(set(found)) == MOST_CLASSES + 1
    assert found.count("other") == 5


def test_the_first_rule_that_matches_decides():
    rules = ("^POST=writes", "/item/=item", "item=never")
    found = classes_of("POST /item/7", "GET /item/7", "GET /cart", rules=rules, times=1)
    assert found == ["writes", "item", "other"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("item", "write PATTERN=NAME"),
        ("=item", "write PATTERN=NAME"),
        ("/item/= ", "write PATTERN=NAME"),
        ("(=item", "not a regular expression"),
    ],
)
def test_a_rule_that_is_none_is_an_error(text, message):
    with pytest.raises(InputError, match=message):
        Rule.parse(text)


@given(st.text(max_size=80))
def test_any_target_has_a_class_of_one_line(target):
    (name,) = classes_of(f"GET {target}")
    assert name
    assert name.isprintable()
    assert path_of(target)
