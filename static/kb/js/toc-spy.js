// Marks in "On this page" the section being read.
{
  const links = [...document.querySelectorAll("nav.toc a[href^='#']")];
  const sections = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));

  if (links.length && "IntersectionObserver" in window) {
    const mark = () => {
      const line = innerHeight / 4;
      const passed = sections.findLastIndex((section) => section && section.getBoundingClientRect().top < line);
      links.forEach((link, place) => {
        if (place === passed) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      });
    };
    const watch = new IntersectionObserver(mark, { rootMargin: "0px 0px -75% 0px", threshold: [0, 1] });
    sections.forEach((section) => section && watch.observe(section));
  }
}
