// Keeps the server's copy of a draft up to date while it is typed:
//   <form data-autosave-url="…" data-revision="…">
// Nothing is ever put in the browser's own storage: clinical text does not stay on a device.
//
// The modules do not import each other (the hashed file names of static files would break that);
// they talk through events on the document:
//   subrosa:locked    the server answered 423; unlock.js asks for the passphrase
//   subrosa:unlocked  the person is signed in again
//   subrosa:conflict  somebody saved another text; conflict.js asks which to keep
//   subrosa:saved     a save went through, so the session was in use

const QUIET_MS = 1000;
// Nothing typed is more than three seconds from the server; the other half of them is for a slow way there.
const LONGEST_UNSAVED_MS = 1500;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15000;
const ANSWER_WITHIN_MS = 15000;
// Browsers refuse a keepalive request above 64 KiB, counted over all that are under way.
const KEEPALIVE_CHARACTERS = 60 * 1024;

const clock = new Intl.DateTimeFormat("en", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

// How many characters at least of one text are not in the next: all but their common beginning and end.
function countGone(before, after) {
  const longest = Math.min(before.length, after.length);
  let start = 0;
  while (start < longest && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < longest - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return before.length - start - end;
}

class Draft {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-save-status]");
    this.revision = form.dataset.revision;
    // A form that came back from the server unsaved (data-unsaved) has nothing stored to equal.
    this.saved = "unsaved" in form.dataset ? null : this.text();
    this.sending = null;
    this.sendAgain = false;
    this.unsavedSince = null;
    this.retryMs = 0;
    this.timer = 0;
    this.held = null;
    this.warned = false;
    // The server tells this page's texts from those of others by this, and the later of two by their turn.
    this.window = crypto.randomUUID();
    this.turn = 0;
    // An answer got lost, so the server may hold something newer than `saved`.
    this.isUnsure = false;
  }

  text() {
    const fields = new URLSearchParams(new FormData(this.form));
    fields.delete("csrfmiddlewaretoken");
    fields.delete("revision");
    fields.delete("gone");
    return fields.toString();
  }

  // Field by field; undefined where it is not known what the server holds.
  gone(text) {
    if (this.saved === null || this.isUnsure) return undefined;
    const now = new URLSearchParams(text);
    return [...new URLSearchParams(this.saved)].reduce(
      (sum, [name, before]) => sum + countGone(before, now.get(name) ?? ""), 0,
    );
  }

  hasUnsaved() {
    return this.sending !== null || this.text() !== this.saved;
  }

  show(state, words, time = "") {
    this.status.dataset.state = state;
    const line = this.status.querySelector("[data-save-words]");
    // Writing the same words again would be read out again.
    if (line.textContent !== words) line.textContent = words;
    this.status.querySelector("[data-save-time]").textContent = time;
  }

  noticeInput() {
    if (this.retryMs || this.held) return;
    this.unsavedSince ??= Date.now();
    const atLatest = this.unsavedSince + LONGEST_UNSAVED_MS - Date.now();
    this.saveAfter(Math.max(0, Math.min(QUIET_MS, atLatest)));
  }

  saveAfter(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  async save() {
    if (this.held) return;
    if (this.sending) {
      this.sendAgain = true;
      return;
    }
    clearTimeout(this.timer);
    const text = this.text();
    if (text === this.saved && !this.isUnsure) return;
    this.unsavedSince = null;
    this.sendAgain = false;
    this.sending = this.send(text);
    await this.sending;
    this.sending = null;
    if (this.sendAgain && !this.retryMs) this.save();
  }

  async send(text) {
    // Multipart: in an address's own coding, three long paragraphs in another script would outgrow the request.
    const body = new FormData();
    for (const [name, value] of new URLSearchParams(text)) body.append(name, value);
    const gone = this.gone(text);
    this.turn += 1;
    const sent = { revision: this.revision, window: this.window, turn: this.turn, ...(gone !== undefined && { gone }) };
    for (const [name, value] of Object.entries(sent)) body.set(name, value);
    let response;
    let answer;
    try {
      response = await fetch(this.form.dataset.autosaveUrl, {
        method: "POST",
        body,
        headers: { Accept: "application/json", "X-CSRFToken": this.form.elements.csrfmiddlewaretoken.value },
        keepalive: text.length < KEEPALIVE_CHARACTERS,
        redirect: "error",
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      answer = await response.json().catch(() => ({}));
    } catch {
      response = { status: 0 };
    }
    this.take(response.status, answer, text);
  }

  take(status, answer, text) {
    if (status === 200 && answer.revision !== undefined) this.settle(answer, text);
    else if (status === 409) this.compare(answer);
    else if (status === 423) this.lock(answer);
    else if (status >= 400 && status < 500) this.refuse(answer);
    else this.tryLater();
  }

  adopt(revision) {
    this.revision = String(revision);
    this.form.dataset.revision = this.revision;
    // The same form sent without this script carries its revision in a hidden field.
    if (this.form.elements.revision) this.form.elements.revision.value = this.revision;
    this.retryMs = 0;
    this.isUnsure = false;
  }

  settle(answer, text) {
    this.adopt(answer.revision);
    this.saved = text;
    this.show("saved", "Saved", clock.format(new Date(answer.saved_at)));
    document.dispatchEvent(new CustomEvent("subrosa:saved"));
  }

  compare(answer) {
    this.held = "conflict";
    this.retryMs = 0;
    this.show("trouble", "Not saved: this draft was changed in another window. Choose what to keep.");
    this.form.dispatchEvent(new CustomEvent("subrosa:conflict", {
      bubbles: true,
      detail: {
        theirs: answer.theirs,
        savedAt: answer.saved_at,
        settle: () => {
          this.adopt(answer.revision);
          this.resume();
        },
      },
    }));
  }

  lock(answer) {
    this.held = "locked";
    this.retryMs = 0;
    this.show("trouble", "Not saved: sign in again");
    this.unlock = () => document.dispatchEvent(new CustomEvent("subrosa:locked", { detail: answer }));
    this.unlock();
  }

  refuse(answer) {
    this.retryMs = 0;
    this.show("trouble", `Not saved: ${answer?.error ?? "the server did not accept it. Copy your text before you leave this page."}`);
  }

  tryLater() {
    this.isUnsure = true;
    this.retryMs = Math.min(this.retryMs * 2 || FIRST_RETRY_MS, LONGEST_RETRY_MS);
    this.show("trouble", "Not saved, still trying");
    this.saveAfter(this.retryMs);
  }

  resume() {
    this.held = null;
    this.warned = false;
    // The server may hold something else by now, so even an unchanged text is sent once more.
    this.saved = null;
    this.save();
  }

  // A closing page waits for no answer, also not for that of a save under way. Between two texts this one is set
  // aside by the server, where its author finds it.
  sayLast() {
    if (this.held !== "locked" && this.hasUnsaved()) this.send(this.text());
  }

  // What is sent as a form was saved before, so nothing is gone from it.
  tellForm() {
    const gone = Object.assign(document.createElement("input"), { type: "hidden", name: "gone", value: "0" });
    this.form.append(gone);
  }

  async flush() {
    while (this.sending) await this.sending;
    await this.save();
  }

  // Going elsewhere waits for the save: the form's own POST carries the revision and would meet the
  // new one of a save under way, and a link would make the browser ask whether to lose the text.
  async saveThen(event, go) {
    if (this.leaving || !this.hasUnsaved()) return;
    event.preventDefault();
    await this.flush();
    if (this.hasUnsaved()) {
      if (this.held === "locked") this.unlock();
      if (this.held === "conflict") this.sayWhatIsOpen();
      return;
    }
    this.leaving = true;
    go();
  }

  sayWhatIsOpen() {
    const open = [...this.form.querySelectorAll(".conflict")];
    const names = open.map((block) => `“${block.closest(".field").querySelector("label, legend").textContent}”`);
    this.show("trouble", `Not saved. Choose first what to keep under ${names.join(", ")}: if you go without, what you typed there is lost.`);
    open[0].querySelector("button").focus();
  }

  submit(event) {
    if (event.defaultPrevented || event.target.method === "dialog") return;
    this.saveThen(event, () => event.target.requestSubmit(event.submitter));
  }

  // In trouble a link is let through: the browser then asks, and the person decides. Between two
  // texts the page itself says first what would be lost.
  follow(event) {
    const link = event.target.closest("a[href]");
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || link?.target || link?.hash;
    if (!link || elsewhere || event.defaultPrevented) return;
    if (this.held === "conflict" && !this.warned) {
      event.preventDefault();
      this.warned = true;
      this.sayWhatIsOpen();
    }
    if (this.status.dataset.state === "trouble") return;
    this.saveThen(event, () => location.assign(link.href));
  }

  pressKey(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    if (event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    this.save();
  }

  warnBeforeLeaving(event) {
    if (!this.leaving && this.hasUnsaved()) event.preventDefault();
  }

  listen() {
    this.tellForm();
    this.form.addEventListener("input", () => this.noticeInput());
    this.form.addEventListener("change", () => this.noticeInput());
    this.form.addEventListener("focusout", () => this.save());
    document.addEventListener("submit", (event) => this.submit(event));
    document.addEventListener("click", (event) => this.follow(event));
    document.addEventListener("keydown", (event) => this.pressKey(event));
    document.addEventListener("visibilitychange", () => document.hidden && this.save());
    document.addEventListener("subrosa:unlocked", () => this.held === "locked" && this.resume());
    addEventListener("pagehide", () => this.sayLast());
    addEventListener("online", () => this.save());
    addEventListener("beforeunload", (event) => this.warnBeforeLeaving(event));
    if (this.saved === null) this.save();
  }
}

document.querySelectorAll("form[data-autosave-url]").forEach((form) => new Draft(form).listen());
