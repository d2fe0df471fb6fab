  // Buttons that copy a text.
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
    copies(button, () => byId(button.dataset.copy));
  }
