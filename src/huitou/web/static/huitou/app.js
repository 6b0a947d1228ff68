// Behaviour of the frame: keys, menus that close, drawers, messages of failed requests.
(function () {
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

  document.addEventListener("keydown", (event) => {
    const search = document.querySelector(".ht-search input[name=term]");
    const wantsSearch = (event.key === "k" && (event.metaKey || event.ctrlKey)) || (event.key === "/" && !typing(event.target));
    if (search && wantsSearch) {
      event.preventDefault();
      search.focus();
      search.select();
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    }
  });

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  // A failed request never leaves the old part standing as if it were new: say so, and keep it on screen.
  for (const name of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(name, () => {
      const toast = document.getElementById("request-failed");
      if (toast) toast.hidden = false;
    });
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-toast]")) event.target.closest(".ht-toast").hidden = true;
  });
})();

document.addEventListener("alpine:init", () => {
  window.Alpine.data("drawer", () => ({
    shown: false,
    open() {
      this.shown = true;
      this.$nextTick(() => this.$refs.close.focus());
    },
    close() {
      this.shown = false;
    },
  }));
});
