  // Plays the windows of a timeline: an instant, moved by hand or by a clock, and what goes on then.
  const [QUEUE, CPU, CPU_WAIT, IO, IO_WAIT] = [0, 1, 2, 3, 4];
  const PLAYED_MS = 20000; // how long a window takes at normal speed
  const STEP_MS = 1000; // how long each event is shown where nothing may move
  const MOST_PRINTED = 120; // a longer list of events would fill many sheets
  const MOST_SAID = 3; // so many events of one instant are shown; the list has all of them

  // The waits for a thread or process of a pool: those for a slot are visits, too.
  const waitsForPool = ({ stretches, visits }) => stretches.filter(
    ([request, activity, start, finish]) => activity === IO_WAIT && !visits.some(
      ([, asking, asked, granted, released]) => asking === request && asked <= start && finish <= (granted ?? released ?? Infinity),
    ),
  );

  // What a server does at an instant: each row is a title and chips.
  const stateOf = (server, now) => {
    const active = server.stretches.filter(([, , start, finish]) => start <= now && now < finish);
    const doing = (activity) => active.filter((stretch) => stretch[1] === activity);
    const who = ([request, , , , worker, label], titled) => {
      const where = titled && server.workers > 1 && worker >= 0 ? `worker ${worker + 1}` : "";
      return [String(request), [label, where].filter(Boolean).join(", ")];
    };
    const waits = (pool) => server.visits.filter(
      ([number, , asked, granted, released]) => number === pool && asked <= now && now < (granted ?? released ?? Infinity),
    );
    const holds = (pool) => server.visits.filter(
      ([number, , , granted, released]) => number === pool && granted !== null && granted <= now && now < (released ?? Infinity),
    );
    const rows = [
      { title: server.computing, kind: "cpu", chips: doing(CPU).map((each) => who(each, true)) },
      { title: "ready, waits for the CPU", kind: "wait", chips: doing(CPU_WAIT).map((each) => who(each, true)) },
      { title: "in the queue", kind: "queue", chips: doing(QUEUE).map((each) => who(each, false)) },
      { title: "waits for I/O", kind: "io", chips: doing(IO).map((each) => who(each, false)) },
    ];
    server.services.forEach((service, number) => {
      const there = (from, until) => server.calls.filter((call) => call[0] === number && call[from] <= now && now < call[until]);
      const chips = (calls) => calls.map(([, request]) => [String(request), ""]);
      rows.push({ title: `in the queue of ${service}`, kind: "queue", chips: chips(there(2, 3)) });
      rows.push({ title: `served by ${service}`, kind: "io", chips: chips(there(3, 4)) });
    });
    server.pooled ??= waitsForPool(server);
    if (server.pooled.length) {
      const waiting = server.pooled.filter((stretch) => active.includes(stretch));
      rows.push({ title: "waits for a thread or process", kind: "wait", chips: waiting.map((each) => who(each, true)) });
    }
    server.pools.forEach((pool, number) => {
      const holders = holds(number);
      const free = pool.slots - holders.length;
      rows.push({
        title: `${pool.name}: ${holders.length} of ${pool.slots} slots taken`,
        kind: "slot",
        chips: holders.map(([, request]) => [String(request), ""]),
        free: pool.slots <= 40 ? free : 0,
      });
      rows.push({ title: `waits for ${pool.name}`, kind: "wait", chips: waits(number).map(([, request]) => [String(request), ""]) });
    });
    const ends = server.ends.filter(([at]) => at <= now);
    rows.push({ title: "answered, in order", kind: "done", chips: ends.map(([, request, lost]) => [String(request), lost]) });
    return rows;
  };

  const drawState = (card, server, said, now) => {
    const list = make("dl");
    for (const { title, kind, chips, free = 0 } of stateOf(server, now)) {
      list.append(make("dt", title));
      const cell = make("dd");
      chips.slice(-40).forEach(([request, remark]) => {
        const chip = make("span", "", { class: `chip ${kind}` });
        chip.append(make("b", request));
        if (remark) chip.append(` ${remark}`);
        cell.append(chip, " ");
      });
      for (let slot = 0; slot < free; slot += 1) cell.append(make("span", "\u00a0", { class: "chip free" }), " ");
      if (!chips.length && !free) cell.append("–");
      list.append(cell);
    }
    const happened = make("div", "", { class: "said" });
    for (const [clock, text, isNow] of said.slice(0, MOST_SAID)) {
      const line = make("p", "", { class: isNow ? "now" : "" });
      line.append(make("b", clock), ` ${text}`);
      happened.append(line);
    }
    if (said.length > MOST_SAID) happened.append(make("p", `and ${said.length - MOST_SAID} more events at this time`));
    card.replaceChildren(make("h3", server.name), happened, list);
  };

  const playsTimeline = (windows) => {
    const find = (name) => document.querySelector(`[data-player-${name}]`);
    const plot = byId("timeline");
    const [play, back, next, scrub, speed, clock, state, log, status] = [
      "play", "back", "next", "scrub", "speed", "clock", "state", "log", "status",
    ].map(find);
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    const cursor = make("div", "", { class: "cursor" });
    let played = null; // the window, null where the view has none
    let now = 0;
    let frame = 0;

    const isPlaying = () => frame !== 0;
    const unit = () => plot._fullLayout.meta.size * 1e9; // nanoseconds in one of the axis
    const clockOf = (instant) => {
      const event = played.events.find(([at]) => at === instant);
      // As many decimals as a thousandth of the window has: more would flicker.
      const decimals = Math.min(3, Math.max(0, Math.ceil(9 - Math.log10(played.finish - played.start))));
      const figure = (instant / 1e6).toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
      return event ? event[1] : `${figure} ms`;
    };

    const place = () => {
      const axes = plot._fullLayout;
      cursor.hidden = !played || !axes || !axes.xaxis;
      if (cursor.hidden) return;
      if (cursor.parentElement !== plot) plot.append(cursor);
      const { xaxis, yaxis } = axes;
      const at = xaxis.l2p(now / unit());
      cursor.hidden = at < -1 || at > xaxis._length + 1;
      cursor.style.transform = `translateX(${xaxis._offset + at}px)`;
      cursor.style.top = `${yaxis._offset}px`;
      cursor.style.height = `${yaxis._length}px`;
    };

    // The last events of each server up to now; of one instant there may be several.
    const saidOf = (number) => {
      const until = played.events.filter(([at, , server]) => server === number && at <= now);
      const last = until.length ? until[until.length - 1][0] : null;
      return until.filter(([at]) => at === last).map(([at, time, , text]) => [time, text, at === now]);
    };

    // While it is played, controls and state stay in sight above and below a tall timeline.
    const use = () => {
      for (const part of document.querySelectorAll(".player")) part.classList.toggle("used", part !== log.closest(".player"));
    };

    const show = (instant) => {
      now = Math.min(Math.max(Math.round(instant), played.start), played.finish);
      scrub.value = String(now);
      clock.textContent = clockOf(now);
      scrub.setAttribute("aria-valuetext", clock.textContent);
      played.servers.forEach((server, number) => drawState(state.children[number], server, saidOf(number), now));
      log.querySelectorAll("li").forEach((line, number) => {
        if (played.events[number][0] === now) line.setAttribute("aria-current", "step");
        else line.removeAttribute("aria-current");
      });
      back.disabled = now <= played.start;
      next.disabled = now >= played.finish;
      place();
    };

    const announce = () => {
      const happening = played.events.filter(([at]) => at === now);
      const texts = happening.map(([, , server, text]) => `${played.servers[server].name}: ${text}`);
      status.textContent = `${clock.textContent}. ${texts.join("; ")}`;
    };

    const pause = () => {
      cancelAnimationFrame(frame);
      clearTimeout(frame);
      frame = 0;
      play.textContent = "Play";
    };

    const upcoming = () => played.events.find(([at]) => at > now)?.[0] ?? played.finish;
    const previous = () => {
      const before = played.events.filter(([at]) => at < now);
      return before.length ? before[before.length - 1][0] : played.start;
    };

    const run = () => {
      let last = performance.now();
      const move = (time) => {
        const span = played.finish - played.start;
        show(now + ((time - last) / PLAYED_MS) * span * Number(speed.value));
        last = time;
        if (now < played.finish) frame = requestAnimationFrame(move);
        else pause();
      };
      const step = () => {
        show(upcoming());
        if (now < played.finish) frame = setTimeout(step, STEP_MS / Number(speed.value));
        else pause();
      };
      play.textContent = "Pause";
      if (still.matches) frame = setTimeout(step, 0);
      else frame = requestAnimationFrame(move);
    };

    const jump = (instant) => {
      use();
      pause();
      show(instant);
      announce();
    };

    const fillLog = () => {
      log.closest("details").classList.toggle("long", played.events.length > MOST_PRINTED);
      log.replaceChildren(...played.events.map(([at, time, server, text]) => {
        const line = make("li");
        line.dataset.server = server;
        const button = make("button", time);
        button.type = "button";
        button.addEventListener("click", () => jump(at));
        line.append(button, make("span", played.servers[server].name), make("span", text));
        return line;
      }));
    };

    const choose = (window) => {
      pause();
      played = window;
      for (const part of document.querySelectorAll(".player")) part.hidden = !played;
      place();
      if (!played) return;
      scrub.min = String(played.start);
      scrub.max = String(played.finish);
      scrub.step = String(Math.max(1, Math.round((played.finish - played.start) / 1000)));
      state.replaceChildren(...played.servers.map((_, number) => {
        const card = make("div", "", { class: "card" });
        card.dataset.server = number; // the chips hide it with its server
        return card;
      }));
      fillLog();
      show(played.start);
    };

    play.addEventListener("click", () => {
      if (isPlaying()) {
        pause();
        announce();
        return;
      }
      if (now >= played.finish) show(played.start);
      use();
      run();
    });
    next.addEventListener("click", () => jump(upcoming()));
    back.addEventListener("click", () => jump(previous()));
    scrub.addEventListener("input", () => { use(); pause(); show(Number(scrub.value)); });
    // The list chooses another window; it is changed by buttons and by the strip, too.
    const follow = () => {
      const window = windows[viewOf.timeline ?? 0] ?? null;
      if (window === played) place();
      else choose(window);
    };
    whenDrawn.timeline = () => {
      plot.on("plotly_afterplot", follow);
      follow();
    };
    plot.addEventListener("click", (event) => {
      if (!played || !plot._fullLayout) return;
      const { xaxis } = plot._fullLayout;
      const at = event.clientX - plot.getBoundingClientRect().left - xaxis._offset;
      if (at >= 0 && at <= xaxis._length) jump(xaxis.p2l(at) * unit());
    });
    choose(windows[0]);
  };

  if (data.played?.length && typeof Plotly !== "undefined") playsTimeline(data.played);
