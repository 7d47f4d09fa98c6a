// Comments without leaving the page: more of them, another order, and "Try again" where they could not be loaded.
// Every link here leads to a whole page without this file.
{
  const PATIENCE = 5000;
  const TRIES = 3; // that fail before the bar says whom to write to
  let failures = 0;

  const region = () => document.getElementById("comments");
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  const load = async (address) => {
    const url = new URL(address, location.href);
    url.hash = "";
    url.searchParams.set("part", "1");
    const reply = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) });
    const part = new DOMParser().parseFromString(await reply.text(), "text/html").getElementById("comments");
    if (!reply.ok || part?.dataset.state !== "ready") throw new Error(`Comments: ${reply.status}`);
    return part;
  };

  // The form stays as it is, with what is typed in it.
  const show = (part) => {
    const form = region().querySelector("#reply");
    if (form) part.querySelector("#reply")?.replaceWith(form);
    region().replaceWith(part);
    tell("comments:shown");
  };

  const SHOWN = {
    again: (part) => {
      show(part);
      part.focus();
    },
    order: (part) => {
      show(part);
      part.querySelector("[data-load=order][aria-current]")?.focus();
    },
    more: (part) => {
      const fresh = [...part.querySelectorAll("#threads > li")].filter((comment) => !document.getElementById(comment.id));
      region().querySelector("#threads").append(...fresh);
      const pages = part.querySelector("[data-pages]");
      if (pages) region().querySelector("[data-pages]").replaceWith(pages);
      else region().querySelector("[data-pages]").remove();
      fresh[0]?.focus();
    },
  };

  // The same words as when the server could not read them; spoken, because they come after the page.
  const apologise = (link, kind) => {
    failures += 1;
    const old = link.closest(".failed");
    const bar = old ?? region().querySelector("template[data-failure]").content.firstElementChild.cloneNode(true);
    const again = bar.querySelector("a");
    again.href = link.href;
    again.dataset.load = kind;
    bar.removeAttribute("role");
    if (!old) (link.closest("[data-pages], [data-orders]") ?? link).after(bar);
    bar.querySelector("[data-tried]").textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    bar.querySelector("[data-gives-up]").hidden = failures < TRIES;
    bar.setAttribute("role", "alert");
    again.focus();
  };

  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("#comments a[data-load]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.ariaBusy === "true") return;
    const kind = link.dataset.load;
    const list = document.getElementById("threads");
    link.ariaBusy = "true";
    list?.setAttribute("aria-busy", "true");
    try {
      const part = await load(link.href);
      failures = 0;
      link.closest(".failed")?.remove();
      SHOWN[kind](part);
    } catch {
      apologise(link, kind);
    } finally {
      link.ariaBusy = null;
      list?.removeAttribute("aria-busy");
    }
  });

  if (region()?.dataset.state === "failed") failures = 1;
}
