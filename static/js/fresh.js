// A page that the browser kept in its back/forward cache is asked for again, so that
// Back after signing out shows the sign-in page and not the record.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
