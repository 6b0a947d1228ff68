// Runs before the first paint: "auto" follows the machine's own setting and its changes.
(function () {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    const wanted = root.dataset.theme;
    root.dataset.bsTheme = wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
  }
  apply();
  dark.addEventListener("change", apply);
})();
