// 大字版 at a touch. Without this file the button posts its form to the server; with it the page changes at once
// and the same form is sent behind the page's back, so that the choice is kept.
const root = document.documentElement;
const set = (mode) => {
  root.dataset.mode = mode;
  document.querySelectorAll("[data-mode-toggle]").forEach((button) => {
    button.setAttribute("aria-pressed", String(mode === "elder"));
    button.value = mode === "elder" ? "normal" : "elder";
  });
};
document.addEventListener("submit", (event) => {
  const button = event.target.querySelector("[data-mode-toggle]");
  if (!button) return;
  event.preventDefault();
  const wanted = button.value;
  const body = new FormData(event.target);
  body.set(button.name, wanted);
  set(wanted);
  fetch(event.target.action, { method: "POST", body, credentials: "same-origin", redirect: "manual" }).catch(() => {});
});
