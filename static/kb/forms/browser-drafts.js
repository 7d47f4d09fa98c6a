// What is typed into forms, kept in this browser alone until the server has it: for one person, one address and one load of a
// page, so that two tabs keep theirs apart. Used by draft-keeper.js and admin/drafts.js.
const drafts = (() => {
  const PREFIX = "draft:";
  const AGE = 14 * 24 * 3600 * 1000; // ms
  const MOST = 40;
  const LONGEST = 500_000; // characters of one
  const person = document.querySelector("meta[name=person]")?.content ?? "";

  const use = (act, storage = "localStorage") => {
    try {
      return act(window[storage]);
    } catch {
      return null; // private windows may keep nothing
    }
  };
  const inBoth = (act) => ["localStorage", "sessionStorage"].map((storage) => use(act, storage));
  const parsed = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  };

  const remove = (id) => inBoth((kept) => kept.removeItem(PREFIX + id));
  // The newest first; what an older version of this file wrote has no number and is dropped.
  const all = () =>
    inBoth((kept) =>
      Object.keys(kept)
        .filter((key) => key.startsWith(PREFIX))
        .map((key) => ({ ...parsed(kept[key]), id: key.slice(PREFIX.length) })),
    )
      .flatMap((found) => found ?? [])
      .sort((one, other) => other.at - one.at);
  const keep = (draft, storage) => {
    const text = JSON.stringify({ ...draft, person, at: Date.now() });
    if (text.length > LONGEST) return;
    if (use((kept) => kept.setItem(PREFIX + draft.id, text) ?? true, storage)) return;
    const oldest = all().at(-1); // the storage is full
    if (!oldest || oldest.id === draft.id) return;
    remove(oldest.id);
    keep(draft, storage);
  };

  // The server says by this cookie that it has the words of the form that was sent with this number (portal/errors.py).
  const [, saved] = /(?:^|; )codebook_saved=([a-z0-9]+)/.exec(document.cookie) ?? [];
  if (saved) {
    remove(saved);
    document.cookie = "codebook_saved=; path=/; max-age=0";
  }
  const number = (form, id) => {
    const field = form.elements._draft ?? Object.assign(document.createElement("input"), { type: "hidden", name: "_draft" });
    field.value = id;
    form.append(field);
  };
  all().forEach((draft, place) => (place >= MOST || !(Date.now() - draft.at < AGE)) && remove(draft.id));

  return {
    newId: () => Date.now().toString(36) + Math.random().toString(36).slice(2, 8),
    person,
    mine: () => all().filter((draft) => draft.person === person),
    keep,
    remove,
    number,
    // Which draft this tab has sent last; asked once, by the page that answers.
    sent: (id) => use((kept) => kept.setItem("sent", id), "sessionStorage"),
    lastSent: () =>
      use((kept) => {
        const id = kept.getItem("sent");
        kept.removeItem("sent");
        return id;
      }, "sessionStorage"),
  };
})();
