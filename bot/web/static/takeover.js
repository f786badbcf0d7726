"use strict";
// A page that a person has taken over: asks for one picture after another, and sends the person's input in order. Nothing is stored.
(() => {
  const $ = (id) => document.getElementById(id);
  const box = document.querySelector("[data-takeover]");
  const base = box.dataset.takeover;
  const csrf = document.body.dataset.csrf;
  let over = false;

  function complain(words) {
    $("takeover-error").textContent = words;
    $("takeover-error").hidden = !words;
  }
  async function post(what, body = {}) {
    const answer = await fetch(`${base}/${what}`, {
      method: "POST", headers: { accept: "application/json", "content-type": "application/json", "x-csrf": csrf }, body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (said.problem) throw Object.assign(new Error(said.problem), { status: answer.status });
    return said;
  }
  const away = (error) => error instanceof TypeError || error instanceof SyntaxError;
  const told = (error) => (away(error) ? "The workspace isn’t responding. Retrying …" : error.message);
  const later = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
  async function press(button, work) {
    button.disabled = true;
    try { complain(""); await work(); } catch (error) { complain(told(error)); button.disabled = false; }
  }

  // --- before: take it over, or see when it is free ------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const hit = (what) => event.target.closest(what);
    let it;
    if ((it = hit("[data-take]"))) press(it, async () => { await post("take"); location.reload(); });
    else if ((it = hit("[data-back]"))) press(it, () => handBack(it.dataset.back === "yes"));
    else if ((it = hit("[data-allow]"))) press(it, async () => { await post("allow", { domain: $("takeover-domain").textContent }); it.disabled = false; });
    else if ((it = hit("[data-touch]"))) { push({ kind: it.dataset.touch }); }
    else if ((it = hit("[data-size]"))) { it.setAttribute("aria-pressed", $("stage").classList.toggle("full")); }
  });
  async function waiting() {
    for (;;) {
      await later(3);
      try {
        const answer = await fetch(`${base}/state`, { headers: { accept: "application/json" } });
        const { by } = await answer.json();
        if (by !== box.dataset.by) return location.reload();
      } catch { /* the next try tells */ }
    }
  }

  // --- pictures: the next one is asked for when this one is drawn ----------------------------------------------------
  const canvas = $("view");
  let number = -1;
  let asking = new AbortController();
  async function look() {
    while (!over) {
      try {
        const answer = await fetch(`${base}/picture?after=${number}`, { headers: { accept: "application/json" }, signal: asking.signal });
        if (!answer.ok) { ended((await answer.json()).problem); return; }
        const view = JSON.parse(answer.headers.get("x-view"));
        const picture = await createImageBitmap(await answer.blob());
        if (canvas.width !== picture.width || canvas.height !== picture.height) { canvas.width = picture.width; canvas.height = picture.height; }
        canvas.getContext("2d").drawImage(picture, 0, 0);
        picture.close();
        shown(view);
      } catch (error) {
        if (over) return;
        complain(told(error));
        await later(1.5);
      }
    }
  }
  function put(id, words) { if ($(id).textContent !== words) $(id).textContent = words; }
  function shown(view) {
    if (!$("takeover-error").hidden) complain("");
    number = view.number;
    canvas.dataset.number = number;
    put("takeover-title", (view.windows ? "New window: " : "") + (view.title || "Untitled page"));
    put("takeover-url", view.url);
    $("takeover-where").title = view.url;
    put("takeover-domain", view.wanted);
    $("takeover-wanted").hidden = !view.wanted;
    put("takeover-says", view.says.join(" "));
    asked(view.asks);
  }

  // --- what no picture shows: the page's dialogs, and the list of the field that has the focus ------------------------
  let asks = null;
  let replied = 0;
  async function asked(now) {
    if (!now) { if (asks) quiet(); return; }
    if (now.number === replied) return; // the answer is on its way
    if (asks?.number === now.number && asks.kind === now.kind) { if (document.activeElement !== $("takeover-list")) $("takeover-list").value = now.chosen; return; }
    asks = now;
    try {
      const answer = await fetch(`${base}/asks`, { headers: { accept: "application/json" } });
      const whole = (await answer.json()).asks;
      if (whole && asks === now && whole.number === now.number) ask(whole);
      else if (asks === now) asks = null;
    } catch { if (asks === now) asks = null; } // asked again with the next picture
  }
  function ask(it) {
    asks = it;
    const list = it.kind === "list";
    put("takeover-words", list ? `${it.words}:` : `The page asks: ${it.words}`);
    $("takeover-text").hidden = it.kind !== "prompt";
    $("takeover-text").value = it.text;
    $("takeover-list").hidden = !list;
    $("takeover-list").replaceChildren(...it.options.map((words, at) => new Option(words || "–", at)));
    $("takeover-list").value = it.chosen;
    $("takeover-ok").hidden = list;
    $("takeover-cancel").hidden = list || it.kind === "alert";
    $("takeover-asks").setAttribute("role", list ? "group" : "alertdialog");
    $("takeover-asks").hidden = false;
    canvas.classList.toggle("still", !list);
    if (!list) $(it.kind === "prompt" ? "takeover-text" : "takeover-ok").focus();
  }
  function quiet() {
    const here = $("takeover-asks").contains(document.activeElement);
    asks = null;
    $("takeover-asks").hidden = true;
    canvas.classList.remove("still");
    if (here) $("keys").focus({ preventScroll: true });
  }
  function reply(more) {
    if (!asks) return;
    push({ kind: "answer", number: asks.number, ...more });
    if (asks.kind !== "list") replied = asks.number;
  }
  function answering() {
    $("takeover-asks").addEventListener("submit", (event) => { event.preventDefault(); event.stopPropagation(); reply({ agree: true, text: $("takeover-text").value.slice(0, 4000) }); quiet(); });
    $("takeover-cancel").addEventListener("click", () => { reply({ agree: false }); quiet(); });
    $("takeover-asks").addEventListener("keydown", (event) => { if (event.key === "Escape" && asks?.kind !== "list") $("takeover-cancel").click(); });
    $("takeover-list").addEventListener("change", () => { reply({ chosen: Number($("takeover-list").value) }); $("keys").focus({ preventScroll: true }); });
  }
  function ended(words) {
    over = true;
    complain(words);
    for (const one of document.querySelectorAll(".takeover-bar button")) one.disabled = true;
    canvas.style.opacity = 0.4;
    const again = Object.assign(document.createElement("button"), { type: "button", className: "btn small", textContent: "Try again" });
    again.onclick = () => location.reload();
    $("takeover-error").append(" ", again);
  }

  // --- what is done: in order, one request at a time ------------------------------------------------------------------
  let queue = [];
  let sending = null;
  function push(touch) {
    if (over) return;
    const last = queue[queue.length - 1];
    if (touch.kind === "move" && last?.kind === "move") queue[queue.length - 1] = touch;
    else if (touch.kind === "wheel" && last?.kind === "wheel") { last.dx = bound(last.dx + touch.dx); last.dy = bound(last.dy + touch.dy); }
    else if (touch.kind === "text" && last?.kind === "text" && last.text.length < 500) last.text += touch.text;
    else if (queue.length < 400) queue.push(touch);
    sending ||= send();
  }
  async function send() {
    await later(0.02);
    while (queue.length && !over) {
      const some = queue.splice(0, 100);
      try { await post("touches", { touches: some }); } catch (error) {
        complain(told(error));
        if (!away(error)) break;
        queue = some.concat(queue);
        await later(1.5);
      }
    }
    sending = null;
  }
  async function handBack(done) {
    await flushed();
    over = true;
    asking.abort();
    try { location.href = (await post("return", { done })).go; } catch (error) {
      over = false;
      asking = new AbortController();
      look();
      throw error;
    }
  }
  async function flushed() { while (sending) await sending; }
  const bound = (n) => Math.max(-5000, Math.min(5000, n));

  // --- pointer: any zoom, since only shares of the picture are sent ---------------------------------------------------
  const share = (n) => Math.max(0, Math.min(1, n));
  function at(event) {
    const seen = canvas.getBoundingClientRect();
    return { x: share((event.clientX - seen.left) / seen.width), y: share((event.clientY - seen.top) / seen.height) };
  }
  const names = ["left", "middle", "right"];
  let pressed = { time: 0, x: 0, y: 0, count: 0 };
  let finger = null;
  function down(event) {
    const near = event.timeStamp - pressed.time < 400 && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < 6;
    pressed = { time: event.timeStamp, x: event.clientX, y: event.clientY, count: near ? (pressed.count % 3) + 1 : 1 };
    push({ kind: "down", ...at(event), button: names[event.button] || "left", count: pressed.count });
  }
  const up = (event) => push({ kind: "up", ...at(event), button: names[event.button] || "left", count: pressed.count });
  function pointer() {
    canvas.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch") { finger = { x: event.clientX, y: event.clientY, moved: false }; return; }
      event.preventDefault();
      $("keys").focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      down(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") { push({ kind: "move", ...at(event) }); return; }
      if (!finger || $("stage").classList.contains("full")) return;
      const by = { dx: finger.x - event.clientX, dy: finger.y - event.clientY };
      if (!finger.moved && Math.hypot(by.dx, by.dy) < 8) return;
      finger = { x: event.clientX, y: event.clientY, moved: true };
      const scale = canvas.width / canvas.getBoundingClientRect().width;
      push({ kind: "wheel", ...at(event), dx: bound(by.dx * scale), dy: bound(by.dy * scale) });
    });
    canvas.addEventListener("pointerup", (event) => {
      if (event.pointerType === "touch") {
        if (finger && !finger.moved) { $("keys").focus({ preventScroll: true }); down(event); up(event); }
        finger = null;
        return;
      }
      up(event);
    });
    canvas.addEventListener("pointercancel", () => { finger = null; });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      const scale = [1, 40, 800][event.deltaMode];
      push({ kind: "wheel", ...at(event), dx: bound(event.deltaX * scale), dy: bound(event.deltaY * scale) });
    }, { passive: false });
  }

  // --- keys: words come through a text field, so that every keyboard and input method works ----------------------------
  function typed() {
    const field = $("keys");
    if (field.value) push({ kind: "text", text: field.value.slice(0, 4000) });
    field.value = "";
  }
  function keyboard() {
    const field = $("keys");
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Escape" && event.shiftKey) { event.preventDefault(); document.querySelector("[data-back=yes]").focus(); return; }
      const chord = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");
      if (chord && event.key.toLowerCase() === "v") return; // pasted as words
      const plain = event.key.length === 1;
      if ((plain && !chord) || ["Dead", "Process", "Unidentified", "Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock"].includes(event.key)) return;
      event.preventDefault();
      const held = [event.ctrlKey || event.metaKey ? "Control" : "", event.altKey ? "Alt" : "", event.shiftKey ? "Shift" : ""].filter(Boolean);
      push({ kind: "key", key: [...held, event.key].join("+").slice(0, 60) });
    });
    field.addEventListener("input", (event) => { if (!event.isComposing) typed(); });
    field.addEventListener("compositionend", typed);
  }

  if (box.dataset.mine === "yes") { pointer(); keyboard(); answering(); look(); $("keys").focus({ preventScroll: true }); } else waiting();
})();
