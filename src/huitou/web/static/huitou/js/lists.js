// The bulk bar of a list: it shows once a row is ticked, and says how many.
(function () {
  const boxes = () => Array.from(document.querySelectorAll("input[data-bulk-row]"));
  const bar = () => document.querySelector("[data-bulk-bar]");

  function show(everything) {
    const shown = bar();
    if (!shown) return;
    const ticked = boxes().filter((box) => box.checked);
    boxes().forEach((box) => box.closest("tr").toggleAttribute("data-picked", box.checked));
    shown.hidden = ticked.length === 0;
    shown.querySelector("[data-bulk-everything]").value = everything ? "1" : "";
    shown.querySelector("[data-bulk-count]").textContent = everything || ticked.length.toLocaleString("en");
    const unit = shown.querySelector("[data-bulk-unit]");
    if (unit) unit.textContent = ticked.length === 1 && !everything ? unit.dataset.one : unit.dataset.several;
    const all = shown.querySelector("[data-bulk-all]");
    if (all) all.hidden = Boolean(everything);
    document.querySelectorAll("input[data-bulk-page]").forEach((page) => {
      page.checked = ticked.length > 0 && ticked.length === boxes().length;
      page.indeterminate = ticked.length > 0 && ticked.length < boxes().length;
    });
  }

  function tickAll(ticked) {
    boxes().forEach((box) => {
      box.checked = ticked;
    });
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("input[data-bulk-page]")) tickAll(event.target.checked);
    if (event.target.matches("input[data-bulk-row], input[data-bulk-page]")) show("");
  });

  document.addEventListener("click", (event) => {
    const all = event.target.closest("[data-bulk-all]");
    if (all) {
      tickAll(true);
      show(all.dataset.bulkAll);
      bar().querySelector("select, button:not([data-bulk-all])").focus(); // the link is gone, the keyboard stays in the bar
    }
    if (event.target.closest("[data-bulk-clear]")) {
      tickAll(false);
      show("");
    }
  });
  document.addEventListener("DOMContentLoaded", () => show("")); // a browser restores ticks when one comes back
})();
