// The person page on a phone shows one pane at a time; without this script all stand below each other.
(function () {
  const record = document.querySelector(".ht-record");
  const buttons = document.querySelectorAll("[data-show-pane]");
  function show(name) {
    record.dataset.shows = name;
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.showPane === name)));
  }
  buttons.forEach((button) => button.addEventListener("click", () => show(button.dataset.showPane)));
  // A drawer whose address is opened stands in a pane: that one is shown, or the drawer could not be.
  const paneOfAddress = () => {
    const wanted = window.location.hash.length > 1 && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    const pane = wanted && wanted.closest("[data-pane]");
    return pane ? pane.dataset.pane : "";
  };
  window.addEventListener("hashchange", () => paneOfAddress() && show(paneOfAddress()));
  show(paneOfAddress() || "story");
})();
