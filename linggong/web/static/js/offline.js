// When the network fails, say what happened, what still holds, and offer the same act again. The words come from the
// page (#offline, a template), so that they are translated with everything else.
const spot = () => document.getElementById("toast");
const show = (again, said) => {
  const words = document.getElementById("offline");
  if (!words || !spot()) return;
  hide();
  spot().appendChild(words.content.cloneNode(true));
  if (said) spot().querySelector("p").textContent = said;
  const button = spot().querySelector("[data-again]");
  if (button) button.addEventListener("click", () => { hide(); again(); }, { once: true });
};
const hide = () => { if (spot()) spot().textContent = ""; };
const retry = (event) => {
  const source = event.detail.elt;
  show(() => {
    if (source.tagName === "FORM") source.requestSubmit ? source.requestSubmit() : source.submit();
    else source.click();
  }, event.detail.xhr && [503, 507].includes(event.detail.xhr.status) && event.detail.xhr.responseText);
};
document.addEventListener("htmx:sendError", retry);
document.addEventListener("htmx:timeout", retry);
document.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status >= 500) retry(event); });
document.addEventListener("submit", (event) => {
  if (navigator.onLine !== false || event.defaultPrevented || event.target.matches("[data-queue]")) return;
  event.preventDefault();
  show(() => event.target.requestSubmit && event.target.requestSubmit());
}, true);
window.addEventListener("online", hide);
