  // Chooses points by the values that their lines have on the parallel axes: dragged along an axis with
  // the mouse, or from the lists below the figure.

  const NEAR = 14; // pixels: what is nearer to an axis or a line is meant
  const SLACK = 8;
  const FAINT = "rgba(138,143,152,0.25)";
  /** @type {Record<number, number[]>} */
  let ranges = {}; // what is chosen on each axis: heights, from 0 to 1
  /** @type {Set<number>|null} */
  let brushed = null; // the numbers of the points that are chosen; null is all

  /** Returns the lines of a trace: the number of each point, and its heights on all axes. */
  const linesOf = ({ y, meta: { points } }) => {
    const stride = y.length / points.length;
    return points.map((number, n) => ({ number, values: y.slice(n * stride, (n + 1) * stride - 1) }));
  };
  const isIn = ({ values }) => Object.entries(ranges).every(([axis, [low, high]]) => {
    const y = values[axis];
    return y !== null && low - 1e-6 <= y && y <= high + 1e-6;
  });

  /** Returns a view in which only the lines that are chosen have their colours. */
  const brushedView = (view) => {
    const marks = Object.entries(ranges).map(([axis, [low, high]]) => ({
      type: "rect", x0: Number(axis) - 0.05, x1: Number(axis) + 0.05, y0: low - 0.015, y1: high + 0.015,
      fillcolor: "rgba(20,120,200,0.25)", line: { color: "#1478c8", width: 1 },
    }));
    if (!marks.length) return view;
    const join = (lines) => ({
      x: lines.flatMap(({ values }) => [...values.keys(), null]),
      y: lines.flatMap(({ values }) => [...values, null]),
      meta: { points: lines.map(({ number }) => number) },
    });
    const out = [];
    const kept = view.data.map((trace) => {
      const lines = linesOf(trace);
      out.push(...lines.filter((line) => !isIn(line)));
      return { ...trace, ...join(lines.filter(isIn)) };
    });
    const rest = { ...view.data[0], ...join(out), name: "not chosen", line: { color: FAINT, width: 1 } };
    delete rest.meta; // they are not to be opened
    return { ...view, data: [rest, ...kept.filter(({ y }) => y.length)], layout: { ...view.layout, shapes: marks } };
  };

  const brushes = (id) => {
    const views = data.figures[id];
    const plot = byId(id);
    const axes = () => views[viewOf[id] ?? 0].layout.meta.axes;
    const controls = make("details", undefined, { class: "brushes" });
    const said = make("span", "", { role: "status", class: "note" });
    const reset = make("button", "Show all", { type: "button" });
    const rows = make("div");

    const heightOf = ({ low, high, log }, value) => {
      if (low === high) return value < low ? -1 : value > low ? 2 : 0.5;
      return log ? Math.log(Math.max(value, 1e-12) / low) / Math.log(high / low) : (value - low) / (high - low);
    };
    const valueAt = ({ low, high, log }, height) => Number((log ? low * (high / low) ** height : low + height * (high - low)).toPrecision(4));

    const apply = () => {
      const lines = views[viewOf[id] ?? 0].data.flatMap(linesOf);
      const chosenLines = lines.filter(isIn);
      const some = Object.keys(ranges).length > 0;
      brushed = some ? new Set(chosenLines.map(({ number }) => number)) : null;
      data.figures[id] = views.map(brushedView);
      redraw(id);
      said.textContent = some ? `${chosenLines.length} of ${lines.length} points are chosen` : "";
      reset.disabled = !some;
      fill();
    };
    const showRange = (axis) => {
      const [first, last] = rows.children[axis].querySelectorAll("select, input");
      const { heights, ...scale } = axes()[axis];
      const [low, high] = ranges[axis] ?? [0, 1];
      if (heights) {
        const places = Object.values(heights);
        first.selectedIndex = places.findIndex((height) => height >= low - 1e-6);
        last.selectedIndex = places.findLastIndex((height) => height <= high + 1e-6);
      } else {
        first.value = ranges[axis] && low > 0 ? valueAt(scale, low) : "";
        last.value = ranges[axis] && high < 1 ? valueAt(scale, high) : "";
      }
    };
    const choose = (axis, range) => {
      const { heights } = axes()[axis];
      const known = heights && Object.values(heights);
      const isAll = !range || (known ? known.every((each) => range[0] - 1e-6 <= each && each <= range[1] + 1e-6) : range[0] <= 0 && range[1] >= 1);
      if (isAll) delete ranges[axis];
      // A range between two values would choose nothing.
      else if (!known || known.some((each) => range[0] <= each && each <= range[1])) ranges[axis] = range;
      showRange(axis);
      apply();
    };
    const fromControls = (axis) => {
      const [first, last] = rows.children[axis].querySelectorAll("select, input");
      const { heights, ...scale } = axes()[axis];
      if (heights) {
        const places = Object.values(heights);
        const ends = [places[first.selectedIndex], places[last.selectedIndex]];
        choose(axis, [Math.min(...ends), Math.max(...ends)]);
      } else {
        const [low, high] = [first, last].map((field) => field.valueAsNumber);
        choose(axis, [Number.isNaN(low) ? 0 : heightOf(scale, low), Number.isNaN(high) ? 1 : heightOf(scale, high)]);
      }
    };
    const entry = (name, heights, end) => {
      const label = `${name}, ${end}`;
      if (!heights) return make("input", undefined, { type: "number", step: "any", autocomplete: "off", "aria-label": label });
      const list = make("select", undefined, { autocomplete: "off", "aria-label": label });
      list.append(...Object.keys(heights).map((text) => make("option", text)));
      return list;
    };
    const row = ({ name, heights }, axis) => {
      const line = make("div");
      const entries = ["from", "to"].map((end) => entry(name, heights, end));
      line.append(make("bdi", name, titled(name)), " from ", entries[0], " to ", entries[1]);
      for (const each of entries) each.addEventListener("change", () => fromControls(axis));
      return line;
    };
    const build = () => {
      rows.replaceChildren(...axes().map(row));
      axes().forEach((_, axis) => showRange(axis));
    };

    reset.disabled = true;
    reset.addEventListener("click", () => {
      ranges = {};
      axes().forEach((_, axis) => showRange(axis));
      apply();
    });
    document.querySelector(`[data-views="${id}"]`)?.addEventListener("change", () => {
      delete ranges[axes().length - 1]; // it was of another metric
      build();
      apply();
    });
    const status = make("p");
    status.append(reset, " ", said);
    controls.append(make("summary", "Choose points by their values"), rows);
    plot.before(controls, status);
    build();

    const textAt = (axis, y) => {
      const { heights } = axis;
      if (y === null) return "";
      return heights ? Object.keys(heights).find((text) => Math.abs(heights[text] - y) < 1e-6) : valueAt(axis, y);
    };
    ownRows[id] = () => [
      ["point", ...axes().map(({ name }) => name)],
      ...plot.data.flatMap((trace) => (trace.meta ? linesOf(trace) : []))
        .map(({ number, values }) => [number, ...values.map((y, axis) => textAt(axes()[axis], y))]),
    ];

    // ---- with the mouse

    const heightAt = (y) => {
      const { yaxis } = plot._fullLayout;
      return Math.min(Math.max(yaxis.p2d(y - yaxis._offset), 0), 1);
    };
    const axisAt = (x) => {
      const { xaxis } = plot._fullLayout;
      const axis = Math.round(xaxis.p2d(x - xaxis._offset));
      const isNear = axis >= 0 && axis < axes().length && Math.abs(xaxis._offset + xaxis.d2p(axis) - x) <= NEAR;
      return isNear ? axis : null;
    };
    /** Returns the line below the pointer, if there is one. */
    const lineAt = ([x, y]) => {
      let [found, least] = [null, NEAR];
      for (const each of targets(id)) {
        const n = each.places.findIndex(([right]) => right >= x);
        if (n < 1) continue;
        const [[x0, y0], [x1, y1]] = [each.places[n - 1], each.places[n]];
        const slope = (y1 - y0) / (x1 - x0);
        const distance = Math.abs(y0 + slope * (x - x0) - y) / Math.hypot(1, slope);
        if (distance < least) [found, least] = [each, distance];
      }
      return found;
    };
    let start = null; // where dragging began: the axis, and the height
    plot.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      const [x, y] = placeIn(plot, event);
      const isTouch = event.pointerType === "touch"; // dragging a finger scrolls
      start = { axis: isTouch ? null : axisAt(x), y, height: heightAt(y) };
      if (isTouch) return;
      event.preventDefault();
      plot.setPointerCapture(event.pointerId); // Plotly covers the page while a button is down
    });
    plot.addEventListener("pointermove", (event) => {
      const [x, y] = placeIn(plot, event);
      if (start?.axis != null) {
        const { xaxis } = plot._fullLayout;
        const across = xaxis._offset + xaxis.d2p(start.axis);
        mark(id, [[across, start.y], [across, y]]);
      } else if (!event.buttons) {
        const line = lineAt([x, y]);
        plot.style.cursor = line ? "pointer" : axisAt(x) === null ? "" : "ns-resize";
        plot.title = line ? inWords(line) : "";
        mark(id, line?.places ?? []);
      }
    });
    plot.addEventListener("pointerup", (event) => {
      if (!start) return;
      const [x, y] = placeIn(plot, event);
      const { axis, y: from, height } = start;
      start = null;
      const isDrag = Math.abs(y - from) > 4;
      if (axis !== null && isDrag) {
        const { yaxis } = plot._fullLayout;
        const slack = yaxis.p2d(0) - yaxis.p2d(SLACK); // a value that is nearly reached is meant
        const [low, high] = [height, heightAt(y)].sort((a, b) => a - b);
        choose(axis, [low - slack, high + slack]);
      }
      else if (axis !== null && ranges[axis]) choose(axis, null);
      else if (!isDrag) {
        const line = lineAt([x, y]);
        if (line) open(line.number);
      }
      mark(id, []);
    });
    plot.addEventListener("pointercancel", () => { start = null; });
    plot.addEventListener("pointerleave", () => mark(id, []));
  };
