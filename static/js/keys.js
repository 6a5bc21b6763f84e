// Two combinations that browsers and screen readers leave alone, and that a page shows beside what they do:
//   Ctrl+Enter        goes on, to the one element with data-go (a new note, the draft, the review)
//   Ctrl+Shift+Enter  signs, with data-sign: another one, so that two quick presses never sign unseen
// On a link, Ctrl+Enter is the browser's own way to open it in a new tab.

function pressKey(event) {
  if (event.key !== "Enter" || event.repeat || event.altKey || !(event.ctrlKey || event.metaKey)) return;
  if (event.target.closest("a[href], dialog")) return;
  const element = document.querySelector(event.shiftKey ? "[data-sign]" : "[data-go]");
  if (!element) return;
  event.preventDefault();
  element.click();
}

document.addEventListener("keydown", pressKey);
for (const shown of document.querySelectorAll("[data-keys]")) shown.hidden = false;
