// Quick exit on client pages: the link, or Shift three times. The link works without this script;
// with it the page also goes from sight at once and leaves no entry behind in the tab's history.
const PRESSES = 3;
const FORGET_AFTER_MS = 5000;

const link = document.querySelector("[data-leave]");
const announcer = document.querySelector("[data-leave-count]");
let count = 0;
let shiftAlone = false;
let timer = 0;

function leave() {
  document.title = "";
  document.body.hidden = true;
  location.replace(link.href);
}

function forget() {
  clearTimeout(timer);
  count = 0;
  announcer.textContent = "";
}

function countPress() {
  count += 1;
  if (count === PRESSES) {
    leave();
    return;
  }
  const left = PRESSES - count;
  announcer.textContent = `Shift pressed. Press it ${left === 1 ? "once" : "twice"} more to leave.`;
  clearTimeout(timer);
  timer = setTimeout(forget, FORGET_AFTER_MS);
}

// Shift held for a capital letter is typing, so only a Shift pressed and released by itself counts.
function onKeyDown(event) {
  shiftAlone = event.key === "Shift" && !event.repeat;
  if (event.key !== "Shift") forget();
}

function onKeyUp(event) {
  if (event.key === "Shift" && shiftAlone) countPress();
}

if (link) {
  // Where there is a keyboard, that is: on a screen to be touched the style sheet keeps it from sight.
  for (const words of document.querySelectorAll("[data-leave-keys]")) words.hidden = false;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  document.addEventListener("keydown", onKeyDown);
  document.addEventListener("keyup", onKeyUp);
}
