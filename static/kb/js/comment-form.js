// Sends a comment and puts it in its place; answers go below what they answer. What was typed is never lost.
{
  const PATIENCE = 10000;
  const box = () => document.getElementById("reply");
  const form = () => document.getElementById("comment-form");

  const say = (words, isFine) => {
    const line = form()?.querySelector("[data-says]");
    if (!line) return;
    line.classList.toggle("fine", Boolean(isFine));
    line.textContent = words;
  };

  const busy = (is) => {
    form().querySelector("[type=submit]").ariaBusy = is ? "true" : null;
  };

  const answer = (link) => {
    const comment = link.closest("li.comment");
    const replies = comment.querySelector(":scope > ol");
    if (replies) replies.before(box());
    else comment.append(box());
    name(link.dataset.reply, comment.querySelector(".by bdi").textContent);
  };

  const name = (parent, whom) => {
    form().elements.parent.value = parent;
    const line = form().querySelector("[data-replying]");
    line.querySelector("bdi").textContent = whom;
    line.hidden = !parent;
    document.dispatchEvent(new CustomEvent("draft:changed"));
  };

  const cancel = () => {
    const link = document.querySelector(`[data-reply="${form().elements.parent.value}"]`);
    name("", "");
    document.getElementById("comments").append(box());
    return link;
  };

  // The answer of the server is the thread, to be put in place of what stood there.
  const place = (part) => {
    const threads = document.getElementById("threads");
    const sent = part.querySelector("[data-sent]");
    const thread = part.querySelector("ol > li");
    const words = sent?.dataset.sent ?? "Sent for approval.";
    cancel();
    if (thread) {
      const old = document.getElementById(thread.id);
      const newestFirst = document.querySelector("[data-load=order][aria-current]")?.href.includes("newest");
      if (old) old.replaceWith(thread);
      else if (newestFirst) threads.prepend(thread);
      else threads.append(thread);
    }
    document.querySelector("#comments [data-empty]")?.remove();
    const count = Number(part.querySelector("ol").dataset.count);
    document.querySelector("#comments [data-count]").textContent = count ? `(${count})` : "";
    form().elements.text.value = "";
    for (const error of form().querySelectorAll("[data-errors], .error")) error.remove();
    for (const field of form().querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    document.dispatchEvent(new CustomEvent("draft:sent"));
    say(words, true);
    sent?.scrollIntoView({ block: "center" });
    sent?.focus({ preventScroll: true });
    document.getElementById("status").textContent = words;
  };

  const refuse = (fresh) => {
    box().replaceWith(fresh);
    (form().querySelector("[data-errors]") ?? form().elements.text).focus();
  };

  const send = async () => {
    const target = new URL(form().action);
    target.hash = "";
    target.searchParams.set("part", "1");
    const reply = await fetch(target, {
      method: "POST",
      body: new URLSearchParams(new FormData(form())),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const part = new DOMParser().parseFromString(await reply.text(), "text/html");
    const fresh = part.getElementById("reply");
    if (reply.status === 201) place(part);
    else if (fresh) refuse(fresh);
    else throw new Error(`Comment: ${reply.status}`);
  };

  document.addEventListener("submit", async (event) => {
    if (event.target !== form()) return;
    event.preventDefault();
    const button = form().querySelector("[type=submit]");
    if (button.ariaBusy === "true") return;
    if (!navigator.onLine) return say("You are offline. Draft kept.");
    busy(true);
    say("Sending …", true);
    try {
      await send();
    } catch {
      say("It could not be sent. Draft kept: send it again, it will not appear twice.");
    } finally {
      busy(false);
    }
  });

  document.addEventListener("click", (event) => {
    const reply = event.target.closest?.("a[data-reply]");
    const stop = event.target.closest?.("a[data-cancel]");
    if (!box() || !(reply || stop) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (reply) {
      answer(reply);
      form().elements.text.focus();
    } else {
      cancel()?.focus();
    }
  });

  document.addEventListener("draft:restored", ({ detail }) => {
    const link = detail && document.querySelector(`[data-reply="${CSS.escape(detail)}"]`);
    if (link) answer(link);
  });

  addEventListener("offline", () => say("You are offline. Draft kept."));
  addEventListener("online", () => say(""));
}
