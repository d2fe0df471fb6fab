"use strict";
(() => {
{% include "page.js" %}
{% include "copying.js" %}
{% include "figures.js" %}

  const slider = data.slider;
  Object.assign(data.figures, slider[0]?.figures);

  const STEP = 200; // rows that are shown at a time
  const { heads, numeric, rows } = data.table;
  let sorted = { column: 0, falling: false };
  let shown = STEP;

  /** Returns the attributes of what names a parameter: its path in the scenario, to hover over. @param {string} name */
  const titled = (name) => (data.paths[name] && data.paths[name] !== name ? { title: data.paths[name] } : {});

  const compare = (one, other) => {
    const [a, b] = [one[sorted.column][0], other[sorted.column][0]];
    if (a === b) return one[0][0] - other[0][0];
    if (a === null || b === null) return a === null ? 1 : -1; // what is not known comes last
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    return sorted.falling ? -order : order;
  };
  const matching = () => {
    const words = byId("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const column = Number(byId("column").value);
    const [least, most] = ["least", "most"].map((id) => byId(id).valueAsNumber);
    return rows.filter((row) => {
      const text = row.map((cell) => cell[1]).join(" ").toLowerCase();
      const value = row[column][0];
      const within = !(least > value || most < value) && !(value === null && (least === least || most === most));
      if (brushed && !brushed.has(row[0][0])) return false;
      return within && words.every((word) => text.includes(word));
    });
  };
  const cells = (row) => {
    const line = make("tr");
    row.forEach(([, text], column) => {
      const cell = make(column ? "td" : "th", undefined, column ? {} : { scope: "row" });
      if (!numeric[column]) cell.className = "word";
      cell.append(column ? make("bdi", text) : make("a", text, { href: `#point-${text}` }));
      line.append(cell);
    });
    if (location.hash === `#point-${row[0][0]}`) line.className = "chosen";
    return line;
  };
  const fill = () => {
    const found = matching().sort(compare);
    byId("points").tBodies[0].replaceChildren(...found.slice(0, shown).map(cells));
    byId("found").textContent = `${found.length} of ${rows.length} rows`;
    byId("more").hidden = found.length <= shown;
    [...byId("points").tHead.querySelectorAll("th")].forEach((head, column) => {
      const way = sorted.falling ? "descending" : "ascending";
      head.setAttribute("aria-sort", column === sorted.column ? way : "none");
    });
  };
  const head = () => {
    const line = make("tr");
    heads.forEach((name, column) => {
      const cell = make("th", undefined, { scope: "col" });
      if (!numeric[column]) cell.className = "word";
      const button = make("button", undefined, { type: "button" });
      button.append(make("bdi", name, titled(name)));
      button.addEventListener("click", () => {
        sorted = { column, falling: sorted.column === column && !sorted.falling };
        fill();
      });
      cell.append(button);
      line.append(cell);
      if (numeric[column]) byId("column").append(make("option", name, { value: column }));
    });
    byId("points").tHead.append(line);
  };

{% include "brush.js" %}
{% include "open_points.js" %}

  const point = () => {
    const number = location.hash.match(/^#point-(\d+)$/)?.[1];
    const one = number && data.points[number];
    byId("point").hidden = !one;
    if (!one) return;
    byId("point-title").textContent = `Point ${number}`;
    const at = make("dl");
    for (const [name, value] of one.at) at.append(make("dt", name, titled(name)), make("dd", value));
    /** @type {HTMLElement[]} */
    const body = [at];
    if (one.error) {
      body.push(make("p", `It failed: ${one.error}`));
    } else {
      const table = make("table");
      const line = table.createTHead().insertRow();
      line.append(make("td"), ...one.servers.map((name) => make("th", name, { scope: "col" })));
      const inner = table.createTBody();
      for (const [title, ...texts] of one.rows) {
        const row = inner.insertRow();
        row.append(make("th", title, { scope: "row" }), ...texts.map((text) => make("td", text)));
      }
      const scroll = make("div", undefined, { class: "scroll", role: "region", tabindex: "0", "aria-label": `Figures of point ${number}` });
      scroll.append(table);
      body.push(...one.said.map((text) => make("p", text, { class: "note" })), scroll);
      body.push(make("p", `± and brackets are confidence intervals, from ${one.replications} replication${one.replications > 1 ? "s" : ""}.`, { class: "note" }));
    }
    body.push(make("p", "Simulate it alone, in the folder of this page:"));
    const code = make("div", undefined, { class: "code" });
    const text = make("pre", undefined, { tabindex: "0", "aria-label": "command for this point" });
    text.append(make("code", one.command, { id: "point-command" }));
    const button = make("button", "Copy", { type: "button" });
    copies(button, () => byId("point-command"));
    code.append(text, button);
    byId("point-body").replaceChildren(...linkToPlay(number), ...body, code);
    byId("point").scrollIntoView();
    byId("point").focus({ preventScroll: true });
  };

  const linkToPlay = (number) => {
    const address = toPlay(number);
    if (!address) return [];
    const line = make("p");
    line.append(make("a", "Try what-ifs from here", { href: address }));
    return [line];
  };

  // A slider changes the maps: each of its places has its own.
  const slide = () => {
    const { value, figures, alts } = slider[byId("slice").valueAsNumber];
    byId("slice-value").textContent = value;
    byId("slice").setAttribute("aria-valuetext", value);
    Object.assign(data.figures, figures);
    for (const [id, alt] of Object.entries(alts)) {
      byId(id).setAttribute("aria-label", alt);
      mark(id, []);
      redraw(id);
    }
  };
  byId("slice")?.addEventListener("input", slide);

  for (const id of Object.keys(data.figures)) whenDrawn[id] = () => (id === "parallel" ? brushes : opensPoints)(id);

  head();
  fill();
  for (const id of ["filter", "least", "most", "column"]) {
    byId(id).addEventListener("input", () => { shown = STEP; fill(); });
  }
  byId("more").addEventListener("click", () => { shown += STEP; fill(); });
  addEventListener("hashchange", () => { fill(); point(); });
  drawFigures();
  if (typeof Plotly !== "undefined") Object.keys(data.figures).forEach(walks);
  point();
})();
