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
  const config = { responsive: true, displayModeBar: false, scrollZoom: false, doubleClick: false };
  const narrow = matchMedia("(max-width: 40rem)");

  const PAPER_HIGH = 860; // what is higher would be cut, and leave its heading on the page before
  const fitsPrint = (drawAll) => {
    const heights = new Map(); // of figures as they were before
    const resize = (plot, size) => {
      heights.set(plot, heights.get(plot) ?? plot.layout.height);
      plot.style.minHeight = `${size.height}px`;
      Plotly.relayout(plot, size);
      if (size.autosize) heights.delete(plot);
    };
    let folded = [];
    addEventListener("beforeprint", () => {
      folded = [...document.querySelectorAll("details:not([open])")];
      for (const each of folded) each.open = true; // paper cannot be unfolded
    });
    addEventListener("afterprint", () => { for (const each of folded) each.open = false; });
    addEventListener("beforeprint", () => {
      drawAll();
      plots().forEach((p) => resize(p, { autosize: false, width: 680, height: Math.min(p.layout.height, PAPER_HIGH) }));
    });
    addEventListener("afterprint", () => {
      plots().forEach((p) => resize(p, { autosize: true, width: null, height: heights.get(p) }));
    });
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

  // Lets the reader pick a view of a figure: from the list, by a button for each group, by a slider.
  const picksViews = (select, draw) => {
    const id = select.dataset.views;
    const buttons = document.querySelectorAll(`[data-group="${id}"]`);
    const brushes = document.querySelectorAll(`[data-brush="${id}"]`);
    const show = (at) => {
      select.selectedIndex = at;
      draw(id, at);
      for (const button of buttons) {
        const { first, last } = button.dataset;
        button.setAttribute("aria-pressed", at >= Number(first) && at <= Number(last));
      }
      for (const brush of brushes) {
        const first = Number(brush.min);
        const isShown = at >= first && at <= Number(brush.max);
        brush.closest(".strip").hidden = !isShown;
        if (!isShown) continue;
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
      // A slider's own steps are not where the bars are: take the view under the pointer.
      brush.addEventListener("pointermove", (event) => {
        if (!event.buttons) return;
        const { left, width } = brush.getBoundingClientRect();
        const [first, last] = [Number(brush.min), Number(brush.max)];
        const place = first + Math.floor(((event.clientX - left) / width) * (last - first + 1));
        const at = Math.min(Math.max(place, first), last);
        if (at !== select.selectedIndex) show(at);
      });
    }
  };

  const viewOf = {}; // which of its views each figure shows
  const whenDrawn = {}; // what is to be done once a figure is drawn, by its id
  const whenIdle = typeof requestIdleCallback === "undefined" ? (work) => setTimeout(work, 50) : requestIdleCallback;

{% include "explore.js" %}

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
      document.getElementById(id).style.minHeight = `${fit.height}px`;
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
    for (const id of waiting) sight.observe(document.getElementById(id));
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
