// Earlier notes and goals beside the writing. One is fetched when it is unfolded, once, because each look is in
// the access log; on a wide screen the first note unfolds by itself. A section is carried forward with its button,
// or with F2 from the section of the same name; a goal is referred to with its button, or with F4, one after the
// other. The server writes the marks that stay in the text.
const WIDE = "(min-width: 56.01rem)";

const form = document.querySelector("form[data-autosave-url]");
const card = document.querySelector(".beside");
const folds = card ? [...card.querySelectorAll("details")] : [];
const goals = folds.find((fold) => "goals" in fold.dataset);
const notes = folds.filter((fold) => fold !== goals);
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
  const shape = fold.querySelector("template[data-part]").content;
  const made = parts.map(({ name, label, text, carried }) => {
    const part = shape.cloneNode(true);
    const button = part.querySelector("button");
    part.querySelector("h3").textContent = label;
    part.querySelector(".prose").textContent = text;
    button.value = `${fold.dataset.source}/${name}`;
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
  if (!response.ok) throw new Error(answer.error ?? "This could not be shown here. Open the whole page instead.");
  return answer;
}

async function fetchAndFill(fold) {
  try {
    const { parts, addenda } = await fetchParts(fold);
    fill(fold, parts);
    say(addenda ? "Something was added to this note: open the whole note to read it." : "");
    if (fold === goals && !parts.length) say("There is no plan yet.");
    return true;
  } catch (error) {
    // Unfolded again, it is tried again.
    shown.delete(fold);
    fold.open = false;
    say(error instanceof TypeError ? "No connection: nothing could be shown." : error.message);
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
  const [already, done] = goals.contains(button)
    ? ["Already referred to in", "Referred to in"]
    : ["Already carried forward into", "Carried forward into"];
  field.focus();
  if (field.value.includes(carried)) {
    say(`${already} “${labelOf(field)}”.`);
    return;
  }
  const before = field.value.trimEnd();
  field.value = before ? `${before}\n\n${carried}` : carried;
  field.setSelectionRange(field.value.length, field.value.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  say(`${done} “${labelOf(field)}”, and marked there.`);
}

function press(event) {
  const button = event.target.closest("button[data-carried]");
  if (!button) return;
  event.preventDefault();
  const same = textareas().find((field) => field.name === button.dataset.section);
  carry(button, same ?? lastField ?? textareas()[0]);
}

function buttonsIn(fold) {
  return [...fold.querySelectorAll("[data-parts] button[data-carried]")];
}

async function carrySection(field) {
  if (!notes.length) return;
  notes[0].open = true;
  if (!await show(notes[0])) return;
  const button = notes.flatMap(buttonsIn).find(({ dataset }) => dataset.section === field.name);
  if (button) carry(button, field);
  else say(`The last note has no section “${labelOf(field)}”. Use the buttons beside it.`);
}

async function referToNext(field) {
  goals.open = true;
  if (!await show(goals)) return;
  const buttons = buttonsIn(goals);
  const next = buttons.find(({ dataset }) => !textareas().some(({ value }) => value.includes(dataset.carried)));
  if (next) carry(next, field);
  else say(buttons.length ? "This note refers to each goal already." : "There is no plan yet.");
}

const BY_KEY = { F2: carrySection, F4: referToNext };

function pressKey(event) {
  const act = BY_KEY[event.key];
  if (!act || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (!(event.target instanceof HTMLTextAreaElement)) return;
  event.preventDefault();
  act(event.target);
}

if (form && folds.length) {
  for (const fold of folds) fold.addEventListener("toggle", () => fold.open && show(fold));
  card.addEventListener("click", press);
  form.addEventListener("keydown", pressKey);
  form.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLTextAreaElement) lastField = target;
  });
  if (notes.length && matchMedia(WIDE).matches && !folds.some((fold) => fold.open)) notes[0].open = true;
}
