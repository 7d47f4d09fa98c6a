// A field above long tables that hides the rows without the words typed.
{
  const LONG = 15;
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  document.querySelectorAll("table[data-filter]").forEach((table, number) => {
    const rows = [...table.tBodies[0].rows];
    if (rows.length <= LONG) return;
    const texts = rows.map((row) => plain(row.textContent));
    const place = document.createElement("div");
    place.className = "filter";
    place.innerHTML =
      `<label class="label" for="filter-${number}"></label>` +
      `<input class="field" type="search" id="filter-${number}" autocomplete="off"><p class="hint" role="status"></p>`;
    place.querySelector("label").textContent = table.dataset.filter;
    const says = place.querySelector("p");
    place.querySelector("input").addEventListener("input", ({ target }) => {
      const words = plain(target.value).split(/\s+/).filter(Boolean);
      rows.forEach((row, at) => (row.hidden = !words.every((word) => texts[at].includes(word))));
      const left = rows.filter((row) => !row.hidden).length;
      says.textContent = words.length ? `${left || "None"} of ${rows.length} shown` : "";
    });
    (table.closest(".box") ?? table).before(place);
  });
}
