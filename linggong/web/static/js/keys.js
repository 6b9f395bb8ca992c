// Desk keys: data-key="J" answers Alt+J anywhere, data-key="1" answers a bare 1 outside fields, and data-key="R" with
// data-bare answers a bare letter too. D, E and F belong to the browser and are never taken with Alt.
// The same element is a button or link that can be pressed, and shows its key in <kbd>.
const TAKEN = ["D", "E", "F"];
const typing = (target) => /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.repeat) return;
  const key = (event.code || "").replace(/^(Key|Digit|Numpad)/, "");
  if (!/^[A-Z0-9]$/.test(key) || (event.altKey && TAKEN.includes(key))) return;
  if (!event.altKey && typing(event.target)) return;
  const digit = /\d/.test(key);
  const bare = digit ? "" : "[data-bare]";
  const found = [...document.querySelectorAll(`[data-key="${key}"]${event.altKey ? "" : bare}`)]
    .find((element) => element.offsetParent !== null && !element.disabled);
  if (!found) return;
  event.preventDefault();
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(found.tagName) && !/^(checkbox|radio|submit)$/.test(found.type)) found.focus();
  else found.click();
});
