// Posts for the other scripts of the admin: every refusal becomes a sentence, and an outdated token is replaced.
const server = (() => {
  const SIGN_IN = "/account/login/";
  const AWAY = "The server did not answer. Your text is still here; try again in a minute.";
  const SIGNED_OUT = "You are signed out. Your text is still here.";
  const NO_RIGHT = "You may not do this any more. Your text is still here; copy it, and ask an admin for the right.";
  let token;

  // The page of sign-in leads on whoever is signed in. Either page holds a token.
  const isSignedIn = async () => {
    const reply = await fetch(SIGN_IN, { signal: AbortSignal.timeout(10_000) });
    if (!reply.ok) throw new Error(reply.status);
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    token = page.querySelector("[name=csrfmiddlewaretoken]")?.value ?? token;
    return reply.redirected;
  };
  const sent = (address, body, options) => {
    body.set("csrfmiddlewaretoken", token ?? document.querySelector("[name=csrfmiddlewaretoken]").value);
    return fetch(address, { method: "POST", body, signal: AbortSignal.timeout(120_000), ...options });
  };
  const isRefused = (reply) => reply.redirected || reply.status === 401 || reply.status === 403;

  // {reply}, or {problem} in words.
  const post = async (address, body, options) => {
    try {
      let reply = await sent(address, body, options);
      if (isRefused(reply)) {
        if (!(await isSignedIn())) return { problem: SIGNED_OUT };
        reply = await sent(address, body, options);
        if (isRefused(reply)) return { problem: NO_RIGHT };
      }
      return reply.status < 500 ? { reply } : { problem: AWAY };
    } catch {
      return { problem: AWAY };
    }
  };

  const say = (element, problem) => {
    element.textContent = problem;
    if (problem !== SIGNED_OUT) return;
    const link = Object.assign(document.createElement("a"), { href: SIGN_IN, target: "_blank", textContent: "Sign in in a new tab" });
    element.append(" ", link);
  };

  // Django's own lists of choices say little or nothing; the page of sign-in comes to them as an answer.
  document.addEventListener("DOMContentLoaded", () => {
    const jQuery = window.django?.jQuery;
    jQuery?.(document).on("ajaxComplete", async (event, request) => {
      if (request.statusText === "abort") return;
      document.getElementById("server-says")?.remove();
      if (request.status === 200 && /json/.test(request.getResponseHeader("Content-Type"))) return;
      const signedIn = await isSignedIn().catch(() => null);
      const line = Object.assign(document.createElement("p"), { id: "server-says", className: "errornote", role: "alert" });
      document.querySelector("#content form")?.before(line);
      say(line, signedIn === false ? SIGNED_OUT : AWAY);
    });
  });

  return { post, say };
})();
