// "Share…" where the browser has a share sheet of its own; elsewhere the button stays away.
{
  for (const button of document.querySelectorAll("[data-web-share]")) {
    const what = { title: document.title, url: button.dataset.webShare };
    if (!navigator.canShare?.(what)) continue;
    button.hidden = false;
    button.addEventListener("click", () => navigator.share(what).catch(() => {}));
  }
}
