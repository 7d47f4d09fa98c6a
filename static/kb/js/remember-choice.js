// Keeps on this device which of some radio buttons was chosen, under the name in data-remember.
{
  const kept = (name, value) => {
    try {
      if (value) localStorage.setItem(name, value);
      return localStorage.getItem(name);
    } catch {
      return null; // private windows may keep nothing
    }
  };

  for (const radio of document.querySelectorAll("input[type=radio][data-remember]")) {
    const { remember } = radio.dataset;
    if (kept(remember) === radio.value) radio.checked = true;
    radio.addEventListener("change", () => kept(remember, radio.value));
  }
}
