// Copies the sample beside the button, or what data-copy says; tells how it went, in the button and aloud.
{
  const status = document.getElementById("status");

  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  };

  const select = (element) => element && getSelection().selectAllChildren(element);

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    const label = button.lastElementChild ?? button; // beside an icon, or alone
    const usual = label.textContent;
    let timer;
    button.addEventListener("click", async () => {
      const source = button.closest("[data-copied]")?.querySelector("pre");
      const done = await copied(button.dataset.copy || source?.textContent.trim());
      if (!done) select(source);
      label.textContent = done ? "Copied" : source ? "Press Ctrl+C" : "Could not copy";
      if (status) status.textContent = label.textContent;
      clearTimeout(timer);
      timer = setTimeout(() => {
        label.textContent = usual;
        if (status) status.textContent = "";
      }, done ? 2000 : 6000);
    });
  }

  // The # after a heading copies its address as well as going there.
  document.addEventListener("click", async (event) => {
    const anchor = event.target.closest("a.anchor");
    if (anchor && (await copied(anchor.href)) && status) status.textContent = "Link to this section copied";
  });
}
