// Copy buttons. They stay hidden without a clipboard (old browser, plain http):
// the text beside them can always be selected by hand.
function enable(button) {
  const field = document.getElementById(button.dataset.copy);
  const said = button.parentElement.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value ?? field.textContent.trim());
      button.textContent = "Copied";
      said.textContent = "Copied";
    } catch {
      field.select?.();
      said.textContent = "Copying was not allowed. The text is selected: press Ctrl and C.";
      said.classList.remove("vh");
    }
  });
}

if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(enable);
