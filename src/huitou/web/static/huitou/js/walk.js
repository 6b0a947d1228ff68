// Somebody who came from a list walks on in it. What a form or a filter of this page drops from the address is kept for the tab.
(function () {
  const walk = document.querySelector("[data-walk]");
  if (!walk) return;
  const here = new URLSearchParams(window.location.search);
  let kept = null;
  try {
    if (here.has("at")) {
      const query = new URLSearchParams(["f", "sort", "at", "n"].filter((name) => here.has(name)).map((name) => [name, here.get(name)]));
      sessionStorage.setItem("ht-walk", JSON.stringify({ page: window.location.pathname, query: query.toString() }));
    }
    kept = JSON.parse(sessionStorage.getItem("ht-walk"));
  } catch (error) {
    kept = null; // no storage: the address alone tells
  }
  const query = here.has("at") ? here.toString() : kept && kept.page === window.location.pathname ? kept.query : "";
  if (!query) return;
  walk.toggleAttribute("data-open", true);
  window.htmx.ajax("GET", `${walk.dataset.walk}?${query}`, { target: walk, swap: "innerHTML" });
})();
