  // A figure as the reader has arranged it: without hidden servers and classes, zoomed, on another scale.
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

  const isLog = (id, layout, axis) => logs[id] ?? layout[axis]?.type === "log";

  // The least number above 0 that is drawn, and the largest: a logarithmic scale has no 0.
  const ends = (traces, axis) => {
    const values = traces.flatMap((trace) => trace[axis] ?? []).filter((value) => value > 0);
    return values.length ? [Math.log10(Math.min(...values)) - 0.05, Math.log10(Math.max(...values)) + 0.05] : [0, 1];
  };

  const scaled = (id, traces, layout, axis) => {
    const log = isLog(id, layout, axis);
    if (log === (layout[axis].type === "log")) return layout;
    const rest = { ...layout[axis] };
    delete rest.range;
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
