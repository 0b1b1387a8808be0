"use strict";
(() => {
  const one = (id) => document.getElementById(id);
  const search = one("search"), agent = one("agent"), changes = one("changes"), found = one("found");
  const links = new Map([...document.querySelectorAll("#contents li[data-part]")].map((item) => [item.dataset.part, item]));
  const groups = [...document.querySelectorAll(".flows g[data-agent]")];
  let index = null;

  // Every section with its rows and their words; read once, when the page opens, so that the first search is as quick as the others.
  function entries() {
    if (index) return index;
    index = [];
    for (const part of document.querySelectorAll(".part")) {
      const partWords = part.querySelector("summary").textContent;
      for (const section of part.querySelectorAll(".section")) {
        const lead = partWords + "\n" + section.querySelector("h3").firstChild.data + "\n";
        const rows = [...section.querySelectorAll("tbody tr")].map((row) => {
          let words = lead;
          for (const cell of row.cells) words += cell.textContent + "\n";
          return { row, words: words.toLowerCase(), changed: row.className !== "", agent: part.dataset.agent || row.dataset.agent || "" };
        });
        index.push({ section, part, rows, agent: part.dataset.agent || "" });
      }
    }
    return index;
  }

  function show(element, visible) {
    if (element.hidden === visible) element.hidden = !visible;
  }

  // The number of rows that match. A section without one is hidden as a whole, its rows stay as they are.
  function narrow(entry, matches) {
    const visible = entry.rows.map(matches);
    const count = visible.filter(Boolean).length;
    if (count) entry.rows.forEach((item, place) => show(item.row, visible[place]));
    return count;
  }

  function apply() {
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const only = Boolean(changes && changes.checked), wanted = agent.value;
    const narrowed = terms.length > 0 || only, filtered = narrowed || wanted !== "";
    const matches = (item) => (!wanted || item.agent === wanted) && (!only || item.changed) && terms.every((term) => item.words.includes(term));
    const parts = new Map();
    let count = 0;
    for (const entry of entries()) {
      const hits = narrow(entry, matches);
      const visible = hits > 0 || (!entry.rows.length && !narrowed && (!wanted || entry.agent === wanted));
      show(entry.section, visible);
      open(entry.section, visible && filtered);
      parts.set(entry.part, parts.get(entry.part) || visible);
      count += hits;
    }
    for (const [part, visible] of parts) {
      show(part, visible);
      open(part, visible && filtered);
      show(links.get(part.id), visible);
    }
    show(one("nothing"), count === 0 && filtered);
    found.value = filtered ? `${count} ${count === 1 ? "row" : "rows"}` : "";
    for (const group of groups) group.classList.toggle("away", wanted !== "" && group.dataset.agent !== wanted);
  }

  // What holds the words that are looked for unfolds, and folds again afterwards.
  function open(details, needed) {
    if (needed && !details.open) {
      details.open = true;
      details.dataset.unfolded = "1";
    } else if (!needed && details.dataset.unfolded) {
      details.open = false;
      delete details.dataset.unfolded;
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
