// Before the first paint: the theme that this person chose in this browser, or the system's.
"use strict";
(() => {
  const root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => { try { return localStorage.getItem("theme") || "auto"; } catch { return "auto"; } };
  const apply = () => {
    const theme = kept();
    root.dataset.theme = theme;
    root.dataset.bsTheme = theme === "auto" ? (system.matches ? "dark" : "light") : theme;
  };
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  addEventListener("pageshow", () => {
    for (const input of document.querySelectorAll("input[name=theme]")) input.checked = input.value === kept();
  });
  document.addEventListener("change", event => {
    if (event.target.name !== "theme") return;
    try { localStorage.setItem("theme", event.target.value); } catch { /* without storage, for this page */ }
    apply();
  });
  root.dataset.script = "";
  apply();
})();
