// A form marked data-once is sent once for a double click: the first vote of a browser has no cookie yet by which the
// server could tell that two are one.
{
  const sent = new WeakMap();
  const SOON = 3000; // later it is another try: the first may have been stopped
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (event.timeStamp - sent.get(form) < SOON) event.preventDefault();
    else sent.set(form, event.timeStamp);
  });
}
