// Acts that must not wait for the network: check-ins, the count at the kerb, the village round. A form with data-queue is
// kept on the phone when it cannot be sent, with the time it was pressed (pressed_at) and its idempotency key, and goes
// out when there is network again. data-queue holds the words to show then, data-queue-refused
// those for an act that was refused when it arrived; [data-queue-count] shows how many wait.
const BOX = "waiting-acts";
const read = () => { try { return JSON.parse(localStorage.getItem(BOX) || "[]"); } catch (refused) { return []; } };
const write = (acts) => {
  try { localStorage.setItem(BOX, JSON.stringify(acts)); } catch (refused) { return false; }
  document.querySelectorAll("[data-queue-count]").forEach((spot) => {
    spot.textContent = acts.length;
    spot.closest("[data-queue-box]").hidden = !acts.length;
  });
  return true;
};
const say = (words) => {
  const toast = document.getElementById("toast");
  if (toast) toast.textContent = words;
};
const send = (act) => {
  const body = new URLSearchParams(act.pairs);
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  if (token) body.set("csrfmiddlewaretoken", token.value);
  return fetch(act.url, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
};
let flushing = false;
const flush = async () => {
  if (flushing || !navigator.onLine) return;
  flushing = true;
  const sign = document.documentElement.dataset.person || "";
  for (const act of read().filter((one) => one.person === sign)) {
    try {
      const answer = await send(act);
      if (answer.status >= 500 || answer.status === 403) break;
      write(read().filter((other) => other.key !== act.key));
      if (answer.status >= 400 && act.refused) say(act.refused);
    } catch (unreachable) { break; }
  }
  flushing = false;
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-queue]")) return;
  const pressed = form.elements.pressed_at;
  if (pressed && !pressed.value) pressed.value = new Date().toISOString();
  if (navigator.onLine) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const pairs = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const act = { key: form.elements.key.value, url: form.action, pairs, person: document.documentElement.dataset.person || "",
    refused: form.dataset.queueRefused };
  const kept = write([...read().filter((other) => other.key !== act.key), act]);
  say(kept ? form.dataset.queue : form.dataset.queueFull || "");
}, true);
window.addEventListener("online", flush);
write(read());
flush();
