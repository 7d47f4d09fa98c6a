// The bar for what was chosen appears when something is, and says how much; without script it is always there.
{
  const bar = document.querySelector("[data-bulk]");
  const boxes = [...document.querySelectorAll("[data-row] input[type=checkbox]")];
  if (bar && boxes.length) {
    const all = bar.querySelector("[data-choose-all]");
    const says = bar.querySelector("[data-chosen]");
    const tell = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      for (const button of bar.querySelectorAll("[type=submit]")) button.hidden = !chosen;
      bar.toggleAttribute("data-idle", !chosen);
      says.textContent = chosen ? `${chosen} of ${boxes.length} chosen` : "None chosen";
      all.textContent = chosen === boxes.length ? "Choose none" : "Choose all";
    };
    all.hidden = false;
    all.addEventListener("click", () => {
      const choose = boxes.some((box) => !box.checked);
      for (const box of boxes) box.checked = choose;
      tell();
    });
    document.addEventListener("change", tell);
    addEventListener("pageshow", tell);
    tell();
  }

  // After the minute in which it works, the way back is taken away.
  for (const undo of document.querySelectorAll("[data-undo]")) {
    setTimeout(() => undo.form.remove(), 60_000);
  }
}
