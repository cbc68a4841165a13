// The queue: x takes the next call; all calls of the page are chosen at once.
(() => {
  "use strict";
  const form = document.getElementById("next-call");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    if (event.key === "x" && form && callscore.storage.read("callscore:keys") !== false) { event.preventDefault(); form.requestSubmit(); }
  });
  const list = document.getElementById("chosen-calls");
  if (!list) return;
  const boxes = [...list.querySelectorAll('input[name="call"]')];
  const all = document.getElementById("choose-all"), shown = document.getElementById("chosen");
  document.getElementById("choose-all-field").hidden = false;
  function count() {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
    shown.value = chosen ? `${shown.dataset.chosen}: ${chosen}` : "";
  }
  all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; count(); });
  list.addEventListener("change", (event) => { if (event.target.name === "call") count(); });
  count();
})();
