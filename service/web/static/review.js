// Reviewing on the call's page: rows decided otherwise, objections added by selecting words, and the keys for it.
(() => {
  "use strict";
  const form = document.getElementById("review");
  if (!form) return;
  const { acts, current } = callscore.call;
  const $ = (id) => document.getElementById(id);
  const save = $("save-review"), changes = $("changes");

  // A changed select or a ticked box is a decision; its row is marked, its reason wanted.
  const decides = (field) => /\.(status|do)$/.test(field.name) || ["added.type", "broken.id", "withdraw"].includes(field.name);
  function count() {
    let decided = 0;
    for (const row of document.querySelectorAll("[data-row]")) row.classList.remove("changed");
    for (const field of form.elements) {
      if (!field.name || !decides(field)) continue;
      const set = field.type === "checkbox" ? field.checked : Boolean(field.value);
      const reason = field.closest(".fields")?.querySelector('[name$=".reason"]');
      if (reason) reason.required = set;
      if (set) { decided += 1; field.closest("[data-row]")?.classList.add("changed"); }
    }
    save.textContent = decided ? save.dataset.correct : save.dataset.agree;
    changes.textContent = decided ? `${changes.dataset.one}: ${decided}` : "";
  }
  for (const field of form.elements) field.addEventListener("change", count);
  // Steps, type or outcome of an objection mean that it is to be changed.
  for (const details of document.querySelectorAll("details.ruling")) {
    const what = details.querySelector('select[name$=".do"]');
    if (!what || !what.name.startsWith("objection.")) continue;
    details.addEventListener("change", (event) => {
      if (event.target !== what && !event.target.name.endsWith(".reason") && !what.value) { what.value = "change"; what.dispatchEvent(new Event("change", { bubbles: true })); }
    });
  }
  // Fields inside a closed fold cannot be pointed at by the browser's own messages.
  form.addEventListener("invalid", () => {}, true);
  for (const field of form.elements) field.addEventListener("invalid", () => { const fold = field.closest("details"); if (fold) fold.open = true; });

  // --- add an objection by selecting words ---
  const place = $("added-place");
  const adder = document.createElement("button");
  adder.type = "button";
  adder.className = "primary add-here";
  adder.textContent = $("add-objection").querySelector("summary").textContent;
  adder.hidden = true;
  document.body.append(adder);
  let turn = null, words = "";
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    words = selection ? selection.toString().trim() : "";
    const node = selection && selection.rangeCount ? selection.getRangeAt(0).startContainer : null;
    const element = node && (node.nodeType === 1 ? node : node.parentElement);
    const found = words && element ? element.closest(".turn.customer") : null;
    adder.hidden = !found;
    if (!found) return;
    turn = found;
    const box = selection.getRangeAt(0).getBoundingClientRect();
    adder.style.left = `${Math.max(8, Math.min(box.left + scrollX, scrollX + innerWidth - 280))}px`;
    adder.style.top = `${box.bottom + scrollY + 6}px`;
  });
  function addHere() {
    if (!turn) return;
    $("add-objection").open = true;
    $("added-utterance").value = turn.dataset.n;
    place.textContent = `“${words.slice(0, 140)}”`;
    for (const event of ["input", "change"]) $("added-utterance").dispatchEvent(new Event(event, { bubbles: true }));
    adder.hidden = true;
    $("added-type").focus();
    $("add-objection").scrollIntoView({ block: "center" });
  }
  adder.addEventListener("mousedown", (event) => { event.preventDefault(); addHere(); });
  adder.addEventListener("click", addHere);

  // --- keys ---
  acts.o = () => {
    const fold = current()?.querySelector("details.ruling");
    if (!fold) return;
    fold.open = true;
    fold.querySelector("select, input").focus();
  };
  acts.a = () => save.click();
  acts.A = () => $("save-next").click();
  acts.c = () => $("comment").focus();
  acts.x = () => ($("next-call") || $("next-anyhow")).requestSubmit();
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest("input, select, textarea")) {
      const row = event.target.closest("[data-row]");
      event.target.blur();
      if (row) callscore.call.select(row);
    }
  });
  count();
})();
