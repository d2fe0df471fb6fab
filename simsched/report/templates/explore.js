  // What the reader does to figures and tables: hides servers, chooses a class of requests, zooms,
  // takes a logarithmic scale, saves a picture or the numbers.
  const chosen = { hidden: new Set(), kind: null }; // the servers that are hidden, and the class
  const zooms = {}; // the range that figures of one kind of axis show, in seconds
  const logs = {}; // the figures that have another scale than at first: true is logarithmic

  const settings = (id) => data.figures[id][viewOf[id] ?? 0].layout.meta ?? {};
  const isShown = ([, , server, kind]) => !chosen.hidden.has(server)
    && (chosen.kind === null || kind === null || kind === chosen.kind);

  const PER_POINT = ["x", "y", "base", "width", "text", "hovertext", "customdata"];
  const IN_MARKER = ["opacity", "color", "symbol"];

  // Keeps the points of a trace at those positions.
  const only = (trace, kept) => {
    const count = trace.y.length;
    const pick = (values) => (Array.isArray(values) && values.length === count ? kept.map((n) => values[n]) : values);
    const found = { ...trace, marker: { ...trace.marker } };
    for (const key of PER_POINT) if (key in trace) found[key] = pick(trace[key]);
    for (const key of IN_MARKER) if (key in found.marker) found.marker[key] = pick(found.marker[key]);
    if (trace.error_x?.array) {
      found.error_x = { ...trace.error_x, array: pick(trace.error_x.array), arrayminus: pick(trace.error_x.arrayminus) };
    }
    return found;
  };

  // Leaves out the blocks of rows that are hidden, and moves up what is below them.
  const withoutRows = (traces, layout, blocks) => {
    const hidden = blocks.filter((block) => !isShown(block));
    if (!hidden.length) return [traces, layout];
    const isKept = (y) => !hidden.some(([top, bottom]) => top <= y && y < bottom);
    const moved = (y) => hidden.reduce((sum, [top, bottom]) => (bottom <= y + 1e-9 ? sum - (bottom - top) : sum), y);
    const kept = traces.map((trace) => {
      const found = only(trace, trace.y.map((y, n) => n).filter((n) => isKept(trace.y[n])));
      return { ...found, y: found.y.map(moved) };
    });
    const { tickvals, ticktext, range } = layout.yaxis;
    const ticks = tickvals.map((_, n) => n).filter((n) => isKept(tickvals[n]));
    const gone = hidden.reduce((sum, [top, bottom]) => sum + bottom - top, 0);
    const span = Math.abs(range[0] - range[1]);
    const { t, b } = layout.margin;
    return [kept.filter((trace) => trace.y.length), {
      ...layout,
      height: t + b + (layout.height - t - b) * Math.max((span - gone) / span, 0.1),
      yaxis: {
        ...layout.yaxis,
        range: [range[0] - gone, range[1]],
        tickvals: ticks.map((n) => moved(tickvals[n])),
        ticktext: ticks.map((n) => ticktext[n]),
      },
      annotations: layout.annotations?.filter(({ y, yref }) => yref !== "y" || isKept(y))
        .map((each) => (each.yref === "y" ? { ...each, y: moved(each.y) } : each)),
    }];
  };

  const FRAME_HIGH = 90; // what small panels have above and below them
  const numbered = (axis, number) => (number ? `${axis}${number + 1}` : axis);

  // Leaves out the panels of hidden servers; those behind them take their places. The line of the
  // first server stands behind those of the others where the figure wants it.
  const inPanels = (every, layout) => {
    const servers = [...new Set(every.map((trace) => trace.meta))];
    const shown = servers.filter((server) => !chosen.hidden.has(server));
    const ownHeight = Boolean(layout.yaxis2); // otherwise all panels have one vertical axis
    const place = (trace, panel) => ({
      ...trace, xaxis: numbered("x", panel), ...(ownHeight ? { yaxis: numbered("y", panel) } : {}),
    });
    const [first] = every;
    const ghost = { ...first, line: { color: "#8a8f98", width: 1, shape: first.line?.shape }, hoverinfo: "skip", hovertemplate: null, hovertext: null };
    const behind = !layout.meta.ghost ? [] : shown.map((server, panel) => (server === first.meta ? null : place(ghost, panel)));
    const traces = every.filter((trace) => shown.includes(trace.meta)).map((trace) => place(trace, shown.indexOf(trace.meta)));
    const found = { ...layout };
    servers.slice(shown.length).forEach((_, n) => {
      delete found[numbered("xaxis", n + shown.length)];
      if (ownHeight) delete found[numbered("yaxis", n + shown.length)];
    });
    found.shapes = layout.shapes?.filter(({ xref }) => !/^x\d*$/.test(xref) || found[xref.replace("x", "xaxis")]);
    const titles = layout.annotations.filter(({ name }) => name !== undefined);
    found.annotations = layout.annotations.filter(({ name }) => name === undefined).concat(shown.map((server, panel) => {
      const { x, y } = titles[panel];
      return { ...titles.find(({ name }) => name === String(server)), x, y };
    }));
    return [[...behind.filter(Boolean), ...traces], found];
  };

  // Has small panels stand two in a row, where four would be too narrow for their titles.
  const inTwoColumns = (layout) => {
    const titles = layout.annotations.filter(({ name }) => name !== undefined);
    const rows = Math.ceil(titles.length / 2);
    const found = { ...layout, height: (layout.height - FRAME_HIGH) * (rows / Math.ceil(titles.length / 4)) + FRAME_HIGH };
    found.annotations = layout.annotations.map((each) => {
      const n = titles.indexOf(each);
      return n < 0 ? each : { ...each, x: (n % 2) / 2, y: 1 - Math.floor(n / 2) / rows, font: { ...each.font, size: 12 } };
    });
    titles.forEach((_, n) => {
      const [left, top] = [(n % 2) / 2, 1 - Math.floor(n / 2) / rows];
      const [across, up] = [numbered("xaxis", n), numbered("yaxis", n)];
      found[across] = { ...layout[across], domain: [left, left + 0.42], showticklabels: n + 2 >= titles.length };
      found[up] = { ...layout[up], domain: [top - 0.68 / rows, top], showticklabels: n % 2 === 0 };
    });
    return found;
  };

  const PANELS_WIDE = 640; // what four panels in a row need
  const withRoom = (id, layout) => {
    const { clientWidth } = document.getElementById(id);
    return layout.meta?.ghost && clientWidth < PANELS_WIDE ? inTwoColumns(layout) : layout;
  };

  const isLog = (id, layout, axis) => logs[id] ?? layout[axis]?.type === "log";

  // The least number above 0 that is drawn, and the largest: a logarithmic scale has no 0.
  const ends = (traces, axis) => {
    const values = traces.flatMap((trace) => trace[axis] ?? []).filter((value) => value > 0);
    return values.length ? [Math.log10(Math.min(...values)) - 0.05, Math.log10(Math.max(...values)) + 0.05] : [0, 1];
  };

  const scaled = (id, traces, layout, axis) => {
    const log = isLog(id, layout, axis);
    if (log === (layout[axis].type === "log")) return layout;
    const { range, ...rest } = layout[axis];
    if (!log) return { ...layout, [axis]: { ...rest, type: "linear" } };
    return {
      ...layout,
      [axis]: { ...rest, type: "log", range: ends(traces, axis[0]) },
      // Plotly takes a text on such an axis by the logarithm of its place, but a line as it is.
      annotations: layout.annotations?.map((each) => (each.yref === "paper" && !each.xref ? { ...each, x: Math.log10(each.x) } : each)),
    };
  };

  const zoomed = (id, layout, { zoom, size = 1 }) => {
    const found = { ...layout, dragmode: matchMedia("(pointer: fine)").matches ? "zoom" : false };
    if (!zooms[zoom]) return found;
    const range = zooms[zoom].map((end) => end / size);
    const isLogarithmic = layout.xaxis.type === "log";
    found.xaxis = { ...layout.xaxis, range: isLogarithmic ? range.map((end) => Math.log10(Math.max(end, 1e-9))) : range };
    return found;
  };

  // A figure as the reader has arranged it.
  const arranged = (id, { data: every, layout: plan }) => {
    const meta = plan.meta ?? {};
    let traces = every.filter((trace) => !chosen.hidden.has(trace.meta));
    let layout = plan;
    if (meta.rows) [traces, layout] = withoutRows(traces, layout, meta.rows);
    layout = withRoom(id, layout);
    if (meta.columns) [traces, layout] = inPanels(every, layout);
    if (meta.log) layout = scaled(id, traces, layout, meta.log);
    if (meta.zoom) layout = zoomed(id, layout, meta);
    return { traces, layout };
  };

  const download = (name, address) => {
    const link = document.createElement("a");
    link.download = `${document.title.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60)}-${name}`;
    link.href = address;
    link.click();
  };

  const savePicture = async (id) => {
    const plot = document.getElementById(id);
    const title = document.getElementById(`${id}-title`).textContent;
    const { t = 8, ...margin } = plot.layout.margin ?? {};
    const layout = {
      ...plot.layout,
      paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff",
      font: { ...plot.layout.font, color: "#1c2127" },
      title: { text: title.replace(/[<&]/g, (c) => ({ "<": "&lt;", "&": "&amp;" })[c]), x: 0.01, xanchor: "left" },
      margin: { ...margin, t: t + 70 },
    };
    const size = { width: plot.clientWidth, height: plot.clientHeight + 62 };
    const image = await Plotly.toImage({ data: plot.data, layout }, { format: "png", scale: 2, ...size });
    download(`${id}.png`, image);
  };

  const plain = (text) => {
    const holder = document.createElement("template");
    holder.innerHTML = String(text ?? "").replaceAll("<br>", "; ");
    return holder.content.textContent;
  };
  const cell = (value) => {
    const text = typeof value === "number" ? String(value) : plain(value);
    const safe = typeof value !== "number" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text; // no formula
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const named = (axis, value) => {
    const at = axis?.tickvals?.indexOf(Math.round(value)) ?? -1;
    return axis?.ticktext && at >= 0 ? axis.ticktext[at].replaceAll("<br>", " ") : value;
  };

  // The numbers that a figure shows, a row each.
  const table = (id) => {
    const { data: traces, layout } = document.getElementById(id);
    const titles = ["x", "y"].map((name) => plain(layout[`${name}axis`]?.title?.text) || name);
    const rows = [["series", ...titles, "from", "low", "high", "description"]];
    for (const trace of traces) {
      const axis = layout[`yaxis${(trace.yaxis ?? "y").slice(1)}`];
      (trace.z ? [] : trace.y ?? []).forEach((y, n) => {
        const x = trace.x[n];
        const { array, arrayminus } = trace.error_x ?? {};
        const reach = array ? [x - arrayminus[n], x + array[n]] : ["", ""];
        const said = Array.isArray(trace.hovertext) ? trace.hovertext[n] : trace.hovertext;
        rows.push([trace.name ?? "", x, named(axis, y), trace.base?.[n] ?? "", ...reach, said ?? ""]);
      });
      (trace.z ?? []).forEach((line, row) => line.forEach((z, column) => {
        const place = [named(layout.xaxis, column), named(axis, row)];
        rows.push([trace.name ?? "", ...place, "", "", "", trace.text?.[row]?.[column] || (z ?? "")]);
      }));
    }
    return rows.map((row) => row.map(cell).join(",")).join("\r\n");
  };
  const saveNumbers = (id) => {
    const address = URL.createObjectURL(new Blob([`\ufeff${table(id)}\r\n`], { type: "text/csv" }));
    download(`${id}.csv`, address);
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };

  let redraw = () => {}; // draws a figure again, or all of them; set where they are drawn

  const zoomTo = (zoom, range) => {
    if (range) zooms[zoom] = range;
    else delete zooms[zoom];
    for (const id of Object.keys(data.figures)) if (settings(id).zoom === zoom) redraw(id);
  };
  const rangeOf = (id) => {
    const { xaxis } = document.getElementById(id)._fullLayout;
    const range = xaxis.type === "log" ? xaxis.range.map((end) => 10 ** end) : xaxis.range;
    return range.map((end) => end * (settings(id).size ?? 1));
  };
  const shift = (id, factor, move) => {
    const [first, last] = rangeOf(id);
    const [middle, half] = [(first + last) / 2, (last - first) / 2];
    const center = middle + 2 * half * move;
    zoomTo(settings(id).zoom, [center - half * factor, center + half * factor]);
  };

  const tool = (bar, id, text, work) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.setAttribute("aria-label", `${text}: ${document.getElementById(`${id}-title`).textContent}`);
    button.addEventListener("click", () => work(button));
    bar.append(button);
    return button;
  };

  // Puts the buttons below a figure.
  const equip = (id) => {
    const bar = document.createElement("div");
    bar.className = "tools";
    const { log, zoom } = settings(id);
    if (log) {
      const initial = data.figures[id][0].layout;
      const button = tool(bar, id, "Logarithmic", () => {
        logs[id] = !isLog(id, initial, log);
        button.setAttribute("aria-pressed", logs[id]);
        redraw(id);
      });
      button.setAttribute("aria-pressed", isLog(id, initial, log));
    }
    if (zoom) {
      const [less, more] = zoom === "response" ? ["Shorter", "Longer"] : ["Earlier", "Later"];
      tool(bar, id, "Zoom in", () => shift(id, 0.5, 0));
      for (const [text, work] of [
        [less, () => shift(id, 1, -0.5)],
        [more, () => shift(id, 1, 0.5)],
        ["Whole axis", () => zoomTo(settings(id).zoom, null)],
      ]) tool(bar, id, text, work).dataset.zoomed = "";
    }
    tool(bar, id, "PNG", () => savePicture(id));
    tool(bar, id, "CSV", () => saveNumbers(id));
    const plot = document.getElementById(id);
    plot.after(bar);
    const isByKind = data.figures[id].some(({ layout: { meta } }) => meta?.kind || meta?.rows?.some((row) => row[3]));
    if (isByKind) return;
    const note = document.createElement("p");
    note.className = "note";
    note.dataset.allKinds = "";
    note.hidden = true;
    note.textContent = "This figure shows the requests of all classes together.";
    plot.before(note);
  };

  const updateTools = (id) => {
    const bar = document.getElementById(id).nextElementSibling;
    for (const button of bar.querySelectorAll("[data-zoomed]")) button.disabled = !zooms[settings(id).zoom];
  };

  // Zooms all figures of one kind of axis when one of them is zoomed with the mouse.
  const followZoom = (id) => {
    const plot = document.getElementById(id);
    plot.on("plotly_relayout", (change) => {
      const { zoom } = settings(id);
      if (!zoom || !("xaxis.range[0]" in change)) return;
      zoomTo(zoom, rangeOf(id));
    });
    plot.on("plotly_doubleclick", () => { if (settings(id).zoom) zoomTo(settings(id).zoom, null); });
  };

  const followChips = () => {
    const chips = document.getElementById("chips");
    if (!chips) return;
    const rules = document.head.appendChild(document.createElement("style"));
    const status = chips.querySelector("[aria-live]");
    const show = () => {
      const servers = [...chips.querySelectorAll("input[name=server]")];
      const on = servers.filter((each) => each.checked);
      for (const each of servers) each.disabled = on.length === 1 && each.checked; // one is always shown
      chosen.hidden = new Set(servers.filter((each) => !each.checked).map((each) => Number(each.value)));
      const kind = chips.querySelector("input[name=kind]:checked")?.value ?? "";
      chosen.kind = kind === "" ? null : data.kinds[Number(kind)];
      rules.textContent = [
        ...[...chosen.hidden].map((server) => `[data-server="${server}"] { display: none !important; }`),
        kind === "" ? "" : `[data-kind]:not([data-kind="${kind}"]) { display: none !important; }`,
      ].join("\n");
      for (const each of document.querySelectorAll("details[data-kind]")) if (each.dataset.kind === kind) each.open = true;
      for (const each of document.querySelectorAll("td[data-columns]")) each.colSpan = on.length;
      for (const each of document.querySelectorAll("[data-all-kinds]")) each.hidden = kind === "";
      for (const [id, views] of Object.entries(data.figures)) {
        const at = views.findIndex(({ layout }) => (layout.meta?.kind ?? null) === chosen.kind);
        const isByKind = views.some(({ layout }) => layout.meta?.kind);
        const select = document.querySelector(`[data-views="${id}"]`);
        if (isByKind && at >= 0 && select && select.selectedIndex !== at) {
          select.selectedIndex = at;
          select.dispatchEvent(new Event("change"));
        } else redraw(id);
      }
      const names = on.map((each) => each.parentElement.textContent.trim());
      const requests = chosen.kind === null ? "all requests" : `requests of class ${chosen.kind}`;
      status.textContent = `Shown: ${names.join(", ") || "everything"}; ${requests}`;
    };
    chips.addEventListener("change", show);
    chips.addEventListener("submit", (event) => event.preventDefault());
  };
