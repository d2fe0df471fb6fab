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
