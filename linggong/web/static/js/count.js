// What a box takes at most is counted out before it is full, so that nothing is cut off unseen.
const words = document.getElementById("counted");
document.addEventListener("input", (event) => {
  const box = event.target;
  if (!words || !(box.maxLength >= 40)) return;
  const left = box.maxLength - box.value.length;
  let told = box.nextElementSibling;
  if (!told || !told.matches("[data-counted]")) {
    if (left > box.maxLength / 5) return;
    told = Object.assign(document.createElement("p"), { className: "hint" });
    told.dataset.counted = "";
    told.setAttribute("role", "status");
    box.insertAdjacentElement("afterend", told);
  }
  told.hidden = left > box.maxLength / 5;
  told.textContent = left > 0 ? words.dataset.left.replace("{n}", left) : words.dataset.full.replace("{n}", box.maxLength);
});
