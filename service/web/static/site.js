// What every page needs: the visitor's time zone, drafts that survive a reload, the message of a failed request, tips.
(() => {
  "use strict";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const kept = document.cookie.split("; ").find((part) => part.startsWith("callscore_zone="));
  if (/^[A-Za-z0-9_+/-]+$/.test(zone || "") && (!kept || kept.slice("callscore_zone=".length) !== zone)) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `callscore_zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    // The first page came in UTC; show it again in the visitor's own time. The cookie is there then, so this happens once.
    if (document.querySelector("time") && document.cookie.includes("callscore_zone=")) location.reload();
  }

  // --- drafts: forms with data-draft keep what was typed until it was sent with success ---
  const user = document.body.dataset.user || "";
  const draftKey = (form) => `callscore:draft:${user}:${form.dataset.draft}`;
  const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "password" && field.type !== "file");
  const valueOf = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value);
  const initial = (field) =>
    field.type === "checkbox" || field.type === "radio" ? field.defaultChecked
      : field.tagName === "SELECT" ? ([...field.options].find((option) => option.defaultSelected) || field.options[0] || {}).value
        : field.defaultValue;
  const nameOf = (field) => (field.type === "checkbox" || field.type === "radio" ? `${field.name}=${field.value}` : field.name);
  const storage = {
    read(key) { try { return JSON.parse(localStorage.getItem(key) || "null"); } catch { return null; } },
    write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* a full or forbidden store: the form still works */ } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* as above */ } },
  };
  function keep(form) {
    const changed = {};
    for (const field of fieldsOf(form)) if (valueOf(field) !== initial(field)) changed[nameOf(field)] = valueOf(field);
    if (Object.keys(changed).length) storage.write(draftKey(form), changed); else storage.drop(draftKey(form));
    form.dispatchEvent(new CustomEvent("draft", { detail: changed, bubbles: true }));
  }
  function restore(form) {
    const draft = storage.read(draftKey(form));
    if (!draft) return;
    for (const field of fieldsOf(form)) {
      const value = draft[nameOf(field)];
      if (value === undefined) continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = value; else field.value = value;
      const folded = field.closest("details");
      if (folded) folded.open = true;
    }
    keep(form);
  }
  function prepare(root) {
    for (const form of root.querySelectorAll("form[data-draft]")) {
      if (form.dataset.prepared) continue;
      form.dataset.prepared = "1";
      // Fields may stand outside the form and name it.
      for (const field of fieldsOf(form)) for (const event of ["input", "change"]) field.addEventListener(event, () => keep(form));
      restore(form);
    }
  }
  // A page that follows a save names the draft that is done with.
  for (const done of document.querySelectorAll("[data-draft-done]")) storage.drop(`callscore:draft:${user}:${done.dataset.draftDone}`);
  prepare(document);
  document.addEventListener("htmx:afterSwap", (event) => prepare(event.detail.target.parentElement || document));
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest && event.detail.elt.closest("form[data-draft]");
    if (form && event.detail.successful) { storage.drop(draftKey(form)); form.reset(); }
  });

  // --- messages ---
  const notice = document.getElementById("notice");
  function tell(text, kind) {
    const box = document.createElement("div");
    box.className = kind || "done-note";
    box.textContent = text;
    notice.replaceChildren(box);
    if (kind !== "failure") setTimeout(() => box.remove(), 4000);
  }
  document.addEventListener("htmx:sendError", () => tell(document.body.dataset.offline || "", "failure"));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) notice.replaceChildren();
  });
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset && event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });
  for (const select of document.querySelectorAll("[data-submits]")) select.addEventListener("change", () => select.form.requestSubmit());

  // --- tips: the rule behind underlined words, on hover and on focus ---
  let tip = null;
  function showTip(target) {
    hideTip();
    tip = document.createElement("div");
    tip.id = "tip";
    tip.setAttribute("role", "tooltip");
    tip.textContent = target.dataset.tip;
    document.body.append(tip);
    target.setAttribute("aria-describedby", "tip");
    const box = target.getBoundingClientRect();
    const left = Math.min(box.left + scrollX, scrollX + document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left)}px`;
    const below = box.bottom + tip.offsetHeight + 8 < innerHeight;
    tip.style.top = `${scrollY + (below ? box.bottom + 4 : box.top - tip.offsetHeight - 4)}px`;
  }
  function hideTip() {
    if (!tip) return;
    document.querySelector('[aria-describedby="tip"]')?.removeAttribute("aria-describedby");
    tip.remove();
    tip = null;
  }
  for (const [on, off] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(on, (event) => { const target = event.target.closest && event.target.closest("[data-tip]"); if (target) showTip(target); });
    document.addEventListener(off, (event) => { if (event.target.closest && event.target.closest("[data-tip]")) hideTip(); });
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hideTip(); });

  window.callscore = { tell, storage, prepare };
})();
