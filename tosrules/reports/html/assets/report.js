// Zoom, brush, filter, links and copying. Without this script the page shows all of it, whole.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const NS = "http://www.w3.org/2000/svg";
  const LEVELS = ["critical", "high", "medium", "low"];
  const TOPS = [0, 6, 12, 17];
  const WIDTH = 1000, EDGE = 5;
  const source = $("data");

  // ---- links: whatever is linked to is unfolded, and keeps the filters in the address ----

  let state = { severity: null, who: "", clause: "", text: "", from: null, to: null };
  let anchor = "";
  let marked = null;

  function written() {
    const parts = [];
    if (anchor) parts.push(anchor);
    if (state.severity) parts.push("severity=" + [...state.severity].join(","));
    for (const key of ["who", "clause", "text"]) if (state[key]) parts.push(key + "=" + encodeURIComponent(state[key]));
    if (state.from !== null) parts.push("from=" + iso(state.from), "to=" + iso(state.to));
    return "#" + parts.join("&");
  }
  function remember(push) {
    const address = written();
    if (address === (location.hash || "#")) return;
    history[push ? "pushState" : "replaceState"](null, "", address === "#" ? location.href.split("#")[0] : address);
  }
  function recall() {
    const next = { severity: null, who: "", clause: "", text: "", from: null, to: null };
    anchor = "";
    for (const part of location.hash.slice(1).split("&")) {
      const at = part.indexOf("=");
      if (at < 0) { anchor = part; continue; }
      const key = part.slice(0, at);
      let value = part.slice(at + 1);
      try { value = decodeURIComponent(value); } catch { continue; }
      if (key === "severity") next.severity = new Set(value.split(",").filter((s) => LEVELS.includes(s)));
      else if (key === "from" || key === "to") next[key] = Number.isNaN(Date.parse(value)) ? null : Date.parse(value);
      else if (key === "who" || key === "clause" || key === "text") next[key] = value;
    }
    if (next.from === null || next.to === null || next.to <= next.from) next.from = next.to = null;
    state = next;
  }
  function stable(name) {  // a finding's number holds in this page only, its id everywhere
    const numbered = /^n\d+$/.test(name) && $(name);
    return numbered ? numbered.closest("article").id : name;
  }
  function show(name) {
    if (marked) marked.classList.remove("here");
    marked = null;
    const target = name && $(name);
    if (!target) return;
    if (target.closest("[hidden]") || !kept(target)) { clear(); apply(); }
    target.hidden = false;
    for (let up = target; up; up = up.parentElement) if (up.localName === "details") up.open = true;
    if (!target.hasAttribute("tabindex")) target.tabIndex = -1;
    target.scrollIntoView();
    target.focus({ preventScroll: true });
    if (target.matches("article, li, .clause")) (marked = target).classList.add("here");
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    anchor = stable(link.getAttribute("href").slice(1));
    remember(true);
    show(anchor);
  });
  addEventListener("popstate", () => { recall(); enter(); apply(); show(stable(anchor)); });

  // ---- the button that copies a finding's address ----

  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }
  const findings = all(".finding");
  findings.forEach((finding, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy link";
    button.setAttribute("aria-label", "Copy link to finding " + (place + 1));
    button.addEventListener("click", async () => {
      const done = await copied(location.href.split("#")[0] + "#" + finding.id);
      button.textContent = done ? "Copied" : "Could not copy";
      setTimeout(() => { button.textContent = "Copy link"; }, 2000);
    });
    finding.querySelector(".ref").append(" ", button);
  });

  // ---- paper shows what is folded ----

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of folded) details.open = false; });

  let clear = () => {}, apply = () => {}, enter = () => {}, kept = () => true;
  if (source) interactive(JSON.parse(source.textContent));
  recall();
  enter();
  apply();
  if (anchor) show(stable(anchor));

  // ---- timeline and filters ----

  function iso(ms) {
    return new Date(ms).toISOString().replace(/\.000Z$/, "Z");
  }

  function interactive(data) {
    const sums = (steps) => { let at = 0; return steps.map((step) => (at += step)); };
    const start = data.start, end = start + data.size;
    const times = sums(data.times).map((t) => start + t * data.unit);
    const list = data.findings.map(([strip, level, events, context, due], place) => ({
      strip, level, due: due === null ? null : start + due, events: sums(events), context: sums(context),
      element: findings[place], text: null, visible: true,
    }));
    const strips = all("svg.marks").map((svg) => ({ svg, row: svg.closest(".strip"), fold: svg.closest("details"), members: [] }));
    strips.sort((a, b) => a.svg.dataset.strip - b.svg.dataset.strip);
    for (const finding of list) strips[finding.strip].members.push(finding);
    for (const finding of list) {
      finding.who = strips[finding.strip].svg.closest(".lane").dataset.who;
      finding.clause = finding.element.closest(".group").dataset.clause;
    }
    const lanes = all(".lane"), groups = all(".group");
    const zoom = $("zoom"), filter = $("filter"), overview = $("overview"), ticks = document.querySelector(".ticks");
    const picked = $("picked"), shown = $("shown");
    const days = data.binned ? [] : all("#register .day").map((day) => ({ day, rows: all("li", day) }));
    zoom.hidden = filter.hidden = false;

    clear = () => {
      state = { severity: null, who: "", clause: "", text: "", from: null, to: null };
      enter();
    };
    enter = () => {  // the state into the forms
      for (const box of all("[name=severity]", filter)) box.checked = !state.severity || state.severity.has(box.value);
      for (const key of ["who", "clause"]) {
        filter.elements[key].value = state[key];
        if (filter.elements[key].value !== state[key]) filter.elements[key].value = state[key] = "";
      }
      filter.elements.text.value = state.text;
      const [from, to] = stretch();
      zoom.elements.from.value = iso(from);
      zoom.elements.to.value = iso(to);
    };
    const stretch = () => (state.from === null ? [start, end] : [state.from, state.to]);

    function fits(finding) {
      if (state.severity && !state.severity.has(LEVELS[finding.level])) return false;
      if (state.who && finding.who !== state.who) return false;
      if (state.clause && finding.clause !== state.clause) return false;
      if (state.text) {
        finding.text ??= finding.element.textContent.toLowerCase();
        if (!finding.text.includes(state.text.toLowerCase())) return false;
      }
      if (state.from === null) return true;
      return within(finding.due) || finding.events.some((e) => within(times[e])) || finding.context.some((e) => within(times[e]));
    }
    const within = (time) => time !== null && time >= state.from && time <= state.to;

    apply = () => {
      let visible = 0;
      for (const finding of list) {
        finding.visible = fits(finding);
        finding.element.hidden = !finding.visible;
        visible += finding.visible;
      }
      for (const group of groups) group.hidden = !group.querySelector(".finding:not([hidden])");
      for (const strip of strips) strip.row.hidden = !strip.members.some((f) => f.visible);
      for (const lane of lanes) lane.hidden = !lane.querySelector(".strip:not([hidden])");
      const whole = visible === list.length && state.from === null;
      shown.textContent = `${visible} of ${list.length} findings shown`;
      if (days.length) narrow(whole);
      picked.hidden = true;
      draw();
    };

    // The list of all events, narrowed to those of the findings shown; rows of a folded day when
    // it unfolds, for there may be tens of thousands.
    let cited = null;
    const shows = (row) => !cited || cited.has(row.id.slice(1) - 1);
    kept = (target) => !target.matches("#register li") || shows(target);
    function narrow(whole) {
      if (whole && !cited) return;
      cited = whole ? null : new Set();
      if (cited) for (const f of list) if (f.visible) for (const e of [...f.events, ...f.context]) if (state.from === null || within(times[e])) cited.add(e);
      for (const { day, rows } of days) {
        day.hidden = !rows.some(shows);
        if (day.open && !day.hidden) unfold(rows);
      }
    }
    function unfold(rows) { for (const row of rows) row.hidden = !shows(row); }
    for (const { day, rows } of days) day.addEventListener("toggle", () => { if (day.open) unfold(rows); });
    for (const fold of new Set(strips.map((strip) => strip.fold))) if (fold) fold.addEventListener("toggle", () => draw());

    // ---- drawing ----

    function draw() {
      const [from, to] = stretch();
      const scale = WIDTH / (to - from);
      const x = (time) => Math.round((time - from) * scale * 2) / 2;
      for (const strip of strips) {
        if (strip.row.hidden || (strip.fold && !strip.fold.open)) continue;
        const kinds = new Map();
        const mark = (kind, time, top, bottom) => {
          if (time < from || time > to) return;
          if (!kinds.has(kind)) kinds.set(kind, new Map());
          kinds.get(kind).set(x(time), `${top}V${bottom}`);
        };
        for (const f of strip.members) {
          if (!f.visible) continue;
          for (const e of f.context) mark("context", times[e], 0, 7);
          for (const e of f.events) mark(LEVELS[f.level], times[e], TOPS[f.level], 24);
          if (f.due !== null) mark("due", f.due, 0, 24);
        }
        const order = ["due", "context", "low", "medium", "high", "critical"];
        const paths = [...kinds].sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0])).map(([kind, marks]) => {
          const path = document.createElementNS(NS, "path");
          path.setAttribute("class", kind);
          path.setAttribute("d", [...marks].map(([at, line]) => `M${at},${line}`).join(""));
          return path;
        });
        strip.svg.replaceChildren(...paths);
      }
      const rect = overview.querySelector(".window");
      rect.setAttribute("visibility", state.from === null ? "hidden" : "visible");
      rect.setAttribute("x", ((from - start) / (end - start)) * WIDTH);
      rect.setAttribute("width", Math.max(2, ((to - from) / (end - start)) * WIDTH));
      axis(from, to);
    }

    const SECOND = 1000, DAY = 86400 * SECOND;
    const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600].map((s) => s * SECOND);
    const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12000];
    function* instants(from, to, room) {  // [instant, step in ms]; longer steps begin with a month
      const step = STEPS.find((s) => (to - from) / s <= room);
      if (step) {
        for (let time = Math.ceil(from / step) * step; time <= to; time += step) yield [time, step];
        return;
      }
      const months = MONTHS.find((n) => (to - from) / (n * 30.4 * DAY) <= room) || MONTHS.at(-1);
      const first = new Date(from), number = first.getUTCFullYear() * 12 + first.getUTCMonth();
      for (let month = Math.ceil(number / months) * months; ; month += months) {
        const time = new Date(0).setUTCFullYear(Math.floor(month / 12), month % 12, 1);
        if (!(time <= to)) return;
        if (time >= from) yield [time, months * 28 * DAY];
      }
    }
    function axis(from, to) {
      const room = Math.max(2, Math.floor((ticks.clientWidth || 600) / 130));
      const made = [];
      for (const [time, step] of instants(from, to, room)) {
        const place = (time - from) / (to - from), text = iso(time);
        const at = ((place * WIDTH + EDGE) / (WIDTH + 2 * EDGE)) * 100 + "%";
        const line = document.createElementNS(NS, "line"), label = document.createElementNS(NS, "text");
        for (const [name, value] of [["x1", at], ["x2", at], ["y1", 0], ["y2", 5]]) line.setAttribute(name, value);
        for (const [name, value] of [["x", at], ["y", 17], ["text-anchor", place < 0.06 ? "start" : place > 0.94 ? "end" : "middle"]]) label.setAttribute(name, value);
        label.textContent = step >= DAY ? text.slice(0, 10) : step >= 60 * SECOND ? text.slice(0, 16).replace("T", " ") + "Z" : text.slice(11, 19) + "Z";
        made.push(line, label);
      }
      ticks.replaceChildren(...made);
    }
    new ResizeObserver(() => axis(...stretch())).observe(ticks);

    // ---- zoom: buttons, dates, and a brush ----

    function zoomTo(from, to) {
      const least = Math.min(1000, end - start);
      if (to - from < least) { const middle = (from + to) / 2; from = middle - least / 2; to = middle + least / 2; }
      from = Math.max(start, Math.floor(from)); to = Math.min(end, Math.ceil(to));
      if (from <= start && to >= end) state.from = state.to = null;
      else { state.from = from; state.to = to; }
      changed();
    }
    function changed() { enter(); apply(); remember(false); }
    const moves = {
      in: (from, to, size) => [from + size / 4, to - size / 4],
      out: (from, to, size) => [from - size / 2, to + size / 2],
      earlier: (from, to, size) => { const by = Math.min(size / 2, from - start); return [from - by, to - by]; },
      later: (from, to, size) => { const by = Math.min(size / 2, end - to); return [from + by, to + by]; },
      all: () => [start, end],
    };
    zoom.addEventListener("click", (event) => {
      const move = moves[event.target.dataset.zoom];
      if (!move) return;
      const [from, to] = stretch();
      zoomTo(...move(from, to, to - from));
    });
    zoom.addEventListener("submit", (event) => event.preventDefault());
    zoom.addEventListener("change", () => {
      const read = (name) => {
        const text = zoom.elements[name].value.trim();
        return Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? text + (name === "to" ? "T23:59:59Z" : "T00:00:00Z") : text.replace(" ", "T").replace(/(\d)$/, "$1Z"));
      };
      const from = read("from"), to = read("to");
      if (from < to) zoomTo(from, to); else enter();
    });

    const area = $("lanes"), brush = document.createElement("div");
    let drag = null;
    function timeAt(svg, clientX) {
      const box = svg.getBoundingClientRect();
      const place = (((clientX - box.left) / box.width) * (WIDTH + 2 * EDGE) - EDGE) / WIDTH;
      const [from, to] = svg === overview ? [start, end] : stretch();
      return from + Math.min(1, Math.max(0, place)) * (to - from);
    }
    area.addEventListener("pointerdown", (event) => {
      const svg = event.target.closest(".marks, .overview");
      if (!svg || event.button) return;
      drag = { svg, x: event.clientX, time: timeAt(svg, event.clientX) };
      svg.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    area.addEventListener("pointermove", (event) => {
      if (!drag) return;
      const left = Math.min(drag.x, event.clientX), width = Math.abs(event.clientX - drag.x);
      if (width < 4) return;
      if (!brush.isConnected) { brush.className = "brush"; area.append(brush); }
      const box = area.getBoundingClientRect(), own = drag.svg.getBoundingClientRect();
      const at = Math.max(left, own.left), until = Math.min(left + width, own.right);
      brush.style.left = at - box.left + "px";
      brush.style.width = Math.max(0, until - at) + "px";
    });
    area.addEventListener("pointerup", (event) => {
      if (!drag) return;
      const { svg, x, time } = drag;
      drag = null;
      brush.remove();
      const other = timeAt(svg, event.clientX);
      if (Math.abs(event.clientX - x) >= 4) zoomTo(Math.min(time, other), Math.max(time, other));
      else if (svg !== overview) pick(svg, time);
    });
    area.addEventListener("pointercancel", () => { drag = null; brush.remove(); });

    function pick(svg, time) {  // the event nearest to a click, with its links
      const strip = strips.find((s) => s.svg === svg);
      const [from, to] = stretch();
      const near = ((to - from) / svg.clientWidth) * 12;
      let best = null, distance = near, members = [];
      for (const f of strip.members) if (f.visible) for (const e of [...f.events, ...f.context]) {
        const away = Math.abs(times[e] - time);
        if (away < distance) { distance = away; best = e; members = []; }
        if (e === best && !members.includes(f)) members.push(f);
      }
      if (best === null) { picked.hidden = true; return; }
      const close = document.createElement("button");
      close.type = "button";
      close.textContent = "Close";
      close.addEventListener("click", () => { picked.hidden = true; });
      const said = document.createElement("span");
      const row = data.binned ? null : $("e" + (best + 1));
      if (row) {
        const link = document.createElement("a");
        link.href = "#" + row.id;
        link.textContent = iso(times[best]).replace("T", " ");
        said.append(link, " ");
        for (const node of [...row.childNodes].slice(0, -1)) said.append(node.cloneNode(true), " ");
      } else said.append("events about " + iso(times[best]));
      said.append(" in finding");
      for (const f of members.slice(0, 8)) {
        const link = document.createElement("a");
        link.href = "#" + f.element.id;
        link.textContent = list.indexOf(f) + 1;
        said.append(" ", link);
      }
      picked.replaceChildren(close, said);
      picked.hidden = false;
    }

    // ---- filters ----

    filter.addEventListener("submit", (event) => event.preventDefault());
    filter.addEventListener("reset", (event) => { event.preventDefault(); clear(); changed(); });
    filter.addEventListener("input", () => {
      const boxes = all("[name=severity]", filter);
      const on = boxes.filter((box) => box.checked);
      state.severity = on.length === boxes.length ? null : new Set(on.map((box) => box.value));
      for (const key of ["who", "clause", "text"]) state[key] = filter.elements[key].value;
      apply();
      remember(false);
    });
  }
})();
