// "Show what I type": a long passphrase on a small keyboard is hard to type unseen.
function wire(button) {
  const { form } = button;
  const fields = [...form.querySelectorAll("input[type=password]")];
  const show = (shown) => {
    for (const field of fields) field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.hidden = false;
  button.addEventListener("click", () => { show(button.getAttribute("aria-pressed") === "false"); });
  // A browser keeps what was typed into a plain field, and offers to store only what was a password.
  form.addEventListener("submit", () => { show(false); });
  addEventListener("pagehide", () => { show(false); });
}

document.querySelectorAll("[data-reveal]").forEach(wire);
