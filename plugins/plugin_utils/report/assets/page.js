"use strict";
(() => {
  const one = (id) => document.getElementById(id);
  const search = one("search"), agent = one("agent"), changes = one("changes"), found = one("found");
  const links = new Map([...document.querySelectorAll("#contents li[data-part]")].map((item) => [item.dataset.part, item]));
  const groups = [...document.querySelectorAll(".flows g[data-agent]")];
  let index = null;

  // Every row with its words, its section and its part; read once, when the page opens, so that the first search is as quick as the others.
  function entries() {
    if (index) return index;
    index = [];
    for (const part of document.querySelectorAll(".part")) {
      const partWords = part.querySelector("summary").textContent;
      for (const section of part.querySelectorAll(".section")) {
        const lead = partWords + "\n" + section.querySelector("h3").firstChild.data + "\n";
        const rows = section.querySelectorAll("tbody tr");
        if (!rows.length) index.push({ row: null, section, part, words: "", changed: false, agent: part.dataset.agent || "" });
        for (const row of rows) {
          let words = lead;
          for (const cell of row.cells) words += cell.textContent + "\n";
          index.push({ row, section, part, words: words.toLowerCase(), changed: row.className !== "", agent: part.dataset.agent || row.dataset.agent || "" });
        }
      }
    }
    return index;
  }

  function show(element, visible) {
    if (element.hidden === visible) element.hidden = !visible;
  }

  function apply() {
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const only = Boolean(changes && changes.checked), wanted = agent.value;
    const narrowed = terms.length > 0 || only;
    const sections = new Map(), parts = new Map();
    let count = 0;
    for (const entry of entries()) {
      const matches = entry.row ? (!only || entry.changed) && terms.every((term) => entry.words.includes(term)) : !narrowed;
      const visible = matches && (!wanted || entry.agent === wanted);
      if (entry.row) {
        show(entry.row, visible);
        if (visible) count += 1;
      }
      sections.set(entry.section, sections.get(entry.section) || visible);
      parts.set(entry.part, parts.get(entry.part) || visible);
    }
    for (const [section, visible] of sections) show(section, visible);
    for (const [part, visible] of parts) {
      show(part, visible);
      open(part, visible && (narrowed || wanted !== ""));
      show(links.get(part.id), visible);
    }
    show(one("nothing"), count === 0 && (narrowed || wanted !== ""));
    found.value = narrowed || wanted ? `${count} ${count === 1 ? "row" : "rows"}` : "";
    for (const group of groups) group.classList.toggle("away", wanted !== "" && group.dataset.agent !== wanted);
  }

  // Parts that hold what is looked for unfold, and fold again afterwards.
  function open(part, needed) {
    if (needed && !part.open) {
      part.open = true;
      part.dataset.unfolded = "1";
    } else if (!needed && part.dataset.unfolded) {
      part.open = false;
      delete part.dataset.unfolded;
    }
  }

  function unfoldAll(state) {
    for (const details of document.querySelectorAll("main details")) details.open = state;
  }

  function goToHash() {
    const target = location.hash && one(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView({ block: "start" });
  }

  // The whole way of a metaverse attribute, from every agent that gives it to every agent that takes it.
  function follow(svg, numbers) {
    for (const lit of svg.querySelectorAll(".on")) lit.classList.remove("on");
    svg.classList.toggle("follow", numbers.length > 0);
    for (const number of numbers) for (const element of svg.querySelectorAll(`[data-k~="${number}"]`)) element.classList.add("on");
  }

  function numbersOf(target) {
    const key = target.closest && target.closest("[data-k]");
    return key ? key.dataset.k.split(" ") : [];
  }

  for (const svg of document.querySelectorAll(".flows")) {
    let kept = [];
    const point = (event) => follow(svg, numbersOf(event.target).length ? numbersOf(event.target) : kept);
    svg.addEventListener("mouseover", point);
    svg.addEventListener("focusin", point);
    svg.addEventListener("mouseleave", () => follow(svg, kept));
    svg.addEventListener("click", (event) => {
      const numbers = numbersOf(event.target);
      kept = numbers.join() === kept.join() ? [] : numbers;
      follow(svg, kept);
    });
  }

  const here = Object.assign(document.createElement("a"), { className: "here", textContent: "#", title: "Link to this row" });
  document.querySelector("main").addEventListener("mouseover", (event) => {
    const row = event.target.closest("tr[id]");
    if (!row || here.parentElement === row.cells[0]) return;
    here.href = "#" + row.id;
    row.cells[0].append(here);
  });

  let before = null;
  addEventListener("beforeprint", () => {
    before = [...document.querySelectorAll("main details:not([open])")];
    unfoldAll(true);
  });
  addEventListener("afterprint", () => {
    for (const details of before || []) details.open = false;
  });

  search.addEventListener("input", apply);
  agent.addEventListener("change", apply);
  if (changes) changes.addEventListener("change", apply);
  one("unfold").addEventListener("click", () => unfoldAll(true));
  one("fold").addEventListener("click", () => unfoldAll(false));
  one("theme").addEventListener("click", () => {
    const root = document.documentElement, now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target.tagName !== "INPUT") {
      event.preventDefault();
      search.focus();
    }
  });
  addEventListener("hashchange", goToHash);
  one("bar").hidden = false;
  goToHash();
  entries();
})();
