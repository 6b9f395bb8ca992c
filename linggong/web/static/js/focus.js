// After a step is swapped in, the reader is taken to its heading, and the page is told what is being fetched.
document.addEventListener("htmx:afterSettle", (event) => {
  const heading = event.target.querySelector("[data-focus]");
  if (!heading) return;
  heading.setAttribute("tabindex", "-1");
  heading.focus();
});
