// Counts the words of each <textarea data-words>. Not announced: a number that changes
// with every word would talk over the person typing.
const PAUSE_MS = 300;

function countWords(text) {
  const count = text.match(/\S+/gu)?.length ?? 0;
  return count === 1 ? "1 word" : `${count} words`;
}

function addCounter(textarea) {
  const counter = document.createElement("span");
  counter.className = "hint num";
  textarea.closest(".field").querySelector(".meta").append(counter);
  const show = () => { counter.textContent = countWords(textarea.value); };
  let timer = 0;
  textarea.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE_MS);
  });
  show();
}

document.querySelectorAll("textarea[data-words]").forEach(addCounter);
