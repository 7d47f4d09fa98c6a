// The boxes above a form or a list that offer unsaved words again. Used by drafts.js.
const draftOffer = (() => {
  const make = (tag, text, more) => Object.assign(document.createElement(tag), { textContent: text, ...more });
  const button = (text, act) => {
    const made = make("button", text, { type: "button", className: "button" });
    made.addEventListener("click", act);
    return made;
  };
  const when = (at) => {
    const isToday = new Date(at).toDateString() === new Date().toDateString();
    const day = isToday ? {} : { day: "numeric", month: "long" };
    return new Date(at).toLocaleString(document.documentElement.lang || [], { ...day, hour: "2-digit", minute: "2-digit" });
  };
  const box = (place, draft, words, ...acts) => {
    const made = make("section", "", { className: "unsaved" });
    made.setAttribute("aria-label", "Unsaved words");
    const line = make("p", "");
    const drop = button("Throw them away", () => {
      drafts.remove(draft.id);
      made.remove();
    });
    line.append(...[...acts, drop].flatMap((act) => [act, " "]));
    made.append(make("p", words), line);
    place.before(made);
    return made;
  };

  const shown = (value) => (Array.isArray(value) ? value.map(([, text]) => text).join(", ") : String(value));
  // Each field that differs: what stands in the form, and what was typed before.
  const compared = (form, values) => {
    const list = make("div", "", { className: "compared" });
    list.append(make("strong", "In the form"), make("strong", "Your unsaved words"));
    const now = new Map(controls.all(form).map((field) => [controls.keyOf(field), field]));
    for (const [key, value] of Object.entries(values)) {
      const field = now.get(key);
      const here = field ? controls.valueOf(field) : "";
      if (controls.same(here, value)) continue;
      const label = field?.labels?.[0]?.textContent.trim().replace(/:$/, "") || key.replace(/[-_]/g, " ");
      list.append(make("h3", label), make("pre", shown(here)), make("pre", shown(value)));
    }
    return list;
  };

  const onForm = (form, draft, note, take) => {
    const made = box(
      form,
      draft,
      `You have unsaved words from ${when(draft.at)}.${note}`,
      button("Take them up again", () => {
        take();
        made.replaceChildren(make("p", "They are in the form again, and not saved yet."));
        made.setAttribute("role", "status");
      }),
      button("Compare", ({ target }) => {
        const old = made.querySelector(".compared");
        if (old) old.remove();
        else made.append(compared(form, draft.values));
        target.setAttribute("aria-expanded", String(!old));
      }),
    );
  };
  const onList = (place, draft, gone, address) =>
    box(
      place,
      draft,
      `You have unsaved words of “${draft.title}” from ${when(draft.at)}.` +
        (gone ? " The record is not there any more; the words can become a new one." : ""),
      make("a", gone ? "Take them up in a new one" : "Open it", { href: address, className: "button" }),
    );

  return { onForm, onList };
})();
