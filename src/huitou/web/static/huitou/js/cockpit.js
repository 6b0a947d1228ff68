// The slider below the heat map: it loads the map of the month it stands at, and plays the months one after another.
(function () {
  const BETWEEN_MS = 1200;
  const card = () => document.getElementById("chart-heat");
  const slider = () => document.getElementById("heat-month");
  let playing = 0;
  let waiting = 0;

  const stops = () => [...card().querySelector("[data-time] template").content.querySelectorAll("a")];

  function say() {
    const text = stops()[slider().value].textContent;
    slider().setAttribute("aria-valuetext", text);
    card().querySelector("[data-time] output").textContent = text;
  }

  function load() {
    const address = stops()[slider().value].getAttribute("href");
    const hadFocus = document.activeElement === slider();
    return window.htmx.ajax("GET", address, { target: "#chart-heat", select: "#chart-heat", swap: "outerHTML" }).then(() => {
      history.replaceState(history.state, "", address);
      if (hadFocus && slider()) slider().focus();
      if (card()) mark();
    });
  }

  function mark() {
    const button = card().querySelector("[data-play]");
    if (button) button.setAttribute("aria-pressed", String(Boolean(playing)));
  }

  function stop() {
    window.clearTimeout(playing);
    playing = 0;
    mark();
  }

  function step() {
    if (!slider() || Number(slider().value) >= Number(slider().max)) return stop();
    slider().value = Number(slider().value) + 1;
    say();
    playing = window.setTimeout(() => load().then(() => playing && step(), stop), BETWEEN_MS);
    mark();
  }

  document.addEventListener("input", (event) => {
    if (event.target !== slider()) return;
    if (playing) stop();
    say();
    window.clearTimeout(waiting);
    waiting = window.setTimeout(load, 250); // arrow keys pass many months
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-play]")) return;
    if (playing) return stop();
    if (slider().value === slider().max) slider().value = -1; // from the first month again
    step();
  });
})();
