// Unsaved words of the form on this page: kept as they are typed, offered again later, and asked about before the page is left.
document.addEventListener("DOMContentLoaded", () => {
  const CHANGED = " The record has been changed since; compare before you take them up.";
  const GONE = " Their record is not there any more; taken up here, they become a new one.";
  const path = location.pathname;
  const [model] = /^\/admin\/\w+\/\w+\//.exec(path) ?? [];
  const isText = (field) => !field.matches("select, [type=checkbox], [type=radio]");
  const form = [...document.querySelectorAll("#content form[method=post]")].find((one) => controls.all(one).some(isText));

  let offer = () => {};
  if (form) {
    // The page of a conflict shows the words that were sent: it goes on with their draft and offers it to nobody.
    const sent = drafts.lastSent();
    const refused = document.body.matches(".edits-conflict") && drafts.mine().find((one) => one.id === sent);
    const id = refused ? refused.id : drafts.newId();
    const base = refused ? refused.base : controls.base(form);
    let adopted = []; // fields with words from a draft or a refused form: unsaved, even where the server shows them
    let leaving = false;
    let timer;

    const unsaved = () => ({ ...(refused && refused.values), ...controls.changes(form, adopted) });
    const keep = () => {
      clearTimeout(timer);
      const values = unsaved();
      if (!Object.keys(values).length) return drafts.remove(id);
      drafts.keep({ id, path, base, values, title: document.title.split(" | ")[0] });
    };
    const soon = () => {
      leaving = false;
      clearTimeout(timer);
      timer = setTimeout(keep, 250);
    };
    for (const name of ["input", "change", "click"]) form.addEventListener(name, soon);
    window.django?.jQuery?.(form).on("change", soon); // select2 says it to jQuery alone
    addEventListener("pagehide", keep);
    addEventListener("pageshow", (event) => event.persisted && (leaving = false));
    addEventListener("beforeunload", (event) => {
      if (!leaving && Object.keys(unsaved()).length) event.preventDefault();
    });
    document.addEventListener("submit", (event) => {
      if (event.target !== form || event.defaultPrevented || event.submitter?.formTarget) return;
      keep();
      drafts.number(form, id);
      drafts.sent(id);
      leaving = true;
    });

    offer = (draft, note) =>
      draftOffer.onForm(form, draft, note, () => {
        controls.fill(form, draft.values);
        adopted = [...new Set([...adopted, ...Object.keys(draft.values)])];
        keep();
        drafts.remove(draft.id);
      });

    for (const draft of drafts.mine().filter((one) => one.path === path && one.id !== id)) {
      if (!controls.isServed(form, draft.values)) offer(draft, draft.base === base ? "" : CHANGED);
      else {
        if (draft.id === sent) adopted = Object.keys(draft.values); // refused or tried, and shown again
        drafts.remove(draft.id);
      }
    }
    if (adopted.length) keep();
  }

  // On the list and the form for a new record: what waits elsewhere, and what belongs to a record that was deleted.
  const isNew = path === `${model}add/`;
  const place = form ?? document.getElementById("changelist");
  if (!model || !place || !(isNew || path === model)) return;
  for (const draft of drafts.mine().filter((one) => one.path !== path && one.path.startsWith(model))) {
    fetch(draft.path, { method: "HEAD", redirect: "manual" }).then((reply) => {
      const gone = reply.type === "opaqueredirect" || reply.status === 404 || reply.status === 410;
      if (!isNew) draftOffer.onList(place, draft, gone, gone ? `${model}add/` : draft.path);
      else if (gone) offer(draft, GONE);
    });
  }
});
