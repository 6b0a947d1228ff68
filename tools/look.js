// What is wrong with the page as it stands: text that is cut, sticks out of its box or lies on other text, Chinese on an English page.
(known) => {
  const faults = [];
  const say = (kind, element, text) => faults.push(`${kind}: "${text.trim().slice(0, 40)}" in ${path(element)}`);

  function path(element) {
    const parts = [];
    for (let at = element; at && at !== document.body && parts.length < 3; at = at.parentElement) {
      parts.unshift(at.tagName.toLowerCase() + (at.id ? `#${at.id}` : "") + (at.classList.length ? `.${at.classList[0]}` : ""));
    }
    return parts.join(" > ");
  }

  const styles = new Map();
  const style = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };

  function isHidden(element) {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return true;
    for (let at = element; at; at = at.parentElement) {
      if (style(at).clipPath === "inset(50%)" || (style(at).position === "absolute" && at.offsetWidth <= 1)) return true;
    }
    return false;
  }

  // The layer a text is painted on: text of other layers (menus, bars that stay) may cover it.
  function layer(element) {
    for (let at = element; at; at = at.parentElement) {
      const { position } = style(at);
      if (position === "fixed" || position === "sticky" || at.matches("dialog, .ht-menu, .ht-tip")) return at;
    }
    return null;
  }

  const scrolls = (element) => /auto|scroll/.test(style(element).overflowX);
  const BOXES = ".ht-card, .ht-badge, .ht-button, .ht-chip, .ht-menu, .ht-drawer, .ht-dialog, .ht-notice, .ht-toast, .ht-switch, td, th, .ht-tabs a";
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.matches("script, style, template, option, noscript, title") || isHidden(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = Array.from(range.getClientRects()).filter((rect) => rect.width > 1 && rect.height > 1);
    if (!rects.length) continue;
    texts.push({ node, element, rects, layer: layer(element) });
  }

  for (const { node, element, rects } of texts) {
    const right = Math.max(...rects.map((rect) => rect.right));
    const left = Math.min(...rects.map((rect) => rect.left));
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const box = at.getBoundingClientRect();
      const look = style(at);
      if (scrolls(at)) break;
      if (look.overflowX === "hidden" || look.overflowX === "clip") {
        const cutsWith = look.textOverflow === "ellipsis" || look.webkitLineClamp !== "none";
        if (!cutsWith && (right > box.right + 2 || left < box.left - 2)) say("cut", element, node.data);
        break;
      }
      if (at.matches(BOXES) && (right > box.right + 2 || left < box.left - 2)) {
        say("sticks out", element, node.data);
        break;
      }
    }
  }

  // Lines are compared by the middle half of their height: line boxes of neighbouring lines may touch.
  const lines = texts.flatMap((text) => text.rects.map((rect) => shown(text, rect))).filter((line) => line.right - line.left > 1 && line.bottom > line.top);
  lines.sort((one, other) => one.top - other.top);
  for (let at = 0; at < lines.length; at += 1) {
    for (let next = at + 1; next < lines.length && lines[next].top < lines[at].bottom; next += 1) {
      const [one, other] = [lines[at], lines[next]];
      if (one.layer !== other.layer || one.node === other.node) continue;
      const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      if (wide > 3) say("overlap", one.element, `${one.node.data.trim()} | ${other.node.data.trim()}`);
    }
  }

  // What of a line is painted: boxes that hide or scroll their content cut it.
  function shown(text, rect) {
    const line = { ...text, left: rect.left, right: rect.right, top: rect.top + rect.height / 4, bottom: rect.bottom - rect.height / 4 };
    for (let at = text.element; at && at !== document.body; at = at.parentElement) {
      if (style(at).overflowX === "visible") continue;
      const box = at.getBoundingClientRect();
      line.left = Math.max(line.left, box.left);
      line.right = Math.min(line.right, box.right);
      line.top = Math.max(line.top, box.top);
      line.bottom = Math.min(line.bottom, box.bottom);
    }
    return line;
  }

  // Data stays in its language: marked with translate="no", or one of the known names of the installation.
  if (document.documentElement.lang.startsWith("en")) {
    const names = known.filter((name) => /[\u4e00-\u9fff]/.test(name)).sort((one, other) => other.length - one.length);
    const DATA = "[translate=no], [lang^=zh], .ht-name, .ht-face, code, pre, .ht-raw";
    const speak = (element, text) => {
      let rest = text.replace(/[\u4e00-\u9fff]{0,2}\*+[\u4e00-\u9fff]?/g, "");
      for (const name of names) if (/[\u4e00-\u9fff]/.test(rest)) rest = rest.split(name).join("");
      if (/[\u4e00-\u9fff]/.test(rest) && !element.closest(DATA)) say("not English", element, text);
    };
    texts.forEach(({ node, element }) => speak(element, node.data));
    document.querySelectorAll("[title], [aria-label], [placeholder]").forEach((element) => {
      for (const name of ["title", "aria-label", "placeholder"]) if (element.hasAttribute(name)) speak(element, element.getAttribute(name));
    });
    speak(document.documentElement, document.title);
  }

  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) faults.push(`scrolls sideways: ${scrollWidth} px on ${clientWidth} px`);
  return Array.from(new Set(faults));
}
