// Drives headless Chromium over report.html through the DevTools protocol on a pipe (NUL-separated
// JSON on the file descriptors 3 and 4), without any package.
//
//   node test_page.js CHROMIUM PAGE.html [SCREENSHOT_FOLDER]
"use strict";
const { spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");
const { pathToFileURL } = require("url");

const [chromium, page, shots] = process.argv.slice(2);
const profile = fs.mkdtempSync(path.join(os.tmpdir(), "page-"));
const browser = spawn(chromium, [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--hide-scrollbars", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank",
], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });

let passed = 0, failed = 0;
function check(name, condition, found) {
  if (condition) { passed++; return; }
  failed++;
  console.log(`failed: ${name}${found === undefined ? "" : ` (found ${JSON.stringify(found)})`}`);
}
let finished = false;
function finish() {
  if (finished) return;
  finished = true;
  clearTimeout(limit);
  browser.removeAllListeners("exit");
  browser.once("exit", () => {
    try { fs.rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }); } catch { /* a process of the browser still writes */ }
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed ? 1 : 0);
  });
  session = undefined;
  send("Browser.close").catch(() => {});
  setTimeout(() => browser.kill("SIGKILL"), 5000).unref();
}
const limit = setTimeout(() => { check("the browser answers in time", false); finish(); }, 300000);
browser.on("error", (e) => { check("the browser starts", false, String(e)); console.log(`${passed} passed, ${failed} failed`); process.exit(1); });
browser.on("exit", (code) => { check("the browser stays", false, code); finish(); });

/* ---- the protocol ---- */
const waiting = new Map(), requests = [], complaints = [];
let id = 0, session, buffer = Buffer.alloc(0), loaded = () => {};
function send(method, params = {}) {
  const message = { id: ++id, method, params };
  if (session) message.sessionId = session;
  browser.stdio[3].write(JSON.stringify(message) + "\0");
  return new Promise((resolve, reject) => waiting.set(message.id, { resolve, reject, method }));
}
function receive(message) {
  if (message.id) {
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) call.reject(new Error(`${call.method}: ${message.error.message}`));
    else call.resolve(message.result);
  } else if (message.method === "Network.requestWillBeSent") requests.push(message.params.request.url);
  else if (message.method === "Runtime.exceptionThrown") complaints.push(message.params.exceptionDetails.exception?.description ?? message.params.exceptionDetails.text);
  else if (message.method === "Runtime.consoleAPICalled") complaints.push(JSON.stringify(message.params.args));
  else if (message.method === "Log.entryAdded") complaints.push(message.params.entry.text);
  else if (message.method === "Page.loadEventFired") loaded();
}
browser.stdio[3].on("error", () => {}); /* it may close first */
browser.stdio[4].on("data", (data) => {
  buffer = Buffer.concat([buffer, data]);
  for (let end; (end = buffer.indexOf(0)) >= 0; buffer = buffer.subarray(end + 1)) receive(JSON.parse(buffer.subarray(0, end)));
});

async function run(expression) {
  const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
  if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description}`);
  return result.value;
}
const settled = () => run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30))))");
async function key(name, modifiers = 0) {
  const text = name.length === 1 ? name : undefined;
  const windowsVirtualKeyCode = { Escape: 27 }[name];
  await send("Input.dispatchKeyEvent", { type: "keyDown", key: name, text, modifiers, windowsVirtualKeyCode });
  await send("Input.dispatchKeyEvent", { type: "keyUp", key: name, modifiers });
  await settled();
}
const click = async (selector) => { await run(`document.querySelector(${JSON.stringify(selector)}).click()`); await settled(); };
const style = (selector, property) => run(`getComputedStyle(document.querySelector(${JSON.stringify(selector)}))[${JSON.stringify(property)}]`);
async function width(pixels, height = 900) {
  await send("Emulation.setDeviceMetricsOverride", { width: pixels, height, deviceScaleFactor: 1, mobile: false });
  await settled();
}
async function open(theme, motion) {
  await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: theme }, { name: "prefers-reduced-motion", value: motion }] });
  const done = new Promise((resolve) => { loaded = resolve; });
  await send("Page.navigate", { url: pathToFileURL(path.resolve(page)).href });
  await done;
  await settled();
}
async function shot(name, whole) {
  if (!shots) return;
  const clip = whole ? await run("({x: 0, y: 0, width: innerWidth, height: document.documentElement.scrollHeight, scale: 1})") : undefined;
  const { data } = await send("Page.captureScreenshot", { format: "png", captureBeyondViewport: Boolean(whole), clip });
  fs.writeFileSync(path.join(shots, `${name}.png`), Buffer.from(data, "base64"));
}

/* ---- the checks ---- */
const pairCell = "#grid td[data-column='1'] .stack";
const looks = {
  plain: async () => (await run(`document.querySelector("${pairCell} .under") === null`)),
  heat: async () => (await style(pairCell, "filter")).includes("heat-") && (await style(`${pairCell} .over`, "opacity")) === "0.5",
  difference: async () => (await style(`${pairCell} .over`, "mixBlendMode")) === "difference",
  blend: async () => (await style(`${pairCell} .over`, "opacity")) === "0.5" && (await style(`${pairCell} .under`, "visibility")) === "visible",
  slide: async () => (await style(`${pairCell} .over`, "clipPath")).startsWith("inset("),
  toggle: async () => (await style(`${pairCell} .under`, "visibility")) === "hidden",
};
const names = Object.keys(looks);
const order = () => run("[...document.querySelectorAll('#grid tbody tr')].map((r) => r.dataset.index).join()");
async function choose(select, chosen) {
  await run(`(() => { const s = document.getElementById("${select}"); s.value = ${JSON.stringify(chosen)}; s.dispatchEvent(new Event("change")); })()`);
  await settled();
}

async function checkStructure() {
  check("there is one h1", (await run("document.querySelectorAll('h1').length")) === 1);
  check("ids are unique", await run("(() => { const ids = [...document.querySelectorAll('[id]')].map((e) => e.id); return new Set(ids).size === ids.length; })()"));
  check("links lead somewhere", await run("[...document.querySelectorAll('a[href^=\"#\"]')].every((a) => document.getElementById(a.hash.slice(1)))"));
  check("images have words", await run("[...document.images].every((i) => i.alt)"));
  check("controls have names", await run("[...document.querySelectorAll('button')].every((b) => b.textContent.trim() || b.ariaLabel || b.querySelector('img[alt]'))"));
  check("hidden is hidden", await run("[...document.querySelectorAll('[hidden]')].every((e) => getComputedStyle(e).display === 'none')"));
  check("the page has no sideways scroll", await run("document.documentElement.scrollWidth <= innerWidth"), await run("document.documentElement.scrollWidth"));
  check("values stand under the images", await run("[...document.querySelectorAll('.value')].every((v) => v.textContent)"));
  check("the answer is there", await run("document.querySelector('.lead').textContent.length > 20"));
  check("inside images are loaded", await run("document.querySelector('.cell img').decode().then(() => true, () => false)"));
}

async function checkViews() {
  await run("document.querySelector('#grid-scroll').scrollIntoView()");
  await settled();
  for (const [i, name] of [...names.entries(), [0, "plain"]]) {
    await click(`.tools [data-set-view=${name}]`);
    check(`view ${name} by click`, await looks[name]());
    check(`view ${name} is pressed`, (await run(`document.querySelector(".tools [data-set-view=${name}]").ariaPressed`)) === "true");
    await shot(`view-${name}`);
    await click(`.tools [data-set-view=${name === "plain" ? "blend" : "plain"}]`);
    await key(String(i + 1));
    check(`view ${name} by key`, await looks[name]());
  }
  await key("5");
  await key("]");
  check("] moves the slider", (await style(`${pairCell} .over`, "clipPath")) === "inset(0px 0px 0px 55%)", await style(`${pairCell} .over`, "clipPath"));
  await key("[");
  await key("6");
  await key("t");
  check("t flips", (await style(`${pairCell} .over`, "visibility")) === "hidden");
  await key("1");
  await key("w");
  check("w marks the worst window", await run("(() => { const w = document.querySelector('.worst'); return !w || getComputedStyle(w).visibility === 'visible'; })()"));
  await shot("worst");
  await key("w");
  check("w takes the mark away", await run("(() => { const w = document.querySelector('.worst'); return !w || getComputedStyle(w).visibility === 'hidden'; })()"));
}

async function checkSorting() {
  const start = await order();
  await choose("sort", "worst");
  const worst = await order();
  check("worst first changes the order", worst !== start);
  await choose("sort", "best");
  const best = await order();
  check("best first is another order", best !== worst && best !== start);
  await choose("sort", "disagreement");
  const m = await run("document.getElementById('metric').value");
  const spread = `(() => { const d = JSON.parse(document.getElementById("data").textContent); return [...document.querySelectorAll('#grid tbody tr')].map((r) => { const v = d.values[r.dataset.index].map((x) => x[${m}]); return Math.max(...v) - Math.min(...v); }); })()`;
  const spreads = await run(spread);
  check("disagreement falls", spreads.every((s, i) => i === 0 || s <= spreads[i - 1]));
  await choose("metric", await run("document.getElementById('metric').options[0].value"));
  check("another metric, another order", (await order()) !== start);
  await click(".by");
  check("a column's name sorts by it", (await run("document.querySelector('th[aria-sort]')?.dataset.column")) === "0");
  await choose("sort", "name");
  check("by name is the first order again", (await order()) === start);
  await choose("metric", m);
}

/* Lines of different colours, each with its name beside it, and the same as numbers. */
async function checkSpectra() {
  const members = await run("JSON.parse(document.getElementById('data').textContent).members.length");
  const figures = "[...document.querySelectorAll('figure.spectrum')]";
  check("power, gain and correlation are drawn", (await run(`${figures}.length`)) === 3);
  check("each with words for who cannot see them", await run(`${figures}.every((f) => f.querySelector("svg[role=img]").ariaLabel.includes("spatial frequency"))`));
  check("a name for every line", (await run(`${figures}.map((f) => [...f.querySelectorAll("svg > text > title")].length).join()`)) === [members + 1, members, members].join());
  const inside = `${figures}.every((f) => { const box = f.querySelector("svg").getBoundingClientRect(); return [...f.querySelectorAll("svg path, svg text")].every((e) => { const b = e.getBoundingClientRect(); return b.left >= box.left && b.right <= box.right + 1 && b.top >= box.top && b.bottom <= box.bottom + 1; }); })`;
  check("all of it inside", await run(inside));
  const apart = `${figures}.every((f) => { const tops = [...f.querySelectorAll("svg > text:has(title)")].map((t) => t.getBoundingClientRect().top).sort((a, b) => a - b); return tops.every((t, i) => i === 0 || t - tops[i - 1] > 10); })`;
  check("names do not cover each other", await run(apart));
  const colours = `[...new Set([...document.querySelectorAll("figure.spectrum .line")].map((l) => getComputedStyle(l).stroke))]`;
  check("a colour for every line", (await run(colours)).length === members + 1, await run(colours));
  check("and the numbers below", await run(`${figures}.every((f) => f.querySelectorAll("tbody tr").length > 8 && [...f.querySelectorAll("td")].every((d) => d.textContent))`));
  await run("document.querySelector('figure.spectrum').scrollIntoView()");
  await shot("spectra");
}

const shown = (selector) => run(`document.querySelector(${JSON.stringify(selector)}).style.transform`);
async function checkInspector() {
  await click("#grid .cell");
  check("an image opens the inspector", await run("document.getElementById('inspect').open"));
  const columns = await run("document.querySelectorAll('#grid thead th[data-column]').length");
  check("in all columns", (await run("document.querySelectorAll('.pane').length")) === columns);
  check("with every metric", (await run("document.querySelectorAll('#inspect-values tbody tr').length")) > 1);
  await key("+");
  await key("+");
  check("+ zooms", (await shown(".frame .stack")).includes("scale(3)"), await shown(".frame .stack"));
  check("all together", await run("new Set([...document.querySelectorAll('.frame .stack')].map((s) => s.style.transform)).size === 1"));
  const before = await shown(".frame .stack");
  await key("ArrowRight", 8);
  check("shift and an arrow pan", (await shown(".frame .stack")) !== before);
  const box = await run("(() => { const b = document.querySelector('.frame').getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()");
  await send("Input.dispatchMouseEvent", { type: "mouseMoved", x: box[0], y: box[1] });
  await settled();
  check("the pointer is in every pane", (await style(".cross", "visibility")) === "visible");
  check("and the pixels are read", /^x \d+ y \d+ .* \d+$/.test((await run("document.getElementById('pixel').textContent")).replace(/\s+/g, " ")), await run("document.getElementById('pixel').textContent"));
  await shot("inspector");
  await key("2");
  check("views work inside", await run("[...document.querySelectorAll('.frame .pair')].length > 0"));
  await shot("inspector-heat");
  await key("1");
  await key("0");
  check("0 shows all", (await shown(".frame .stack")).includes("scale(1)"));
  const name = await run("document.getElementById('inspect-name').textContent");
  await key("ArrowRight");
  check("arrows step", (await run("document.getElementById('inspect-name').textContent")) !== name);
  await key("ArrowLeft");
  check("and back", (await run("document.getElementById('inspect-name').textContent")) === name);
  await key("Escape");
  check("escape closes", !(await run("document.getElementById('inspect').open")));
}

async function checkTheme() {
  const light = await style("body", "backgroundColor");
  await click("#theme");
  const dark = await style("body", "backgroundColor");
  check("the button makes it dark", dark !== light, [light, dark]);
  await key("d");
  check("d makes it light again", (await style("body", "backgroundColor")) === light);
}

/* WCAG contrast of all text against the nearest ground. */
const contrast = `(() => {
  const lum = (c) => c.map((x) => (x /= 255) <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4).reduce((s, x, i) => s + x * [0.2126, 0.7152, 0.0722][i], 0);
  const parse = (s) => s.match(/[\\d.]+/g).map(Number);
  const bad = new Set();
  for (const e of document.querySelectorAll("main *, header *, footer *")) {
    if (e.closest("svg, dialog") || !e.checkVisibility() || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    let g = e, ground = [255, 255, 255];
    for (; g; g = g.parentElement) { const c = parse(getComputedStyle(g).backgroundColor); if (c.length < 4 || c[3] === 1) { ground = c; break; } }
    const a = lum(parse(getComputedStyle(e).color).slice(0, 3)), b = lum(ground.slice(0, 3));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.add(e.tagName + "." + e.className + " " + ratio.toFixed(2));
  }
  return [...bad];
})()`;

async function main() {
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  session = (await send("Target.attachToTarget", { targetId, flatten: true })).sessionId;
  for (const domain of ["Page", "Runtime", "Network", "Log"]) await send(`${domain}.enable`);
  await width(1400);
  await open("light", "reduce");
  const shift = await run("new Promise((done) => { let sum = 0; new PerformanceObserver((l) => l.getEntries().forEach((e) => { if (!e.hadRecentInput) sum += e.value; })).observe({ type: 'layout-shift', buffered: true }); setTimeout(() => done(sum), 100); })");
  check("nothing moves while it loads", shift < 0.1, shift);
  await checkStructure();
  const light = await run(contrast);
  check("contrast in the light", light.length === 0, light);
  await shot("light-1400", true);
  await checkSorting();
  await checkViews();
  await checkInspector();
  await checkSpectra();
  await checkTheme();
  await open("dark", "no-preference");
  const dark = await run(contrast);
  check("contrast in the dark", dark.length === 0, dark);
  await checkSpectra();
  await shot("dark-1400", true);
  await width(420);
  await open("light", "reduce");
  check("no sideways scroll at 420 px", await run("document.documentElement.scrollWidth <= innerWidth"), await run("document.documentElement.scrollWidth"));
  check("the names of the rows are whole words", await run("[...document.querySelectorAll('#grid tbody th')].every((t) => t.clientWidth >= 80)"));
  await shot("light-420", true);
  await width(1000);
  check("no sideways scroll at 1000 px", await run("document.documentElement.scrollWidth <= innerWidth"));
  await send("Emulation.setEmulatedMedia", { media: "print" });
  check("print shows no tools", (await style(".tools", "display")) === "none");
  check("print shows the whole grid", (await style("#grid-scroll", "overflow")) === "visible");
  await shot("print", true);
  const outside = requests.filter((u) => !u.startsWith("file:") && !u.startsWith("data:"));
  check("nothing from elsewhere", outside.length === 0, outside);
  check("no word on the console", complaints.length === 0, complaints);
}
main().catch((e) => check("the page can be driven", false, String(e.stack))).then(finish);
