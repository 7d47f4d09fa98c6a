// Keeps what is typed into a form until it is sent, in this browser alone: a reload or a lost connection loses nothing.
{
  const FIELDS = ["name", "email", "text", "parent"];
  const keyOf = (form) => `draft:${new URL(form.action).pathname}`;
  const form = () => document.querySelector("form[data-draft]");

  const store = (act) => {
    try {
      return act(localStorage);
    } catch {
      return null; // private windows may keep nothing
    }
  };

  const keep = () => {
    const here = form();
    if (!here) return;
    const typed = Object.fromEntries(FIELDS.map((name) => [name, here.elements[name]?.value ?? ""]));
    store((kept) => (typed.text.trim() ? kept.setItem(keyOf(here), JSON.stringify(typed)) : kept.removeItem(keyOf(here))));
  };

  const restore = () => {
    const here = form();
    const kept = here && store((all) => JSON.parse(all.getItem(keyOf(here))));
    if (!kept || here.querySelector("[aria-invalid]")) return;
    const isEdit = !here.elements.parent;
    if (here.elements.text.value.trim() && !isEdit) return;
    for (const name of FIELDS) {
      const field = here.elements[name];
      if (field && kept[name]) field.value = kept[name];
    }
    document.dispatchEvent(new CustomEvent("draft:restored", { detail: kept.parent }));
  };

  document.addEventListener("input", (event) => event.target.form === form() && keep());
  document.addEventListener("draft:changed", keep);
  document.addEventListener("draft:sent", () => store((kept) => kept.removeItem(keyOf(form()))));
  document.addEventListener("comments:shown", restore);

  // A changed comment was stored once its own place is shown again.
  const shown = /^#c-(\d+)$/.exec(location.hash);
  if (shown) store((kept) => kept.removeItem(`draft:/c/${shown[1]}/edit/`));
  restore();
}
