// On the page of results, arrows lead from one hit to the next.
for (const hits of document.querySelectorAll(".hits")) {
  hits.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = [...hits.querySelectorAll("h3 a[href]:not(.code)")];
    const next = step && links[links.indexOf(event.target) + step];
    if (!next || !links.includes(event.target)) return;
    event.preventDefault();
    next.focus();
  });
}
