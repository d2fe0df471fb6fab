  // What the scripts of all pages share.
  /** @param {string} id */
  const byId = (id) => document.getElementById(id);

  /**
   * Makes an element.
   * @template {keyof HTMLElementTagNameMap} Name
   * @param {Name} name @param {string} [text] @param {Record<string, string>} [attributes]
   */
  const make = (name, text, attributes = {}) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };

  const data = JSON.parse(byId("figures").textContent);
  const whenIdle = typeof requestIdleCallback === "undefined" ? (work) => setTimeout(work, 50) : (work) => requestIdleCallback(work, { timeout: 500 }); // a busy machine is never idle

  const family = getComputedStyle(document.body).fontFamily;
  const axis = { title: { font: { size: 14 } }, ticks: "outside", ticklen: 5, tickcolor: "rgba(0,0,0,0)" };
  const common = {
    font: { family, size: 14 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    dragmode: false,
    hoverlabel: { align: "left", font: { family, size: 14 } },
    template: { layout: { xaxis: axis, yaxis: axis } },
  };
  const config = { responsive: true, displayModeBar: false, scrollZoom: false, doubleClick: false };
  const narrow = matchMedia("(max-width: 40rem)");

  const FRAME_HIGH = 90; // what small panels have above and below them
  const numbered = (axis, number) => (number ? `${axis}${number + 1}` : axis);

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
