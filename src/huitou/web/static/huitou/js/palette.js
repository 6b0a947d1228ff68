// The command palette: fixed entries are filtered here, everything else is asked of the server by POST. The last question wins.
(function () {
  const WAIT = 140; // milliseconds of quiet before the server is asked
  let timer = null;
  let asked = null;
  let opensFirst = false;

  const dialog = () => document.getElementById("palette");
  const field = () => dialog().querySelector("input[name=term]");
  const options = () => Array.from(dialog().querySelectorAll("[role=option]:not([hidden])"));
  const isWaiting = () => timer !== null || asked !== null;

  function open() {
    const box = dialog();
    if (!box || box.open) return;
    box.showModal();
    field().select();
    filter();
  }

  function select(option) {
    dialog().querySelectorAll("[aria-selected=true]").forEach((other) => other.setAttribute("aria-selected", "false"));
    field().removeAttribute("aria-activedescendant");
    if (!option) return;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field().setAttribute("aria-activedescendant", option.id);
  }

  function step(by) {
    const all = options();
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    select(all[(at + by + all.length) % all.length]);
  }

  function filter() {
    const term = field().value.trim().toLowerCase();
    dialog().querySelectorAll("[data-palette-fixed]").forEach((group) => {
      let shown = 0;
      group.querySelectorAll("[role=option]").forEach((option) => {
        option.hidden = term !== "" && !option.dataset.words.includes(term);
        shown += option.hidden ? 0 : 1;
      });
      group.hidden = shown === 0;
    });
    const nothing = dialog().querySelector("[data-nothing]");
    if (nothing) nothing.hidden = options().length > 0;
    select(options()[0]);
  }

  // the session has ended, or began anew in another tab: as htmx does it for parts of pages
  function leaves(answer) {
    const address = answer.headers.get("HX-Redirect");
    if (address) window.location.assign(address);
    else if (answer.headers.get("HX-Refresh")) window.location.reload();
    else return false;
    return true;
  }

  async function ask() {
    timer = null;
    const form = dialog().querySelector("form");
    const term = field().value.trim();
    const place = dialog().querySelector("[data-palette-found]");
    if (asked) asked.abort();
    asked = null;
    if (!term) {
      place.replaceChildren();
      filter();
      return;
    }
    const mine = new AbortController();
    asked = mine;
    try {
      const answer = await fetch(form.dataset.find, { method: "POST", body: new FormData(form), signal: mine.signal, headers: { "HX-Request": "true", "Page-Language": document.documentElement.lang } });
      if (leaves(answer)) return;
      if (!answer.ok) throw new Error(String(answer.status));
      place.innerHTML = await answer.text();
      asked = null;
      filter();
      if (opensFirst) go();
    } catch (error) {
      if (error.name === "AbortError") return;
      asked = null;
      dialog().close();
      document.getElementById("request-failed").hidden = false;
    }
    opensFirst = false;
  }

  function go() {
    if (isWaiting()) {
      opensFirst = true;
      return;
    }
    const option = dialog().querySelector("[aria-selected=true]");
    if (option) option.click();
  }

  document.addEventListener("ht:palette", open);

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-palette]")) open();
    const acts = event.target.closest("#palette [data-click]");
    if (acts) {
      dialog().close();
      document.querySelector(acts.dataset.click).click();
    }
  });

  document.addEventListener("input", (event) => {
    if (!event.target.matches("#palette input[name=term]")) return;
    opensFirst = false;
    filter();
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT);
  });

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches || !event.target.matches("#palette input[name=term]") || event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      step(steps[event.key]);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      go();
    }
  });
})();
