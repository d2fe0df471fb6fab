"use strict";
{
  const form = document.querySelector("form");
  const update = () => {
    const count = form.querySelectorAll("input:checked").length;
    form.querySelector("button").disabled = count !== 2;
    document.getElementById("hint").textContent = {
      0: "Tick two runs to see them side by side.",
      1: "Tick one more.",
      2: "",
    }[count] ?? `${count} are ticked: untick ${count - 2}.`;
  };
  // Hides the runs that lack one of the words, and the scenarios of which none is left.
  const filter = document.getElementById("filter");
  filter?.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const all = form.querySelectorAll(".runs > li");
    for (const section of form.querySelectorAll("section")) {
      const name = section.querySelector("h2").textContent;
      for (const run of section.querySelectorAll("li")) {
        const text = `${name} ${run.textContent}`.toLowerCase();
        run.hidden = !words.every((word) => text.includes(word));
      }
      section.hidden = !section.querySelector("li:not([hidden])");
    }
    const shown = [...all].filter((run) => !run.hidden).length;
    document.getElementById("found").textContent = words.length ? `${shown} of ${all.length} runs` : "";
  });
  form?.addEventListener("change", update);
  if (form) update();
}
