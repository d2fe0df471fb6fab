"use strict";
(() => {
{% include "shared.js" %}

  if (missesLibrary()) {
    document.documentElement.dataset.drawn = "false";
    return;
  }
  const figures = JSON.parse(document.getElementById("figures").textContent);

  const shown = {}; // which of its views each figure shows
  const draw = (id, at) => {
    shown[id] = at;
    const { data, layout } = figures[id][at];
    const fit = { ...common, ...layout };
    if (narrow.matches) {
      const keys = layout.showlegend === false ? 0 : data.filter((t) => t.showlegend !== false).length;
      fit.height += 20 * keys; // a narrow legend is a column
    }
    document.getElementById(id).style.minHeight = `${fit.height}px`;
    Plotly.react(id, data, fit, config);
  };
  for (const id of Object.keys(figures)) {
    draw(id, 0);
  }
  narrow.addEventListener("change", () => Object.entries(shown).forEach(([id, at]) => draw(id, at)));

  for (const select of document.querySelectorAll("[data-views]")) {
    select.addEventListener("change", () => draw(select.dataset.views, select.selectedIndex));
  }

  document.documentElement.dataset.drawn = "true";

  fitsPrint();
})();
