// The builder of segments: rows for events in a window and for distances in the filter editor, and the count of each row.
(function () {
  const STEPS = { recent: "days", dates: "dates", ever: "ever" };
  let data = null; // {events, operators, near, window_words}

  const known = () => {
    if (!data) data = JSON.parse(document.querySelector("[data-filter-editor] > script").textContent);
    return data;
  };
  const words = () => known().window_words;
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

  function make(tag, props, ...children) {
    const node = document.createElement(tag);
    Object.entries(props || {}).forEach(([name, value]) => {
      if (name in node) node[name] = value;
      else node.setAttribute(name, value);
    });
    node.append(...children);
    return node;
  }

  function choose(label, options, value, act) {
    const node = make("select", { className: "ht-input", "aria-label": label });
    options.forEach(([code, text]) => node.append(make("option", { value: String(code), textContent: text, selected: code === value })));
    node.addEventListener("change", () => act(node.value));
    return node;
  }

  function number(label, value, scale, act, lowest) {
    const shown = value === undefined || value === null ? "" : String(value / scale);
    const node = make("input", { className: "ht-input", type: "number", required: true, step: scale === 1 ? 1 : 0.01, value: shown, "aria-label": label });
    if (lowest !== undefined) node.min = lowest;
    node.addEventListener("input", () => act(node.value === "" ? undefined : Math.round(Number(node.value) * scale)));
    return node;
  }

  const isWhole = (value) => Number.isInteger(value);
  const eventOf = (one) => known().events.find((event) => event.name === one.event);
  const measureOf = (one) => eventOf(one).measures.find((measure) => measure.code === one.measure);
  const isPair = (one) => known().operators.find((operator) => operator.code === one.op).pair;
  const spanOf = (one) => ("days" in one ? STEPS.recent : "from" in one ? STEPS.dates : STEPS.ever);

  function setSpan(one, span) {
    delete one.days;
    delete one.from;
    delete one.to;
    if (span === STEPS.recent) one.days = 90;
    if (span === STEPS.dates) one.from = one.to = undefined;
  }

  function draw(row, one, api) {
    const text = words();
    const box = make("div", { className: "ht-fe-own" });
    const event = eventOf(one);
    box.append(choose(text.event, known().events.map((other) => [other.name, other.label]), one.event, (name) => {
      one.event = name;
      one.where = {};
      if (!eventOf(one).measures.some((measure) => measure.code === one.measure)) one.measure = eventOf(one).measures[0].code;
      api.redraw();
    }));
    if (event.measures.length > 1) {
      box.append(choose(text.measure, event.measures.map((measure) => [measure.code, measure.label]), one.measure, (code) => {
        one.measure = code;
        api.redraw();
      }));
    }
    box.append(choose(text.operator, known().operators.map((operator) => [operator.code, operator.label]), one.op, (code) => {
      const low = Array.isArray(one.value) ? one.value[0] : one.value;
      one.op = code;
      one.value = isPair(one) ? [low, undefined] : low;
      api.redraw();
    }));
    const measure = measureOf(one);
    const set = (index) => (value) => {
      if (index === null) one.value = value;
      else one.value[index] = value;
      api.changed();
    };
    if (isPair(one)) {
      box.append(number(`${text.amount} ${text.from}`, one.value[0], measure.scale, set(0)), "–", number(`${text.amount} ${text.to}`, one.value[1], measure.scale, set(1)));
    } else box.append(number(text.amount, one.value, measure.scale, set(null)));
    box.append(make("span", { className: "ht-muted", textContent: measure.unit }));
    drawSpan(box, one, api);
    drawOnly(box, one, api);
    row.append(box);
  }

  function drawSpan(box, one, api) {
    const text = words();
    const spans = [[STEPS.recent, text.recent], [STEPS.dates, text.dates], [STEPS.ever, text.ever]];
    box.append(choose(text.span, spans, spanOf(one), (span) => {
      setSpan(one, span);
      api.redraw();
    }));
    if (spanOf(one) === STEPS.recent) {
      box.append(number(text.recent, one.days, 1, (value) => {
        one.days = value;
        api.changed();
      }, 1), make("span", { className: "ht-muted", textContent: text.days }));
    }
    if (spanOf(one) === STEPS.dates) {
      ["from", "to"].forEach((end) => {
        const input = make("input", { className: "ht-input", type: "date", required: true, value: one[end] || "", "aria-label": text[end] });
        input.addEventListener("input", () => {
          one[end] = input.value || undefined;
          api.changed();
        });
        box.append(input);
      });
    }
  }

  function chosenWords(one) {
    const text = words();
    return eventOf(one).narrowings.filter((narrowing) => (one.where[narrowing.name] || []).length).map((narrowing) => {
      const names = narrowing.choices.filter(([code]) => one.where[narrowing.name].includes(code)).map(([, label]) => label);
      return `${narrowing.label} ${names.join(text.list_comma)}`;
    });
  }

  function drawOnly(box, one, api) {
    const text = words();
    eventOf(one).narrowings.forEach((narrowing) => {
      const chosen = () => one.where[narrowing.name] || [];
      const title = make("summary", {});
      const told = () => {
        const names = narrowing.choices.filter(([code]) => chosen().includes(code)).map(([, label]) => label);
        title.textContent = `${narrowing.label}${narrowing.label.length > 3 ? ": " : "："}${names.length ? names.join(text.list_comma) : text.all}`;
      };
      told();
      const list = make("div", { className: "ht-fe-choices", role: "group", "aria-label": narrowing.label });
      narrowing.choices.forEach(([code, label]) => {
        const tick = make("input", { type: "checkbox", checked: chosen().includes(code) });
        tick.addEventListener("change", () => {
          one.where[narrowing.name] = narrowing.choices.map(([other]) => other).filter((other) => (other === code ? tick.checked : chosen().includes(other)));
          told();
          api.changed();
        });
        list.append(make("label", {}, tick, ` ${label}`));
      });
      box.append(make("details", { className: "ht-fe-only" }, title, list));
    });
  }

  function json(one) {
    const written = { event: one.event, measure: one.measure, op: one.op, value: one.value };
    ["days", "from", "to"].forEach((key) => {
      if (key in one) written[key] = one[key];
    });
    const where = Object.fromEntries(Object.entries(one.where).filter(([, values]) => values.length));
    if (Object.keys(where).length) written.where = where;
    return written;
  }

  function sentence(one) {
    const text = words();
    const measure = measureOf(one);
    const shown = [].concat(one.value).map((value) => (measure.scale === 1 ? value : `¥${(value / measure.scale).toFixed(2)}`)).join("–");
    const amount = measure.scale === 1 ? `${shown} ${measure.unit}` : `${measure.label} ${shown}`;
    const span = { [STEPS.recent]: filled(text.in_days, one), [STEPS.dates]: filled(text.between, one), [STEPS.ever]: text.ever }[spanOf(one)];
    const operator = known().operators.find((other) => other.code === one.op).label;
    return `${eventOf(one).label} ${operator} ${[amount, span, ...chosenWords(one)].join(text.comma)}`;
  }

  window.htFilterKinds = window.htFilterKinds || [];
  window.htFilterKinds.push({
    get label() {
      return words().add;
    },
    matches: (tree) => "event" in tree,
    read: (tree) => ({ ...tree, where: { ...(tree.where || {}) } }),
    create: () => ({ event: known().events[0].name, measure: "times", op: "gte", value: 1, days: 90, where: {} }),
    render: draw,
    json,
    words: sentence,
    isWhole: (one) => {
      const amounts = [].concat(one.value);
      const span = spanOf(one);
      if (!amounts.every(isWhole) || amounts.length !== (isPair(one) ? 2 : 1)) return false;
      return span === STEPS.ever || (span === STEPS.recent ? one.days >= 1 : Boolean(one.from && one.to && one.from <= one.to));
    },
  });

  const nearOf = (one) => known().near.find((near) => near.name === one.field);
  const near = {
    get label() {
      return words().add_near;
    },
    matches: (tree) => tree.op === "near",
    read: (tree) => ({ field: tree.field, place: tree.value[0], metres: tree.value[1] }),
    create: () => ({ field: known().near[0].name, place: known().near[0].places[0][0], metres: 3000 }),
    render: (row, one, api) => {
      const text = words();
      const box = make("div", { className: "ht-fe-own" }, make("span", { textContent: nearOf(one).label }));
      box.append(choose(text.store, nearOf(one).places, one.place, (id) => {
        one.place = Number(id);
        api.changed();
      }));
      const input = make("input", { className: "ht-input", type: "number", required: true, min: 0.1, max: 1000, step: 0.1, value: String(one.metres / 1000), "aria-label": text.kilometres });
      input.addEventListener("input", () => {
        one.metres = Math.round(Number(input.value) * 1000);
        api.changed();
      });
      box.append(input, make("span", { className: "ht-muted", textContent: text.within }));
      row.append(box);
    },
    json: (one) => ({ field: one.field, op: "near", value: [one.place, one.metres] }),
    isWhole: (one) => one.metres >= 1,
    words: (one) => {
      const place = nearOf(one).places.find(([id]) => id === one.place);
      return `${nearOf(one).label} ${filled(words().near_words, { store: place ? place[1] : one.place, km: one.metres / 1000 })}`;
    },
  };
  if (known().near.length) window.htFilterKinds.push(near); // without coordinates there is nothing to choose

  // a changed rule is counted shortly after the last change; the old numbers stay meanwhile, marked as busy
  let waiting = 0;
  const live = () => document.getElementById("segment-live");
  document.addEventListener("ht:filter", (event) => {
    if (!event.detail.isWhole) return;
    window.clearTimeout(waiting);
    live().setAttribute("aria-busy", "true");
    waiting = window.setTimeout(() => document.body.dispatchEvent(new CustomEvent("segment:changed")), 250);
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target === live()) live().removeAttribute("aria-busy"); // answered or failed: nothing more is on its way
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-another-sample]")) return;
    const seed = document.getElementById("segment-seed");
    seed.value = String((Number(seed.value) % 1000000) + 1);
    document.body.dispatchEvent(new CustomEvent("segment:changed"));
  });

  // the count of every condition alone, beside its row; rows stand in reading order, as the counts do
  document.addEventListener("htmx:afterSettle", (event) => {
    const told = event.target.querySelector?.("[data-alone]");
    if (!told) return;
    const counts = told.dataset.alone ? told.dataset.alone.split(",").map(Number) : [];
    const rows = Array.from(document.querySelectorAll("[data-filter-editor] .ht-fe-row"));
    if (rows.length !== counts.length) return;
    rows.forEach((row, index) => {
      const end = row.querySelector(".ht-fe-end");
      const shown = end.querySelector(".ht-fe-alone") || make("span", { className: "ht-fe-alone" });
      shown.textContent = filled(words().alone, { count: counts[index].toLocaleString(document.documentElement.lang) });
      end.prepend(shown);
    });
    // and how many the outermost group leaves, part by part; the first part has its own count alone
    const running = told.dataset.running ? told.dataset.running.split(",").map(Number) : [];
    const joints = Array.from(document.querySelectorAll("[data-fe-root] > .ht-fe-group > .ht-fe-joint"));
    if (joints.length !== running.length - 1) return;
    joints.forEach((joint, index) => {
      const shown = joint.querySelector(".ht-fe-left") || make("span", { className: "ht-fe-left" });
      shown.textContent = filled(words().left, { count: running[index + 1].toLocaleString(document.documentElement.lang) });
      joint.append(shown);
    });
  });
})();
