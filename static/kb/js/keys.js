// Single keys: `/` search, `?` this sheet, on articles `c` copy link and `p` print, in lists of the desk `j k x o`.
// Never while typing; can be switched off.
{
  const kept = (value) => {
    try {
      if (value) localStorage.setItem("keys", value);
      return localStorage.getItem("keys");
    } catch {
      return null;
    }
  };
  const press = (selector) => {
    const button = document.querySelector(selector);
    if (button) button.click();
    return Boolean(button);
  };
  const toSearch = () => {
    const box = document.querySelector("#ask-form textarea");
    if (box) {
      box.focus();
      box.select();
    }
    return Boolean(box);
  };

  const step = (by) => {
    const rows = [...document.querySelectorAll("[data-row]")];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const row = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
    if (row) row.focus();
    return true;
  };
  const inRow = (selector) => press(`[data-row]:focus ${selector}, [data-row]:focus-within ${selector}`);

  const ACTS = {
    "/": ["Go to the search box", toSearch],
    "?": ["Show this sheet", () => sheet() || true],
    ...(document.querySelector("[data-link]") && { c: ["Copy the link to this page", () => press("[data-link]")] }),
    ...(document.querySelector("[data-print]") && { p: ["Print this page", () => press("[data-print]")] }),
    ...(document.querySelector("[data-row]") && {
      j: ["Next row", () => step(1)],
      k: ["Row before", () => step(-1)],
      x: ["Choose this row", () => inRow("input")],
      o: ["Open it", () => inRow("[data-open]")],
    }),
  };

  let dialog;
  const sheet = () => {
    dialog ??= made();
    dialog.showModal();
  };
  const made = () => {
    const box = document.createElement("dialog");
    box.setAttribute("aria-labelledby", "keys-title");
    const rows = Object.entries(ACTS).map(([key, [does]]) => `<dt><kbd>${key}</kbd></dt><dd>${does}</dd>`);
    box.innerHTML =
      `<h2 id="keys-title">Keyboard shortcuts</h2><dl>${rows.join("")}<dt><kbd>Enter</kbd></dt><dd>Send what you typed</dd>` +
      `<dt><kbd>Shift</kbd> <kbd>Enter</kbd></dt><dd>Begin a new line</dd></dl>` +
      `<label><input type="checkbox"> Use single-key shortcuts</label>` +
      `<form method="dialog"><button class="btn">Close</button></form>`;
    const use = box.querySelector("input");
    use.checked = kept() !== "off";
    use.addEventListener("change", () => kept(use.checked ? "on" : "off"));
    document.body.append(box);
    return box;
  };

  for (const button of document.querySelectorAll("[data-keys]")) {
    button.hidden = false;
    button.addEventListener("click", sheet);
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.keyCode === 229) return;
    if (kept() === "off") return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]")) return;
    if (ACTS[event.key]?.[1]()) event.preventDefault();
  });
}
