// Every chart option of the product. Colours and type come from the style sheet, so a change of theme redraws.
(function () {
  const root = document.documentElement;
  const token = (name) => getComputedStyle(root).getPropertyValue(`--ht-${name}`).trim();
  const KINDS = { good: "good-fill", caution: "caution-fill", bad: "bad-fill", muted: "muted", diamond: "diamond", core: "core", potential: "potential", basic: "basic" };
  const colour = (kind) => token(KINDS[kind] || "accent");
  const font = () => token("font") || "sans-serif";
  const isEnglish = () => root.lang.startsWith("en");

  const UNITS = {
    count: (value) => short(value),
    money: (value) => `¥${short(value / 100)}`,
    money_short: (value) => `¥${short(value / 100)}`,
    share: (value) => `${trim(value * 100)}\u00a0%`,
    number: (value) => trim(value),
  };

  function trim(value) {
    return value.toLocaleString("en", { maximumFractionDigits: 2 }).replace("-", "−");
  }

  // Pixels that a name of the size drawn on a shape takes.
  const brush = document.createElement("canvas").getContext("2d");
  function textWidth(words) {
    brush.font = `600 12px ${font()}`;
    return brush.measureText(words).width;
  }

  // Axis numbers are short: 万 in Chinese, k and M in English.
  function short(value) {
    const size = Math.abs(value);
    if (isEnglish()) {
      if (size >= 1e6) return `${trim(value / 1e6)}M`;
      return size >= 1e4 ? `${trim(value / 1e3)}k` : trim(value);
    }
    return size >= 1e4 ? `${trim(value / 1e4)}\u00a0万` : trim(value);
  }

  const text = (more) => ({ color: token("muted"), fontFamily: font(), fontSize: 12, ...more });
  const strong = (more) => text({ color: token("text"), fontWeight: 600, ...more });

  const hairline = () => ({ show: true, lineStyle: { color: token("line") } });
  const bareAxis = { axisLine: { show: false }, axisTick: { show: false } };

  function valueAxis(unit, more) {
    return { type: "value", ...bareAxis, splitNumber: 3, splitLine: hairline(), axisLabel: text({ formatter: UNITS[unit] }), ...more };
  }

  function nameAxis(names, more) {
    return {
      type: "category",
      data: names,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: token("line-strong") } },
      axisLabel: text({ color: token("text-2"), hideOverlap: true }),
      ...more,
    };
  }

  function tooltip(more) {
    return {
      renderMode: "richText",
      confine: true,
      backgroundColor: token("surface"),
      borderColor: token("line-strong"),
      borderWidth: 1,
      padding: [6, 10],
      textStyle: text({ color: token("text"), lineHeight: 18 }),
      ...more,
    };
  }

  const grid = (more) => ({ left: 0, right: 12, top: 12, bottom: 0, containLabel: true, ...more });
  const itemTip = (data) => tooltip({ trigger: "item", formatter: (at) => `${data.items[at.dataIndex].label}  ${data.texts[at.dataIndex]}` });

  // Names at the left take what they need, at most 40 % of the width.
  const nameWidth = (width) => Math.round(width * 0.4);

  function bars(data, unit, width) {
    const names = data.items.map((item) => item.label);
    const values = data.items.map((item) => ({ value: item.value, itemStyle: { color: colour(item.kind), borderRadius: 2 } }));
    const label = strong({ show: true, position: data.lying ? "right" : "top", formatter: (at) => data.texts[at.dataIndex] });
    const names_ = nameAxis(names, data.lying ? { inverse: true, axisLabel: text({ color: token("text"), width: nameWidth(width), overflow: "truncate" }) } : {});
    const numbers = valueAxis(unit, data.lying ? { show: false } : {});
    return {
      grid: grid(data.lying ? { right: 76, top: 0 } : { top: 24 }),
      tooltip: itemTip(data),
      xAxis: data.lying ? numbers : names_,
      yAxis: data.lying ? names_ : numbers,
      series: [{ type: "bar", data: values, barMaxWidth: data.lying ? 16 : 44, label, labelLayout: { hideOverlap: true } }],
    };
  }

  const LOOKS = {
    main: () => ({ color: token("accent"), width: 2, type: "solid" }),
    compare: () => ({ color: token("muted"), width: 1.5, type: [4, 4] }),
    target: () => ({ color: token("caution-fill"), width: 1.5, type: [4, 3] }),
  };

  const END_GAP = 16; // pixels between the labels at the ends of two lines
  const AXIS = 40; // pixels of a chart that its plot does not have

  // How far the label at the end of each line moves so that no two stand closer than END_GAP and none below the axis; lines without an end stay.
  function endShifts(data, height) {
    const known = data.series.flatMap((one) => one.values).filter((value) => value !== null);
    const low = data.floor === null ? 0 : data.floor;
    const pixels = (height - AXIS) / ((Math.max(...known) - low) * 1.2 || 1); // the axis ends at a round number above
    const ends = data.series
      .map((one, at) => ({ at, up: one.values[one.values.length - 1] === null ? null : (one.values[one.values.length - 1] - low) * pixels }))
      .filter((end) => end.up !== null)
      .sort((one, other) => other.up - one.up);
    const shifts = {};
    let above = Infinity;
    ends.forEach((end, place) => {
      const room = (ends.length - 1 - place) * END_GAP; // for the labels below it
      const up = Math.max(Math.min(end.up, above - END_GAP), room);
      shifts[end.at] = end.up - up;
      above = up;
    });
    return shifts;
  }

  // A value between two gaps has no line of its own: it is drawn as a dot.
  function withDots(values) {
    const isGap = (value) => value === null || value === undefined;
    return values.map((value, at) => (!isGap(value) && isGap(values[at - 1]) && isGap(values[at + 1]) ? { value, symbol: "circle" } : value));
  }

  function lines(data, unit, width, height) {
    const last = data.labels.length - 1;
    const shifts = endShifts(data, height);
    const ends = data.series.map((one) => (one.values[last] === null ? one.name : `${one.name} ${UNITS[unit](one.values[last])}`));
    const room = Math.min(Math.max(...ends.map((end) => end.length * 8)) + 16, width * 0.4);
    const bands = data.series.filter((one) => one.low.length).flatMap((one, at) => band(one, at));
    const drawn = data.series.map((one, at) => {
      const line = LOOKS[one.look]();
      return {
        type: "line",
        name: one.name,
        data: withDots(one.values),
        symbol: "none",
        symbolSize: 6,
        lineStyle: line,
        itemStyle: { color: line.color },
        endLabel: { ...strong({ color: one.look === "target" ? token("caution") : line.color, fontWeight: one.look === "main" ? 600 : 400 }), show: true, offset: [0, shifts[at] || 0], formatter: () => ends[at] },
        emphasis: { disabled: true },
      };
    });
    return {
      grid: grid({ right: room }),
      tooltip: tooltip({
        trigger: "axis",
        axisPointer: { type: "line", lineStyle: { color: token("line-strong") } },
        formatter: (at) => [data.labels[at[0].dataIndex], ...data.series.map((one) => `${one.name}  ${one.values[at[0].dataIndex] === null ? "—" : UNITS[unit](one.values[at[0].dataIndex])}`)].join("\n"),
      }),
      xAxis: nameAxis(data.labels, { boundaryGap: last === 0 }),
      yAxis: valueAxis(unit, { min: data.floor === null ? 0 : data.floor, splitNumber: 4 }),
      series: [...bands, ...drawn],
    };
  }

  function pairs(data, unit) {
    const fills = { main: token("accent"), compare: token("muted"), target: token("caution-fill") };
    const drawn = data.series.map((one, at) => ({
      type: "bar",
      name: one.name,
      data: one.values,
      barMaxWidth: 20,
      barGap: "12%",
      itemStyle: { color: fills[one.look], borderRadius: 2 },
      // from the bar's left edge to the right: centred, the first would lie on the axis
      label: at === 0 ? strong({ show: true, position: [0, -16], textBorderColor: token("surface"), textBorderWidth: 3, formatter: (bar) => data.texts[0][bar.dataIndex] }) : { show: false },
      labelLayout: { hideOverlap: true },
    }));
    return {
      grid: grid({ top: 40, bottom: 4 }),
      legend: { right: 0, top: 0, itemWidth: 12, itemHeight: 12, textStyle: text({ color: token("text-2") }) },
      tooltip: tooltip({
        trigger: "axis",
        axisPointer: { type: "none" },
        formatter: (at) => [data.labels[at[0].dataIndex], ...data.series.map((one, place) => `${one.name}  ${data.texts[place][at[0].dataIndex]}`)].join("\n"),
      }),
      xAxis: nameAxis(data.labels),
      yAxis: valueAxis(unit),
      series: drawn,
    };
  }

  function agreement(data, unit) {
    const most = Math.max(...data.points.flat(), 1e-9) * 1.05;
    const axis = (name) => valueAxis(unit, { min: 0, max: most, splitNumber: 4, name, nameLocation: "end", nameTextStyle: text(), axisLabel: text({ formatter: UNITS[unit], showMaxLabel: false }) });
    return {
      grid: grid({ top: 28, right: isEnglish() ? 76 : 44 }),
      tooltip: tooltip({ trigger: "item", formatter: (at) => `${data.x_name}  ${UNITS[unit](at.value[0])}\n${data.y_name}  ${UNITS[unit](at.value[1])}` }),
      xAxis: axis(data.x_name),
      yAxis: axis(data.y_name),
      series: [
        { type: "line", data: [[0, 0], [most, most]], symbol: "none", silent: true, lineStyle: { color: token("muted"), width: 1, type: [4, 4] }, emphasis: { disabled: true } },
        { type: "scatter", data: data.points, symbolSize: 10, itemStyle: { color: token("accent") } },
      ],
    };
  }

  function band(one, at) {
    const base = { type: "line", stack: `band-${at}`, symbol: "none", silent: true, lineStyle: { opacity: 0 }, emphasis: { disabled: true } };
    return [
      { ...base, data: one.low },
      { ...base, data: one.high.map((high, place) => (high === null || one.low[place] === null ? null : high - one.low[place])), areaStyle: { color: token("accent"), opacity: 0.14 } },
    ];
  }

  function intervals(data, unit, width) {
    const names = data.items.map((item) => item.label);
    const fill = (item) => (item.kind === "bad" ? token("bad-fill") : token(KINDS[item.kind] || "accent"));
    return {
      grid: grid({ right: 64, top: data.reference === null ? 0 : 20 }),
      tooltip: tooltip({ trigger: "item", formatter: (at) => `${names[at.dataIndex]}  ${data.texts[at.dataIndex]}\n${UNITS[unit](data.items[at.dataIndex].low)}–${UNITS[unit](data.items[at.dataIndex].high)}` }),
      xAxis: valueAxis(unit, { scale: true }),
      yAxis: nameAxis(names, { inverse: true, axisLine: { show: false }, axisLabel: text({ color: token("text"), width: nameWidth(width), overflow: "truncate" }) }),
      series: [
        {
          type: "custom",
          data: data.items.map((item) => [item.value, item.low, item.high]),
          encode: { x: [0, 1, 2] },
          renderItem: (_, api) => {
            const at = api.dataIndex === undefined ? _.dataIndex : api.dataIndex;
            const item = data.items[at];
            const place = (value) => api.coord([value, at]);
            const [low, y] = place(item.low);
            const [high] = place(item.high);
            const [middle] = place(item.value);
            return {
              type: "group",
              children: [
                { type: "rect", shape: { x: low, y: y - 3, width: Math.max(high - low, 1), height: 6, r: 3 }, style: { fill: fill(item), opacity: 0.35 } },
                { type: "circle", shape: { cx: middle, cy: y, r: 4 }, style: { fill: fill(item) } },
              ],
            };
          },
          markLine: data.reference === null ? undefined : {
            silent: true,
            symbol: "none",
            lineStyle: { color: token("muted"), type: [2, 3] },
            label: text({ formatter: data.reference_name, position: "start" }),
            data: [{ xAxis: data.reference }],
          },
        },
        {
          type: "scatter",
          symbolSize: 0,
          silent: true,
          data: data.items.map((item, at) => [item.high, at]),
          label: strong({ show: true, position: "right", formatter: (at) => data.texts[at.dataIndex] }),
        },
      ],
    };
  }

  // Bands of one triangle, top first, with the values beside it.
  function pyramid(data, unit, width, height) {
    const count = data.items.length;
    const gap = 4;
    const wide = Math.min(width * 0.55, height * 1.25);
    const tall = height / count;
    const at = (y) => (wide / 2) * (y / height);
    const children = data.items.flatMap((item, place) => {
      const top = place * tall + (place ? gap / 2 : 0);
      const bottom = (place + 1) * tall - (place < count - 1 ? gap / 2 : 0);
      const middle = wide / 2;
      const shape = { points: [[middle - at(top), top], [middle + at(top), top], [middle + at(bottom), bottom], [middle - at(bottom), bottom]] };
      const centre = place === 0 ? bottom - tall * 0.28 : (top + bottom) / 2;
      const inside = textWidth(item.label) + 8 <= 2 * at(centre - 6); // at the upper edge of its letters
      const name = inside ? { x: middle, align: "center", fill: token("surface") } : { x: middle - at(centre + 8) - 6, align: "right", fill: colour(item.kind) };
      const note = data.notes[place] ? `\n{note|${data.notes[place]}}` : "";
      return [
        { type: "polygon", shape, style: { fill: colour(item.kind) }, info: item },
        { type: "text", silent: true, style: { ...name, y: centre, text: item.label, verticalAlign: "middle", font: `600 12px ${font()}` } },
        { type: "line", silent: true, shape: { x1: middle + at((top + bottom) / 2) + 8, y1: (top + bottom) / 2, x2: wide + 16, y2: (top + bottom) / 2 }, style: { stroke: token("line-strong"), lineDash: [2, 3] } },
        {
          type: "text",
          silent: true,
          style: { x: wide + 24, y: (top + bottom) / 2, text: `${data.texts[place]}${note}`, verticalAlign: "middle", fill: token("text"), font: `600 14px ${font()}`, rich: { note: { fill: token("muted"), font: `12px ${font()}`, lineHeight: 18 } } },
        },
      ];
    });
    return { graphic: { elements: [{ type: "group", children }] }, series: [] };
  }

  function funnel(data, unit, width) {
    const most = Math.max(...data.items.map((item) => item.value || 0), 0);
    const pad = (item) => (most - (item.value || 0)) / 2;
    return {
      grid: grid({ right: 110, top: 0 }),
      tooltip: tooltip({ trigger: "item", formatter: (at) => `${data.items[at.dataIndex].label}  ${data.texts[at.dataIndex]}  ${data.notes[at.dataIndex]}` }),
      xAxis: { type: "value", show: false, max: most || 1 },
      yAxis: nameAxis(data.items.map((item) => item.label), { inverse: true, axisLine: { show: false }, axisLabel: text({ color: token("text"), width: nameWidth(width), overflow: "truncate" }) }),
      series: [
        { type: "bar", stack: "all", silent: true, itemStyle: { color: "transparent" }, data: data.items.map(pad), barMaxWidth: 26 },
        { type: "bar", stack: "all", data: data.items.map((item) => ({ value: item.value, itemStyle: { color: colour(item.kind), borderRadius: 2 } })), barMaxWidth: 26 },
        {
          type: "scatter",
          symbolSize: 0,
          silent: true,
          data: data.items.map((_, at) => [most, at]),
          label: { show: true, position: "right", formatter: (at) => `{main|${data.texts[at.dataIndex]}}  {note|${data.notes[at.dataIndex]}}`, rich: { main: strong({}), note: text({}) } },
        },
      ],
    };
  }

  function waterfall(data, unit) {
    let level = 0;
    const last = data.items.length - 1;
    const steps = data.items.map((item, at) => {
      const isEnd = at === 0 || at === last;
      const from = isEnd ? data.floor : level;
      level = isEnd ? item.value : level + item.value;
      const kind = item.kind || (isEnd ? (at ? "" : "muted") : item.value < 0 ? "bad" : "good");
      return { low: Math.min(from, level), high: Math.max(from, level), kind };
    });
    const sign = (at) => (at > 0 && at < last && data.items[at].value > 0 ? "+" : "");
    return {
      grid: grid({ top: 24 }),
      tooltip: itemTip(data),
      xAxis: nameAxis(data.items.map((item) => item.label), { axisLabel: text({ color: token("text-2"), interval: 0, width: 76, overflow: "break" }) }),
      yAxis: { type: "value", show: false, min: data.floor },
      series: [
        { type: "bar", stack: "all", silent: true, itemStyle: { color: "transparent" }, data: steps.map((step) => step.low), barMaxWidth: 48 },
        {
          type: "bar",
          stack: "all",
          barMaxWidth: 48,
          data: steps.map((step) => ({ value: step.high - step.low, itemStyle: { color: colour(step.kind), borderRadius: 2 } })),
          label: strong({ show: true, position: "top", formatter: (at) => `${sign(at.dataIndex)}${data.texts[at.dataIndex]}` }),
        },
      ],
    };
  }

  function tiles(data, unit, width, height) {
    const columns = Math.max(...data.cells.map((cell) => cell.column)) + 1;
    const rows = Math.max(...data.cells.map((cell) => cell.row)) + 1;
    const legend = 34;
    const gap = 4;
    const wide = (width - gap * (columns - 1)) / columns;
    const tall = (height - legend - gap * (rows - 1)) / rows;
    const ink = (shade) => (shade === null ? token("muted") : dark() ? (shade > 5 ? token("ground") : token("text")) : shade > 4 ? token("surface") : token("text"));
    const cells = data.cells.flatMap((cell) => {
      const [x, y] = [cell.column * (wide + gap), cell.row * (tall + gap)];
      if (cell.is_head) {
        const look = { x, y: y + tall / 2, text: cell.label, verticalAlign: "middle", fill: token("text-2"), font: `12px ${font()}`, width: wide, lineHeight: 18 };
        return [{ type: "text", silent: true, style: { ...look, overflow: "truncate" } }];
      }
      const fill = cell.shade === null ? token("sunken") : token(`heat-${cell.shade}`);
      return [
        { type: "rect", shape: { x, y, width: wide, height: tall, r: 4 }, style: { fill, stroke: token("line"), lineWidth: cell.shade === null ? 1 : 0 }, info: cell },
        {
          type: "text",
          silent: true,
          style: { x: x + wide / 2, y: y + tall / 2, text: `${cell.label}\n{value|${cell.text}}`, align: "center", verticalAlign: "middle", fill: ink(cell.shade), font: `12px ${font()}`, width: wide - 4, overflow: "truncate", rich: { value: { fill: ink(cell.shade), font: `600 12px ${font()}`, align: "center" } } },
        },
      ];
    });
    const step = Math.min(56, width / 6);
    const scale = [1, 2, 3, 4, 5, 6].flatMap((shade) => [
      { type: "rect", silent: true, shape: { x: (shade - 1) * step, y: height - 26, width: step - 4, height: 6, r: 2 }, style: { fill: token(`heat-${shade}`) } },
      { type: "text", silent: true, style: { x: (shade - 0.5) * step - 2, y: height - 15, align: "center", fill: token("muted"), font: `12px ${font()}`, text: shade === 1 ? `<${data.bounds[0]}` : `${shade === 6 ? "≥" : ""}${data.bounds[shade - 2]}` } },
    ]);
    return { graphic: { elements: [{ type: "group", children: [...cells, ...scale] }] }, series: [] };
  }

  const dark = () => root.dataset.bsTheme === "dark";
  const KINDS_OF_CHART = { bars, lines, pairs, agreement, intervals, pyramid, funnel, waterfall, tiles };
  const LYING = 28; // pixels a lying bar takes
  const charts = [];

  function heightOf(kind, data) {
    if ((kind === "bars" && data.lying) || kind === "intervals" || kind === "funnel") {
      return Math.max(data.items.length * LYING + (kind === "intervals" ? 44 : 4), 60);
    }
    if (kind === "tiles") return (Math.max(...data.cells.map((cell) => cell.row)) + 1) * 44 + 34;
    return null;
  }

  function draw(entry) {
    const { place, kind, data, instance } = entry;
    if (place.hidden || !place.clientWidth) return;
    instance.resize();
    const option = KINDS_OF_CHART[kind](data, place.dataset.unit, place.clientWidth, place.clientHeight);
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    instance.setOption({ animation: !calm, animationDuration: 120, textStyle: { fontFamily: font() }, ...option }, true);
  }

  function begin(card) {
    if (card.dataset.drawn) return;
    card.dataset.drawn = "yes";
    const place = card.querySelector(".ht-chart");
    const data = JSON.parse(card.querySelector("script[type='application/json']").textContent);
    const height = heightOf(card.dataset.chart, data);
    if (height) place.style.height = `${height}px`;
    const entry = { place, kind: card.dataset.chart, data, instance: window.echarts.init(place, null, { renderer: "canvas" }) };
    entry.instance.on("click", (event) => {
      const item = (event.event && event.event.target && event.event.target.info) || (data.items && data.items[event.dataIndex]);
      if (item && item.url) window.location.assign(item.url);
    });
    charts.push(entry);
    draw(entry);
    new ResizeObserver(() => draw(entry)).observe(place);
    const toggle = card.querySelector("[data-chart-table]");
    toggle.addEventListener("click", () => {
      const shows = toggle.getAttribute("aria-pressed") !== "true";
      toggle.setAttribute("aria-pressed", String(shows));
      place.hidden = shows;
      card.querySelector(".ht-chart-table").hidden = !shows;
      draw(entry);
    });
  }

  function all() {
    for (const entry of charts.filter((one) => !one.place.isConnected)) {
      entry.instance.dispose(); // its card was loaded anew
      charts.splice(charts.indexOf(entry), 1);
    }
    document.querySelectorAll("[data-chart]").forEach(begin);
  }
  document.addEventListener("htmx:load", all);
  new MutationObserver(() => charts.forEach(draw)).observe(root, { attributes: true, attributeFilter: ["data-bs-theme"] });
  all();
})();
