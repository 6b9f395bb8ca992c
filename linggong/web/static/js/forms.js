// One press sends once, and nothing typed is lost. Every POST form goes busy when it is sent and wakes up if the page
// comes back; a form with data-draft keeps what was typed in this tab until the server has taken it;
// data-draft-over puts it before what the server wrote into the field, data-draft-any says that something is kept.
const KEY = "draft:";
const fields = (form) => [...form.elements].filter((field) => field.name
  && !/^(hidden|password|file|submit|button)$/.test(field.type) && !("private" in field.dataset));
const store = (work) => { try { return work(sessionStorage); } catch (refused) { return null; } };
const save = (form) => {
  const rows = fields(form).filter((field) => !/^(checkbox|radio)$/.test(field.type) || field.checked)
    .map((field) => [field.name, field.value]);
  store((box) => box.setItem(KEY + form.dataset.draft, JSON.stringify(rows)));
};
const restore = (form) => {
  const rows = JSON.parse(store((box) => box.getItem(KEY + form.dataset.draft)) || "null");
  if (!rows || form.querySelector("[aria-invalid=true]")) return;
  fields(form).forEach((field) => {
    const values = rows.filter(([name]) => name === field.name).map(([, value]) => value);
    if (/^(checkbox|radio)$/.test(field.type)) field.checked = values.includes(field.value);
    else if (values.length && (!field.value || "draftOver" in form.dataset)) field.value = values[0];
  });
};
const busy = (form, on) => {
  form.dataset.sent = on ? "1" : "";
  form.querySelectorAll("[type=submit]").forEach((button) => button.setAttribute("aria-busy", String(on)));
};
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (form) save(form);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent === "1") { event.preventDefault(); return; }
  setTimeout(() => { if (!event.defaultPrevented) busy(form, true); }, 0);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach((form) => busy(form, false));
});
const start = (root) => root.querySelectorAll("form[data-draft]").forEach(restore);
start(document);
document.addEventListener("htmx:afterSwap", (event) => start(event.target));
const kept = store((box) => Object.keys(box).some((key) => key.startsWith(KEY)));
document.querySelectorAll("[data-draft-any]").forEach((element) => { element.hidden = !kept; });
document.querySelectorAll("[data-draft-done]").forEach((element) => {
  store((box) => box.removeItem(KEY + element.dataset.draftDone));
});
