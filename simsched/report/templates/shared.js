  const data = JSON.parse(document.getElementById("figures").textContent);
  const plots = () => document.querySelectorAll(".plot");

  const missesLibrary = () => {
    if (typeof Plotly !== "undefined") return false;
    for (const plot of plots()) {
      plot.textContent = `The figures need plotly.js, which could not be loaded. ${plot.getAttribute("aria-label")}`;
      plot.style.minHeight = "0";
    }
    return true;
  };

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
  const narrow = matchMedia("(max-width: 40rem)");

  const fitsPrint = () => {
    let folded = [];
    addEventListener("beforeprint", () => {
      folded = [...document.querySelectorAll("details:not([open])")];
      for (const each of folded) each.open = true; // paper cannot be unfolded
    });
    addEventListener("afterprint", () => { for (const each of folded) each.open = false; });
    addEventListener("beforeprint", () => plots().forEach((p) => Plotly.relayout(p, { autosize: false, width: 680 })));
    addEventListener("afterprint", () => plots().forEach((p) => Plotly.relayout(p, { autosize: true, width: null })));
  };

  const copies = (button, source) => {
    button.addEventListener("click", async () => {
      getSelection().selectAllChildren(source());
      try {
        await navigator.clipboard.writeText(source().textContent);
      } catch {
        document.execCommand("copy"); // pages opened from a file have no clipboard of their own
      }
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  };
  for (const button of document.querySelectorAll("[data-copy]")) {
    copies(button, () => document.getElementById(button.dataset.copy));
  }

  // Draws every figure of the page, the first of its views at first; false without the library.
  const drawFigures = () => {
    if (missesLibrary()) return false;
    const shown = {}; // which of its views each figure shows
    const draw = (id, at) => {
      shown[id] = at;
      const { data: traces, layout } = data.figures[id][at];
      const fit = { ...common, ...layout };
      if (narrow.matches && layout.showlegend !== false) {
        const keys = traces.filter((trace) => trace.showlegend !== false && trace.name).length;
        fit.height += 20 * keys; // a narrow legend is a column
      }
      document.getElementById(id).style.minHeight = `${fit.height}px`;
      Plotly.react(id, traces, fit, config);
    };
    for (const id of Object.keys(data.figures)) draw(id, 0);
    narrow.addEventListener("change", () => Object.entries(shown).forEach(([id, at]) => draw(id, at)));
    for (const select of document.querySelectorAll("[data-views]")) {
      select.addEventListener("change", () => draw(select.dataset.views, select.selectedIndex));
    }
    fitsPrint();
    return true;
  };
