"use strict";
// Joins the marks in the letter to the values in the tables. A segment's and a value's data-m name the marks that
// hold there, a segment's the innermost first.
(() => {
  const marks = JSON.parse(document.getElementById("marks").textContent);
  const text = document.getElementById("text"), tip = document.getElementById("tip");
  const segments = [...text.querySelectorAll(".m")];
  const values = [...document.querySelectorAll(".tables .v")];
  const off = new Set(); // the colours switched off
  const ids = (element) => element.dataset.m.split(" ").map(Number);
  const seen = (element) => ids(element).filter((id) => !off.has(marks[id].k));
  const index = (elements) => {
    const of = marks.map(() => []);
    for (const element of elements) for (const id of ids(element)) of[id].push(element);
    return of;
  };
  const segmentsOf = index(segments), valuesOf = index(values);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const show = (element) => element && element.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });

  // The same choice of colours as in the page as written.
  function paint() {
    for (const segment of segments) {
      const keys = seen(segment).map((id) => marks[id]);
      const short = keys.filter((mark) => !mark.q);
      const outer = short.find((mark) => mark.k !== short[0].k);
      if (short.length) segment.className = `m k${short[0].k}` + (outer ? ` u${outer.k}` : "");
      else segment.className = keys.length ? `m q k${keys[0].k}` : "m bare";
    }
    for (const id of held) glow([id], "held", true);
  }

  function glow(list, name, on) {
    for (const id of list) {
      // Prose lights up as a whole, but for the values in it.
      for (const segment of segmentsOf[id]) segment.classList.toggle(marks[id].q ? `${name}q` : name, on);
      for (const value of valuesOf[id]) value.classList.toggle(name, on);
    }
  }

  // The values that stand just where the innermost one does.
  function meant(list) {
    const first = marks[list[0]];
    return list.filter((id) => marks[id].s === first.s && marks[id].e === first.e);
  }

  let lit = [], held = [];
  function light(list) { glow(lit, "on", false); lit = list; glow(lit, "on", true); }
  function hold(list) { glow(held, "held", false); held = list; glow(held, "held", true); }
  function release() { hold([]); tip.hidden = true; tip.classList.remove("held"); }

  function line(id) {
    const mark = marks[id], row = document.createElement("div");
    const put = (tag, words) => row.appendChild(document.createElement(tag)).append(words);
    row.className = `k${mark.k}`;
    put("em", `${mark.n} · `);
    row.append(`${mark.c} = `);
    put("strong", mark.v.length > 220 ? `${mark.v.slice(0, 220)}…` : mark.v);
    return row;
  }

  function tell(list, x, y, keep) {
    tip.replaceChildren(...list.map(line));
    const foot = document.createElement("p"), first = marks[list[0]];
    foot.append(`Characters ${first.s} to ${first.e}` + (keep ? " · Esc or a click elsewhere closes this" : ""));
    tip.append(foot);
    tip.classList.toggle("held", keep);
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const below = y + 18 + box.height < innerHeight;
    tip.style.left = `${Math.max(8, Math.min(x - 20, innerWidth - box.width - 12))}px`;
    tip.style.top = `${below ? y + 18 : Math.max(8, y - box.height - 14)}px`;
  }

  text.addEventListener("mousemove", (event) => {
    const segment = event.target.closest(".m");
    const list = segment ? seen(segment) : [];
    light(list.length ? meant(list) : []);
    if (held.length) return;
    if (list.length) tell(list, event.clientX, event.clientY, false);
    else tip.hidden = true;
  });
  text.addEventListener("mouseleave", () => { light([]); if (!held.length) tip.hidden = true; });

  document.addEventListener("click", (event) => {
    if (event.target.closest("#tip, .legend")) return;
    const segment = event.target.closest(".text .m"), value = event.target.closest(".v");
    const list = segment ? seen(segment) : value ? ids(value) : [];
    release();
    if (!list.length) return;
    hold(segment ? meant(list) : list);
    if (segment) {
      tell(list, event.clientX, event.clientY, true);
      show(held.flatMap((id) => valuesOf[id])[0]);
    } else {
      show(segmentsOf[list[0]][0]);
    }
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") release(); });

  for (const value of values) {
    for (const name of ["mouseenter", "focus"]) value.addEventListener(name, () => light(ids(value)));
    for (const name of ["mouseleave", "blur"]) value.addEventListener(name, () => light([]));
  }

  for (const group of document.querySelectorAll(".legend fieldset")) {
    const all = group.querySelector("[data-table]"), each = [...group.querySelectorAll("[data-key]")];
    group.addEventListener("change", (event) => {
      if (event.target === all) for (const box of each) box.checked = all.checked;
      for (const box of each) off[box.checked ? "delete" : "add"](Number(box.dataset.key));
      const on = each.filter((box) => box.checked).length;
      all.checked = on > 0;
      all.indeterminate = on > 0 && on < each.length;
      paint();
    });
  }
  document.getElementById("wrap").addEventListener("change", (event) => text.classList.toggle("read", !event.target.checked));
})();
