  // Saves a figure as a picture, or its numbers.
  const download = (name, address) => {
    const title = document.title.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60);
    make("a", "", { download: `${title}-${name}`, href: address }).click();
  };

  const savePicture = async (id) => {
    const plot = byId(id);
    const title = byId(`${id}-title`).textContent;
    const { t = 8, ...margin } = plot.layout.margin ?? {};
    const layout = {
      ...plot.layout,
      paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff",
      font: { ...plot.layout.font, color: "#1c2127" },
      title: { text: title.replace(/[<&]/g, (c) => ({ "<": "&lt;", "&": "&amp;" })[c]), x: 0.01, xanchor: "left" },
      margin: { ...margin, t: t + 70 },
    };
    const size = { width: plot.clientWidth, height: plot.clientHeight + 62 };
    const image = await Plotly.toImage({ data: plot.data, layout }, { format: "png", scale: 2, ...size });
    download(`${id}.png`, image);
  };

  const plain = (text) => {
    const holder = document.createElement("template");
    holder.innerHTML = String(text ?? "").replaceAll("<br>", "; ");
    return holder.content.textContent;
  };
  const cell = (value) => {
    const text = typeof value === "number" ? String(value) : plain(value);
    const safe = typeof value !== "number" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text; // no formula
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const named = (axis, value) => {
    const at = axis?.tickvals?.indexOf(Math.round(value)) ?? -1;
    return axis?.ticktext && at >= 0 ? axis.ticktext[at].replaceAll("<br>", " ") : value;
  };

  /** @type {Record<string, () => (string|number)[][]>} */
  const ownRows = {}; // figures whose numbers are not what is drawn, by their ids

  // The numbers that a figure shows, a row each.
  const rowsOf = (id) => {
    const { data: traces, layout } = byId(id);
    const titles = ["x", "y"].map((name) => plain(layout[`${name}axis`]?.title?.text) || name);
    const rows = [["series", ...titles, "from", "low", "high", "description"]];
    for (const trace of traces) {
      const axis = layout[`yaxis${(trace.yaxis ?? "y").slice(1)}`];
      (trace.z ? [] : trace.y ?? []).forEach((y, n) => {
        const x = trace.x[n];
        const { array, arrayminus } = trace.error_x ?? {};
        const reach = array ? [x - arrayminus[n], x + array[n]] : ["", ""];
        const said = Array.isArray(trace.hovertext) ? trace.hovertext[n] : trace.hovertext;
        rows.push([trace.name ?? "", x, named(axis, y), trace.base?.[n] ?? "", ...reach, said ?? ""]);
      });
      (trace.z ?? []).forEach((line, row) => line.forEach((z, column) => {
        const place = [named(layout.xaxis, column), named(axis, row)];
        rows.push([trace.name ?? "", ...place, "", "", "", trace.text?.[row]?.[column] || (z ?? "")]);
      }));
    }
    return rows;
  };
  const table = (id) => (ownRows[id] ?? (() => rowsOf(id)))().map((row) => row.map(cell).join(",")).join("\r\n");
  const saveNumbers = (id) => {
    const address = URL.createObjectURL(new Blob([`\ufeff${table(id)}\r\n`], { type: "text/csv" }));
    download(`${id}.csv`, address);
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };
