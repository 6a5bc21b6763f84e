// Signing in again without leaving the page. The server's 423 says where and with what:
//   { unlock_url, needs: ["passphrase"] or ["passphrase", "code"] }
// What was typed, the cursor and the scroll stay as they were.

const dialog = document.querySelector("dialog[data-unlock]");
const form = dialog?.querySelector("form");
const error = dialog?.querySelector("[data-unlock-error]");
const codeField = dialog?.querySelector("[data-unlock-code]");

let place = null;
let pageTitle = "";

function rememberPlace() {
  const element = document.activeElement;
  place = { element, start: element?.selectionStart, end: element?.selectionEnd };
}

function returnToPlace() {
  if (!place?.element?.isConnected || place.element === document.body) return;
  place.element.focus({ preventScroll: true });
  if (typeof place.start === "number") place.element.setSelectionRange(place.start, place.end);
}

function conceal() {
  if ("concealed" in document.body.dataset) return;
  pageTitle = document.title;
  document.title = "Signed out";
  document.body.dataset.concealed = "";
}

function reveal() {
  if (!("concealed" in document.body.dataset)) return;
  document.title = pageTitle;
  delete document.body.dataset.concealed;
}

function askFor(needs = ["passphrase"]) {
  const wantsCode = needs.includes("code");
  codeField.hidden = !wantsCode;
  form.elements.code.required = wantsCode;
}

function open({ detail }) {
  if (!dialog.open) rememberPlace();
  if (detail.conceal) conceal();
  if (detail.unlock_url) form.action = detail.unlock_url;
  askFor(detail.needs);
  if (dialog.open) return;
  error.textContent = "";
  dialog.showModal();
}

function renewTokens(csrf) {
  if (!csrf) return;
  document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((input) => { input.value = csrf; });
}

function close({ detail }) {
  renewTokens(detail?.csrf);
  form.reset();
  reveal();
  dialog.close();
  returnToPlace();
}

async function send() {
  const body = new URLSearchParams({ passphrase: form.elements.passphrase.value });
  if (!codeField.hidden) body.set("code", form.elements.code.value);
  const headers = { Accept: "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const response = await fetch(form.action, { method: "POST", body, headers, redirect: "error" });
  return [response.ok, await response.json().catch(() => ({}))];
}

async function submit(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const [ok, answer] = await send();
    if (ok) {
      document.dispatchEvent(new CustomEvent("subrosa:unlocked", { detail: answer }));
      return;
    }
    if (answer.needs) askFor(answer.needs);
    error.textContent = answer.error ?? "That did not work. Try again.";
    form.elements.passphrase.select();
  } catch {
    error.textContent = "The practice’s server could not be reached. Your text is still here: try again in a moment.";
  } finally {
    button.disabled = false;
  }
}

if (dialog) {
  document.addEventListener("subrosa:locked", open);
  document.addEventListener("subrosa:unlocked", close);
  form.addEventListener("submit", submit);
  // Escape may close it while the text is in sight (to copy it, say), not while the page is concealed:
  // then it comes back. Browsers let a second Escape pass whatever `cancel` says.
  dialog.addEventListener("close", () => {
    form.reset();
    if ("concealed" in document.body.dataset) dialog.showModal();
  });
}
