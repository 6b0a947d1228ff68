// The parts of a page that are still on their way, a line each; empty when the page stands.
() => {
  const name = (element) =>
    element.tagName.toLowerCase() + (element.id ? `#${element.id}` : "") + (element.classList.length ? `.${element.classList[0]}` : "");
  const lines = [];
  const say = (kind, elements) => elements.forEach((element) => lines.push(`${kind} ${name(element)}`));
  const all = (selector) => Array.from(document.querySelectorAll(selector));

  say("chart", all("[data-chart]:not([data-drawn])"));
  say("request of", all(".htmx-request"));
  say("busy part", all("[aria-busy=true]"));
  // asked for as soon as it stands on the page; with a delay of a second or more it is a poll and may go on for ever
  const asksOnce = (element) => element.getAttribute("hx-trigger").split(",").some((one) => /^\s*load(?!.*delay:[\d.]+s)/.test(one));
  say("part to come", all("[hx-trigger*=load]").filter((element) => asksOnce(element) && !element["htmx-internal-data"]?.loaded));
  return lines;
}
