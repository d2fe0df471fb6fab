"use strict";
(() => {
{% include "page.js" %}

  /**
   * A value that can be changed; see `simsched.report.play.controls.Control`.
   * @typedef { {path: string, label: string, value: string, choices: string[], is_slider: boolean,
   *   help: string, is_extra: boolean, before: string} } Control
   * @typedef { {kind: string, name: string, controls: Control[]} } Section
   * @typedef { {title: string, alt: string, lede: string, data: object[], layout: object} } Picture
   */

  // ---- the state: changes as `--set` takes them, in the address and in the history

  const client = Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-").slice(0, 64);
  const NONE = "null"; // how a scenario writes that there is no value
  /** @type {string[]} */
  let changes = [];
  /** @type {string[][]} */
  const undone = [];
  /** @type {string[][]} */
  const done = [];

  const fromAddress = () => [...new URLSearchParams(location.hash.slice(1)).getAll("set")];
  const toAddress = () => {
    const text = changes.map((change) => `set=${encodeURIComponent(change)}`).join("&");
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  };

  /** Returns the path of a change; names in quotes may hold any sign. @param {string} change */
  const pathOf = (change) => change.match(/^(?:"[^"]*"|[^="])*/)[0];
  /** @param {string} path @param {string} above */
  const isWithin = (path, above) => path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`);

  /** Returns the changes with a value at a path. @param {Control} control @param {string} value */
  const withValue = (control, value) => {
    const others = changes.filter((change) => !isWithin(pathOf(change), control.path));
    const isBelow = others.some((change) => isWithin(control.path, pathOf(change)));
    const isSame = value === control.before && !isBelow;
    return isSame ? others : [...others, `${control.path}=${value}`];
  };

  const say = (text) => { byId("outcome").textContent = text; };

  /** Takes new changes, to be undone one day. @param {string[]} next */
  const commit = (next, before = changes) => {
    if (next.join("\n") === before.join("\n")) return;
    done.push(before);
    undone.length = 0;
    changes = next;
    simulate(true);
  };

  const travel = (from, to) => {
    if (!from.length) return;
    to.push(changes);
    changes = from.pop();
    simulate(true);
  };

  // ---- asking the server

  /** @param {string} what @param {object} more */
  const ask = async (what, more, signal = null) => {
    const answer = await fetch(`/play/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-simsched-token": data.token },
      body: JSON.stringify({ of: data.of, changes, ...more }),
      signal,
    });
    const kind = answer.headers.get("content-type") ?? "";
    if (kind.startsWith("application/json")) return answer.json();
    return { faults: [{ path: "", message: `the server answers ${answer.status}` }] };
  };

  let running = null; // what stops the request that is on its way
  let isWaiting = false; // whether a newer value waits while dragging
  let isDragging = false;

  /** Simulates the changes, all of it or what there is time for while dragging. @param {boolean} full */
  const simulate = async (full) => {
    if (!full && running) {
      isWaiting = true;
      return;
    }
    running?.abort();
    isWaiting = false;
    const stop = new AbortController();
    running = stop;
    document.querySelector("main").setAttribute("aria-busy", "true");
    if (full) toAddress();
    const answer = await ask("simulate", { client, full, sight: [...inSight] }, stop.signal).catch((error) => (
      error.name === "AbortError" ? { superseded: true } : { faults: [{ path: "", message: "the server does not answer; is simsched still running?" }] }
    ));
    if (running === stop && !answer.superseded) show(answer, full);
    if (running !== stop) return;
    running = null;
    document.querySelector("main").setAttribute("aria-busy", "false");
    if (isWaiting) simulate(!isDragging);
  };

  // ---- what the page shows of an answer

  const complain = (faults) => {
    byId("faults").replaceChildren(...faults.map(({ path, message }) => make("li", path ? `${path}: ${message}` : message)));
    for (const row of document.querySelectorAll(".control")) {
      row.classList.toggle("wrong", faults.some(({ path }) => path && path === row.dataset.path));
    }
    markChanges();
  };

  const paragraphs = (texts, className) => texts.map((text) => make("p", text, { class: className }));

  const showTexts = (answer) => {
    byId("headlines").replaceChildren(...paragraphs(answer.standing, "verdict"), ...paragraphs(answer.headlines, "verdict"), ...paragraphs(answer.details, "more"));
    byId("moved").replaceChildren(...answer.moved.map(([text, isMoved]) => make("p", text, { class: isMoved ? "moved is" : "moved" })));
    byId("effort").textContent = answer.effort;
    byId("objectives").replaceChildren(...answer.objectives.map(([outcome, text]) => {
      const line = make("li", undefined, { class: outcome });
      line.append(make("strong", outcome), ` ${text}`);
      return line;
    }));
    byId("orders").replaceChildren(...answer.orders.map(([server, order]) => {
      const line = make("li");
      const chips = make("span", undefined, { class: "order" });
      chips.append(make("span", "answers in the order ", { class: "unseen" }));
      for (const number of order) chips.append(make("span", String(number), { class: "chip done" }), " ");
      line.append(make("bdi", server), chips);
      return line;
    }));
    byId("warned").hidden = !answer.warnings.length;
    byId("warned").querySelector("summary").textContent = answer.warnings.length === 1 ? "1 warning" : `${answer.warnings.length} warnings`;
    byId("warned").querySelector("ul").replaceChildren(...answer.warnings.map((text) => make("li", text)));
  };

  const showTable = ({ servers, rows, notes, small }) => {
    const head = make("tr");
    head.append(make("td"), ...servers.map(([name, words]) => {
      const cell = make("th", undefined, { scope: "col" });
      cell.append(make("bdi", name), ...(words ? [make("small", words)] : []));
      return cell;
    }));
    const lines = rows.map(({ title, reason, cells }) => {
      const line = make("tr");
      line.append(make("th", title, { scope: "row" }));
      if (reason) line.append(make("td", reason, { class: "missing", colspan: String(cells.length) }));
      else line.append(...cells.map((cell) => {
        const shown = make("td", cell.text, cell.before ? { class: "is-moved" } : {});
        if (cell.footnote) shown.append(make("sup", String(cell.footnote)));
        if (cell.before) shown.append(make("small", `was ${cell.before}`, { class: "before" }));
        return shown;
      }));
      return line;
    });
    byId("comparison").querySelector("thead").replaceChildren(head);
    byId("comparison").querySelector("tbody").replaceChildren(...lines);
    byId("footnotes").replaceChildren(...notes.map((text) => make("li", text)));
    byId("small").textContent = small;
    byId("comparison").hidden = false;
  };

  /** @type {Record<string, Picture>} */
  let pictures = {};
  const inSight = new Set();
  const stale = new Set(); // figures that are to be drawn once they come into sight

  const drawPicture = (id) => {
    if (!stale.delete(id) || !pictures[id] || !byId(id)) return;
    const { data: traces, layout } = pictures[id];
    const fit = { ...common, ...withRoom(id, layout) };
    const keys = layout.showlegend === false ? 0 : traces.filter((trace) => trace.showlegend !== false && trace.name).length;
    if (narrow.matches) fit.height += 20 * keys; // a narrow legend is a column
    byId(id).style.minHeight = `${fit.height}px`;
    Plotly.react(id, traces, fit, config);
  };

  const sight = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      if (isIntersecting) inSight.add(target.id);
      else inSight.delete(target.id);
      if (isIntersecting) drawPicture(target.id);
    }
  }, { rootMargin: "150px" });

  const WIDE = ["timeline", "over-time"];
  /** Draws new pictures: those in sight at once, the others when the browser has nothing else to do. */
  const showPictures = (found, isFull) => {
    const isOther = isFull && Object.keys(found).join() !== Object.keys(pictures).join();
    pictures = isFull ? found : { ...pictures, ...found };
    if (isOther) {
      sight.disconnect();
      inSight.clear();
      byId("pictures").replaceChildren(...Object.keys(found).map((id) => {
        const section = make("section", undefined, { "aria-labelledby": `${id}-title`, class: WIDE.includes(id) ? "wide" : "" });
        section.append(make("h2", undefined, { id: `${id}-title` }), make("p", undefined, { class: "note" }), make("div", undefined, { id, class: "plot", role: "img" }));
        return section;
      }));
    }
    for (const [id, { title, lede, alt, layout }] of Object.entries(found)) {
      if (!byId(id)) continue; // a figure that only less than all of the scenario has
      byId(`${id}-title`).textContent = title;
      byId(id).previousElementSibling.textContent = lede;
      byId(id).setAttribute("aria-label", alt);
      byId(id).style.minHeight ||= `${layout.height}px`;
      stale.add(id);
      if (isOther) sight.observe(byId(id));
    }
    [...inSight].forEach(drawPicture);
    if (isFull) whenIdle(drawNext);
  };
  const drawNext = () => {
    const next = [...stale].find((id) => byId(id) && pictures[id]);
    if (running || next === undefined) return;
    drawPicture(next);
    whenIdle(drawNext);
  };

  const show = (answer, isFull) => {
    complain(answer.faults ?? []);
    if (answer.faults) return;
    showTexts(answer);
    showTable(answer.table);
    showPictures(answer.figures, isFull);
    if (answer.sections) showControls(answer.sections);
    if (isFull) document.documentElement.dataset.drawn = "true";
  };

  // ---- the controls

  const markChanges = () => {
    byId("undo").disabled = !done.length;
    byId("redo").disabled = !undone.length;
    byId("reset").disabled = !changes.length;
  };

  /** @type {Record<string, Control>} */
  const controlOf = {};
  const shownAs = (value) => (value === NONE ? "none" : value);
  // YAML would read 0x10 as 16, which a person at a slider does not mean.
  const meantBy = (text) => {
    const value = text.trim();
    if (value === "none") return NONE;
    return /^0[xo]/i.test(value) ? JSON.stringify(value) : value;
  };

  const addSlider = (row, id, control) => {
    const { path } = control;
    const slider = make("input", undefined, { type: "range", min: "0", autocomplete: "off", "aria-label": `${control.label}, slider` });
    const field = make("input", undefined, { type: "text", id, autocomplete: "off", spellcheck: "false" });
    let before = null; // the changes when the dragging began
    slider.addEventListener("input", () => {
      const value = controlOf[path].choices[Number(slider.value)];
      before ??= changes;
      isDragging = true;
      field.value = shownAs(value);
      slider.setAttribute("aria-valuetext", field.value);
      changes = withValue(controlOf[path], value);
      simulate(false);
    });
    slider.addEventListener("change", () => {
      isDragging = false;
      if (before === null) return;
      const [now, then] = [changes, before];
      before = null;
      changes = then;
      commit(now, then);
    });
    field.addEventListener("change", () => commit(withValue(controlOf[path], meantBy(field.value))));
    row.append(slider, field);
  };

  const addList = (row, id, control, server) => {
    const { path } = control;
    const list = make("select", undefined, { id, autocomplete: "off" });
    list.append(...control.choices.map((choice) => new Option(shownAs(choice), choice)));
    list.addEventListener("change", () => {
      if (control.label === "model" && server) edit("model", server, list.value);
      else commit(withValue(controlOf[path], list.value));
    });
    row.append(list);
    row.classList.add("list");
  };

  const newControl = (control, server) => {
    const id = `control-${control.path}`;
    const row = make("div", undefined, { class: "control", "data-path": control.path });
    const label = make("label", control.label, { for: id });
    label.append(" ", make("small"));
    if (control.help) row.title = control.help;
    row.append(label);
    if (control.is_slider) addSlider(row, id, control);
    else addList(row, id, control, server);
    return row;
  };

  const fill = (row, control) => {
    controlOf[control.path] = control;
    const entry = row.querySelector("input[type=text], select");
    const slider = row.querySelector("input[type=range]");
    const isBusy = isDragging && slider === document.activeElement;
    if (!isBusy) entry.value = control.is_slider ? shownAs(control.value) : control.value;
    if (slider && !isBusy) {
      const place = control.choices.indexOf(control.value);
      slider.max = String(control.choices.length - 1);
      slider.value = String(place < 0 ? nearest(control) : place);
      slider.setAttribute("aria-valuetext", entry.value);
    }
    const isChanged = control.before !== "" && control.before !== control.value;
    row.classList.toggle("changed", isChanged);
    row.querySelector("label small").textContent = isChanged ? `was ${shownAs(control.before)}` : "";
  };

  const UNITS = { ns: 1e-9, us: 1e-6, "µs": 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600 };
  const amount = (text) => Number.parseFloat(text) * (UNITS[text.replace(/^[\d.eE+-]+ ?/, "")] ?? 1);
  /** Returns the place on a slider next to a value that is not on it. @param {Control} control */
  const nearest = ({ choices, value }) => {
    const wanted = amount(value);
    const found = choices.findIndex((choice) => amount(choice) >= wanted);
    return found < 0 ? choices.length - 1 : found;
  };

  const KINDS = { servers: "Server", services: "Service", workload: "Workload", requests: "Requests", resources: "Resource", client: "Clients", events: "Events", run: "Run" };

  const serverActs = (name) => {
    const acts = make("div", undefined, { class: "acts" });
    const rename = make("button", "Rename", { type: "button" });
    rename.addEventListener("click", () => {
      const field = make("input", undefined, { type: "text", "aria-label": `New name of ${name}`, autocomplete: "off" });
      field.value = name;
      field.addEventListener("change", () => edit("rename", name, field.value));
      field.addEventListener("keydown", (event) => { if (event.key === "Escape") field.replaceWith(rename); });
      rename.replaceWith(field);
      field.select();
    });
    for (const [text, what] of [["Copy", "copy"], ["Remove", "remove"]]) {
      const button = make("button", text, { type: "button", "aria-label": `${text} ${name}` });
      button.addEventListener("click", () => edit(what, name));
      acts.append(button);
    }
    rename.setAttribute("aria-label", `Rename ${name}`);
    acts.prepend(rename);
    return acts;
  };

  const newGroup = (section, isOpen) => {
    const { kind, name, controls } = section;
    const group = make("details", undefined, { class: "group" });
    group.open = isOpen;
    const summary = make("summary", `${KINDS[kind]} `);
    summary.append(make("bdi", name));
    group.append(summary);
    const server = kind === "servers" ? name : "";
    group.append(...controls.filter((one) => !one.is_extra).map((one) => newControl(one, server)));
    const extra = controls.filter((one) => one.is_extra);
    if (extra.length) {
      const more = make("details", undefined, { class: "extra" });
      more.append(make("summary", "More options"), ...extra.map((one) => newControl(one, server)));
      group.append(more);
    }
    if (server) group.append(serverActs(server));
    return group;
  };

  let shape = "";
  /** @param {Section[]} sections */
  const showControls = (sections) => {
    const next = JSON.stringify(sections.map(({ kind, name, controls }) => [kind, name, controls.map(({ path, is_slider }) => [path, is_slider])]));
    if (next !== shape) {
      const keys = ({ kind, name }) => `${kind} ${name}`;
      const open = new Set([...document.querySelectorAll(".group[open]")].map((group) => group.dataset.key));
      const focused = document.activeElement?.id;
      byId("controls").replaceChildren(...sections.map((section, place) => {
        const isOpen = shape ? open.has(keys(section)) || section.kind === "servers" : place < 2 || ["servers", "workload"].includes(section.kind);
        const group = newGroup(section, isOpen);
        group.dataset.key = keys(section);
        return group;
      }));
      shape = next;
      if (focused) byId(focused)?.focus();
    }
    const rows = Object.fromEntries([...document.querySelectorAll(".control")].map((row) => [row.dataset.path, row]));
    for (const { controls } of sections) for (const control of controls) fill(rows[control.path], control);
    markChanges();
  };

  const edit = async (what, server, to = "") => {
    const answer = await ask("edit", { edit: what, server, to });
    if (answer.faults) complain(answer.faults);
    else commit(answer.changes);
  };

  // ---- what is done with the changes

  const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);
  const given = new URLSearchParams(location.search).getAll("set"); // what a point of a sweep sets
  const command = () => [...given, ...changes].map((change) => `--set ${quoted(change)}`).join(" ");

  byId("copy").addEventListener("click", async () => {
    const text = command();
    if (!text) {
      say("Nothing has been changed yet.");
      return;
    }
    const shown = make("code", text);
    byId("outcome").replaceChildren(shown);
    getSelection().selectAllChildren(shown);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      document.execCommand("copy");
    }
    byId("outcome").prepend("Copied: ");
  });

  const hideSaving = () => { byId("saving").hidden = true; byId("replace").hidden = true; byId("save").focus(); };
  const saveAs = async (replace) => {
    const answer = await ask("save", { name: byId("name").value, replace });
    byId("replace").hidden = !answer.exists;
    if (answer.exists) say(`${answer.exists} is there already: replace it, or take another name.`);
    else if (answer.faults) say(answer.faults.map(({ message }) => message).join("; "));
    else {
      say(`Saved ${answer.saved}`);
      hideSaving();
    }
  };
  byId("save").addEventListener("click", () => {
    byId("saving").hidden = false;
    byId("name").value ||= `${document.querySelector("h1").textContent}-2.yaml`;
    byId("name").focus();
  });
  byId("saving").addEventListener("submit", (event) => { event.preventDefault(); saveAs(false); });
  byId("replace").addEventListener("click", () => saveAs(true));
  byId("name").addEventListener("input", () => { byId("replace").hidden = true; });
  byId("cancel").addEventListener("click", hideSaving);

  byId("report").addEventListener("click", async () => {
    say("Writing the report …");
    const answer = await ask("report", { client });
    if (answer.faults) {
      complain(answer.faults);
      say("");
      return;
    }
    const address = `/runs/${answer.report.split("/").map(encodeURIComponent).join("/")}/report.html`;
    const link = make("a", "the full report", { href: address, target: "_blank" });
    byId("outcome").replaceChildren("It is written: ", link);
    open(address, "_blank", "noopener");
  });

  byId("undo").addEventListener("click", () => travel(done, undone));
  byId("redo").addEventListener("click", () => travel(undone, done));
  byId("reset").addEventListener("click", () => commit([]));
  byId("add").addEventListener("click", () => edit("add", ""));
  /** @param {EventTarget} target */
  const isTyping = (target) => target instanceof Element && target.matches("input[type=text]");
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "z") travel(...(event.shiftKey ? [undone, done] : [done, undone]));
    else if (key === "y") travel(undone, done);
    else return;
    event.preventDefault();
  });
  addEventListener("hashchange", () => commit(fromAddress()));
  narrow.addEventListener("change", () => Object.keys(pictures).forEach((id) => { stale.add(id); if (inSight.has(id)) drawPicture(id); }));

  changes = fromAddress();
  simulate(false).then(() => simulate(true)); // a large scenario has a first verdict soon
})();
