  // The buttons below a figure: zoom, scale, and what can be saved.
  /** @type {(id: string) => void} */
  let redraw = () => {}; // draws a figure again, or all of them; set where they are drawn

  const zoomTo = (zoom, range) => {
    if (range) zooms[zoom] = range;
    else delete zooms[zoom];
    for (const id of Object.keys(data.figures)) if (settings(id).zoom === zoom) redraw(id);
  };
  const rangeOf = (id) => {
    const { xaxis } = byId(id)._fullLayout;
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
    const label = `${text}: ${byId(`${id}-title`).textContent}`;
    const button = make("button", text, { type: "button", "aria-label": label });
    button.addEventListener("click", () => work(button));
    bar.append(button);
    return button;
  };

  // Puts the buttons below a figure.
  const equip = (id) => {
    const bar = make("div", "", { class: "tools" });
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
    const plot = byId(id);
    plot.after(bar);
    const isByKind = data.figures[id].some(({ layout: { meta } }) => meta?.kind || meta?.rows?.some((row) => row[3]));
    if (isByKind) return;
    const said = "This figure shows the requests of all classes together.";
    plot.before(make("p", said, { class: "note", "data-all-kinds": "", hidden: "" }));
  };

  const updateTools = (id) => {
    const bar = byId(id).nextElementSibling;
    for (const button of bar.querySelectorAll("[data-zoomed]")) button.disabled = !zooms[settings(id).zoom];
  };

  // Zooms all figures of one kind of axis when one of them is zoomed with the mouse.
  const followZoom = (id) => {
    const plot = byId(id);
    plot.on("plotly_relayout", (change) => {
      const { zoom } = settings(id);
      if (!zoom || !("xaxis.range[0]" in change)) return;
      zoomTo(zoom, rangeOf(id));
    });
    plot.on("plotly_doubleclick", () => { if (settings(id).zoom) zoomTo(settings(id).zoom, null); });
  };
