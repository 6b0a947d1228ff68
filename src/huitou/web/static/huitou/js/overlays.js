// Drawers (their address is the fragment of the page's), dialogs, toasts with undo.
(function () {
  let opener = null;
  let openedHere = false;

  const shownDrawer = () => document.querySelector(".ht-drawer:not([hidden])");

  function follow() {
    const id = decodeURIComponent(window.location.hash.slice(1));
    const wanted = id ? document.getElementById(id) : null;
    document.querySelectorAll(".ht-drawer").forEach((drawer) => {
      if (drawer !== wanted) drawer.hidden = true;
    });
    if (wanted && wanted.matches(".ht-drawer")) {
      wanted.hidden = false;
      if (wanted.dataset.src && window.htmx) {
        const body = wanted.querySelector(".ht-drawer-body");
        body.addEventListener("htmx:afterSwap", () => delete wanted.dataset.src, { once: true }); // what failed is asked again
        window.htmx.ajax("GET", wanted.dataset.src, { target: body, swap: "innerHTML" });
      }
      (wanted.querySelector("[data-drawer-focus]") || wanted.querySelector("[data-close-drawer]")).focus({ preventScroll: true });
    } else if (opener) {
      opener.focus({ preventScroll: true });
      opener = null;
    }
  }

  function closeDrawer() {
    if (openedHere) {
      openedHere = false;
      window.history.back();
      return;
    }
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    follow();
  }

  window.addEventListener("hashchange", follow);
  document.addEventListener("DOMContentLoaded", follow);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const drawer = link && link.hash.length > 1 ? document.getElementById(decodeURIComponent(link.hash.slice(1))) : null;
    if (drawer && drawer.matches(".ht-drawer")) {
      opener = link;
      openedHere = true;
      if (window.location.hash === link.hash) follow();
    }
    if (event.target.closest("[data-close-drawer]")) closeDrawer();

    const asks = event.target.closest("[data-open-dialog]");
    if (asks) {
      const dialog = document.getElementById(asks.dataset.openDialog);
      dialog.showModal();
      dialog.scrollTop = 0; // a long one whose first control is its last would open at its end
    }
    const closes = event.target.closest("[data-close-dialog]");
    if (closes) closes.closest("dialog").close();
    if (event.target.matches("dialog[data-light]")) event.target.close();
    if (event.target.closest("[data-close-toast]")) dismiss(event.target.closest("[data-toast]"));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shownDrawer() && !document.querySelector("dialog[open]")) closeDrawer();
  });

  // A toast of success goes after 8 seconds unless it is looked at; a failure stays until it is closed.
  const SECONDS = 8;

  function dismiss(toast) {
    if (toast.id) toast.hidden = true;
    else toast.remove();
  }

  function watch(toast) {
    if (toast.dataset.kind !== "good") return;
    let timer = null;
    const start = () => {
      timer = window.setTimeout(() => dismiss(toast), SECONDS * 1000);
    };
    const stop = () => window.clearTimeout(timer);
    toast.addEventListener("mouseenter", stop);
    toast.addEventListener("mouseleave", start);
    toast.addEventListener("focusin", stop);
    toast.addEventListener("focusout", start);
    start();
  }

  // An answer of htmx may carry HX-Trigger: {"toast": {"text": ..., "kind": "good" | "bad", "undo_url": ...}}.
  document.addEventListener("toast", (event) => {
    const template = document.getElementById("toast-template");
    const { text, kind, undo_url: undoUrl } = event.detail;
    const toast = template.content.firstElementChild.cloneNode(true);
    toast.dataset.kind = kind;
    toast.setAttribute("role", kind === "bad" ? "alert" : "status");
    toast.querySelector("span").textContent = text;
    const form = toast.querySelector("form");
    if (undoUrl) form.action = undoUrl;
    else form.remove();
    document.querySelector(".ht-toasts").append(toast);
    watch(toast);
  });

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-toast]:not([hidden])").forEach(watch));
  document.addEventListener("htmx:load", (event) => {
    if (event.target.matches("[data-toast]")) watch(event.target); // the end of a piece of work
  });

  // The link of a view goes to the clipboard; where the browser keeps that shut (plain http, no permission), its field opens, selected.
  async function copied(field) {
    try {
      await navigator.clipboard.writeText(field.value);
      return true;
    } catch (error) {
      field.closest("details").open = true;
      field.focus();
      field.select();
      return document.execCommand("copy");
    }
  }

  document.addEventListener("click", async (event) => {
    const summary = event.target.closest("[data-copy] > summary");
    if (!summary) return;
    const box = summary.parentElement;
    if (box.open) return;
    event.preventDefault();
    const field = box.querySelector("input");
    field.value = new URL(field.value, window.location.href).href;
    if (!(await copied(field))) return;
    box.open = false;
    summary.focus();
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: box.dataset.copy, kind: "good" } }));
  });

  // A failed request never leaves the old part standing as if it were new: say so, and keep it on screen.
  for (const name of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(name, () => {
      const toast = document.getElementById("request-failed");
      if (toast) toast.hidden = false;
    });
  }
})();
