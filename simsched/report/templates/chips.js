  // The row of chips: which servers are shown, and which class of requests.
  const followChips = () => {
    const chips = byId("chips");
    if (!chips) return;
    const rules = document.head.appendChild(make("style"));
    const status = chips.querySelector("[aria-live]");
    const show = () => {
      const servers = [...chips.querySelectorAll("input[name=server]")];
      const on = servers.filter((each) => each.checked);
      for (const each of servers) each.disabled = on.length === 1 && each.checked; // one is always shown
      chosen.hidden = new Set(servers.filter((each) => !each.checked).map((each) => Number(each.value)));
      const kind = chips.querySelector("input[name=kind]:checked")?.value ?? "";
      chosen.kind = kind === "" ? null : data.kinds[Number(kind)];
      rules.textContent = [
        ...[...chosen.hidden].map((server) => `[data-server="${server}"] { display: none !important; }`),
        kind === "" ? "" : `[data-kind]:not([data-kind="${kind}"]) { display: none !important; }`,
      ].join("\n");
      for (const each of document.querySelectorAll("details[data-kind]")) if (each.dataset.kind === kind) each.open = true;
      for (const each of document.querySelectorAll("td[data-columns]")) each.colSpan = on.length;
      for (const each of document.querySelectorAll("[data-all-kinds]")) each.hidden = kind === "";
      for (const [id, views] of Object.entries(data.figures)) {
        const at = views.findIndex(({ layout }) => (layout.meta?.kind ?? null) === chosen.kind);
        const isByKind = views.some(({ layout }) => layout.meta?.kind);
        const select = document.querySelector(`[data-views="${id}"]`);
        if (isByKind && at >= 0 && select && select.selectedIndex !== at) {
          select.selectedIndex = at;
          select.dispatchEvent(new Event("change"));
        } else redraw(id);
      }
      const names = on.map((each) => each.parentElement.textContent.trim());
      const requests = chosen.kind === null ? "all requests" : `requests of class ${chosen.kind}`;
      status.textContent = `Shown: ${names.join(", ") || "everything"}; ${requests}`;
    };
    chips.addEventListener("change", show);
    chips.addEventListener("submit", (event) => event.preventDefault());
  };
