// Keys: "/" and Ctrl/⌘ K search, "?" lists the keys, "g" and a letter goes to an area, "z" undoes; in lists j, k, the arrows, x, Space, e and Enter.
(function () {
  const isTyping = (target) => target.closest && target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
  const isOverlaid = () => document.querySelector("dialog[open]") !== null;
  let awaitsArea = 0;

  const rows = () => Array.from(document.querySelectorAll(".ht-table tbody tr")).filter((row) => row.querySelector("a.ht-name, [data-row-link]"));

  function move(step) {
    const neighbour = document.querySelector(`[data-walk-step="${step}"]`); // on a page that a list led to
    if (neighbour) neighbour.click();
    else moveRow(step);
  }

  function moveRow(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.hasAttribute("data-active"));
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    if (at >= 0) all[at].removeAttribute("data-active");
    all[next].setAttribute("data-active", "");
    all[next].scrollIntoView({ block: "nearest" });
    const link = all[next].querySelector("a.ht-name, [data-row-link]");
    link.focus({ preventScroll: true });
  }

  const active = () => document.querySelector(".ht-table tr[data-active]");

  // The arrows and Space belong to the browser except on the rows of a list; true: taken.
  function onList(key) {
    const list = document.querySelector("[data-list]");
    const focused = document.activeElement;
    if (!list || !(focused === document.body || list.contains(focused))) return false;
    if (key === "ArrowDown" || key === "ArrowUp") {
      moveRow(key === "ArrowDown" ? 1 : -1);
      return true;
    }
    const box = key === " " && !focused.matches("input") && active() && active().querySelector("input[data-bulk-row]");
    if (box) box.click();
    return Boolean(box);
  }

  const onRow = (selector) => () => {
    const found = active() && active().querySelector(selector);
    if (found) found.click();
  };

  const onPage = (selector) => () => {
    const found = document.querySelector(selector);
    if (found) found.click();
  };

  const KEYS = {
    "?": () => {
      const help = document.getElementById("keys-help");
      help.showModal();
      help.scrollTop = 0; // the focus lies on its last button, and on a phone the list began out of sight
    },
    "/": () => document.dispatchEvent(new CustomEvent("ht:palette")),
    j: () => move(1),
    k: () => move(-1),
    x: onRow("input[data-bulk-row]"),
    e: onRow("[data-edit]"),
    z: onPage("[data-undo] button"),
    n: onPage("[rel=next]"),
    p: onPage("[rel=prev]"),
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      document.dispatchEvent(new CustomEvent("ht:palette"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || isOverlaid()) return;
    if (awaitsArea && Date.now() - awaitsArea < 1200) {
      awaitsArea = 0;
      const link = document.querySelector(`.ht-side [data-go="${CSS.escape(event.key)}"]`);
      if (link) {
        event.preventDefault();
        link.click();
      }
      return;
    }
    if (event.key === "g") {
      awaitsArea = Date.now();
      return;
    }
    if (!event.shiftKey && document.querySelector("#keys-help") && onList(event.key)) {
      event.preventDefault();
      return;
    }
    const act = KEYS[event.key];
    if (act && document.querySelector("#keys-help")) {
      event.preventDefault();
      act();
    }
  });
})();
