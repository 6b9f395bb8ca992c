// A photo that was just chosen, small, before it is sent: <img data-preview="id of the file input" hidden>.
document.addEventListener("change", (event) => {
  const shown = event.target.type === "file" && document.querySelector(`[data-preview="${event.target.id}"]`);
  if (!shown) return;
  if (shown.src) URL.revokeObjectURL(shown.src);
  const photo = event.target.files[0];
  shown.hidden = !photo;
  if (photo) shown.src = URL.createObjectURL(photo);
  else shown.removeAttribute("src");
});
