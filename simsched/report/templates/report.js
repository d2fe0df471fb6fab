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
    const brush = document.querySelector(`[data-brush="${id}"]`);
    const frame = brush?.parentElement.querySelector("rect");
    const show = () => {
      const at = select.selectedIndex;
      draw(id, figures[id][at]);
      if (!brush) return;
      const chosen = at <= brush.max; // the slowest are not next to each other
      frame.setAttribute("x", at * frame.getAttribute("width"));
      frame.style.visibility = chosen ? "visible" : "hidden";
      if (chosen) brush.value = at;
      brush.setAttribute("aria-valuetext", select.value);
    };
    select.addEventListener("change", show);
    brush?.addEventListener("input", () => {
      select.selectedIndex = brush.value;
      show();
    });
    // A range's own steps are coarse: follow the pointer to the place under it.
    const follow = (event) => {
      if (!event.buttons) return;
      const { left, width } = brush.getBoundingClientRect();
      const place = Math.floor(((event.clientX - left) / width) * (Number(brush.max) + 1));
      const at = Math.min(Math.max(place, 0), Number(brush.max));
      if (at === select.selectedIndex) return;
      select.selectedIndex = at;
      show();
    };
    brush?.addEventListener("pointermove", follow);
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
