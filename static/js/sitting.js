// Reads through the drafts of one sitting with the keyboard: <form data-sitting> holds <section data-draft>, each with a
// tick (data-tick) if it can be signed. Without this script the same ticks are reached with Tab and Space.

const form = document.querySelector("[data-sitting]");

function goTo(sections, place) {
  const target = sections[place] ?? (place < 0 ? sections[0] : form.querySelector("[data-sign]"));
  target?.focus();
  target?.scrollIntoView({ block: "start" });
}

function sayHowMany() {
  const button = form.querySelector("[data-sign]");
  if (!button) return;
  const count = form.querySelectorAll("[data-tick]:checked").length;
  button.textContent = count ? `Sign ${count} note${count === 1 ? "" : "s"}` : "Sign what is ticked";
}

function pressKey(event) {
  const sections = [...form.querySelectorAll("[data-draft]")];
  const place = sections.findIndex((section) => section.contains(document.activeElement));
  // With Shift it signs, on this page as on every other: keys.js does that.
  const isTick = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.repeat;
  if (isTick && place >= 0) {
    const tick = sections[place].querySelector("[data-tick]");
    if (tick) tick.checked = true;
    sayHowMany();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.altKey ? event.key : ""] ?? (isTick ? 1 : 0);
  if (!step) return;
  event.preventDefault();
  goTo(sections, place < 0 ? 0 : place + step);
}

if (form) {
  form.addEventListener("change", sayHowMany);
  document.addEventListener("keydown", pressKey);
  // A browser that brings ticks back on Reload has said nothing of it.
  sayHowMany();
}
