// A vote on a comment changes in place; without this file the form leads back to the comment.
{
  const WHY = {
    404: "This comment is not there any more.",
    422: "This is your own comment.",
    429: "Many votes came from your network. Try again in a few minutes.",
  };
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest?.("form[data-votes]");
    if (!form) return;
    event.preventDefault();
    const pressed = event.submitter ?? form.querySelector("button");
    const place = [...form.querySelectorAll("button")].indexOf(pressed);
    const status = document.getElementById("status");
    try {
      const reply = await fetch(`${form.action}?part=1`, {
        method: "POST",
        body: new URLSearchParams({ value: pressed.value }),
        signal: AbortSignal.timeout(5000),
      });
      const part = new DOMParser().parseFromString(await reply.text(), "text/html");
      const fresh = part.querySelector("[data-votes]");
      if (!reply.ok || !fresh) throw new Error(WHY[reply.status] ?? "");
      form.replaceWith(fresh);
      fresh.querySelectorAll("button")[place].focus();
      status.textContent = pressed.value === "none" ? "Vote taken back" : "Vote counted";
    } catch ({ name, message }) {
      const says = form.querySelector(".error") ?? form.appendChild(document.createElement("span"));
      says.className = "error";
      says.textContent = status.textContent = `Not counted. ${(name === "Error" && message) || "Try again."}`;
    }
  });
}
