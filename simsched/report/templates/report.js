"use strict";
(() => {
{% include "shared.js" %}

  if (missesLibrary()) {
    document.documentElement.dataset.drawn = "false";
    return;
  }
  const figures = JSON.parse(document.getElementById("figures").textContent);

  const shortened = (trace) => (trace.meta?.short ? { ...trace, text: trace.meta.short } : trace);
  const shown = {}; // which of its views each figure shows
  const draw = (id, at) => {
    shown[id] = at;
    const { data, layout } = figures[id][at];
    const fit = { ...common, ...layout };
    if (narrow.matches) {
      const keys = layout.showlegend === false ? 0 : data.filter((t) => t.showlegend !== false).length;
      fit.height += 20 * keys; // a narrow legend is a column
      if (layout.meta?.short) fit.margin = { ...layout.margin, r: layout.meta.short };
    }
    document.getElementById(id).style.minHeight = `${fit.height}px`;
    Plotly.react(id, narrow.matches ? data.map(shortened) : data, fit, config);
  };
  for (const id of Object.keys(figures)) {
    draw(id, 0);
  }
  narrow.addEventListener("change", () => Object.entries(shown).forEach(([id, at]) => draw(id, at)));

  for (const select of document.querySelectorAll("[data-views]")) {
    const id = select.dataset.views;
    const brushes = document.querySelectorAll(`[data-brush="${id}"]`);
    const buttons = document.querySelectorAll(`[data-group="${id}"]`);
    const show = (at) => {
      select.selectedIndex = at;
      draw(id, at);
      for (const button of buttons) {
        const { first, last } = button.dataset;
        button.setAttribute("aria-pressed", at >= Number(first) && at <= Number(last));
      }
      for (const brush of brushes) {
        const first = Number(brush.min);
        const within = at >= first && at <= Number(brush.max);
        brush.closest("[data-brush-of]").hidden = !within;
        if (!within) continue;
        const frame = brush.parentElement.querySelector("rect");
        frame.setAttribute("x", (at - first) * frame.getAttribute("width"));
        brush.value = at;
        brush.setAttribute("aria-valuetext", select.value);
      }
    };
    select.addEventListener("change", () => show(select.selectedIndex));
    for (const button of buttons) {
      button.addEventListener("click", () => show(Number(button.dataset.first)));
    }
    for (const brush of brushes) {
      brush.addEventListener("input", () => show(Number(brush.value)));
      // A range's own steps are coarse: follow the pointer to the place under it.
      brush.addEventListener("pointermove", (event) => {
        if (!event.buttons) return;
        const { left, width } = brush.getBoundingClientRect();
        const [first, last] = [Number(brush.min), Number(brush.max)];
        const place = first + Math.floor(((event.clientX - left) / width) * (last - first + 1));
        const at = Math.min(Math.max(place, first), last);
        if (at !== select.selectedIndex) show(at);
      });
    }
  }

  document.documentElement.dataset.drawn = "true";

  fitsPrint();
})();
