// The queue: x takes the next call.
(() => {
  "use strict";
  const form = document.getElementById("next-call");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    if (event.key === "x" && form && callscore.storage.read("callscore:keys") !== false) { event.preventDefault(); form.requestSubmit(); }
  });
})();
