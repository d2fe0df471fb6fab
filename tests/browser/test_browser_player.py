"""The player of the timeline: each control by mouse and by keyboard."""

from __future__ import annotations

import pytest
from browser_barriers import barriers


def clock(page):
    return page.locator("[data-player-clock]").inner_text()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def press_by_keyboard(page, name):
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


def card(page, server):
    return page.locator(".card", has=page.get_by_role("heading", name=server, exact=True))


def chips(page, server, title):
    """Return what stands beside *title* in the state of *server*."""
    cell = (
        card(page, server).locator("dt", has_text=title).locator("xpath=following-sibling::dd[1]")
    )
    return cell.locator(".chip").all_inner_texts()


def go_to(page, instant_ms):
    page.locator("[data-player-scrub]").evaluate(
        "(scrub, at) => { scrub.value = at; scrub.dispatchEvent(new Event('input')); }",
        instant_ms * 1_000_000,
    )


@pytest.mark.parametrize("push", [press, press_by_keyboard])
def test_next_and_previous_lead_from_event_to_event(visit, reports, push):
    page = visit(reports["lecture"]).page
    assert clock(page) == "0 ms"
    assert page.get_by_role("button", name="Previous event").is_disabled()
    for expected in ("10 ms", "20 ms", "30 ms", "50 ms", "60 ms", "70 ms", "72 ms"):
        push(page, "Next event")
        assert clock(page) == expected
    said = card(page, "cooperative").locator(".said").inner_text()
    assert said == (
        "72 ms request 3 (ping) arrives and waits in the queue (request 2 computes, request 1 "
        "waits for I/O)"
    )
    assert page.get_by_role("status").inner_text().startswith("72 ms. serial: request 3 (ping)")
    push(page, "Previous event")
    assert clock(page) == "70 ms"
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("section", has=page.locator("#timeline")).evaluate("one => one.scrollIntoView()")
    for part in page.locator(".player.controls, .player.cards").all():
        box = part.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900


def test_the_state_shows_who_computes_who_is_ready_and_who_waits(visit, reports):
    page = visit(reports["lecture"]).page
    go_to(page, 75)
    assert chips(page, "serial", "computes") == ["1 framework"]
    assert chips(page, "serial", "in the queue") == ["2", "3"]
    assert chips(page, "cooperative", "has the loop") == ["2 code"]
    assert chips(page, "cooperative", "ready") == ["1"]
    assert chips(page, "cooperative", "in the queue") == ["3"]
    go_to(page, 40)
    assert chips(page, "cooperative", "waits for I/O") == ["1 database", "2 database"]


def test_requests_are_answered_in_the_order_1_3_2(visit, reports):
    page = visit(reports["lecture"]).page
    orders = []
    for instant in (93, 94, 98, 107, 184):
        go_to(page, instant)
        orders.append(chips(page, "cooperative", "answered"))
    assert orders == [[], ["1"], ["1", "3"], ["1", "3"], ["1", "3", "2"]]
    assert chips(page, "serial", "answered") == ["1", "2", "3"]


def test_slots_and_those_who_wait_for_them_are_shown(visit, reports):
    page = visit(reports["stuck"]).page
    go_to(page, 10)
    assert len(chips(page, "framework", "connections: 10 of 10 slots taken")) == 10
    assert chips(page, "framework", "waits for connections") == ["11"]
    go_to(page, 21)
    assert len(chips(page, "framework", "waits for threads")) == 10
    said = card(page, "framework").locator(".said p").all_inner_texts()
    assert len(said) == 4
    assert said[3] == "and 8 more events at this time"


def test_who_waits_for_a_thread_of_a_pool_is_shown(visit, reports):
    page = visit(reports["one thread"]).page
    go_to(page, 5)
    assert chips(page, "framework", "waits for a thread or process") == ["2"]
    go_to(page, 40)
    assert chips(page, "framework", "waits for a thread or process") == []


def test_who_is_in_the_queue_of_a_service_and_served_there_is_shown(visit, reports):
    page = visit(reports["calls"]).page
    go_to(page, 18)
    assert chips(page, "app", "in the queue of db") == ["2"]
    assert chips(page, "app", "served by db") == ["1"]
    go_to(page, 21)
    assert chips(page, "app", "in the queue of db") == []
    assert chips(page, "app", "served by db") == ["2"]


def test_the_scrubber_moves_by_keyboard_and_says_the_time(visit, reports):
    page = visit(reports["lecture"]).page
    scrub = page.get_by_role("slider", name="Simulated time")
    scrub.focus()
    page.keyboard.press("End")
    assert (clock(page), scrub.get_attribute("aria-valuetext")) == ("184 ms", "184 ms")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert scrub.get_attribute("aria-valuetext") == "0.2 ms"


def test_the_scrubber_is_dragged_and_the_cursor_follows(visit, reports):
    page = visit(reports["lecture"]).page
    scrub = page.get_by_role("slider", name="Simulated time")
    scrub.scroll_into_view_if_needed()
    box = scrub.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert 85 <= float(clock(page).split()[0]) <= 99
    place = "document.querySelector('.cursor').getBoundingClientRect().left"
    before = page.evaluate(place)
    page.keyboard.press("End")
    assert page.evaluate(place) > before


def test_a_click_on_the_timeline_goes_there(visit, reports):
    page = visit(reports["lecture"]).page
    plot = page.locator("#timeline")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert 60 <= float(clock(page).split()[0]) <= 110


@pytest.mark.parametrize("push", [press, press_by_keyboard])
def test_it_plays_to_the_end_and_begins_again(visit, reports, push):
    page = visit(reports["lecture"]).page
    page.clock.install()
    page.get_by_label("Speed").select_option(value="4")
    push(page, "Play")
    page.clock.run_for(2500)
    assert 60 <= float(clock(page).split()[0]) <= 120
    page.clock.run_for(5000)
    assert clock(page) == "184 ms"
    push(page, "Play")
    page.clock.run_for(1000)
    assert float(clock(page).split()[0]) < 100


def test_it_pauses_and_says_where(visit, reports):
    page = visit(reports["lecture"]).page
    page.clock.install()
    press(page, "Play")
    page.clock.run_for(2000)
    press(page, "Pause")
    paused = clock(page)
    assert page.get_by_role("status").inner_text().startswith(f"{paused}.")
    page.clock.run_for(2000)
    assert clock(page) == paused


def test_without_motion_it_plays_from_event_to_event(visit, reports):
    page = visit(reports["lecture"], reduced_motion="reduce").page
    page.clock.install()
    press(page, "Play")
    shown = []
    for _ in range(4):
        page.clock.run_for(1000)
        shown.append(clock(page))
    assert shown == ["20 ms", "30 ms", "50 ms", "60 ms"]


@pytest.mark.parametrize("by_keyboard", [False, True])
def test_the_list_of_events_leads_to_each(visit, reports, by_keyboard):
    page = visit(reports["lecture"]).page
    summary = page.get_by_text("All events in words")
    summary.focus()
    page.keyboard.press("Enter")
    lines = page.locator("[data-player-log] li")
    assert lines.count() == 38
    line = lines.filter(has_text="request 3 is answered after 26 ms")
    button = line.get_by_role("button", name="98 ms")
    if by_keyboard:
        button.focus()
        page.keyboard.press("Enter")
    else:
        button.click()
    assert clock(page) == "98 ms"
    assert line.get_attribute("aria-current") == "step"


def test_each_window_of_a_long_run_is_played_by_itself(visit, reports):
    page = visit(reports["load"]).page
    first = clock(page)
    page.locator("select[data-views=timeline]").select_option("21 to 40")
    assert clock(page) != first
    assert page.locator("[data-player-log] li").first.text_content()
    page.locator("select[data-views=timeline]").select_option("slowest 1 to 10")
    assert not page.get_by_role("button", name="Play").is_visible()
    page.locator("select[data-views=timeline]").select_option("1 to 20")
    assert clock(page) == first


@pytest.mark.parametrize("push", [press, press_by_keyboard])
def test_a_moment_of_a_long_run_is_played_with_the_slowest_request_in_it(visit, reports, push):
    opened = visit(reports["load"], 400)
    page = opened.page
    first = clock(page)
    push(page, "Moments")
    select = page.locator("select[data-views=timeline]")
    assert select.input_value() == "end of the warm-up, 20 s"
    assert float(clock(page).split()[0].replace(",", "")) > 19_000
    select.select_option(index=select.evaluate("list => list.selectedIndex + 1"))
    assert select.input_value().startswith("slowest of flask, ")
    seconds = float(select.input_value().split()[-2])
    push(page, "Next event")
    assert abs(float(clock(page).split()[0].replace(",", "")) - seconds * 1000) < 2000
    texts = page.locator("[data-player-log] li").all_text_contents()
    arrivals = [float(t.split(" ms")[0].replace(",", "")) for t in texts if "arrives" in t]
    assert any(abs(arrival - 1000 * seconds) < 1 for arrival in arrivals)
    push(page, "Play")
    push(page, "Pause")
    assert barriers(page) == []
    assert opened.faults == []
    push(page, "First 200")
    assert clock(page) == first


def test_print_has_the_events_as_a_table_and_no_controls(visit, reports):
    page = visit(reports["lecture"]).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.locator(".player.controls").is_visible()
    lines = page.locator("[data-player-log] li")
    assert lines.first.is_visible()
    assert lines.last.is_visible()


def test_a_list_of_very_many_events_is_not_printed(visit, reports):
    page = visit(reports["load"]).page
    assert page.locator("[data-player-log] li").count() > 120
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("[data-player-log]").is_visible()
    assert page.locator("#timeline").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1440])
def test_no_barrier_is_found_while_it_shows_an_event(visit, reports, scheme, width):
    opened = visit(reports["lecture"], width, color_scheme=scheme)
    go_to(opened.page, 75)
    opened.page.get_by_text("All events in words").click()
    assert barriers(opened.page) == []
    assert opened.faults == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
