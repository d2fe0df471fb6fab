  // Opens points from figures, by pointer and by keyboard: where simsched view shows the page, to play
  // with them, elsewhere their own figures on this page.

  const placeOfPage = () => location.protocol === "http:" && location.pathname.match(/^\/runs\/(.+)\/report\.html$/)?.[1];
  const LONGEST_QUERY = 1990; // the server takes addresses of 2,000 characters

  /** Returns where a point is played with; null where it cannot be. @param {number|string} number */
  const toPlay = (number) => {
    const folder = placeOfPage();
    const changes = data.points[number]?.changes;
    if (!folder || !changes || data.points[number].error) return null;
    const query = `run=${folder}${changes.map((change) => `&set=${encodeURIComponent(change)}`).join("")}`;
    return query.length < LONGEST_QUERY ? `/play?${query}` : null;
  };

  /** @param {number|string} number */
  const open = (number) => {
    const address = toPlay(number);
    // Where nothing can hover, a tap is how a figure is read.
    if (address && !matchMedia("(hover: none)").matches) location.href = address;
    else if (location.hash === `#point-${number}`) point();
    else location.hash = `#point-${number}`;
  };

  const SVG = "http://www.w3.org/2000/svg";

  /** Draws a mark over a figure: a line through places, or a ring around one. @param {string} id @param {number[][]} places */
  const mark = (id, places) => {
    const plot = byId(id);
    let over = plot.querySelector(":scope > .over");
    if (!over) {
      over = plot.appendChild(document.createElementNS(SVG, "svg"));
      over.setAttribute("class", "over");
      over.setAttribute("aria-hidden", "true");
    }
    const shape = document.createElementNS(SVG, places.length === 1 ? "circle" : "polyline");
    if (places.length === 1) {
      const [[cx, cy]] = places;
      for (const [key, value] of Object.entries({ cx, cy, r: 13 })) shape.setAttribute(key, String(value));
    } else shape.setAttribute("points", places.map((each) => each.join(",")).join(" "));
    over.replaceChildren(...(places.length ? [shape] : []));
  };

  // What a figure says of a point begins with its number, or with its server and its number.
  const numberIn = (text) => String(text ?? "").match(/^point (\d+)\b|<\/b>, point (\d+)<br>/)?.slice(1).find(Boolean);

  /** Returns the points that a figure shows: the number of each, what it says, its places in pixels, and how far it reaches. @param {string} id */
  const targets = (id) => {
    const { data: traces, _fullLayout: { xaxis, yaxis } } = byId(id);
    const at = (x, y) => [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)];
    const half = (axis) => Math.abs(axis.d2p(1) - axis.d2p(0)) / 2;
    return traces.flatMap((trace) => {
      if (trace.meta?.points) {
        return linesOf(trace).map(({ number, values }) => (
          { number, text: "", places: values.flatMap((y, x) => (y === null ? [] : [at(x, y)])) }
        ));
      }
      const texts = trace.customdata ?? trace.hovertext ?? trace.text;
      if (!Array.isArray(texts)) return [];
      const reach = trace.z ? [half(xaxis), half(yaxis)] : [NEAR, NEAR];
      const every = trace.z
        ? texts.flatMap((row, y) => row.map((text, x) => [text, x, y]))
        : texts.map((text, n) => [text, trace.x[n], trace.y[n]]);
      return every.filter(([text, , y]) => numberIn(text) && y !== null)
        .map(([text, x, y]) => ({ number: numberIn(text), text: plain(text), places: [at(x, y)], reach }));
    });
  };

  const placeIn = (plot, event) => {
    const { left, top } = plot.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };

  /** Opens the point that is clicked on. Plotly itself reports no click on an empty cell. @param {string} id */
  const opensPoints = (id) => {
    const plot = byId(id);
    let start = null;
    plot.addEventListener("pointerdown", (event) => { start = event.button ? null : placeIn(plot, event); });
    addEventListener("pointerup", (event) => { // over Plotly's own cover of the page
      if (!start) return;
      const [x, y] = start;
      start = null;
      const [toX, toY] = placeIn(plot, event);
      if (Math.hypot(toX - x, toY - y) > 4) return;
      const distance = ({ places: [[cx, cy]] }) => Math.hypot(cx - x, cy - y);
      const [found] = targets(id)
        .filter(({ places: [[cx, cy]], reach: [across, up] }) => Math.abs(cx - x) <= across && Math.abs(cy - y) <= up)
        .sort((one, other) => distance(one) - distance(other));
      if (found) open(found.number);
    });
  };

  const AHEAD = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  /** Returns the point next to one in a direction: the nearest one that lies more that way than aside. */
  const nextTo = (every, from, [dx, dy]) => {
    if (!from) return every[0];
    if (from.places.length !== 1) return every[(every.findIndex(({ number }) => number === from.number) + (dx + dy) + every.length) % every.length];
    let [best, least] = [from, Infinity];
    for (const each of every) {
      const [x, y] = [each.places[0][0] - from.places[0][0], each.places[0][1] - from.places[0][1]];
      const [along, aside] = [x * dx + y * dy, Math.abs(x * dy) + Math.abs(y * dx)];
      if (along > 0.5 && along + 4 * aside < least) [best, least] = [each, along + 4 * aside];
    }
    return best;
  };

  const inWords = ({ number, text }) => {
    const at = data.points[number].at.map(([name, value]) => `${name} = ${value}`).join(", ");
    return `Point ${number}: ${at}${text ? `; ${text.replace(/^point \d+[;:]? ?/, "")}` : ""}`;
  };

  // A button below each figure from which the arrow keys lead through its points, and Enter opens one.
  const walks = (id) => {
    const plot = byId(id);
    const bar = plot.nextElementSibling;
    let current = null;
    const said = make("p", "", { class: "note walked", role: "status" });
    const button = tool(bar, id, "Points", () => { if (current) open(current.number); else go("ArrowRight"); });
    const help = make("span", "Arrow keys lead through the points of this figure, Enter opens one.", { id: `${id}-walk`, class: "unseen" });
    const leave = () => {
      current = null;
      said.textContent = "";
      mark(id, []);
    };
    const go = (key) => {
      const every = targets(id);
      // The figure may have been drawn again, with other places.
      const from = current && (every.find(({ number, text }) => number === current.number && text === current.text) ?? null);
      current = nextTo(every, from, AHEAD[key]) ?? null;
      if (!current) return;
      said.textContent = inWords(current);
      mark(id, current.places);
    };
    button.setAttribute("aria-describedby", help.id);
    button.title = help.textContent;
    button.addEventListener("keydown", (event) => {
      if (AHEAD[event.key]) go(event.key);
      else if (event.key === "Escape") leave();
      else return;
      event.preventDefault();
    });
    button.addEventListener("blur", leave);
    bar.prepend(button);
    bar.append(help);
    bar.after(said);
  };
