// A form that came back with errors starts at the summary of them.
document.querySelector("[data-error-summary]")?.focus();
