"use strict";
(() => {
  if (typeof Plotly === "undefined") {
    for (const plot of document.querySelectorAll(".plot")) {
      plot.textContent = `The figures need plotly.js, which could not be loaded. ${plot.getAttribute("aria-label")}`;
      plot.style.minHeight = "0";
    }
    document.documentElement.dataset.drawn = "false";
    return;
  }
  const figures = JSON.parse(document.getElementById("figures").textContent);
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
  const config = { responsive: true, displayModeBar: false, scrollZoom: false };

  const draw = (id, view) => {
    const keys = view.layout.showlegend === false ? 0 : view.data.filter((t) => t.showlegend !== false).length;
    const room = matchMedia("(max-width: 40rem)").matches ? 20 * keys : 0; // a narrow legend is a column
    Plotly.react(id, view.data, { ...common, ...view.layout, height: view.layout.height + room }, config);
  };
  for (const [id, figure] of Object.entries(figures)) {
    draw(id, figure[0]);
  }

  for (const select of document.querySelectorAll("[data-views]")) {
    const id = select.dataset.views;
    select.addEventListener("change", () => draw(id, figures[id][select.selectedIndex]));
  }

  document.documentElement.dataset.drawn = "true";

  const plots = () => document.querySelectorAll(".plot");
  addEventListener("beforeprint", () => plots().forEach((p) => Plotly.relayout(p, { autosize: false, width: 680 })));
  addEventListener("afterprint", () => plots().forEach((p) => Plotly.relayout(p, { autosize: true, width: null })));

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      getSelection().selectAllChildren(source);
      try {
        await navigator.clipboard.writeText(source.textContent);
      } catch {
        document.execCommand("copy"); // pages opened from a file have no clipboard of their own
      }
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }
})();
