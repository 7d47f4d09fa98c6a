// Marks in "On this page" the section being read.
{
  const links = [...document.querySelectorAll("nav.toc a[href^='#']")];
  const sections = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));

  if (links.length) {
    let waits = false;
    const mark = () => {
      waits = false;
      const line = innerHeight / 4;
      const read = sections.findLastIndex((section) => section && section.getBoundingClientRect().top < line);
      links.forEach((link, place) => {
        if (place === read) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      });
    };
    const soon = () => {
      if (!waits) requestAnimationFrame(mark);
      waits = true;
    };
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon, { passive: true });
  }
}
