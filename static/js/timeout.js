// Says two minutes ahead that the session will end, and at the end covers what is sealed.
//   <body data-idle-seconds data-warn-seconds data-touch-url data-status-url>
// The server's clock decides. GET status answers { idle_left, absolute_left } in seconds without
// counting as activity, so another tab in use keeps this one open; 423 means locked.

const { idleSeconds, warnSeconds, touchUrl, statusUrl } = document.body.dataset;
const WARN_MS = Number(warnSeconds) * 1000;
const LOOK_AGAIN_MS = 15000;
const HEADERS = { Accept: "application/json" };

const banner = document.querySelector("[data-time-out] > div");
const stayButton = banner?.querySelector("[data-stay]");
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

let endsAt = Date.now() + Number(idleSeconds) * 1000;
let canStay = true;
let locked = false;
let timer = 0;

function lookAfter(milliseconds) {
  clearTimeout(timer);
  // Timers of hidden tabs and sleeping laptops run late; visibilitychange looks at once.
  timer = setTimeout(look, Math.max(1000, milliseconds));
}

function warn() {
  banner.querySelectorAll("[data-ends-at]").forEach((time) => { time.textContent = clock.format(endsAt); });
  banner.querySelector("[data-can-stay]").hidden = !canStay;
  banner.querySelector("[data-cannot-stay]").hidden = canStay;
  stayButton.hidden = !canStay;
  banner.hidden = false;
}

function lock(detail) {
  banner.hidden = true;
  locked = true;
  document.dispatchEvent(new CustomEvent("subrosa:locked", { detail: { ...detail, conceal: true } }));
}

function plan({ idle_left: idle, absolute_left: absolute }) {
  canStay = absolute > idle;
  endsAt = Date.now() + Math.min(idle, absolute) * 1000;
  const left = endsAt - Date.now();
  if (left > WARN_MS) {
    banner.hidden = true;
    lookAfter(left - WARN_MS);
  } else {
    warn();
    lookAfter(Math.min(left, LOOK_AGAIN_MS));
  }
}

async function look() {
  try {
    const response = await fetch(statusUrl, { headers: HEADERS, cache: "no-store", redirect: "error" });
    const answer = await response.json();
    if (response.status === 423) lock(answer);
    else if (locked) document.dispatchEvent(new CustomEvent("subrosa:unlocked", { detail: answer }));
    else plan(answer);
  } catch {
    // No answer: cover the page when its time is up by the clock here, and keep asking.
    if (Date.now() >= endsAt) lock({});
    lookAfter(LOOK_AGAIN_MS);
  }
}

async function stay() {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  banner.hidden = true;
  await fetch(touchUrl, { method: "POST", headers: { ...HEADERS, "X-CSRFToken": token } }).catch(() => {});
  look();
}

function noticePresence() {
  if (!banner.hidden && canStay) stay();
}

if (statusUrl && banner) {
  stayButton.addEventListener("click", stay);
  document.addEventListener("keydown", noticePresence);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  document.addEventListener("subrosa:saved", () => banner.hidden || look());
  document.addEventListener("subrosa:unlocked", () => {
    locked = false;
    look();
  });
  lookAfter(endsAt - Date.now() - WARN_MS);
}
