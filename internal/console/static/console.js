// What the pages do in the browser. Elements say what they do by data attributes; nothing here knows a page.
"use strict";
(() => {
  const $ = id => document.getElementById(id);
  const on = (name, act) => document.addEventListener(name, act);
  const fold = text => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

  // Toasts.
  const toasts = $("toasts");
  const fade = note => { if (note.dataset.toast !== "danger") setTimeout(() => note.remove(), 6000); };
  const toast = (text, tone = "") => {
    const note = $("toast").content.firstElementChild.cloneNode(true);
    note.dataset.toast = tone;
    note.firstElementChild.textContent = text;
    toasts.append(note);
    fade(note);
  };
  toasts.querySelectorAll("[data-toast]").forEach(fade);
  on("toast", event => toast(event.detail.text, event.detail.tone));
  on("htmx:sendError", () => toast(toasts.dataset.offline, "danger"));
  on("htmx:responseError", event => {
    if (event.detail.xhr.status !== 401) toast(toasts.dataset.failed, "danger");
    else if (document.querySelector("form[data-dirty]")) toast(toasts.dataset.ended, "danger"); // saving keeps what is typed
    else location.reload(); // the page asks to sign in
  });

  // Lists that are found by typing: the palette and the lookups of forms.
  const finder = input => {
    const list = $(input.getAttribute("aria-controls"));
    return { list, options: [...list.querySelectorAll("[role=option]")].filter(o => !o.hidden) };
  };
  const choose = (input, option) => {
    finder(input).list.querySelectorAll("[aria-selected=true]").forEach(o => o.removeAttribute("aria-selected"));
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.id ||= `option-${Math.random().toString(36).slice(2)}`;
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  const open = (input, opened) => {
    if (input.closest("dialog.palette")) return;
    finder(input).list.hidden = !opened;
    input.setAttribute("aria-expanded", opened);
  };
  const take = (input, option) => {
    if (option.href) return location.assign(option.href);
    const value = input.closest("[data-finder]").querySelector("input[type=hidden]");
    value.value = option.dataset.value;
    input.value = option.dataset.text;
    open(input, false);
    value.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const filter = input => {
    const { list } = finder(input), words = fold(input.value).split(/\s+/);
    for (const option of list.querySelectorAll("[data-local] [role=option]")) {
      const text = fold(option.textContent);
      option.hidden = !words.every(word => text.includes(word));
    }
    const { options } = finder(input);
    document.querySelector(".palette-none").hidden = options.length > 0;
    choose(input, options[0]);
  };
  on("input", event => {
    const input = event.target;
    if (input.id === "palette-input") filter(input);
    if (input.matches(".lookup [role=combobox]") && !input.value) {
      input.previousElementSibling.value = "";
      open(input, false);
    }
  });
  on("htmx:configRequest", event => {
    if ("asks" in event.detail.elt.dataset) event.detail.parameters = { q: event.detail.elt.value };
  });
  on("htmx:afterSwap", event => {
    const input = event.detail.requestConfig.elt;
    if (input.role !== "combobox") return;
    if (input.id === "palette-input") return filter(input);
    open(input, true);
    choose(input, finder(input).options[0]);
  });
  on("focusout", event => {
    if (event.target.matches(".lookup [role=combobox]")) setTimeout(() => event.target.isConnected && open(event.target, false), 150);
  });

  // The keyboard.
  const palette = $("palette");
  const find = () => {
    if (!palette || palette.open) return;
    palette.showModal();
    $("palette-input").select();
    filter($("palette-input"));
  };
  on("keypress", event => { if (event.key === "Enter" && event.target.role === "combobox") event.preventDefault(); });
  on("keydown", event => {
    const { key, target } = event;
    if (event.isComposing) return; // typing Vietnamese
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "k") {
      event.preventDefault();
      return find();
    }
    if (target.role === "combobox") {
      const { options } = finder(target);
      const at = options.findIndex(o => o.getAttribute("aria-selected") === "true");
      const step = { ArrowDown: 1, ArrowUp: -1 }[key];
      if (step && options.length) {
        event.preventDefault();
        open(target, true);
        choose(target, options[(at + step + options.length) % options.length]);
      } else if (key === "Enter") {
        event.preventDefault();
        if (options[at]) take(target, options[at]);
      } else if (key === "Escape") open(target, false);
      return;
    }
    const slash = document.querySelector("[data-slash]");
    if (key === "/" && !target.closest("input, textarea, select, dialog")) {
      event.preventDefault();
      slash ? slash.select() : find();
    }
    if (key === "Escape") document.querySelectorAll("details.columns[open]").forEach(d => { d.open = false; });
  });

  // Buttons.
  on("click", async event => {
    const at = name => event.target.closest(`[data-${name}]`);
    document.querySelectorAll("details.columns[open]").forEach(d => { if (!d.contains(event.target)) d.open = false; });
    const option = event.target.closest(".lookup [role=option]");
    if (option) take(option.closest(".lookup").querySelector("[role=combobox]"), option);
    let e = at("opens");
    if (e) {
      event.preventDefault();
      e.dataset.opens === "palette" ? find() : $(e.dataset.opens).showModal();
    }
    if ((e = at("closes"))) (e.closest("[data-toast]") ? e.parentElement.remove() : e.closest("dialog").close());
    if (event.target.nodeName === "DIALOG") event.target.close();
    if ((e = at("copies"))) {
      try {
        await navigator.clipboard.writeText(e.dataset.copies);
        toast(toasts.dataset.copied, "success");
      } catch { // not over HTTPS: select it, so that Ctrl C copies
        const code = e.parentElement.querySelector("code");
        if (code) getSelection().selectAllChildren(code);
      }
    }
    if ((e = at("selects"))) getSelection().selectAllChildren(e);
    if ((e = at("shows"))) {
      const input = $(e.dataset.shows), hidden = input.type === "password";
      input.type = hidden ? "text" : "password";
      e.setAttribute("aria-pressed", hidden);
    }
    if ((e = at("adds"))) {
      const body = e.closest(".lines").querySelector("tbody");
      body.insertAdjacentHTML("beforeend", e.previousElementSibling.innerHTML.replaceAll("__n__", Date.now()));
      const row = body.lastElementChild;
      htmx.process(row);
      row.querySelector("input:not([type=hidden]), select")?.focus();
      row.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if ((e = at("removes"))) {
      const row = e.closest("tr"), next = row.nextElementSibling || row.previousElementSibling;
      const add = row.closest(".lines").querySelector("[data-adds]");
      row.dispatchEvent(new Event("change", { bubbles: true }));
      row.remove();
      (next?.querySelector("[data-removes]") || add).focus();
    }
  });

  // Forms: amounts with dots, and what is not saved.
  on("focusout", event => {
    if (!event.target.matches("[data-money]")) return;
    const match = /^(-?)(\d+|\d{1,3}(?:\.\d{3})+)(,\d*)?$/.exec(event.target.value.trim());
    if (match) event.target.value = match[1] + match[2].replace(/\D/g, "").replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ".") + (match[3] || "");
  });
  const touch = event => { const form = event.target.closest("form[data-guards]"); if (form) form.dataset.dirty = ""; };
  on("input", touch);
  on("change", touch);
  let leaving = false;
  // A form is sent once: the answer to the first time may be shown once only.
  on("submit", event => {
    leaving = true;
    const form = event.target;
    if (form.method !== "post") return;
    if ("sent" in form.dataset) event.preventDefault();
    form.dataset.sent = "";
  });
  on("click", event => { if (event.target.closest("[data-leaves]")) leaving = true; });
  addEventListener("beforeunload", event => {
    if (!leaving && document.querySelector("form[data-dirty]")) event.preventDefault();
  });
  addEventListener("pageshow", () => {
    leaving = false;
    document.querySelectorAll("[data-passkey]").forEach(button => { button.disabled = false; });
    document.querySelectorAll("form[data-sent]").forEach(form => { delete form.dataset.sent; });
  });
  document.querySelector("[data-summary]")?.focus();

  // Passkeys: a button asks the server for a challenge and the browser for the answer, and sends its form with that.
  const packed = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const unpacked = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
  const answerOf = async publicKey => {
    publicKey.challenge = unpacked(publicKey.challenge);
    if (publicKey.user) publicKey.user.id = unpacked(publicKey.user.id);
    for (const c of [...publicKey.allowCredentials || [], ...publicKey.excludeCredentials || []]) c.id = unpacked(c.id);
    const { id, rawId, type, response } = await navigator.credentials[publicKey.user ? "create" : "get"]({ publicKey });
    const said = { transports: response.getTransports?.() };
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[part]) said[part] = packed(response[part]);
    }
    return JSON.stringify({ id, rawId: packed(rawId), type, response: said, clientExtensionResults: {} });
  };
  const usePasskey = async button => {
    const form = button.form, error = form.querySelector("[data-passkey-error]");
    error.hidden = button.disabled = true;
    let text = "";
    try {
      const answer = await fetch(button.dataset.passkey + "/challenge", { method: "POST" }).catch(() => ({}));
      const json = await answer.json?.().catch(() => ({})) || {};
      if (json.location) return location.assign(json.location);
      if (answer.status === 401 && !json.error) return location.reload(); // the page asks to sign in
      text = json.error || toasts.dataset[answer.status ? "failed" : "offline"];
      if (json.publicKey) {
        text = button.dataset.left;
        form.elements.passkey.value = await answerOf(json.publicKey);
        form.action = button.dataset.passkey;
        leaving = true;
        return form.submit();
      }
    } catch (e) {
      if (e.name === "InvalidStateError") text = button.dataset.known;
    }
    button.disabled = false;
    error.querySelector("b").textContent = text;
    error.hidden = false;
    button.focus();
  };
  for (const button of document.querySelectorAll("[data-passkey]")) {
    if (!globalThis.PublicKeyCredential || location.hostname !== button.dataset.host) continue;
    button.hidden = false;
    button.form.querySelector("[data-passkey-none]")?.remove();
    button.addEventListener("click", () => usePasskey(button));
  }

  // The secret of a one-time link stands in the fragment of its address, which no server sees before the person goes on.
  const takeSecret = () => { const form = $("open-link"); if (form) form.elements.secret.value = location.hash.slice(1); };
  addEventListener("hashchange", takeSecret);
  takeSecret();

  // Lists that follow the shop, while somebody can see them: browsers open six connections to a server and no more. A list
  // whose columns are being chosen waits.
  const list = () => document.querySelector("[data-live]");
  const changed = () => { if (!document.querySelector("details.columns[open]")) htmx.trigger(document.body, "shop-changed"); };
  let events, followed;
  const follow = () => {
    events?.close();
    followed = list()?.getAttribute("hx-get");
    if (document.hidden || !followed) return;
    events = new EventSource(list().dataset.live);
    events.addEventListener("changed", changed);
  };
  if (list()) {
    follow();
    on("htmx:afterSettle", () => { if (list()?.getAttribute("hx-get") !== followed) follow(); }); // another part of the list is shown
    on("visibilitychange", () => { follow(); if (!document.hidden) changed(); });
  }
})();
