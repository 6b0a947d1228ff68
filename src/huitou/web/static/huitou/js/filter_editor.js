// The filter editor: groups (all, any, not) over conditions typed by their field, kept as JSON in a hidden input.
//
// Markup: <c-filter-editor :data :tree name>. The hidden input always holds the tree as core/filters/json_form reads it; the
// element fires "ht:filter" with {tree, isWhole} after every change. Other kinds of rows join by
// window.htFilterKinds.push({label, matches(json), create(), render(row, node, api), isWhole(node), json(node), words(node)}).
(function () {
  const DEEPEST = 3; // groups inside groups that the editor opens; deeper ones that come from elsewhere are shown
  const FEW = 12; // choices that need no search
  window.htFilterKinds = window.htFilterKinds || [];

  function make(tag, props, ...children) {
    const node = document.createElement(tag);
    Object.entries(props || {}).forEach(([name, value]) => {
      if (name in node && name !== "list") node[name] = value;
      else node.setAttribute(name, value);
    });
    node.append(...children.filter((child) => child !== null));
    return node;
  }

  const option = (value, label, chosen) => make("option", { value: String(value), textContent: label, selected: chosen });

  class Editor {
    constructor(root) {
      const data = JSON.parse(root.querySelector("script").textContent);
      this.root = root;
      this.fields = new Map(data.fields.map((field) => [field.name, field]));
      this.words = data.words;
      this.hidden = root.querySelector("input[type=hidden]");
      this.place = root.querySelector("[data-fe-root]");
      this.tree = this.group(this.read(JSON.parse(this.hidden.value || '{"all": []}')));
      this.draw();
    }

    // JSON -> nodes {negated, kind: all | any, children} or {negated, field, op, value} or {negated, own, ...}
    read(json) {
      if (json.not) {
        const node = this.read(json.not);
        node.negated = !node.negated;
        return node;
      }
      for (const kind of ["all", "any"]) {
        if (json[kind]) return { negated: false, kind, children: json[kind].map((child) => this.read(child)) };
      }
      const own = window.htFilterKinds.find((one) => one.matches(json));
      if (own) return { negated: false, own, data: own.read ? own.read(json) : { ...json } };
      return { negated: false, field: json.field, op: json.op, value: json.value };
    }

    group(node) {
      return node.kind && !node.negated ? node : { negated: false, kind: "all", children: [node] };
    }

    write(node) {
      let json;
      if (node.kind) json = { [node.kind]: node.children.map((child) => this.write(child)) };
      else if (node.own) json = node.own.json(node.data);
      else {
        json = { field: node.field, op: node.op };
        if (this.shape(node) !== "none") json.value = node.value;
      }
      return node.negated ? { not: json } : json;
    }

    shape(node) {
      const found = this.fields.get(node.field)?.operators.find((one) => one.code === node.op);
      return found ? found.shape : "none";
    }

    isWhole(node) {
      if (node.kind) return (node === this.tree || node.children.length > 0) && node.children.every((child) => this.isWhole(child));
      if (node.own) return node.own.isWhole(node.data);
      const given = (value) => value !== undefined && value !== null && value !== "" && !Number.isNaN(value);
      const shape = this.shape(node);
      if (!this.fields.has(node.field)) return false;
      if (shape === "none") return true;
      if (shape === "one") return given(node.value);
      if (!Array.isArray(node.value)) return false;
      return shape === "pair" ? node.value.length === 2 && node.value.every(given) : node.value.length > 0;
    }

    told() {
      const isWhole = this.isWhole(this.tree);
      const tree = this.write(this.tree);
      this.hidden.value = JSON.stringify(tree);
      const shown = this.root.querySelector("[data-fe-sentence]");
      if (shown) shown.textContent = isWhole && this.tree.children.length ? this.sentence(this.tree, true) : "";
      this.root.dispatchEvent(new CustomEvent("ht:filter", { bubbles: true, detail: { tree, isWhole } }));
    }

    // the same words as the chips of the list
    sentence(node, outermost) {
      let text;
      if (node.kind) {
        text = node.children.map((child) => this.sentence(child, false)).join(` ${this.words[node.kind === "all" ? "and" : "or"]} `);
        if (!outermost && node.children.length > 1) text = `(${text})`;
      } else if (node.own) text = node.own.words(node.data);
      else {
        const field = this.fields.get(node.field);
        const op = field.operators.find((one) => one.code === node.op);
        text = `${field.label} ${op.label} ${this.valueWords(field, node)}`.trim();
      }
      return node.negated ? `${this.words.not} ${text}` : text;
    }

    valueWords(field, node) {
      const shape = this.shape(node);
      if (shape === "none") return "";
      const one = (value) => {
        const choice = field.choices.find(([code]) => code === value);
        if (choice) return choice[1];
        if (field.called && Object.hasOwn(field.called, value)) return field.called[value];
        if (field.type === "flag") return value ? this.words.yes : this.words.no;
        if (field.type === "fen") return `¥${(value / 100).toFixed(2)}`;
        if (field.type === "decimal") return `${(value / 10 ** field.decimals).toFixed(field.decimals)} ${field.unit}`.trim();
        if (field.type === "share") return `${(value * 100).toFixed(1)} %`;
        if (field.type === "days_ago") return `${value} ${this.words.days_ago}`;
        return field.unit ? `${value} ${field.unit}` : String(value);
      };
      return Array.isArray(node.value) ? node.value.map(one).join(shape === "pair" ? "–" : this.words.comma) : one(node.value);
    }

    draw(focus) {
      this.spots = new Map();
      this.place.replaceChildren(this.drawGroup(this.tree, null, 0, ""));
      this.told();
      if (focus && this.spots.has(focus)) this.spots.get(focus).focus();
    }

    button(label, icon, act, extra) {
      const sign = icon ? this.icon(icon) : null;
      const props = { type: "button", className: "ht-button", "data-size": "small", "data-kind": "quiet", ...extra };
      const node = sign && !label ? make("button", props, sign) : make("button", props, ...(sign ? [sign] : []), label);
      node.addEventListener("click", act);
      return node;
    }

    icon(name) {
      const sheet = document.querySelector("svg.ht-icon use").getAttribute("href").split("#")[0];
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("class", "ht-icon");
      svg.setAttribute("aria-hidden", "true");
      const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
      use.setAttribute("href", `${sheet}#${name}`);
      svg.append(use);
      return svg;
    }

    remove(node, parent) {
      parent.children.splice(parent.children.indexOf(node), 1);
      this.draw(parent);
    }

    notButton(node) {
      return this.button(this.words.not, "", () => {
        node.negated = !node.negated;
        this.draw(node);
      }, { "aria-pressed": String(node.negated), title: this.words.not_help, className: "ht-button ht-fe-not" });
    }

    drawGroup(node, parent, depth, path) {
      const box = make("fieldset", { className: "ht-fe-group" });
      box.append(make("legend", { className: "ht-visually-hidden", textContent: node.kind === "all" ? this.words.all_of : this.words.any_of }));
      const kinds = make("select", { className: "ht-input", "aria-label": this.words.joined });
      kinds.append(option("all", this.words.all_of, node.kind === "all"), option("any", this.words.any_of, node.kind === "any"));
      kinds.addEventListener("change", () => {
        node.kind = kinds.value;
        this.draw(node);
      });
      this.spots.set(node, kinds);
      const head = make("div", { className: "ht-fe-head" }, kinds);
      if (parent) {
        head.append(this.notButton(node), this.button("", "x", () => this.remove(node, parent), { "aria-label": this.words.remove_group }));
      }
      box.append(head);
      node.children.forEach((child, index) => {
        const at = path ? `${path}.${index}` : String(index);
        const word = node.kind === "all" ? "and" : "or";
        if (index) box.append(make("div", { className: "ht-fe-joint" }, make("span", { className: "ht-word ht-fe-word", "data-word": word, textContent: this.words[word] })));
        box.append(child.kind ? this.drawGroup(child, node, depth + 1, at) : this.drawRow(child, node, at));
      });
      const foot = make("div", { className: "ht-fe-foot" });
      const add = (child) => {
        node.children.push(child);
        this.draw(child);
      };
      foot.append(this.button(this.words.add, "plus", () => add(this.fresh())));
      window.htFilterKinds.forEach((own) => foot.append(this.button(own.label, "plus", () => add({ negated: false, own, data: own.create() }))));
      if (depth + 1 < DEEPEST) {
        foot.append(this.button(this.words.add_group, "plus", () => {
          const inside = this.fresh();
          node.children.push({ negated: false, kind: node.kind === "all" ? "any" : "all", children: [inside] });
          this.draw(inside);
        }));
      }
      box.append(foot);
      return box;
    }

    fresh() {
      return { negated: false, field: "", op: "", value: undefined };
    }

    drawRow(node, parent, path) {
      const row = make("div", { className: "ht-fe-row", role: "group", "data-path": path });
      if (node.own) node.own.render(row, node.data, { editor: this, changed: () => this.told(), redraw: () => this.draw(node) });
      else this.drawCondition(row, node);
      row.append(make("span", { className: "ht-fe-end" }, this.notButton(node), this.button("", "x", () => this.remove(node, parent), { "aria-label": this.words.remove })));
      if (!this.spots.has(node)) this.spots.set(node, row.querySelector("select, input"));
      return row;
    }

    // name, operator and value of one condition; also for other kinds of rows that hold conditions
    drawCondition(row, node) {
      const names = make("select", { className: "ht-input ht-fe-field", required: true, "aria-label": this.words.field });
      names.append(option("", this.words.choose, !node.field));
      const groups = new Map();
      this.fields.forEach((field) => {
        if (!groups.has(field.group)) {
          groups.set(field.group, make("optgroup", { label: field.group }));
          names.append(groups.get(field.group));
        }
        groups.get(field.group).append(option(field.name, field.label, field.name === node.field));
      });
      if (node.field && !this.fields.has(node.field)) names.append(option(node.field, node.field, true));
      this.spots.set(node, names);
      // what stands behind the name is drawn anew and the list of names stays, so that letters typed into it go on finding
      const rest = make("span", { className: "ht-fe-rest" });
      names.addEventListener("change", () => {
        node.field = names.value;
        node.op = this.fields.get(node.field)?.operators[0].code || "";
        node.value = undefined;
        this.drawQuestion(rest, node);
        this.told();
      });
      row.append(names, rest);
      this.drawQuestion(rest, node);
    }

    drawQuestion(rest, node) {
      rest.replaceChildren();
      const field = this.fields.get(node.field);
      if (!field) return;
      const ops = make("select", { className: "ht-input ht-fe-op", "aria-label": this.words.operator });
      field.operators.forEach((one) => ops.append(option(one.code, one.label, one.code === node.op)));
      const value = make("span", { className: "ht-fe-value" });
      ops.addEventListener("change", () => {
        const before = this.shape(node);
        node.op = ops.value;
        if (this.shape(node) !== before) {
          node.value = undefined;
          this.drawValue(value, field, node);
        }
        this.told();
      });
      rest.append(ops, value);
      this.drawValue(value, field, node);
    }

    drawValue(value, field, node) {
      value.replaceChildren();
      const shape = this.shape(node);
      value.hidden = shape === "none";
      if (shape === "none") return;
      if (shape === "list") this.drawList(value, field, node);
      else if (shape === "pair") {
        node.value = Array.isArray(node.value) ? node.value : [undefined, undefined];
        value.append(this.input(field, node.value[0], (one) => (node.value[0] = one), this.words.from), "–", this.input(field, node.value[1], (one) => (node.value[1] = one), this.words.to));
      } else value.append(this.input(field, node.value, (one) => (node.value = one), this.words.value));
      const unit = { fen: "¥", share: "%", days_ago: this.words.days_ago }[field.type] || field.unit;
      if (unit) value.append(make("span", { className: "ht-muted", textContent: unit }));
    }

    input(field, value, set, label) {
      const props = { className: "ht-input", required: true, "aria-label": `${field.label} ${label}` };
      const act = (node, read) => {
        const changed = () => {
          set(read(node.value));
          this.told();
        };
        node.addEventListener("input", changed);
        return node;
      };
      if (field.choices.length || field.type === "flag") {
        const known = field.type === "flag" ? [[true, this.words.yes], [false, this.words.no]] : field.choices;
        const select = make("select", props, option("", this.words.choose, value === undefined), ...known.map(([code, text]) => option(code, text, code === value)));
        return act(select, (text) => known.find(([code]) => String(code) === text)?.[0]);
      }
      const has = value !== undefined && value !== null;
      if (field.type === "date") return act(make("input", { ...props, type: "date", value: has ? value : "" }), (text) => text || undefined);
      if (field.type === "code") return act(make("input", { ...props, type: "text", maxLength: 100, value: has ? value : "" }), (text) => text.trim() || undefined);
      const scale = { fen: 100, share: 0.01, decimal: 10 ** field.decimals }[field.type] || 1;
      const bounds = {};
      if (field.type === "share") Object.assign(bounds, { min: 0, max: 100, step: "any" });
      else if (field.type === "fen" || field.type === "decimal") Object.assign(bounds, { step: 1 / scale });
      else {
        bounds.step = 1;
        if (field.type === "days_ago") bounds.min = 0;
        if (field.minimum !== null) bounds.min = field.minimum;
        if (field.maximum !== null) bounds.max = field.maximum;
      }
      const digits = has ? String(field.type === "share" ? +(value * 100).toFixed(6) : value / scale) : "";
      return act(make("input", { ...props, ...bounds, type: "number", inputMode: "decimal", value: digits }), (text) => {
        if (text === "") return undefined;
        return field.type === "share" ? Number(text) / 100 : Math.round(Number(text) * scale);
      });
    }

    drawList(place, field, node) {
      node.value = Array.isArray(node.value) ? node.value : [];
      if (!field.choices.length) {
        const text = make("input", { className: "ht-input", type: "text", required: true, "aria-label": `${field.label} ${this.words.several}`, placeholder: this.words.several, value: node.value.join(this.words.comma) });
        text.addEventListener("input", () => {
          const parts = text.value.split(/[,，、;；\s]+/).filter(Boolean);
          node.value = field.type === "code" ? parts : parts.map(Number).filter((one) => !Number.isNaN(one));
          this.told();
        });
        place.append(text);
        return;
      }
      const box = make("div", { className: "ht-fe-choices", role: "group", "aria-label": `${field.label} ${this.words.value}` });
      field.choices.forEach(([code, label]) => {
        const tick = make("input", { type: "checkbox", checked: node.value.includes(code) });
        tick.addEventListener("change", () => {
          node.value = field.choices.map(([one]) => one).filter((one) => (one === code ? tick.checked : node.value.includes(one)));
          this.told();
        });
        box.append(make("label", {}, tick, ` ${label}`));
      });
      if (field.choices.length > FEW) {
        const search = make("input", { className: "ht-input", type: "search", placeholder: this.words.find, "aria-label": this.words.find });
        search.addEventListener("input", () => {
          const term = search.value.trim().toLowerCase();
          box.querySelectorAll("label").forEach((one) => (one.hidden = term !== "" && !one.textContent.toLowerCase().includes(term)));
        });
        place.append(search);
      }
      place.append(box);
    }

    // what keeps the form from being sent: the first row that is not filled in
    complain() {
      const row = Array.from(this.place.querySelectorAll(".ht-fe-row")).find((one) => {
        const node = one.dataset.path.split(".").reduce((at, step) => at.children[Number(step)], this.tree);
        return !this.isWhole(node);
      });
      if (!row) return false;
      row.setAttribute("data-wrong", "");
      const hint = row.querySelector(".ht-field-error") || make("p", { className: "ht-field-error", role: "alert", textContent: this.words.unfinished });
      row.append(hint);
      row.querySelector("select, input").focus();
      return true;
    }
  }

  let asked = null; // the link that opened the drawer of a list, until the editor in it is there

  function setUp(scope) {
    scope.querySelectorAll("[data-filter-editor]").forEach((root) => {
      if (root.htEditor) return;
      root.htEditor = new Editor(root);
      root.closest("form")?.addEventListener("submit", (event) => {
        if (root.htEditor.complain()) event.preventDefault();
      });
    });
    if (asked) show(asked);
  }

  // a chip opens the editor at its condition; 条件 opens it with a row to fill in
  function show(link) {
    const root = document.querySelector("#filter [data-filter-editor]");
    const editor = root?.htEditor; // it may be in the page and not be set up yet, when another part of the page has come
    asked = editor ? null : link;
    if (!editor) return;
    const path = link.dataset.editPath;
    if (path === undefined && editor.isWhole(editor.tree)) editor.tree.children.push(editor.fresh());
    editor.draw();
    const rows = Array.from(root.querySelectorAll(".ht-fe-row"));
    const row = path === undefined ? rows[rows.length - 1] : rows.find((one) => one.dataset.path === (path || "0")) || rows[0];
    const first = row?.querySelector("select, input");
    first?.setAttribute("data-drawer-focus", ""); // the drawer opens a moment later
    window.setTimeout(() => first?.focus(), 0);
  }

  document.addEventListener("DOMContentLoaded", () => setUp(document));
  document.addEventListener("htmx:load", (event) => setUp(event.detail.elt));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href='#filter']");
    if (link) show(link);
  });
})();
