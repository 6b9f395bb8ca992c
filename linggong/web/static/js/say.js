// Read aloud. A button with data-say names what to read: "main" or a CSS selector; data-clips may hold a JSON list of
// recorded clips, which go first because Android web-views have no voice. data-text overrides the words of the page.
// A strip (.say) stays hidden where nothing can speak; 听 in the top bar then says which number to ring.
const voice = "speechSynthesis" in window && "SpeechSynthesisUtterance" in window;
let talking = null;
let player = null;
const clipsOf = (button) => JSON.parse(button.dataset.clips || "[]");
const wordsOf = (button) => {
  const source = document.querySelector(button.dataset.say || "main");
  return button.dataset.text || (source ? source.innerText : "");
};
const stop = () => {
  if (talking) talking.setAttribute("aria-pressed", "false");
  if (player) player.pause();
  if (voice) speechSynthesis.cancel();
  talking = player = null;
};
const playClips = (button, clips) => {
  if (!clips.length || talking !== button) return stop();
  player = new Audio(clips[0]);
  player.addEventListener("ended", () => playClips(button, clips.slice(1)));
  player.addEventListener("error", () => speak(button));
  player.play().catch(stop);
};
const speak = (button) => {
  if (!voice) return silent(button);
  const words = new SpeechSynthesisUtterance(wordsOf(button));
  words.lang = "zh-CN";
  words.rate = 0.9;
  words.onend = stop;
  words.onerror = (event) => { if (!/interrupted|canceled/.test(event.error)) silent(button); };
  speechSynthesis.cancel();
  speechSynthesis.speak(words);
};
const silent = (button) => {
  stop();
  const toast = document.getElementById("toast");
  if (toast) toast.textContent = button.dataset.silent || "这台手机不会念";
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-say]");
  if (!button) return;
  const again = talking === button;
  stop();
  if (again) return;
  talking = button;
  button.setAttribute("aria-pressed", "true");
  const clips = clipsOf(button);
  if (clips.length) playClips(button, clips);
  else speak(button);
});
const reveal = () => document.querySelectorAll("[data-say][hidden]").forEach((button) => {
  button.hidden = !(voice || clipsOf(button).length);
});
reveal();
document.addEventListener("htmx:afterSwap", reveal);
window.addEventListener("pagehide", stop);
