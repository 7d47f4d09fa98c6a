// The field above a long table hides the rows without the words typed.
{
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  for (const filter of document.querySelectorAll(".filter")) {
    const rows = [...(filter.nextElementSibling?.querySelector("tbody")?.rows ?? [])];
    const says = filter.querySelector("[role=status]");
    const texts = rows.map((row) => plain(row.textContent));
    filter.hidden = !rows.length;
    filter.querySelector("input").addEventListener("input", ({ target }) => {
      const words = plain(target.value).split(/\s+/).filter(Boolean);
      rows.forEach((row, at) => (row.hidden = !words.every((word) => texts[at].includes(word))));
      const left = rows.filter((row) => !row.hidden).length;
      says.textContent = words.length ? `${left || "None"} of ${rows.length} shown` : "";
    });
  }
}
