// Suggestions under the ask box: a combobox with its list. Only for a short plain line that was typed, because it stands
// in an address; never for what was pasted. Silent when anything fails.
{
  const box = document.querySelector("#ask-form textarea");
  const CODE = /^[2-5](\d{1,2}|\.\d{0,3}(\.\d{0,3})?)$/;
  const NOT_PLAIN = /\n|\d{3}|@|(\d+\.){3}|\b[a-z0-9-]+\.[a-z]{2,}\b/i;

  if (box) {
    const list = document.createElement("div");
    const status = document.getElementById("status");
    let options = [];
    let chosen = -1;
    let timer, asked;
    let pasted = false;

    const set = (node, names) => Object.entries(names).forEach(([name, value]) => node.setAttribute(name, value));
    const make = (tag, names, text = "") => {
      const node = document.createElement(tag);
      set(node, names);
      node.textContent = text;
      return node;
    };
    const isPlain = (line) => line.length > 1 && line.length <= 60 && (CODE.test(line) || !NOT_PLAIN.test(line));

    const choose = (at) => {
      options[chosen]?.setAttribute("aria-selected", "false");
      chosen = at;
      if (at < 0) return box.removeAttribute("aria-activedescendant");
      set(options[at], { "aria-selected": "true" });
      set(box, { "aria-activedescendant": options[at].id });
      options[at].scrollIntoView({ block: "nearest" });
    };
    const close = () => {
      clearTimeout(timer);
      asked?.abort();
      choose(-1);
      list.hidden = true;
      if (box.hasAttribute("role")) set(box, { "aria-expanded": "false" });
    };
    const row = ({ title, url, note }) => {
      const option = make("a", { role: "option", href: url, tabindex: -1, "aria-selected": "false" }, title);
      option.id = `ask-option-${options.push(option)}`;
      if (note) option.append(" ", make("small", {}, note));
      return option;
    };
    const show = (groups) => {
      options = [];
      list.replaceChildren(
        ...groups.map(({ name, rows }) => {
          const group = make("div", { role: "group", "aria-label": name });
          group.append(make("span", { "aria-hidden": "true" }, name), ...rows.map(row));
          return group;
        }),
      );
      chosen = -1;
      list.hidden = !options.length;
      set(box, { "aria-expanded": String(!list.hidden) });
      status.textContent = options.length ? `${options.length} suggestion${options.length > 1 ? "s" : ""}` : "";
    };
    const ask = async (line) => {
      asked = new AbortController();
      try {
        const reply = await fetch(`/search/suggest/?q=${encodeURIComponent(line)}`, { signal: asked.signal });
        if (reply.ok) show((await reply.json()).groups);
      } catch {
        // dropped, or no network: the form works without
      }
    };

    set(list, { id: "ask-list", class: "suggestions", role: "listbox", "aria-label": "Suggestions" });
    list.hidden = true;
    box.after(list);
    // A plain field until somebody comes to it.
    const become = () => {
      if (box.hasAttribute("role")) return;
      set(box, { role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" });
    };
    box.addEventListener("focus", become);
    if (document.activeElement === box) become();

    box.addEventListener("input", ({ inputType = "" }) => {
      const line = box.value.trim();
      pasted = Boolean(line) && (pasted || /Paste|Drop/.test(inputType));
      close();
      if (!pasted && isPlain(line)) timer = setTimeout(ask, 150, line);
    });
    box.addEventListener(
      "keydown",
      (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (list.hidden || event.isComposing || event.keyCode === 229) return;
        if (step) choose(((chosen + 1 + step + options.length + 1) % (options.length + 1)) - 1);
        else if (event.key === "Enter" && chosen >= 0) options[chosen].click();
        else if (event.key === "Escape") close();
        else return;
        event.preventDefault();
        event.stopImmediatePropagation();
      },
      true,
    );
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
    box.form.addEventListener("focusout", (event) => box.form.contains(event.relatedTarget) || close());
    box.form.addEventListener("submit", close);
  }
}
