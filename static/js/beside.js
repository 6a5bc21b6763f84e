// Earlier notes beside the writing. One is fetched when it is unfolded, once, because each look is in the
// access log; on a wide screen the first unfolds by itself. A section is carried forward with its button,
// or with F2 from the section of the same name. The server writes the marks that stay in the text.
const WIDE = "(min-width: 56.01rem)";

const form = document.querySelector("form[data-autosave-url]");
const card = document.querySelector(".beside");
const folds = card ? [...card.querySelectorAll("details")] : [];
const status = card?.querySelector("[data-beside-status]");
const shown = new Map();
let lastField = null;

function say(words) {
  status.textContent = words;
}

function textareas() {
  return [...form.querySelectorAll("textarea")];
}

function labelOf(field) {
  return field.labels[0].textContent.trim();
}

function fill(fold, parts) {
  const shape = card.querySelector("template[data-part]").content;
  const made = parts.map(({ name, label, text, carried }) => {
    const part = shape.cloneNode(true);
    const button = part.querySelector("button");
    part.querySelector("h3").textContent = label;
    part.querySelector(".prose").textContent = text;
    button.value = `${fold.dataset.note}/${name}`;
    button.dataset.section = name;
    button.dataset.carried = carried;
    button.querySelector(".vh").textContent = ` “${label}”`;
    if (!carried) button.parentElement.remove();
    return part;
  });
  fold.querySelector("[data-parts]").replaceChildren(...made);
}

async function fetchParts(fold) {
  const response = await fetch(fold.dataset.besideUrl, { headers: { Accept: "application/json" }, redirect: "error" });
  const answer = await response.json().catch(() => ({}));
  if (response.status === 423) document.dispatchEvent(new CustomEvent("subrosa:locked", { detail: answer }));
  if (!response.ok) throw new Error(answer.error ?? "This note could not be shown here. Open the whole note instead.");
  return answer;
}

async function fetchAndFill(fold) {
  try {
    const { parts, addenda } = await fetchParts(fold);
    fill(fold, parts);
    say(addenda ? "Something was added to this note: open the whole note to read it." : "");
    return true;
  } catch (error) {
    // Unfolded again, it is tried again.
    shown.delete(fold);
    fold.open = false;
    say(error instanceof TypeError ? "No connection: the note could not be shown." : error.message);
    return false;
  }
}

function show(fold) {
  if ("shown" in fold.dataset) return Promise.resolve(true);
  if (!shown.has(fold)) shown.set(fold, fetchAndFill(fold));
  return shown.get(fold);
}

function carry(button, field) {
  const { carried } = button.dataset;
  field.focus();
  if (field.value.includes(carried)) {
    say(`Already carried forward into “${labelOf(field)}”.`);
    return;
  }
  const before = field.value.trimEnd();
  field.value = before ? `${before}\n\n${carried}` : carried;
  field.setSelectionRange(field.value.length, field.value.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  say(`Carried forward into “${labelOf(field)}”, and marked there.`);
}

function press(event) {
  const button = event.target.closest("button[data-carried]");
  if (!button) return;
  event.preventDefault();
  const same = textareas().find((field) => field.name === button.dataset.section);
  carry(button, same ?? lastField ?? textareas()[0]);
}

async function carryByKey(event) {
  const field = event.target;
  if (event.key !== "F2" || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (!(field instanceof HTMLTextAreaElement)) return;
  event.preventDefault();
  folds[0].open = true;
  if (!await show(folds[0])) return;
  const button = [...card.querySelectorAll("button[data-carried]")].find(({ dataset }) => dataset.section === field.name);
  if (button) carry(button, field);
  else say(`The last note has no section “${labelOf(field)}”. Use the buttons beside it.`);
}

if (form && folds.length) {
  for (const fold of folds) fold.addEventListener("toggle", () => fold.open && show(fold));
  card.addEventListener("click", press);
  form.addEventListener("keydown", carryByKey);
  form.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLTextAreaElement) lastField = target;
  });
  if (matchMedia(WIDE).matches && !folds.some((fold) => fold.open)) folds[0].open = true;
}
