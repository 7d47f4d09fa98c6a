// Puts pictures into an article's text: chosen, pasted or dropped, they are sent, and what shows them is written at the cursor.
{
  const AWAY = "The server could not take it just now. Your text is still here; try again in a minute.";

  // What the server says of a file: {added, problems}.
  const sent = async (file, field) => {
    if (file.size > Number(field.dataset.most)) {
      return { added: [], problems: [`“${file.name}” is too large. ${field.dataset.taken}`] };
    }
    const body = new FormData();
    body.append("files", file);
    const { reply, problem } = await server.post(field.dataset.pictures, body, { headers: { Accept: "application/json" } });
    if (problem) return { added: [], problems: [problem] };
    try {
      if (reply.ok || reply.status === 422) return await reply.json();
      const type = reply.headers.get("Content-Type") ?? "";
      return { added: [], problems: [type.startsWith("text/plain") ? await reply.text() : AWAY] };
    } catch {
      return { added: [], problems: [AWAY] };
    }
  };

  // At the cursor, in the place of nothing, with what the first one shows selected: that is to be said in the article's own words.
  const put = (field, added) => {
    const at = field.selectionEnd;
    const text = added.map((picture) => picture.markdown).join("\n\n");
    field.setRangeText(text, at, at, "end");
    field.focus();
    field.setSelectionRange(at + 2, at + 2 + added[0].alt.length);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const attach = (field) => {
    const bar = document.createElement("p");
    bar.className = "add-pictures";
    const label = document.createElement("label");
    label.textContent = "Add pictures: ";
    const input = document.createElement("input");
    Object.assign(input, { type: "file", multiple: true, accept: field.dataset.accepted });
    label.append(input);
    const status = document.createElement("span");
    status.setAttribute("role", "status");
    bar.append(label, status);
    field.closest(".form-row").append(bar);

    const take = async (files) => {
      const added = [];
      const problems = [];
      for (const file of files) {
        status.textContent = `Sending “${file.name}” …`;
        const said = await sent(file, field);
        added.push(...said.added);
        problems.push(...said.problems);
      }
      if (added.length) put(field, added);
      server.say(status, [...new Set(problems)].join(" ") || "Added. Say in the brackets what it shows.");
      status.classList.toggle("problem", problems.length > 0);
    };

    input.addEventListener("change", () => {
      take([...input.files]);
      input.value = "";
    });
    field.addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files];
      if (!files.length || event.clipboardData.types.includes("text/plain")) return; // a table comes as a picture too
      event.preventDefault();
      take(files);
    });
    field.addEventListener("dragover", (event) => {
      if (event.dataTransfer.types.includes("Files")) event.preventDefault();
    });
    field.addEventListener("drop", (event) => {
      const files = [...event.dataTransfer.files];
      if (!files.length) return;
      event.preventDefault();
      take(files);
    });
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("textarea[data-pictures]").forEach(attach);
  });
}
