// Follows the requests of a fork: the server draws the rows that came since the last one.
"use strict";
(() => {
  const live = document.getElementById("live"), rows = document.getElementById("rows"), most = 300;
  const say = on => {
    live.className = on ? "live on" : "live off";
    live.textContent = on ? live.dataset.live : live.dataset.lost;
  };
  for (const input of document.querySelectorAll("input[name=show]")) {
    const apply = () => { if (rows && input.checked) rows.dataset.show = input.value; };
    input.addEventListener("change", apply);
    apply();
  }
  const look = async () => {
    const at = new URL(location.href);
    at.searchParams.set("rows", "1");
    at.searchParams.set("after", rows ? rows.dataset.last : "0");
    const response = await fetch(at, { headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(response.status);
    const part = new DOMParser().parseFromString(await response.text(), "text/html");
    const nav = document.getElementById("forks");
    if (!nav.contains(document.activeElement)) nav.replaceWith(part.getElementById("forks"));
    const fresh = part.getElementById("rows");
    if (!rows || !fresh) return;
    if (Number(fresh.dataset.last) < Number(rows.dataset.last)) { location.reload(); return; } // another fork of this name
    rows.dataset.last = fresh.dataset.last;
    if (fresh.children.length > 0) document.getElementById("empty").hidden = true;
    rows.prepend(...fresh.children);
    while (rows.children.length > most) rows.lastElementChild.remove();
  };
  const follow = async () => {
    if (!document.hidden) {
      try { await look(); say(true); } catch { say(false); }
    }
    setTimeout(follow, 1000);
  };
  follow();
})();
