// Two windows, one draft. Where autosave meets another text, this shows it beside the person's own
// and asks, field by field. Nothing is overwritten by the order in which windows happened to save.

const plain = (text) => text.replace(/\r\n?/g, "\n");

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

// A group of radios is one control with one value here: form.elements gives a RadioNodeList.
function readControl(control) {
  return control.type === "checkbox" && !control.checked ? "" : control.value;
}

function writeControl(control, value) {
  if (control.type === "checkbox") control.checked = value !== "";
  else control.value = value;
}

function isText(control) {
  return control instanceof HTMLTextAreaElement || control.type === "text";
}

// What a person calls the value: the label of a radio or an option, the text itself elsewhere.
function describe(control, value) {
  const parts = control instanceof RadioNodeList ? [...control] : [...(control.options ?? [])];
  const part = parts.find((candidate) => candidate.value === value);
  const label = part?.labels?.[0]?.innerText.split("\n")[0];
  return label ?? part?.text ?? (value || "Nothing");
}

function choices(control, theirs) {
  const mine = readControl(control);
  const offered = [["Keep mine", () => {}], ["Take the other", () => writeControl(control, theirs)]];
  if (isText(control) && mine && theirs) {
    offered.push(["Keep both", () => writeControl(control, `${readControl(control)}\n\n${theirs}`)]);
  }
  return offered;
}

function ask(control, theirs, time, done) {
  const block = make("section", "conflict");
  const title = make("h2", "", `Saved in another window at ${time}`);
  const text = make("pre", "prose", describe(control, theirs));
  // A long text scrolls inside its frame: the keyboard must be able to get there.
  text.tabIndex = 0;
  block.append(title, text);
  const row = make("div", "row");
  for (const [words, act] of choices(control, theirs)) {
    const button = make("button", "btn", words);
    button.type = "button";
    button.addEventListener("click", () => {
      act();
      block.remove();
      const first = control instanceof RadioNodeList ? control[0] : control;
      first.focus();
      done();
    });
    row.append(button);
  }
  block.append(row);
  return block;
}

function showConflict({ target: form, detail }) {
  form.querySelectorAll(".conflict").forEach((old) => old.remove());
  const time = new Date(detail.savedAt).toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const differing = Object.entries(detail.theirs)
    .map(([name, theirs]) => [form.elements.namedItem(name), plain(theirs)])
    .filter(([control, theirs]) => control && plain(readControl(control)) !== theirs);
  let open = differing.length;
  const done = () => {
    open -= 1;
    if (open <= 0) detail.settle();
  };
  if (!open) done();
  for (const [control, theirs] of differing) {
    const first = control instanceof RadioNodeList ? control[0] : control;
    first.closest(".field").append(ask(control, theirs, time, done));
  }
  form.querySelector(".conflict")?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("subrosa:conflict", showConflict);
