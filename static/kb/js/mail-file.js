// A mail as a file: dropped onto the box it is read at once; chosen, its name stands on the button until it is sent.
{
  const MOST = 10 * 1024 * 1024;

  for (const input of document.querySelectorAll("input[type=file][data-mail]")) {
    const { form } = input;
    const label = input.closest("label")?.querySelector("span"); // none in the bar, where files can be dropped only
    const usual = label?.textContent;
    const say = (words) => {
      if (label) label.textContent = words;
    };
    const told = () => {
      const [file] = input.files;
      const tooBig = file && file.size > MOST;
      if (tooBig) input.value = "";
      say(tooBig ? "That file is over 10 MB" : file ? file.name : usual);
      return Boolean(file) && !tooBig;
    };
    input.addEventListener("change", () => told() && form.querySelector("[type=submit]").focus());

    const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
    form.addEventListener("dragover", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      form.dataset.over = "";
    });
    form.addEventListener("dragleave", () => delete form.dataset.over);
    form.addEventListener("drop", (event) => {
      delete form.dataset.over;
      if (!holdsFiles(event)) return;
      event.preventDefault();
      input.files = event.dataTransfer.files;
      if (told()) form.requestSubmit();
    });
  }
}
