// The form of a refusal is sent again with the token of now: somebody may have signed in in another tab meanwhile.
{
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const token = form.elements.csrfmiddlewaretoken;
    if (!form.matches("[data-resend='']") || !token) return;
    event.preventDefault();
    form.dataset.resend = "sending";
    try {
      const reply = await fetch("/account/login/", { signal: AbortSignal.timeout(5000) });
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      token.value = page.querySelector("[name=csrfmiddlewaretoken]")?.value ?? token.value;
    } catch {
      // sent as it is: it may be right, and the next refusal gives the words back as well
    }
    form.requestSubmit(event.submitter);
    setTimeout(() => (form.dataset.resend = ""), 3000);
  });
}
