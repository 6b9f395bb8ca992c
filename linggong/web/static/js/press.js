// Small things on a page: print, and showing one view of several when no request is needed.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  const option = event.target.closest("[data-show]");
  if (!option) return;
  event.preventDefault();
  option.parentElement.querySelectorAll("[data-show]").forEach((other) => {
    other.setAttribute("aria-pressed", String(other === option));
    const view = document.getElementById(other.dataset.show);
    if (view) view.hidden = other !== option;
  });
});
