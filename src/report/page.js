"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const grid = document.getElementById("grid");
  const body = grid.tBodies[0];
  const rows = [...body.rows];
  const byId = (id) => document.getElementById(id);
  const number = (x) => (x === null || x === undefined ? "" : Number(x.toPrecision(4)).toString());

  /* ---- the view: plain, difference, blend, slide, toggle against a base column ---- */
  const views = [...document.querySelectorAll("[data-set-view]")];
  const base = byId("base");
  function fillUnder() {
    const column = base.value;
    for (const row of rows) {
      const source = row.querySelector(`[data-column="${column}"] .over`);
      for (const cell of row.querySelectorAll(".cell")) {
        const under = cell.querySelector(".under");
        const same = cell.closest("td").dataset.column === column;
        cell.classList.toggle("pair", Boolean(source) && !same && cell.closest("td").dataset.member !== undefined);
        if (source && !same) under.src = source.src; else under.removeAttribute("src");
      }
    }
  }
  function setView(name) {
    grid.dataset.view = name;
    grid.classList.remove("flipped");
    for (const button of views) button.setAttribute("aria-pressed", String(button.dataset.setView === name));
    byId("mix-label").hidden = name !== "blend" && name !== "slide";
    byId("base-label").hidden = name === "plain";
    if (name !== "plain") fillUnder();
  }
  for (const button of views) button.addEventListener("click", () => setView(button.dataset.setView));
  base.addEventListener("change", fillUnder);
  byId("mix").addEventListener("input", (e) => document.documentElement.style.setProperty("--mix", e.target.value + "%"));
  byId("size").addEventListener("input", (e) => document.documentElement.style.setProperty("--size", e.target.value + "px"));
  byId("worst").addEventListener("change", (e) => grid.classList.toggle("show-worst", e.target.checked));

  /* ---- captions and sorting ---- */
  const sort = byId("sort");
  const metric = byId("metric");
  const value = (row, member, m) => {
    const image = data.values[row.dataset.index];
    return image && image[member] ? image[member][m] : null;
  };
  function caption() {
    const m = Number(metric.value);
    for (const row of rows)
      for (const cell of row.querySelectorAll("td[data-member]"))
        cell.querySelector("figcaption").textContent = number(value(row, cell.dataset.member, m));
  }
  function worth(row, m, better) {
    const all = data.members.map((_, k) => value(row, k, m)).filter((x) => x !== null);
    if (!all.length) return Infinity;
    return (better < 0 ? -1 : 1) * (all.reduce((a, b) => a + b, 0) / all.length);
  }
  function disagreement(row, m) {
    const all = data.members.map((_, k) => value(row, k, m)).filter((x) => x !== null);
    return all.length ? -(Math.max(...all) - Math.min(...all)) : Infinity;
  }
  function order() {
    const m = Number(metric.value);
    const key = {
      name: (row) => Number(row.dataset.index),
      worst: (row) => worth(row, m, data.better[m]),
      best: (row) => -worth(row, m, data.better[m]),
      disagreement: (row) => disagreement(row, m),
    }[sort.value];
    const keyed = rows.map((row) => [key(row), Number(row.dataset.index), row]);
    keyed.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    body.append(...keyed.map((k) => k[2]));
  }
  metric.addEventListener("change", () => { caption(); order(); });
  sort.addEventListener("change", order);

  /* ---- the inspector: one image, every column, one zoom and pan ---- */
  const dialog = byId("inspect");
  const panes = byId("inspect-panes");
  let current = 0, zoom = 1, x = 0, y = 0;
  function place() {
    for (const img of panes.querySelectorAll("img"))
      img.style.transform = `translate(${x}px, ${y}px) scale(${zoom})`;
  }
  function show(index) {
    const ordered = [...body.rows].filter((row) => row.querySelector(".cell"));
    if (!ordered.length) return;
    current = (index + ordered.length) % ordered.length;
    const row = ordered[current];
    byId("inspect-name").textContent = row.dataset.name;
    panes.replaceChildren(...[...row.querySelectorAll("td[data-column]")].filter((td) => td.querySelector(".over")).map((td) => {
      const figure = document.createElement("figure");
      figure.className = "pane";
      const frame = document.createElement("div");
      frame.className = "frame";
      const img = document.createElement("img");
      img.src = td.querySelector(".over").src;
      img.alt = td.dataset.title;
      img.draggable = false;
      frame.append(img);
      const text = document.createElement("figcaption");
      text.textContent = td.dataset.title + "  " + td.querySelector("figcaption").textContent;
      figure.append(frame, text);
      return figure;
    }));
    place();
  }
  function zoomBy(factor, cx, cy) {
    const next = Math.min(32, Math.max(1, zoom * factor));
    x = cx - (cx - x) * (next / zoom);
    y = cy - (cy - y) * (next / zoom);
    zoom = next;
    if (zoom === 1) x = y = 0;
    place();
  }
  const middle = () => { const f = panes.querySelector(".frame"); return f ? f.clientWidth / 2 : 0; };
  panes.addEventListener("wheel", (e) => {
    const frame = e.target.closest(".frame");
    if (!frame) return;
    e.preventDefault();
    const box = frame.getBoundingClientRect();
    zoomBy(e.deltaY < 0 ? 1.25 : 0.8, e.clientX - box.left, e.clientY - box.top);
  }, { passive: false });
  let held = null;
  panes.addEventListener("pointerdown", (e) => {
    const frame = e.target.closest(".frame");
    if (frame) { held = [e.clientX - x, e.clientY - y]; frame.setPointerCapture(e.pointerId); }
  });
  panes.addEventListener("pointermove", (e) => {
    if (held) { x = e.clientX - held[0]; y = e.clientY - held[1]; place(); }
  });
  panes.addEventListener("pointerup", () => { held = null; });
  body.addEventListener("click", (e) => {
    const cell = e.target.closest(".cell");
    if (!cell) return;
    const ordered = [...body.rows].filter((row) => row.querySelector(".cell"));
    zoom = 1; x = y = 0;
    show(ordered.indexOf(cell.closest("tr")));
    dialog.showModal();
  });
  byId("inspect-previous").addEventListener("click", () => show(current - 1));
  byId("inspect-next").addEventListener("click", () => show(current + 1));
  byId("zoom-in").addEventListener("click", () => zoomBy(1.5, middle(), middle()));
  byId("zoom-out").addEventListener("click", () => zoomBy(1 / 1.5, middle(), middle()));
  byId("inspect-close").addEventListener("click", () => dialog.close());

  /* ---- keys ---- */
  const keys = { 1: "plain", 2: "difference", 3: "blend", 4: "slide", 5: "toggle" };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (dialog.open) {
      if (e.key === "ArrowLeft") show(current - 1);
      else if (e.key === "ArrowRight") show(current + 1);
      else if (e.key === "+" || e.key === "=") zoomBy(1.5, middle(), middle());
      else if (e.key === "-") zoomBy(1 / 1.5, middle(), middle());
      else if (e.key === "0") zoomBy(1 / 64, 0, 0);
      else return;
      e.preventDefault();
      return;
    }
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) return;
    if (keys[e.key]) setView(keys[e.key]);
    else if (e.key === "t" && grid.dataset.view === "toggle") grid.classList.toggle("flipped");
    else if (e.key === "w") byId("worst").click();
  });
  setInterval(() => { if (grid.dataset.view === "toggle" && !matchMedia("(prefers-reduced-motion: reduce)").matches) grid.classList.toggle("flipped"); }, 700);

  byId("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  caption();
  setView("plain");
})();
