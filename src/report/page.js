"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const root = document.documentElement;
  const grid = byId("grid");
  const body = grid.tBodies[0];
  const rows = [...body.rows];
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  /* ---- numbers ---- */
  const read = (x) => (x === "inf" ? Infinity : x === null || x === undefined ? NaN : x);
  const value = (image, member, metric) => read(data.values[image]?.[member]?.[metric]);
  /* Places behind the point, one number for a metric: its largest value has four digits. */
  const places = data.metrics.map((_, k) => {
    const known = data.values.flat().map((v) => Math.abs(read(v[k]))).filter(Number.isFinite);
    if (known.every(Number.isInteger)) return 0;
    return Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(Math.max(...known)))));
  });
  function words(x, metric) {
    if (Number.isNaN(x)) return "\u2013";
    const unit = data.metrics[metric].unit;
    const digits = x === Infinity ? "\u221e" : x.toFixed(places[metric]);
    return digits.replace("-", "\u2212") + (unit ? " " + unit : "");
  }
  /* Larger is better; NaN where the metric is not judged. Ideals as in metrics.h: highest, lowest, 0, 1. */
  function worth(x, metric) {
    const ideal = data.metrics[metric].ideal;
    if (ideal === 0) return x;
    if (ideal === 1) return -x;
    if (ideal === 2) return -Math.abs(x);
    return -Math.abs(Math.log(x));
  }
  /* The members that are best at an image; none when all are equal or nothing is judged. */
  function best(image, metric) {
    if (!data.metrics[metric].better) return new Set();
    const all = data.members.map((_, m) => worth(value(image, m, metric), metric));
    const known = all.filter((x) => !Number.isNaN(x));
    const top = Math.max(...known);
    if (known.length < 2 || known.every((x) => x === top)) return new Set();
    return new Set(all.flatMap((x, m) => (x === top ? [m] : [])));
  }

  /* ---- what is shown under the images, and the order of the rows ---- */
  const metric = byId("metric");
  data.metrics.forEach((m, k) => metric.append(new Option(`${m.title} (${m.name})`, k, false, k === data.primary)));
  metric.value = data.primary;
  const sort = byId("sort");
  const heads = [...grid.tHead.querySelectorAll("[data-sort]")];
  let column = -1;
  function captions() {
    const m = Number(metric.value);
    for (const row of rows) {
      const winners = best(row.dataset.index, m);
      for (const cell of row.querySelectorAll("td[data-column]")) {
        const text = cell.querySelector(".value");
        if (!text) continue;
        const member = Number(cell.dataset.column);
        text.textContent = words(value(row.dataset.index, member, m), m);
        text.classList.toggle("best", winners.has(member));
        text.title = winners.has(member) ? "best of this row" : "";
      }
    }
  }
  const all = (row, m) => data.members.map((_, k) => value(row.dataset.index, k, m)).filter((x) => !Number.isNaN(x));
  const mean = (row, m) => { const x = all(row, m).map((v) => worth(v, m)); return x.reduce((a, b) => a + b, 0) / x.length; };
  const orders = {
    name: (row) => Number(row.dataset.index),
    worst: mean,
    best: (row, m) => -mean(row, m),
    disagreement: (row, m) => { const x = all(row, m); return x.length ? -(Math.max(...x) - Math.min(...x)) : NaN; },
    member: (row, m) => worth(value(row.dataset.index, column, m), m),
  };
  function order() {
    const m = Number(metric.value);
    const keyed = rows.map((row) => { const key = orders[sort.value](row, m); return [Number.isNaN(key) ? Infinity : key, Number(row.dataset.index), row]; });
    keyed.sort((a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] - b[0]));
    body.append(...keyed.map((k) => k[2]));
    for (const head of heads) {
      const cell = head.closest("th");
      if (sort.value === "member" && Number(head.dataset.sort) === column) cell.setAttribute("aria-sort", "ascending");
      else cell.removeAttribute("aria-sort");
    }
  }
  metric.addEventListener("change", () => { captions(); order(); if (dialog.open) table(); });
  sort.addEventListener("change", order);
  for (const head of heads) {
    head.title = "sort by this column, worst first";
    head.addEventListener("click", () => {
      const again = sort.value === "member" && column === Number(head.dataset.sort);
      column = Number(head.dataset.sort);
      sort.value = again ? "name" : "member";
      order();
    });
  }

  /* ---- size: whole factors, or one over a whole number ---- */
  const size = byId("size");
  const first = Number(getComputedStyle(root).getPropertyValue("--scale"));
  const factors = [...new Set([1 / 8, 1 / 4, 1 / 3, 1 / 2, 1, 2, 3, 4, 6, first])].sort((a, b) => a - b);
  for (const f of factors) size.append(new Option(f >= 1 ? `${f}\u00d7` : `1/${Math.round(1 / f)}`, f, f === first, f === first));
  const sharpen = () => root.classList.toggle("pixels", Number(size.value) >= 1);
  size.addEventListener("change", () => { root.style.setProperty("--scale", size.value); sharpen(); });

  /* ---- views: each variant's image over that of the base column ---- */
  const buttons = [...document.querySelectorAll("[data-set-view]")];
  const base = byId("base");
  const range = byId("range");
  const auto = byId("auto");
  const names = buttons.slice(0, buttons.length / 2).map((b) => b.dataset.setView);
  auto.checked = !still.matches;
  const view = () => document.body.dataset.view;
  function pair(stack, source, wanted) {
    let under = stack.querySelector(".under");
    if (wanted && source) {
      if (!under) {
        under = new Image();
        under.className = "under";
        under.alt = "";
        stack.prepend(under);
      }
      if (under.src !== source.src) under.src = source.src;
    } else if (under) {
      under.remove();
    }
    stack.classList.toggle("pair", Boolean(wanted && source));
  }
  const isVariant = (cell) => Number(cell.dataset.column) >= 0;
  function pairRow(row) {
    const source = row.querySelector(`td[data-column="${base.value}"] .over`);
    for (const cell of row.querySelectorAll("td[data-column]")) {
      const stack = cell.querySelector(".stack");
      if (stack) pair(stack, source, view() !== "plain" && isVariant(cell) && cell.dataset.column !== base.value);
    }
  }
  /* Only rows in sight are paired: 200 images of 8 variants stay light. */
  const seen = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const e of entries) {
      if (!e.isIntersecting) { seen.delete(e.target); continue; }
      seen.add(e.target);
      pairRow(e.target);
    }
  }, { rootMargin: "200px" });
  rows.forEach((row) => watch.observe(row));
  function refresh() {
    for (const row of seen) pairRow(row);
    if (dialog.open) pairPanes();
  }
  function setView(name) {
    document.body.dataset.view = name;
    document.body.classList.remove("flipped");
    for (const b of buttons) b.setAttribute("aria-pressed", String(b.dataset.setView === name));
    byId("mix-label").hidden = name !== "blend" && name !== "slide";
    byId("base-label").hidden = name === "plain";
    byId("range-label").hidden = name !== "heat" && name !== "difference";
    byId("auto-label").hidden = name !== "toggle";
    byId("heat-legend").hidden = name !== "heat";
    refresh();
    tick();
  }
  function setRange() {
    root.style.setProperty("--heat", `url(#heat-${range.value})`);
    root.style.setProperty("--gain", 255 / range.value);
  }
  for (const b of buttons) b.addEventListener("click", () => setView(b.dataset.setView));
  base.addEventListener("change", refresh);
  range.addEventListener("change", setRange);
  const mix = byId("mix");
  function setMix() {
    root.style.setProperty("--mix", `${mix.value}%`);
    for (const moved of [byId("inspect-panes"), ...rows]) moved.style.removeProperty("--mix");
  }
  mix.addEventListener("input", setMix);
  const flip = () => document.body.classList.toggle("flipped");
  let timer = 0;
  function tick() {
    clearInterval(timer);
    if (view() === "toggle" && auto.checked) timer = setInterval(flip, 700);
  }
  auto.addEventListener("change", tick);
  const mark = byId("worst");
  mark.addEventListener("change", () => document.body.classList.toggle("show-worst", mark.checked));
  /* The slider of a row follows the pointer. */
  body.addEventListener("pointermove", (e) => {
    const cell = view() === "slide" && e.target.closest(".cell");
    if (!cell) return;
    const box = cell.getBoundingClientRect();
    cell.closest("tr").style.setProperty("--mix", `${Math.max(0, Math.min(100, (100 * (e.clientX - box.left)) / box.width))}%`);
  });

  /* ---- the inspector: one image, every column, one zoom and pan ---- */
  const dialog = byId("inspect");
  const panes = byId("inspect-panes");
  const steps = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];
  let row = null, zoom = 0, x = 0, y = 0;
  const frames = () => [...panes.querySelectorAll(".frame")];
  const stacks = () => [...panes.querySelectorAll(".stack")];
  function place() {
    const frame = frames()[0];
    if (!frame) return;
    const z = steps[zoom];
    x = Math.min(0, Math.max(frame.clientWidth * (1 - z), x));
    y = Math.min(0, Math.max(frame.clientHeight * (1 - z), y));
    for (const stack of stacks()) stack.style.transform = `translate(${x}px, ${y}px) scale(${z})`;
    byId("zoom").textContent = `${z}\u00d7`;
  }
  function zoomTo(index, cx, cy) {
    const next = Math.max(0, Math.min(steps.length - 1, index)), factor = steps[next] / steps[zoom];
    x = cx - (cx - x) * factor;
    y = cy - (cy - y) * factor;
    zoom = next;
    place();
  }
  const zoomMiddle = (by) => { const f = frames()[0]; if (f) zoomTo(zoom + by, f.clientWidth / 2, f.clientHeight / 2); };
  const ordered = () => [...body.rows].filter((r) => r.querySelector(".cell"));
  function pairPanes() {
    const source = row.querySelector(`td[data-column="${base.value}"] .over`);
    for (const stack of stacks()) {
      const c = stack.dataset.column;
      pair(stack, source, view() !== "plain" && Number(c) >= 0 && c !== base.value);
    }
  }
  const title = (c) => (c === -2 ? "input" : c === -1 ? "target" : data.members[c]);
  function pane(cell, width) {
    const figure = document.createElement("figure"), caption = document.createElement("figcaption");
    const frame = document.createElement("div"), stack = document.createElement("span");
    const img = new Image(), cross = document.createElement("i"), source = cell.querySelector(".over");
    figure.className = "pane";
    caption.textContent = title(Number(cell.dataset.column));
    frame.className = "frame";
    frame.style.width = `${width}px`;
    stack.className = "stack";
    stack.dataset.column = cell.dataset.column;
    stack.style.cssText = cell.querySelector(".cell").style.cssText;
    img.className = "over";
    img.alt = source.alt;
    img.src = source.src;
    img.draggable = false;
    cross.className = "cross";
    stack.append(img);
    const worst = cell.querySelector(".worst");
    if (worst) stack.append(worst.cloneNode());
    frame.append(stack, cross);
    figure.append(caption, frame);
    return figure;
  }
  function element(name, text, best) {
    const cell = document.createElement(name);
    cell.textContent = text;
    if (name === "td") cell.className = best ? "num best" : "num";
    return cell;
  }
  /* Every metric of this image, a line each. */
  function table() {
    const head = document.createElement("tr"), lines = [];
    head.append(element("th", "metric"), ...data.members.map((m) => element("th", m)));
    data.metrics.forEach((m, k) => {
      const line = document.createElement("tr"), winners = best(row.dataset.index, k), name = element("th", `${m.title} (${m.name})`);
      name.scope = "row";
      line.append(name, ...data.members.map((_, i) => element("td", words(value(row.dataset.index, i, k), k), winners.has(i))));
      lines.push(line);
    });
    const thead = document.createElement("thead"), tbody = document.createElement("tbody");
    thead.append(head);
    tbody.append(...lines);
    byId("inspect-values").replaceChildren(thead, tbody);
  }
  /* A pane is a whole multiple of the image where it fits. */
  function paneWidth(image) {
    const room = panes.clientWidth, columns = Math.max(1, Math.min(4, Math.floor(room / 260)));
    const each = (room - 16 * (columns - 1)) / columns, tall = innerHeight * 0.7;
    const w = Number(image.style.getPropertyValue("--w")), h = Number(image.style.getPropertyValue("--h"));
    const fit = Math.min(each / w, tall / h);
    return w * (fit >= 1 ? Math.floor(fit) : fit);
  }
  function show(next) {
    row = next;
    byId("inspect-name").textContent = data.images[row.dataset.index];
    const cells = [...row.querySelectorAll("td[data-column]")].filter((c) => c.querySelector(".over"));
    const width = paneWidth(cells[0].querySelector(".cell"));
    panes.replaceChildren(...cells.map((c) => pane(c, width)));
    dialog.classList.add("pixels");
    byId("pixel").textContent = "";
    pairPanes();
    place();
    table();
  }
  function step(by) {
    const list = ordered();
    show(list[(list.indexOf(row) + by + list.length) % list.length]);
  }
  body.addEventListener("click", (e) => {
    const cell = e.target.closest(".cell");
    if (!cell) return;
    zoom = x = y = 0;
    dialog.showModal();
    show(cell.closest("tr"));
  });
  dialog.addEventListener("close", () => { panes.replaceChildren(); panes.classList.remove("pointing"); });
  byId("inspect-previous").addEventListener("click", () => step(-1));
  byId("inspect-next").addEventListener("click", () => step(1));
  byId("zoom-in").addEventListener("click", () => zoomMiddle(1));
  byId("zoom-out").addEventListener("click", () => zoomMiddle(-1));
  byId("inspect-close").addEventListener("click", () => dialog.close());
  panes.addEventListener("wheel", (e) => {
    const frame = e.target.closest(".frame");
    if (!frame) return;
    e.preventDefault();
    const box = frame.getBoundingClientRect();
    zoomTo(zoom + (e.deltaY < 0 ? 1 : -1), e.clientX - box.left, e.clientY - box.top);
  }, { passive: false });
  let held = null;
  panes.addEventListener("pointerdown", (e) => {
    const frame = e.target.closest(".frame");
    if (frame) { held = [e.clientX - x, e.clientY - y]; frame.setPointerCapture(e.pointerId); }
  });
  panes.addEventListener("pointermove", (e) => {
    const frame = e.target.closest(".frame");
    if (held) { x = e.clientX - held[0]; y = e.clientY - held[1]; place(); }
    if (frame) point(frame, e);
  });
  for (const type of ["pointerup", "pointercancel"]) panes.addEventListener(type, () => { held = null; });
  panes.addEventListener("pointerleave", () => { panes.classList.remove("pointing"); byId("pixel").textContent = ""; });
  /* The same place in all panes, and its grey values where the browser lets a page read its images. */
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  probe.canvas.width = probe.canvas.height = 1;
  function grey(img, px, py) {
    try {
      probe.drawImage(img, px, py, 1, 1, 0, 0, 1, 1);
      const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
      return r === g && g === b ? String(r) : `${r},${g},${b}`;
    } catch { return null; }
  }
  function point(frame, e) {
    const box = frame.getBoundingClientRect(), cx = e.clientX - box.left, cy = e.clientY - box.top;
    panes.classList.add("pointing");
    panes.style.setProperty("--x", `${cx}px`);
    panes.style.setProperty("--y", `${cy}px`);
    const u = (cx - x) / (box.width * steps[zoom]), v = (cy - y) / (box.height * steps[zoom]);
    if (view() === "slide" && !held) panes.style.setProperty("--mix", `${100 * u}%`);
    const parts = [];
    for (const img of panes.querySelectorAll(".over")) {
      if (!img.naturalWidth) continue;
      const px = Math.floor(u * img.naturalWidth), py = Math.floor(v * img.naturalHeight), g = grey(img, px, py);
      if (g === null) break;
      if (!parts.length) parts.push(`x ${px} y ${py}`);
      parts.push(`${title(Number(img.parentElement.dataset.column))} ${g}`);
    }
    byId("pixel").textContent = parts.join("   ");
  }

  /* ---- light and dark ---- */
  const theme = byId("theme");
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const nameTheme = () => { theme.textContent = dark() ? "light" : "dark"; theme.setAttribute("aria-label", `${theme.textContent} theme`); };
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; nameTheme(); });

  /* ---- keys ---- */
  const inspecting = {
    ArrowLeft: () => step(-1), ArrowRight: () => step(1),
    "+": () => zoomMiddle(1), "=": () => zoomMiddle(1), "-": () => zoomMiddle(-1),
    0: () => { zoom = x = y = 0; place(); },
  };
  const panning = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const everywhere = {
    t: () => { if (view() === "toggle") { auto.checked = false; tick(); flip(); } },
    w: () => mark.click(),
    d: () => theme.click(),
    "[": () => { mix.stepDown(5); setMix(); },
    "]": () => { mix.stepUp(5); setMix(); },
  };
  names.forEach((name, i) => { everywhere[i + 1] = () => setView(name); });
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(SELECT|TEXTAREA)$/.test(e.target.tagName) || e.target.type === "range") return;
    let action = everywhere[e.key];
    if (dialog.open && e.shiftKey && panning[e.key]) action = () => { x += 40 * panning[e.key][0]; y += 40 * panning[e.key][1]; place(); };
    else if (dialog.open) action = inspecting[e.key] ?? action;
    if (!action) return;
    e.preventDefault();
    action();
  });

  sharpen();
  setRange();
  captions();
  nameTheme();
  setView("plain");
})();
