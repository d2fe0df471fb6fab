  // Draws the figures of a report, each as the reader has it.
  const viewOf = {}; // which of its views each figure shows
  const whenDrawn = {}; // what is to be done once a figure is drawn, by its id
  const plots = () => document.querySelectorAll(".plot");

{% include "arranging.js" %}

{% include "saving.js" %}

{% include "tools.js" %}

{% include "chips.js" %}

{% include "views.js" %}

{% include "printing.js" %}

  const missesLibrary = () => {
    if (typeof Plotly !== "undefined") return false;
    for (const plot of plots()) {
      plot.textContent = `The figures need plotly.js, which could not be loaded. ${plot.getAttribute("aria-label")}`;
      plot.style.minHeight = "0";
    }
    return true;
  };

  // Draws every figure of the page, the first of its views at first: those in sight at once, the
  // others when they come into sight or the browser has nothing else to do.
  const drawFigures = () => {
    if (missesLibrary()) {
      document.documentElement.dataset.drawn = "false";
      return;
    }
    const draw = (id, at) => {
      viewOf[id] = at;
      const { traces, layout } = arranged(id, data.figures[id][at]);
      const fit = { ...common, ...layout };
      if (narrow.matches && layout.showlegend !== false) {
        const keys = traces.filter((trace) => trace.showlegend !== false && trace.name).length;
        fit.height += 20 * keys; // a narrow legend is a column
      }
      byId(id).style.minHeight = `${fit.height}px`;
      Plotly.react(id, traces, fit, config);
      updateTools(id);
    };
    const waiting = new Set(Object.keys(data.figures));
    const drawFirst = (id) => {
      if (!waiting.delete(id)) return;
      draw(id, viewOf[id] ?? 0);
      followZoom(id);
      whenDrawn[id]?.();
      if (!waiting.size) document.documentElement.dataset.drawn = "true";
    };
    redraw = (id) => { if (!waiting.has(id)) draw(id, viewOf[id] ?? 0); };
    const drawAll = () => [...waiting].forEach(drawFirst);
    const sight = new IntersectionObserver(
      (seen) => seen.filter((each) => each.isIntersecting).forEach((each) => drawFirst(each.target.id)),
      { rootMargin: "200px" },
    );
    const drawNext = () => {
      const [next] = waiting;
      if (next === undefined) return;
      drawFirst(next);
      whenIdle(drawNext);
    };
    if (!waiting.size) document.documentElement.dataset.drawn = "true";
    waiting.forEach(equip);
    for (const id of waiting) sight.observe(byId(id));
    whenIdle(drawNext);
    narrow.addEventListener("change", () => Object.entries(viewOf).forEach(([id, at]) => draw(id, at)));
    for (const select of document.querySelectorAll("[data-views]")) {
      picksViews(select, (id, at) => {
        drawFirst(id);
        draw(id, at);
      });
    }
    followChips();
    fitsPrint(drawAll);
  };
