// Keeps what is typed into the forms of readers and staff until it is sent, and puts it back after a reload or a lost connection.
// Comments and forms of people who are signed in are kept for two weeks; letters of strangers as long as the tab.
{
  const FORMS = "main form[method=post]:not([role=search], [data-resend])";
  const ids = new Map(); // by address: a refused comment comes back in a new form
  const pathOf = (form) => new URL(form.action).pathname;
  const idOf = (path) => ids.get(path) ?? ids.set(path, drafts.newId()).get(path);
  const hasText = (form) => [...form.querySelectorAll("textarea")].some((field) => field.value.trim());
  const isKept = (form) => form?.matches?.(FORMS) && form.querySelector("textarea:not([readonly])");

  const keep = (form) => {
    const path = pathOf(form);
    const values = controls.changes(form);
    if (!hasText(form) || !Object.keys(values).length) return drafts.remove(idOf(path));
    const parent = form.elements.parent?.value;
    const isLong = drafts.person || form.matches("[data-draft]");
    drafts.keep({ id: idOf(path), path, base: controls.base(form), values, parent }, isLong ? "localStorage" : "sessionStorage");
  };

  const restore = (form) => {
    const [kept] = drafts.mine().filter((draft) => draft.path === pathOf(form));
    if (!kept || form.querySelector("[aria-invalid]") || kept.id === ids.get(kept.path)) return;
    if (hasText(form) && kept.base !== controls.base(form)) return;
    controls.fill(form, kept.values);
    document.dispatchEvent(new CustomEvent("draft:restored", { detail: kept.parent }));
    keep(form);
    drafts.remove(kept.id);
  };
  const restoreAll = () => [...document.querySelectorAll(FORMS)].filter(isKept).forEach(restore);

  document.addEventListener("input", ({ target }) => isKept(target.form) && keep(target.form));
  document.addEventListener("draft:changed", () => keep(document.querySelector("form[data-draft]")));
  document.addEventListener("draft:sent", () => drafts.remove(idOf(pathOf(document.querySelector("form[data-draft]")))));
  document.addEventListener("comments:shown", restoreAll);
  document.addEventListener("submit", ({ target }) => isKept(target) && drafts.number(target, idOf(pathOf(target))));

  // A page that says that a letter was sent.
  if (document.querySelector("[data-draft-sent]")) {
    for (const { path, id } of drafts.mine()) if (path === location.pathname) drafts.remove(id);
  }
  restoreAll();
}
