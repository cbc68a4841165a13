// The player of a call: waveform, regions, the words in step with the sound, and the keys.
(() => {
  "use strict";
  const player = document.getElementById("player");
  if (!player) return;
  const audio = player.querySelector("audio");
  const data = JSON.parse(player.dataset.player);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const language = document.documentElement.lang;
  const $ = (id) => document.getElementById(id);
  const clock = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds || 0));
    const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60, rest = String(whole % 60).padStart(2, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  };

  // --- waveform ---
  const SHAPE_POINTS = 1200;
  // Without peaks from the worker: who spoke when, drawn as blocks.
  function shapeOfTurns(duration, channels) {
    const shape = Array.from({ length: channels }, () => new Array(SHAPE_POINTS).fill(0.02));
    for (const turn of data.turns) {
      const channel = channels === 1 ? 0 : turn.who === "agent" ? data.agentChannel : 1 - data.agentChannel;
      const first = Math.floor((turn.from / duration) * SHAPE_POINTS), last = Math.ceil((turn.to / duration) * SHAPE_POINTS);
      for (let at = first; at < last && at < SHAPE_POINTS; at++) shape[channel][at] = 0.55;
    }
    return shape;
  }
  async function peaksOf(duration) {
    try {
      const answer = await fetch(player.dataset.peaks, { credentials: "same-origin" });
      if (answer.ok) {
        const found = await answer.json();
        if (Array.isArray(found.channels) && found.channels.length) return found.channels.map((channel) => channel.map((value) => value / 127));
      }
    } catch { /* drawn from the turns instead */ }
    return shapeOfTurns(duration, Math.min(2, data.channels));
  }
  let wave = null;
  async function draw() {
    const duration = data.duration || audio.duration;
    if (!window.WaveSurfer || !duration || !isFinite(duration)) return;
    const peaks = await peaksOf(duration);
    const two = peaks.length > 1;
    const agent = { waveColor: colour("--agent"), progressColor: colour("--text"), height: 38 };
    const customer = { ...agent, waveColor: colour("--customer") };
    const order = two ? (data.agentChannel === 0 ? [agent, customer] : [customer, agent]) : undefined;
    const regions = window.WaveSurfer.Regions.create();
    wave = window.WaveSurfer.create({
      container: "#wave", media: audio, peaks, duration, height: two ? 38 : 60, barWidth: 2, barGap: 1, normalize: false,
      waveColor: colour("--agent"), progressColor: colour("--text"), cursorColor: colour("--bad"), cursorWidth: 2, splitChannels: order,
      cspNonce: player.dataset.nonce, plugins: [regions], dragToSeek: true, hideScrollbar: true,
    });
    // Regions know their place only once the waveform has its width.
    wave.once("ready", () => mark(regions));
    player.classList.add("ready");
  }
  function mark(regions) {
    for (const span of data.spans) {
      const colours = { objection: span.handled ? "--good" : "--bad", pause: "--line-strong" };
      const region = regions.addRegion({ start: span.from, end: span.to, drag: false, resize: false, color: `color-mix(in srgb, ${colour(colours[span.kind])} 18%, transparent)` });
      if (span.kind === "objection") {
        region.element.title = span.title[language] || Object.values(span.title)[0] || "";
        region.on("click", () => select(document.getElementById(span.target)));
      }
    }
  }

  // --- playing ---
  const pane = document.querySelector(".turns");
  // Within the pane of the words where that scrolls by itself, else with the page.
  function show(element, smooth) {
    const behavior = smooth && !matchMedia("(prefers-reduced-motion: reduce)").matches ? "smooth" : "auto";
    if (pane && pane.scrollHeight > pane.clientHeight + 4) {
      const turn = element.closest("li") || element;
      pane.scrollTo({ top: turn.offsetTop - pane.offsetTop - pane.clientHeight / 3, behavior });
    } else element.scrollIntoView({ block: "center", behavior });
  }
  const turns = [...document.querySelectorAll(".turn[data-from]")].map((element) => ({ element, from: +element.dataset.from, to: +element.dataset.to }));
  let now = null;
  function follow() {
    const at = audio.currentTime;
    $("clock").value = clock(at);
    let current = null;
    for (const turn of turns) { if (turn.from <= at + 0.05) { if (at < turn.to + 0.3 || !current) current = turn; } else break; }
    if (current !== now) {
      now?.element.classList.remove("now");
      current?.element.classList.add("now");
      now = current;
      if (current && $("follow").checked && !audio.paused) show(current.element, true);
    }
    if ($("skip-silence").checked && !audio.paused) {
      const speaking = turns.some((turn) => turn.from - 0.3 <= at && at < turn.to + 0.3);
      const next = turns.find((turn) => turn.from > at);
      if (!speaking && next && next.from - at > 1) audio.currentTime = next.from - 0.2;
    }
  }
  const seek = (seconds, play = true) => {
    audio.currentTime = Math.max(0, seconds);
    if (play) audio.play().catch(() => {});
    follow();
  };
  const toggle = () => (audio.paused ? audio.play().catch(() => {}) : audio.pause());
  audio.addEventListener("timeupdate", follow);
  for (const event of ["play", "pause"]) audio.addEventListener(event, () => {
    $("play").setAttribute("aria-pressed", String(!audio.paused));
    player.querySelector(".play-glyph").textContent = audio.paused ? "▶" : "❚❚";
  });
  const unplayable = () => { const note = player.querySelector(".unplayable"); note.textContent = player.dataset.unplayable; note.hidden = false; };
  audio.addEventListener("error", unplayable);
  if (audio.error) unplayable();
  // Nothing to hear: erased, withheld, or still being made.
  if (!audio.getAttribute("src")) for (const name of ["play", "speed", "skip-silence"]) $(name).disabled = true;
  player.querySelector(".controls").hidden = false;
  $("play").addEventListener("click", toggle);
  const setSpeed = (value) => { audio.playbackRate = value; $("speed").value = String(value); callscore.storage.write("callscore:speed", value); };
  $("speed").addEventListener("change", () => setSpeed(+$("speed").value));
  const speeds = [...$("speed").options].map((option) => +option.value);
  const remembered = callscore.storage.read("callscore:speed");
  if (speeds.includes(remembered)) setSpeed(remembered);
  document.addEventListener("click", (event) => {
    const at = event.target.closest("[data-at]");
    if (at && !event.ctrlKey && !event.metaKey) { event.preventDefault(); seek(+at.dataset.at); }
    const quote = event.target.closest("[data-hit-link]");
    if (quote) { event.preventDefault(); showHit(placeOf(+quote.dataset.hitLink)); }
  });
  $("share").addEventListener("click", async () => {
    const link = `${location.origin}${location.pathname}?t=${audio.currentTime.toFixed(1)}`;
    history.replaceState(null, "", link);
    try { await navigator.clipboard.writeText(link); callscore.tell(player.dataset.copied); } catch { window.prompt("", link); }
  });

  // --- hits and rows ---
  const hits = [...document.querySelectorAll("[data-hit]")];
  const rows = [...document.querySelectorAll("[data-row]")];
  let hitAt = -1, rowAt = -1;
  function showHit(index) {
    if (!hits.length) return;
    hits[hitAt]?.classList.remove("current");
    hitAt = (index + hits.length) % hits.length;
    const hit = hits[hitAt];
    hit.classList.add("current");
    hit.focus({ preventScroll: true });
    show(hit, false);
    const turn = hit.closest(".turn");
    if (turn?.dataset.from) seek(+turn.dataset.from, !audio.paused);
  }
  // Of hits that begin at the same word only one can be pointed at: the next one before it stands for it.
  const placeOf = (number) => Math.max(0, hits.findLastIndex((one) => +one.dataset.hit <= number));
  function select(row) {
    if (!row) return;
    rows[rowAt]?.classList.remove("current");
    rowAt = rows.indexOf(row);
    row.classList.add("current");
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  const step = (by) => rows.length && select(rows[rowAt < 0 ? (by > 0 ? 0 : rows.length - 1) : (rowAt + by + rows.length) % rows.length]);
  $("next-hit").addEventListener("click", () => showHit(hitAt + 1));
  $("previous-hit").addEventListener("click", () => showHit(hitAt < 0 ? hits.length - 1 : hitAt - 1));
  document.addEventListener("focusin", (event) => { const row = event.target.closest("[data-row]"); if (row) { rows[rowAt]?.classList.remove("current"); rowAt = rows.indexOf(row); row.classList.add("current"); } });

  // --- keys ---
  const dialog = $("keys");
  $("help-button").addEventListener("click", () => dialog.showModal());
  const keysOn = $("keys-on");
  keysOn.checked = callscore.storage.read("callscore:keys") !== false;
  keysOn.addEventListener("change", () => callscore.storage.write("callscore:keys", keysOn.checked));
  const bump = (by) => { const at = speeds.indexOf(audio.playbackRate); setSpeed(speeds[Math.min(speeds.length - 1, Math.max(0, (at < 0 ? 1 : at) + by))]); };
  const acts = {
    " ": toggle,
    ArrowLeft: (event) => seek(audio.currentTime - (event.shiftKey ? 15 : 5), !audio.paused),
    ArrowRight: (event) => seek(audio.currentTime + (event.shiftKey ? 15 : 5), !audio.paused),
    n: () => showHit(hitAt + 1),
    p: () => showHit(hitAt < 0 ? hits.length - 1 : hitAt - 1),
    j: () => step(1),
    k: () => step(-1),
    "<": () => bump(-1),
    ">": () => bump(1),
    s: () => $("skip-silence").click(),
    "?": () => dialog.showModal(),
    Enter: () => { const at = rows[rowAt]?.querySelector("[data-at]"); if (at) seek(+at.dataset.at); },
  };
  const typing = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open || typing(event.target)) return;
    if (!keysOn.checked && event.key !== "?") return;
    if ((event.key === " " || event.key === "Enter") && event.target.closest("button, a, summary, input, audio")) return;
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(event); }
  });
  window.callscore.call = { acts, rows, current: () => rows[rowAt], select, seek, audio };

  if (player.dataset.start) audio.addEventListener("loadedmetadata", () => seek(+player.dataset.start, false), { once: true });
  draw();
  if (!data.duration) audio.addEventListener("loadedmetadata", draw, { once: true });
})();
