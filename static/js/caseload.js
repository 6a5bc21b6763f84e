// A caseload on its way into files: while the browser saves, the page says how far it is. Without scripts a link does.
const EVERY = 2000;
// So long without a new file, and nobody is making any.
const PATIENCE = 120000;

const form = document.querySelector("[data-follow-url]");
const status = document.querySelector("[data-followed]");

function show({ done, of }) {
  const codes = Object.entries(done);
  for (const [code, time] of codes) {
    const cell = document.querySelector(`[data-code="${code}"]`);
    if (cell) cell.textContent = time;
  }
  const words = codes.length === of ? `All ${of} are in a file.` : `${codes.length} of ${of} are in a file.`;
  // Only what changed is read out.
  if (status.textContent !== words) status.textContent = words;
  return codes.length;
}

async function follow(count, since) {
  const answer = await fetch(form.dataset.followUrl, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer && !answer.ok) return;
  const told = answer && (await answer.json());
  const now = told ? show(told) : count;
  const last = now > count ? Date.now() : since;
  if ((told && now >= told.of) || Date.now() - last > PATIENCE) return;
  setTimeout(follow, EVERY, now, last);
}

form?.addEventListener("submit", () => { setTimeout(follow, EVERY, 0, Date.now()); });
