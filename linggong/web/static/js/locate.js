// One look at where the person stands, only when they press the button. data-locate sits on a button inside a form with
// hidden inputs lat, lng and accuracy; data-refused is the page for people who said no: the list of streets.
const fill = (form, name, value) => { if (form.elements[name]) form.elements[name].value = value; };
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-locate]");
  if (!button || button.dataset.found === "1") return;
  const form = button.form;
  const refused = () => {
    button.setAttribute("aria-busy", "false");
    if (button.dataset.refused) location.assign(button.dataset.refused);
    else submit();
  };
  const submit = () => {
    button.dataset.found = "1";
    button.setAttribute("aria-busy", "false");
    button.click();
  };
  event.preventDefault();
  event.stopPropagation();
  if (!("geolocation" in navigator)) { refused(); return; }
  button.setAttribute("aria-busy", "true");
  navigator.geolocation.getCurrentPosition((place) => {
    fill(form, "lat", place.coords.latitude.toFixed(6));
    fill(form, "lng", place.coords.longitude.toFixed(6));
    fill(form, "accuracy", Math.round(place.coords.accuracy));
    submit();
  }, refused, { enableHighAccuracy: true, timeout: 8000, maximumAge: 30000 });
}, true);
