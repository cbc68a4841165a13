// Uploads from the list of calls: choose or drop, one after the other, with progress.
(() => {
  "use strict";
  const box = document.getElementById("upload");
  if (!box) return;
  const say = box.dataset, list = box.querySelector(".uploads");
  const value = (id) => document.getElementById(id).value.trim();
  const queue = [];
  let sending = false;

  function entry(name) {
    const row = document.createElement("li");
    const title = document.createElement("b"), bar = document.createElement("progress"), state = document.createElement("span");
    title.textContent = name;
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", name);
    row.append(title, bar, state);
    list.append(row);
    return { row, bar, state };
  }
  function finish(shown, text, bad) {
    shown.bar.remove();
    shown.state.textContent = text;
    shown.state.className = bad ? "state failed" : "state scored";
  }
  // The page's own message of a failure, in its language.
  function told(html) {
    const message = new DOMParser().parseFromString(html, "text/html").querySelector(".failure");
    message?.querySelector("button")?.remove();
    return message ? message.textContent.replace(/\s+/g, " ").trim() : "";
  }
  function send({ file, shown, rep, startedAt }) {
    return new Promise((done) => {
      if (file.size > +say.most) { finish(shown, say.tooLarge, true); return done(); }
      const form = new FormData();
      const fields = { source: "web", external_id: `${file.name}/${file.size}/${file.lastModified}`.slice(-200), rep, started_at: startedAt, script: value("up-script"), direction: value("up-direction"), language: value("up-language") };
      for (const [name, text] of Object.entries(fields)) if (text) form.append(name, text);
      form.append("audio", file, file.name);
      const request = new XMLHttpRequest();
      request.open("POST", "/calls/upload");
      request.setRequestHeader("X-CSRF-Token", say.csrf);
      request.setRequestHeader("HX-Request", "true");
      request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) shown.bar.value = event.loaded / event.total; });
      request.addEventListener("load", () => {
        const address = request.getResponseHeader("HX-Redirect");
        if (request.status === 204 && address) {
          finish(shown, `${address.includes("received_before") ? say.again : say.sent}: `);
          const link = document.createElement("a");
          link.href = address.split("?")[0];
          link.textContent = file.name;
          shown.state.append(link);
        } else finish(shown, request.status === 401 ? say.over : told(request.responseText) || String(request.status), true);
        done();
      });
      request.addEventListener("error", () => { finish(shown, say.lost, true); done(); });
      shown.state.textContent = `${say.sending}…`;
      request.send(form);
    });
  }
  async function run() {
    if (sending) return;
    sending = true;
    while (queue.length) await send(queue.shift());
    sending = false;
    if (window.htmx && document.getElementById("call-rows")) htmx.ajax("GET", location.href, { target: "#call-rows", select: "#call-rows", swap: "outerHTML" });
  }
  function add(files) {
    if (!files.length) return;
    box.open = true;
    if (!value("up-rep")) { callscore.tell(say.needsRep, "failure"); document.getElementById("up-rep").focus(); return; }
    const began = document.getElementById("up-started_at"), startedAt = began.value;
    // Half a day or time reads as none: it must not be left out in silence.
    if (!began.reportValidity()) return;
    if (startedAt && files.length > 1) { callscore.tell(say.oneAtATime, "failure"); began.focus(); return; }
    // What is filled in now holds for these, also if somebody fills in the next one's before they are sent.
    for (const file of files) queue.push({ file, shown: entry(file.name), rep: value("up-rep"), startedAt });
    began.value = "";
    run();
  }
  // With scripts every recording is sent as soon as it is chosen; without them the form is sent as a whole.
  const chooser = document.getElementById("up-files");
  chooser.multiple = true;
  chooser.required = false;
  document.getElementById("up-files-name").textContent = say.many;
  document.getElementById("up-send").hidden = true;
  box.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  chooser.addEventListener("change", (event) => { add([...event.target.files]); event.target.value = ""; });
  for (const name of ["dragenter", "dragover"]) box.addEventListener(name, (event) => { event.preventDefault(); box.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) box.addEventListener(name, () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => { event.preventDefault(); add([...event.dataTransfer.files]); });
})();
