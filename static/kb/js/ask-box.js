// The one box: grows to eight lines, Enter sends, Shift+Enter breaks.
{
  const LINES = 8;
  const box = document.querySelector("#ask-form textarea");

  if (box) {
    const inBar = Boolean(box.closest(".bar"));
    const fit = () => {
      const style = getComputedStyle(box);
      const frame = box.offsetHeight - box.clientHeight;
      const most = parseFloat(style.lineHeight) * LINES + parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
      box.style.blockSize = "auto";
      if (box.value) box.style.blockSize = `${Math.min(box.scrollHeight, most) + frame}px`;
    };
    box.addEventListener("input", fit);
    box.addEventListener("focus", fit);
    if (inBar) {
      box.form.addEventListener("focusout", (event) => {
        if (!box.form.contains(event.relatedTarget)) box.style.blockSize = ""; // one line again
      });
    }

    box.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return; // an Enter that ends a conversion; Safari says it by 229 alone
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        if (box.value.trim()) box.form.requestSubmit();
      } else if (event.key === "Escape" && box.value) {
        box.value = "";
        fit();
      }
    });
  }
}
