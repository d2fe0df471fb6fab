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
  form?.addEventListener("change", update);
  if (form) update();
}
