  // Figures and folded parts on paper.
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
