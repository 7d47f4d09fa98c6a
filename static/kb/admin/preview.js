// Under every Markdown field: what readers will see, asked of the server a moment after the last key.
{
  const WAIT = 400; // ms

  const attach = (field) => {
    if (field.dataset.previewed || field.closest(".empty-form")) return;
    field.dataset.previewed = "yes";
    const box = document.createElement("details");
    box.className = "preview";
    box.open = true;
    const title = document.createElement("summary");
    title.textContent = "Preview: what readers will see";
    const frame = document.createElement("iframe");
    frame.title = "Preview";
    frame.setAttribute("sandbox", "allow-same-origin allow-popups"); // of this site, for its style; no scripts
    box.append(title, frame);
    field.after(box);

    const show = async () => {
      const body = new FormData();
      body.append("markdown", field.value);
      const { reply, problem } = await server.post(field.dataset.preview, body);
      waits = Boolean(problem);
      if (reply) {
        frame.srcdoc = await reply.text();
        title.textContent = "Preview: what readers will see";
      } else {
        server.say(title, problem);
        title.prepend("No preview: ");
      }
    };
    let waits = false;
    addEventListener("focus", () => waits && show()); // back from signing in
    let timer;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, WAIT);
    });
    if (field.value) show();
  };

  const attachAll = () => document.querySelectorAll("textarea[data-preview]").forEach(attach);
  document.addEventListener("DOMContentLoaded", attachAll); // Django loads a form's scripts in the head, at once
  document.addEventListener("formset:added", attachAll);
}
