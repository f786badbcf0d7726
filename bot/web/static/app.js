"use strict";
// The page's own script: live regions, forms, dialogs, replay, theme. The server draws everything; nothing is decided here.
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (what, root = document) => [...root.querySelectorAll(what)];
  const csrf = document.body.dataset.csrf || "";
  const freshId = () => [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join("");

  // --- morph: make `old` look like `next`, keeping focus, open menus, scroll and half-typed words -------------------
  const keyOf = (n) => (n.nodeType === 1 ? n.dataset?.key || n.id || "" : "");
  const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
  const mine = new Set(["open", "value", "checked", "data-busy", "data-cid"]);
  function morph(old, next) {
    if (old.nodeType !== 1) { if (old.nodeValue !== next.nodeValue) old.nodeValue = next.nodeValue; return; }
    for (const { name, value } of [...next.attributes]) if (!mine.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) if (!mine.has(name) && !next.hasAttribute(name)) old.removeAttribute(name);
    if (old.matches("textarea, time[data-local], .lasts[data-since], .error")) return;
    morphInside(old, next);
  }
  function morphInside(old, next) {
    const keyed = new Map([...old.children].filter(keyOf).map((n) => [keyOf(n), n]));
    let at = old.firstChild;
    for (const want of [...next.childNodes]) {
      const key = keyOf(want);
      let have = key ? keyed.get(key) : at && !keyOf(at) && alike(at, want) ? at : null;
      if (have && !alike(have, want)) have = null;
      if (have) {
        if (have === at) at = at.nextSibling; else old.insertBefore(have, at);
        morph(have, want);
      } else old.insertBefore(want, at);
    }
    while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
  }
  const newest = (scroll) => scroll && all(".post", scroll).pop()?.dataset.key;
  let following = false; // news came while the reader was at the end: stay there until they scroll up
  let wrote = false; // what this person sent comes into sight when it lands, and so does its answer
  function show(parts) {
    const scroll = $("scroll");
    const chat = scroll?.hasAttribute("data-stick"); // a thread begins with its decisions: who has not scrolled stays with them
    const low = scroll && (chat || scroll.scrollTop > 0) && scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
    const last = newest(scroll);
    const held = document.activeElement;
    for (const [id, html] of Object.entries(parts)) {
      const old = $(id);
      if (!old) continue;
      const box = document.createElement("template");
      box.innerHTML = html;
      const top = old.parentElement.scrollTop;
      morphInside(old, box.content);
      old.parentElement.scrollTop = top;
    }
    const news = past === null && newest(scroll) !== last;
    following = low && (following || chat);
    if (news && (low || wrote)) { following = true; wrote = false; }
    if (following) scroll.scrollTop = scroll.scrollHeight;
    if (!held?.isConnected) land();
    readable();
  }
  function land() {
    // the focused element is gone: move to the next decision, else to the top of the card
    const next = document.querySelector(".point .btn") || $("headline") || $("say");
    if (!$("sheet").open) next?.focus({ preventScroll: true });
  }

  // --- times -----------------------------------------------------------------------------------------------------
  const two = "2-digit";
  const clock = new Intl.DateTimeFormat(undefined, { hour: two, minute: two });
  const exact = new Intl.DateTimeFormat(undefined, { hour: two, minute: two, second: two, hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
  function told(at, as) {
    if (as === "seconds") return exact.format(at);
    return as === "day" && at.toDateString() !== new Date().toDateString() ? day.format(at) : clock.format(at);
  }
  function lasted(s) {
    s = Math.max(0, Math.floor(s));
    const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
    return h ? `${h} h ${m} min` : m ? `${m} min ${String(s % 60).padStart(2, "0")} s` : `${s} s`;
  }
  function readable() {
    for (const t of all("time[data-local]")) {
      const at = new Date(t.dateTime);
      const text = told(at, t.dataset.local);
      if (t.textContent !== text) { t.textContent = text; t.title = at.toLocaleString(); }
    }
    if (past === null) for (const t of all("[data-since]")) {
      const text = lasted((Date.now() - new Date(t.dataset.since)) / 1000);
      if (t.textContent !== text) t.textContent = text;
    }
  }

  // --- words to the person -----------------------------------------------------------------------------------------
  function toast(words, bad) {
    const line = document.createElement("p");
    line.className = bad ? "toast bad" : "toast";
    line.textContent = words;
    $("toasts").append(line);
    setTimeout(() => line.remove(), bad ? 9000 : 4000);
  }
  // What was typed could mean several things: one press says which, and carries the words.
  function ask(words, choices, said, path) {
    const line = document.createElement("form");
    line.className = "toast ask";
    line.method = "post";
    line.action = path;
    line.append(Object.assign(document.createElement("p"), { textContent: words }));
    const fields = { verb: "", ref: "", words: said };
    for (const [name, value] of Object.entries(fields)) line.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    for (const { verb, ref, label } of choices) {
      const button = Object.assign(document.createElement("button"), { className: "btn small", textContent: label });
      button.addEventListener("click", () => { line.elements.verb.value = verb; line.elements.ref.value = ref; });
      line.append(button);
    }
    $("toasts").append(line);
    line.querySelector("button").focus();
  }
  function complain(form, words) {
    const line = form.querySelector(".error");
    if (!line) return toast(words, true);
    line.textContent = words;
    line.hidden = false;
    line.scrollIntoView({ block: "nearest" });
  }

  // --- live ----------------------------------------------------------------------------------------------------------
  let past = document.body.dataset.past ? Number(document.body.dataset.past) : null;
  const slider = $("replay");
  function live() {
    const stream = new EventSource(document.body.dataset.live);
    stream.onopen = () => { $("offline").hidden = true; };
    stream.onerror = () => { if (!leaving) $("offline").hidden = false; };
    stream.addEventListener("look", (event) => {
      const { seq, parts, say } = JSON.parse(event.data);
      if (slider) { slider.max = seq; $("past-last").textContent = seq; if (past === null) slider.value = seq; }
      const kept = Object.entries(parts).filter(([id]) => past === null || id === "rail" || id === "trouble");
      show(Object.fromEntries(kept));
      if (say) $("announce").textContent = say;
    });
    window.addEventListener("pagehide", () => { leaving = true; stream.close(); });
  }
  let leaving = false;

  // --- replay ----------------------------------------------------------------------------------------------------------
  let asked = 0;
  async function goTo(at) {
    const turn = ++asked;
    const now = at === null || at >= Number(slider.max);
    const answer = await fetch(document.body.dataset.parts + (now ? "" : `?at=${at}`));
    if (turn !== asked || !answer.ok) return;
    const { parts, seq, time } = await answer.json();
    past = now ? null : at;
    document.body.toggleAttribute("data-past", !now);
    $("past").hidden = now;
    slider.max = seq;
    slider.value = now ? seq : at;
    slider.setAttribute("aria-valuetext", now ? "now" : `step ${at} of ${seq}, ${told(new Date(time), "seconds")}`);
    $("past-time").dateTime = time;
    $("past-at").textContent = slider.value;
    show(parts);
  }

  // --- forms -----------------------------------------------------------------------------------------------------------
  async function send(form, button) {
    if (form.dataset.busy) return;
    if (form.dataset.sure && !window.confirm(form.dataset.sure)) return;
    form.dataset.busy = "1";
    wrote = form.matches("[data-composer]");
    form.dataset.cid ||= freshId();
    const body = new FormData(form, button);
    if (!body.has("id")) body.set("id", form.dataset.cid);
    leaveOut(body);
    try {
      const simple = form.enctype !== "multipart/form-data";
      const answer = await fetch(form.action, {
        method: "POST", headers: { accept: "application/json", "x-csrf": csrf }, body: simple ? new URLSearchParams(body) : body,
      });
      const { problem, words, go, choices, said } = await answer.json();
      if (problem) throw new Error(problem);
      if (choices?.length) ask(words, choices, said, form.action.replace(/\/say$/, "/do"));
      sent(form, choices?.length ? "" : words, go);
      if (form.matches(".ask")) form.remove();
    } catch (error) {
      wrote = false;
      complain(form, error instanceof TypeError || error instanceof SyntaxError ? "The workspace isn’t responding and nothing was sent. Try again." : error.message);
    } finally { delete form.dataset.busy; }
  }
  function leaveOut(body) {
    const files = body.getAll("files");
    let room = 58 * 1048576, count = 30;
    body.delete("files");
    for (const file of files) {
      if (file.size > 50 * 1048576 || file.size > room || count < 1) { body.append("left_out", file.name); continue; }
      room -= file.size;
      count -= 1;
      body.append("files", file);
    }
  }
  function sent(form, words, go) {
    delete form.dataset.cid;
    for (const id of all("input[name=id]", form)) id.value = freshId();
    const line = form.querySelector(".error");
    if (line) line.hidden = true;
    if (words) toast(words);
    if (form.matches("[data-composer]")) { form.reset(); grow(form.querySelector("textarea")); chips(form); form.querySelector("textarea").focus(); }
    if (form.closest("dialog")) { $("sheet").close(); if (document.activeElement === document.body) land(); }
    form.closest("details.menu")?.removeAttribute("open");
    const url = new URL(go, location.href);
    if (url.pathname !== location.pathname) location.assign(url);
  }
  async function openForm(path) {
    const answer = await fetch(path, { headers: { accept: "text/html, application/json" } });
    if (!answer.ok) return toast((await answer.json()).problem, true);
    $("sheet-body").innerHTML = await answer.text();
    $("sheet").setAttribute("aria-label", $("sheet-body").querySelector("h2")?.textContent || "Form");
    $("sheet").showModal();
  }
  function addStep(form) {
    const steps = form.querySelector("[data-steps]");
    const key = `new-${(form.dataset.added = Number(form.dataset.added || 0) + 1)}`;
    const html = form.querySelector("template[data-blank]").innerHTML.replaceAll("new-0", key);
    const others = all("[data-step]", steps).filter((s) => s.dataset.step.startsWith("new-"));
    steps.insertAdjacentHTML("beforeend", html);
    const added = steps.lastElementChild;
    for (const other of others) chip(added, other.dataset.step, "New step");
    for (const other of all("[data-step]", steps)) if (other !== added) chip(other, key, "New step");
    added.querySelector("[data-title]").focus();
  }
  function chip(step, of, title) {
    for (const box of all("[data-edges]", step)) {
      const label = document.createElement("label");
      label.className = "check";
      label.dataset.of = of;
      const input = Object.assign(document.createElement("input"), { type: "checkbox", name: `${step.dataset.step}.${box.dataset.edges}`, value: of });
      const words = Object.assign(document.createElement("span"), { textContent: title });
      label.append(input, words);
      box.append(label);
    }
  }

  // --- composer ----------------------------------------------------------------------------------------------------------
  function grow(area) { area.style.height = "auto"; area.style.height = `${Math.min(area.scrollHeight + 2, 220)}px`; }
  function chips(form) {
    const box = form.querySelector("[data-chips]");
    const files = [...form.querySelector("input[type=file]").files];
    box.replaceChildren(...files.map((f) => Object.assign(document.createElement("span"), { className: "chip", textContent: f.name })));
    if (files.length) {
      const clear = Object.assign(document.createElement("button"), { type: "button", className: "ghost", textContent: "Remove files" });
      clear.onclick = () => { form.querySelector("input[type=file]").value = ""; chips(form); };
      box.append(clear);
    }
  }
  function insert(area, words) {
    if (!area.value.includes(words)) area.value = `${words} ${area.value}`;
    area.focus();
    grow(area);
  }

  // --- what people do ----------------------------------------------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-plain], .plain") || event.target.closest(".door")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
  document.addEventListener("click", (event) => {
    const hit = (what) => event.target.closest(what);
    let it;
    if ((it = hit("[data-form]"))) openForm(it.dataset.form);
    else if (hit("[data-close]")) $("sheet").close();
    else if ((it = hit("[data-place]"))) origin(it);
    else if ((it = hit("[data-add-step]"))) addStep(it.form);
    else if ((it = hit("[data-toggle]"))) document.body.classList.toggle(`show-${it.dataset.toggle}`);
    else if (hit("[data-theme-toggle]")) theme();
    else if ((it = hit("[data-mention]"))) insert(it.form.querySelector("textarea"), "@threadwork");
    else if ((it = hit("[data-example]"))) insert($("say"), it.dataset.example);
    else if ((it = hit("[data-at]"))) { event.preventDefault(); goTo(Number(it.dataset.at)); }
    else if (hit("[data-now]")) { event.preventDefault(); goTo(null); history.replaceState(null, "", location.pathname); }
    else if ((it = hit("[role=tab]"))) choose(it);
    else if (hit("[data-copy]")) { const link = document.querySelector("[data-link]"); link.select(); navigator.clipboard?.writeText(link.value).then(() => toast("Copied")); }
    else if ((it = hit("a.node"))) { event.preventDefault(); point(it.getAttribute("href").slice(1)); }
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    if (event.target === $("sheet")) $("sheet").close();
  });
  function origin(figure) {
    // only the findings behind the chosen figure stay visible
    const box = figure.closest("[data-origins]");
    for (const other of all("[data-place]", box)) other.setAttribute("aria-pressed", other === figure);
    const { place, findings, formula, reads } = figure.dataset;
    const ids = new Set(findings.split(" "));
    for (const one of all("[data-finding]", box)) one.hidden = !ids.has(one.dataset.finding);
    box.querySelector("[data-at-place]").textContent = place;
    const line = box.querySelector("[data-at-formula]");
    line.hidden = !formula;
    line.textContent = formula && `${formula}${reads ? ` computes from ${reads}` : ""}`;
    box.querySelector("[data-at-own]").hidden = !("own" in figure.dataset);
    box.querySelector(".origin-panel").scrollTop = 0;
  }
  function point(id) {
    const row = $(id);
    document.body.classList.remove("show-panel");
    if (!row) return;
    const box = $("scroll"); // only this one moves; the page stands still
    const above = row.getBoundingClientRect().top - box.getBoundingClientRect().top;
    box.scrollTop += above - (box.clientHeight - row.offsetHeight) / 2;
    row.classList.add("pointed");
    setTimeout(() => row.classList.remove("pointed"), 1500);
  }
  function choose(tab) {
    for (const other of all("[role=tab]")) {
      const on = other === tab;
      other.setAttribute("aria-selected", on);
      other.tabIndex = on ? 0 : -1;
      $(other.getAttribute("aria-controls")).hidden = !on;
    }
  }
  function theme() {
    const root = document.documentElement;
    const dark = root.dataset.theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : root.dataset.theme === "dark";
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=strict`;
  }
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[role=tab]");
    if (tab && ["ArrowRight", "ArrowLeft", "Home", "End"].includes(event.key)) {
      const tabs = all("[role=tab]");
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -tabs.indexOf(tab), End: tabs.length - 1 - tabs.indexOf(tab) }[event.key];
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      choose(next);
      next.focus();
      event.preventDefault();
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.matches("[data-composer] textarea")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    if (event.key === "Escape") {
      const menu = event.target.closest?.("details.menu[open]");
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
      document.body.classList.remove("show-rail", "show-panel");
    }
  });
  document.addEventListener("input", (event) => {
    const it = event.target;
    if (it === slider) goTo(Number(it.value));
    if (it.matches("[data-composer] textarea")) grow(it);
    if (it.matches("[data-composer] input[type=file]")) chips(it.form);
    if (it.matches("[data-title]")) {
      const step = it.closest("[data-step]");
      step.querySelector("legend").textContent = it.value || "New step";
      for (const label of all(`[data-of="${step.dataset.step}"] span`, it.form)) label.textContent = it.value || "New step";
    }
    if (it.matches(".remove input")) it.closest("[data-step]").classList.toggle("out", it.checked);
  });
  const drop = document.querySelector("[data-drop]");
  for (const kind of ["dragover", "dragleave", "drop"]) drop?.addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.toggle("dropping", kind === "dragover");
    const form = drop.querySelector("[data-composer]");
    if (kind === "drop" && form) { form.querySelector("input[type=file]").files = event.dataTransfer.files; chips(form); }
  });

  const stick = document.querySelector("[data-stick]");
  if (stick) stick.scrollTop = stick.scrollHeight;
  if (past === null && matchMedia("(min-width: 1081px)").matches) $("say")?.focus({ preventScroll: true });
  readable();
  setInterval(readable, 1000);
  if (document.body.dataset.live) live();
  const sources = location.hash.match(/^#sources-([\w-]+)$/); // a link from a chat
  if (sources) openForm(`${location.pathname}/sources/${sources[1]}`);
  document.body.toggleAttribute("data-ready", true);
})();
