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
  function send({ file, shown }) {
    return new Promise((done) => {
      if (file.size > +say.most) { finish(shown, say.tooLarge, true); return done(); }
      const form = new FormData();
      const fields = { source: "web", external_id: `${file.name}/${file.size}/${file.lastModified}`.slice(-200), rep: value("up-rep"), script: value("up-script"), direction: value("up-direction"), language: value("up-language") };
      for (const [name, text] of Object.entries(fields)) if (text) form.append(name, text);
      form.append("audio", file, file.name);
      const request = new XMLHttpRequest();
      request.open("POST", "/v1/calls");
      request.setRequestHeader("X-CSRF-Token", say.csrf);
      request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) shown.bar.value = event.loaded / event.total; });
      request.addEventListener("load", () => {
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { /* told below */ }
        if (request.status === 202 || request.status === 200) {
          finish(shown, `${request.status === 202 ? say.sent : say.again}: `);
          const link = document.createElement("a");
          link.href = `/calls/${answer.id}`;
          link.textContent = file.name;
          shown.state.append(link);
        } else finish(shown, request.status === 401 ? say.over : [answer.title, answer.detail].filter(Boolean).join(". ") || String(request.status), true);
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
    for (const file of files) queue.push({ file, shown: entry(file.name) });
    run();
  }
  document.getElementById("up-files").addEventListener("change", (event) => { add([...event.target.files]); event.target.value = ""; });
  for (const name of ["dragenter", "dragover"]) box.addEventListener(name, (event) => { event.preventDefault(); box.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) box.addEventListener(name, () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => { event.preventDefault(); add([...event.dataTransfer.files]); });
})();
