// Behaviour of the frame: menus that close, forms that send themselves, the narrow side bar, hints, scripts that only some pages need.
(function () {
  const root = document.documentElement;

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    const toggle = event.target.closest("[data-toggle-side]");
    if (toggle) {
      root.dataset.side = root.dataset.side === "icons" ? "full" : "icons";
      const said = new FormData();
      said.set("side", root.dataset.side);
      said.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
      // Kept with the person, not the browser; when that fails the bar is as wished on this page at least.
      fetch(toggle.dataset.toggleSide, { method: "POST", body: said, redirect: "manual" }).catch(() => {});
    }
  });

  // What is suggested for a field, taken by a click: one, or all that the form offers.
  document.addEventListener("click", (event) => {
    const one = event.target.closest("[data-fill]");
    const all = event.target.closest("[data-fill-all]");
    if (!one && !all) return;
    const taken = one ? [one] : Array.from(all.closest(".ht-card").querySelectorAll("[data-fill]"));
    taken.forEach((button) => {
      const field = button.form.elements[button.dataset.fill];
      field.value = button.value;
      if (one) field.focus();
    });
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  // Hints of an "i" or of a name in the narrow side bar: on hover and on focus, gone with Escape.
  let tip = null;
  const hideTip = () => {
    if (tip) tip.remove();
    tip = null;
  };
  const showTip = (event) => {
    const holder = event.target.closest ? event.target.closest("[data-tip]") : null;
    if (!holder || tip) return;
    if (holder.matches(".ht-nav-item") && root.dataset.side !== "icons") return;
    tip = document.createElement("div");
    tip.className = "ht-tip";
    tip.setAttribute("aria-hidden", "true");
    tip.textContent = holder.dataset.tip;
    document.body.append(tip);
    const box = holder.getBoundingClientRect();
    const isSide = holder.matches(".ht-nav-item");
    const left = isSide ? box.right + 8 : Math.min(box.left, window.innerWidth - tip.offsetWidth - 16);
    const below = box.bottom + 6 + tip.offsetHeight < window.innerHeight;
    const top = isSide ? box.top : below ? box.bottom + 6 : box.top - tip.offsetHeight - 6;
    tip.style.left = `${Math.max(8, left) + window.scrollX}px`;
    tip.style.top = `${top + window.scrollY}px`;
  };
  document.addEventListener("mouseover", showTip);
  document.addEventListener("focusin", showTip);
  document.addEventListener("click", showTip);
  document.addEventListener("mouseout", hideTip);
  document.addEventListener("focusout", hideTip);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());

  // Libraries that only some pages need: charts are large, and Alpine reads every global, also those browsers give up.
  const LIBRARIES = [
    ["[data-chart]", ["echarts", "charts"]],
    ["[x-data]", ["alpine"]],
  ];
  const loaded = new Set();
  function loadLibraries() {
    for (const [selector, names] of LIBRARIES) {
      if (!document.querySelector(selector)) continue;
      for (const name of names.filter((one) => !loaded.has(one))) {
        loaded.add(name);
        const script = document.createElement("script");
        script.src = document.body.dataset[name];
        script.async = false;
        document.head.append(script);
      }
    }
  }
  // A table that is wider than its card is scrolled by the arrow keys, too.
  function focusWide() {
    document.querySelectorAll(".ht-table-wrap").forEach((wrap) => {
      if (wrap.scrollWidth > wrap.clientWidth) wrap.tabIndex = 0;
      else wrap.removeAttribute("tabindex");
    });
  }
  for (const moment of ["DOMContentLoaded", "htmx:load"]) {
    document.addEventListener(moment, loadLibraries);
    document.addEventListener(moment, focusWide);
  }
  window.addEventListener("resize", focusWide);
})();
