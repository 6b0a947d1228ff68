// Identity review: y, n, u answer; j and k go to the next and the previous question. On this page keys.js finds nothing for n, j, k.
(function () {
  const isTyping = (target) => target.closest && target.closest("input, textarea, select, [contenteditable]") !== null;
  const isOverlaid = () => document.querySelector("dialog[open]") !== null;

  function step(by) {
    const all = Array.from(document.querySelectorAll("[data-question]"));
    const at = all.findIndex((line) => line.hasAttribute("aria-current"));
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    if (next && next !== all[at]) next.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (isTyping(event.target) || isOverlaid()) return;
    const key = event.key.toLowerCase(); // with caps lock, too
    if (key === "j") step(1);
    if (key === "k") step(-1);
    const button = document.querySelector(`[data-answer="${CSS.escape(key)}"]`);
    if (button && "ynu".includes(key)) {
      event.preventDefault();
      button.click();
    }
  });

  // How many of the ticked questions one answer would get wrong, by their probabilities.
  const round = document.getElementById("round-form");
  const told = round && round.querySelector("[data-round-same]");
  if (told) {
    round.addEventListener("change", () => {
      const known = Array.from(round.querySelectorAll("input[data-round]:checked"), (box) => box.dataset.round).filter(Boolean).map(Number);
      const different = known.reduce((sum, one) => sum + one, 0);
      told.textContent = (known.length - different).toFixed(1);
      round.querySelector("[data-round-different]").textContent = different.toFixed(1);
    });
  }
})();
