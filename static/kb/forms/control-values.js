// What stands in the controls of a form, beside what the server had put there. Never passwords, files or hidden fields.
const controls = (() => {
  const OTHERS =
    "button, fieldset, output, object, .selector select, [type=hidden], [type=password], [type=file], [type=submit], [type=button], [type=reset], [type=image]";

  const isChecked = (field) => /^(checkbox|radio)$/.test(field.type);
  const keyOf = (field) => (isChecked(field) ? `${field.name}=${field.value}` : field.name);
  const all = (form) =>
    [...form.elements].filter((field) => field.name && !field.name.includes("__prefix__") && !field.matches(OTHERS));
  const pairs = (options) => options.filter((option) => option.value).map((option) => [option.value, option.text]);
  const valueOf = (field) =>
    isChecked(field) ? field.checked : field.options ? pairs([...field.selectedOptions]) : field.value;
  const served = (field) => {
    if (isChecked(field)) return field.defaultChecked;
    if (!field.options) return field.defaultValue;
    const chosen = [...field.options].filter((option) => option.defaultSelected);
    const isEmpty = field.multiple || field.matches(".admin-autocomplete"); // what such a list holds was chosen by somebody
    return pairs(chosen.length || isEmpty ? chosen : [...field.options].slice(0, 1));
  };
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  // Those that differ from what the server sent, and those named in `also`.
  const changes = (form, also = []) =>
    Object.fromEntries(
      all(form)
        .filter((field) => also.includes(keyOf(field)) || !same(valueOf(field), served(field)))
        .map((field) => [keyOf(field), valueOf(field)]),
    );
  const isServed = (form, values) => {
    const there = new Map(all(form).map((field) => [keyOf(field), served(field)]));
    return Object.entries(values).every(([key, value]) => same(there.get(key), value));
  };
  // A number for what the server sent, to see later whether the record has changed.
  const base = (form) => {
    const text = JSON.stringify(all(form).map((field) => [keyOf(field), served(field)]));
    return [...text].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) | 0, 0);
  };

  const set = (field, value) => {
    if (isChecked(field)) field.checked = value;
    else if (field.options) {
      for (const [id, text] of value) {
        if (![...field.options].some((option) => option.value === id)) field.add(new Option(text, id));
      }
      for (const option of field.options) option.selected = value.some(([id]) => id === option.value);
    } else field.value = value;
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  };
  // Rows of Django's inlines that the page has not yet are added by their own link.
  const addRows = (form, keys) => {
    for (const key of keys) {
      const [, prefix, row] = /^(.+)-(\d+)-\w+/.exec(key) ?? [];
      const link = prefix && form.querySelector(`#${CSS.escape(prefix)}-group .add-row a`);
      const isThere = () => all(form).some((field) => field.name.startsWith(`${prefix}-${row}-`));
      for (let tries = 0; link && !isThere() && tries < 50; tries += 1) link.click();
    }
  };
  const fill = (form, values) => {
    addRows(form, Object.keys(values));
    for (const field of all(form)) if (keyOf(field) in values) set(field, values[keyOf(field)]);
  };

  return { all, keyOf, valueOf, same, changes, isServed, base, fill };
})();
