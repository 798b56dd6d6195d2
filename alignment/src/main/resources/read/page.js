"use strict";

// ---- The formula: trees of lists, as dev.plumbline.alignment.read.Formula writes them.

const FUNCTIONS = {
  log: Math.log,
  exp: Math.exp,
  max: Math.max,
  min: Math.min,
  sigma: x => 1 / (1 + Math.exp(-x)),
  logSigma: x => x >= 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x)),
};

const FOLDS = {
  sum: values => values.reduce((a, b) => a + b, 0),
  mean: values => values.length === 0 ? 0 : FOLDS.sum(values) / values.length,
  min: values => Math.min(...values),
  max: values => Math.max(...values),
};

const ARITHMETIC = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": Math.pow,
};

/** Whether response x stands in a relation to response y: better, or ranked behind with ties in their order. */
const RELATIONS = {
  all: () => true,
  ">": (x, y, r) => r[x].r > r[y].r,
  after: (x, y, r) => r[x].r < r[y].r || (r[x].r === r[y].r && x > y),
};

/**
 * The value of a tree.
 * env: definitions, parameters, numbers now, still (those of D), and bound names (a response is its index).
 */
function evaluate(tree, env) {
  if (typeof tree === "number") {
    return tree;
  }
  const responses = env.now.responses;
  const [operator, ...rest] = tree;
  switch (operator) {
    case "negative":
      return -evaluate(rest[0], env);
    case "name":
      return valueOfName(rest[0], env);
    case "field":
      return responses[env.bound[rest[0]]][rest[1]];
    case "token":
      return responses[env.bound[rest[0]]][rest[1]][evaluate(rest[2], env)] ?? 0;
    case "call":
      return call(rest[0], rest.slice(1), env);
    case "range": {
      const [fold, name, count, body] = rest;
      const indices = Array.from({length: evaluate(count, env)}, (_, j) => j);
      return FOLDS[fold](indices.map(j => evaluate(body, bind(env, {[name]: j}))));
    }
    case "fold": {
      const [fold, relation, x, y, body] = rest;
      const values = [];
      for (const bound of bindings(relation, x, y, env)) {
        values.push(evaluate(body, bind(env, bound)));
      }
      return FOLDS[fold](values);
    }
    default:
      return ARITHMETIC[operator](evaluate(rest[0], env), evaluate(rest[1], env));
  }
}

function valueOfName(name, env) {
  if (name in env.bound) {
    return env.bound[name];
  }
  if (name in env.parameters) {
    return env.parameters[name];
  }
  const definition = env.definitions.find(d => d.name === name);
  return definition ? evaluate(definition.tree, bind(env, {}, true)) : env.now[name];
}

function call(name, operands, env) {
  if (name === "D") {
    return evaluate(operands[0], {...env, now: env.still});
  }
  const values = operands.map(operand => evaluate(operand, env));
  if (name in FUNCTIONS) {
    return FUNCTIONS[name](...values);
  }
  const definition = env.definitions.find(d => d.name === name);
  const bound = Object.fromEntries(definition.parameters.map((parameter, i) => [parameter, values[i]]));
  return evaluate(definition.tree, bind(env, bound, true));
}

function bind(env, bound, fresh) {
  return {...env, bound: fresh ? bound : {...env.bound, ...bound}};
}

/** What a fold runs over: values of x and y that stand in the relation; a bound name keeps its value. */
function bindings(relation, x, y, env) {
  const responses = env.now.responses;
  const all = responses.map((_, i) => i);
  if (relation === "before") {
    return all.filter(i => all.some(j => RELATIONS.after(j, i, responses))).map(i => ({[x]: i}));
  }
  const of = name => name in env.bound ? [env.bound[name]] : all;
  const found = [];
  for (const i of of(x)) {
    for (const j of x === y ? [i] : of(y)) {
      if (RELATIONS[relation](i, j, responses)) {
        found.push({[x]: i, [y]: j});
      }
    }
  }
  return found;
}

/** Numbers of an example as formulas read them: sums over the tokens where tokens are given. */
function numbers(example) {
  const responses = example.responses.map(y => y.pi === undefined ? {...y} : {
    ...y,
    n: y.pi.length,
    logPi: FOLDS.sum(y.pi),
    logRef: FOLDS.sum(y.ref),
    ratio: y.pi.map((value, t) => value - y.ref[t]),
  });
  return {...example, responses};
}

function environment(formula, now, still) {
  return {definitions: formula.definitions, parameters: formula.parameters, now, still, bound: {}};
}

/** The loss; what D stops is taken from another example when one is given. */
function loss(formula, example, still) {
  const now = numbers(example);
  const env = environment(formula, now, still === undefined ? now : numbers(still));
  return evaluate(formula.definitions[formula.definitions.length - 1].tree, env);
}

/** Central differences by one number of an example, with D's part held. */
function derivative(formula, example, set) {
  const step = 1e-5;
  const moved = by => {
    const copy = structuredClone(example);
    set(copy, by);
    return loss(formula, copy, example);
  };
  return (moved(step) - moved(-step)) / (2 * step);
}

/** The gradient by log pi of each token, or of each response. */
function gradient(formula, example) {
  return example.responses.map((y, i) => y.pi === undefined
    ? [derivative(formula, example, (copy, by) => { copy.responses[i].logPi += by; })]
    : y.pi.map((_, t) => derivative(formula, example, (copy, by) => { copy.responses[i].pi[t] += by; })));
}

// ---- The page

const minus = text => text.replace("-", "−");

const shown = x => Number.isFinite(x) ? (Math.abs(x) < 5e-7 ? "0" : minus(x.toFixed(Math.abs(x) >= 100 ? 2 : 4))) : "–";

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

function field(label, value, change, checkbox) {
  const input = checkbox
    ? element("input", {type: "checkbox", "aria-label": label})
    : element("input", {type: "number", step: "any", "aria-label": label, value: String(value)});
  if (checkbox) {
    input.checked = value > 0;
  }
  input.addEventListener("input", () => {
    const next = checkbox ? Number(input.checked) : input.valueAsNumber;
    input.classList.toggle("bad", !Number.isFinite(next));
    if (Number.isFinite(next)) {
      change(next);
      refresh();
    }
  });
  return input;
}

/** Text whose _ref and _t are subscripts. */
function symbol(text) {
  return text.split(/_(ref|t)(?![a-z])/).map((part, i) => i % 2 === 1 ? element("sub", {}, part) : part);
}

function table(caption, heads, rows) {
  const head = element("tr", {}, ...heads.map(text => element("th", {scope: "col"}, ...symbol(text))));
  const body = rows.map(([name, ...cells]) => element("tr", {}, element("th", {scope: "row"}, name),
    ...cells.map(cell => element("td", {}, cell))));
  return element("div", {class: "scroll", tabindex: "0"},
    element("table", {}, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body)));
}

const FIELDS = {
  logPi: "log π(y)", logRef: "log π_ref(y)", n: "tokens n", r: "reward", kl: "sequence KL",
  pi: "log π", ref: "log π_ref", weight: "weight",
};

/** The names of the objectives that read a field, and no other; empty when this page's own does. */
function onlyFor(name) {
  if (name === "r" || name === "n") {
    return "";
  }
  const readers = Object.keys(page.formulas).filter(key => page.formulas[key].fields.includes(name));
  return readers.includes(page.objective) ? "" : " (" + readers.join(", ") + ")";
}

const isRead = name => Object.values(page.formulas).some(formula => formula.fields.includes(name));

function inputs() {
  const place = document.getElementById("inputs");
  const own = page.formulas[page.objective];
  const settings = Object.keys(own.parameters).map(name => element("label", {}, own.keys[name] + " ",
    field(own.keys[name], own.parameters[name], value => setParameter(name, value), own.flags.includes(name))));
  for (const name of ["prompt", "others"].filter(key => key in page.example)) {
    const label = name === "prompt" ? "positions of the prompt" : "mean a of responses to other prompts";
    if (isRead(name)) {
      settings.push(element("label", {}, label + onlyFor(name) + " ",
        field(label, page.example[name], value => { page.example[name] = value; })));
    }
  }
  if (settings.length > 0) {
    place.append(element("div", {class: "settings"}, ...settings));
  }
  place.append(page.example.responses[0].pi === undefined ? responseInputs() : tokenInputs());
}

/** A neighbour's hyperparameter of the same name and default follows this page's. */
function setParameter(name, value) {
  const before = defaults[page.objective][name];
  for (const [key, formula] of Object.entries(page.formulas)) {
    if (key === page.objective || defaults[key][name] === before) {
      formula.parameters[name] = value;
    }
  }
}

function responseInputs() {
  const columns = ["logPi", "logRef", "n", "r"].filter(name => name === "r" || isRead(name));
  const binary = page.example.binary === true;
  return table("Each row is a response to one prompt.",
    ["response", ...columns.map(name => (name === "r" && binary ? "correct" : FIELDS[name]) + onlyFor(name))],
    page.example.responses.map(y => [y.name, ...columns.map(name =>
      field(FIELDS[name] + " of " + y.name, y[name], value => { y[name] = value; }, name === "r" && binary))]));
}

function tokenInputs() {
  const columns = ["pi", "ref", "weight"].filter(name => name === "pi" || isRead(name));
  const rows = page.example.responses.flatMap(y => y.pi.map((_, t) => [y.name + ", token " + (t + 1),
    ...columns.map(name => field(FIELDS[name] + " of " + y.name + ", token " + (t + 1), y[name][t],
      value => { y[name][t] = value; }))]));
  const kl = isRead("kl") ? page.example.responses.map(y => element("label", {}, "sequence KL of " + y.name + " ",
    field("sequence KL of " + y.name, y.kl, value => { y.kl = value; }))) : [];
  return element("div", {}, table("Each row is a token of a response.",
    ["token", ...columns.map(name => FIELDS[name] + onlyFor(name))], rows),
    element("div", {class: "settings"}, ...kl));
}

/** Every definition of the formula with its values: by response, by pair, or one. */
function steps() {
  const formula = page.formulas[page.objective];
  const now = numbers(page.example);
  const env = environment(formula, now, now);
  const names = now.responses.map(y => y.name);
  const rows = [];
  const at = (definition, ...values) => shown(evaluate(definition.tree,
    bind(env, Object.fromEntries(definition.parameters.map((name, i) => [name, values[i]])), true)));
  const add = (definition, entries) => rows.push([element("code", {}, definition.text),
    element("ul", {class: "values"}, ...entries.map(([name, value]) =>
      element("li", {}, name + " ", element("b", {}, value))))]);
  for (const definition of formula.definitions.slice(0, -1)) {
    const p = definition.parameters;
    if (p.length === 0) {
      add(definition, [["", at(definition)]]);
    } else if (p.length === 1) {
      add(definition, names.map((name, i) => [name, at(definition, i)]).filter(entry => entry[1] !== "–"));
    } else if (p.length === 2) {
      add(definition, bindings(">", p[0], p[1], env).map(b =>
        [names[b[p[0]]] + " over " + names[b[p[1]]], at(definition, b[p[0]], b[p[1]])]));
    }
  }
  const last = formula.definitions[formula.definitions.length - 1];
  add(last, [["", minus(loss(formula, page.example).toFixed(6))]]);
  document.getElementById("steps").replaceChildren(table("The formula line by line.", ["line", "value"], rows));
}

function bar(value, largest) {
  const share = Number.isFinite(value) && largest > 0 ? Math.min(1, Math.abs(value) / largest) * 50 : 0;
  const side = value < 0 ? "right: 50%" : "left: 50%";
  return element("span", {class: "bar " + (value < 0 ? "raised" : "lowered"), "aria-hidden": "true"},
    element("span", {style: side + "; width: " + share.toFixed(2) + "%"}));
}

function cell(value, largest) {
  const tiny = Math.abs(value) < 5e-7;
  return element("span", {class: "gradient"}, element("span", {}, (value > 0 && !tiny ? "+" : "") + shown(value)),
    bar(tiny ? 0 : value, largest));
}

const largestOf = values => Math.max(...values.flat().map(Math.abs).filter(Number.isFinite));

function gradients() {
  const tokens = page.example.responses[0].pi !== undefined;
  const formula = page.formulas[page.objective];
  const own = gradient(formula, page.example);
  const largest = largestOf(own);
  const word = x => Math.abs(x) < 5e-7 ? "left alone" : x < 0 ? "raised" : "lowered";
  const rows = page.example.responses.flatMap((y, i) => own[i].map((value, t) => [
    tokens ? y.name + ", token " + (t + 1) : y.name, cell(value, largest),
    ...(tokens ? [] : [shown(value * y.n)]), word(value)]));
  const parts = [table("A negative gradient (bar to the left) means that training raises the log-probability.",
    [tokens ? "token" : "response", tokens ? "∂L/∂ℓ_t" : "∂L/∂ℓ", ...(tokens ? [] : ["∂L/∂s"]), "training"], rows)];
  if (formula.fields.includes("kl")) {
    const byKl = page.example.responses.map((_, i) =>
      derivative(formula, page.example, (copy, by) => { copy.responses[i].kl += by; }));
    parts.push(table("By the sequence KL of each response.", ["response", "∂L/∂K", "training"],
      page.example.responses.map((y, i) => [y.name, cell(byKl[i], largestOf([byKl])), word(byKl[i])])));
  }
  document.getElementById("gradient").replaceChildren(...parts);
}

function neighbours() {
  const place = document.getElementById("compared");
  if (place === null) {
    return;
  }
  const keys = Object.keys(page.formulas);
  const columns = keys.map(key => gradient(page.formulas[key], page.example));
  const tokens = page.example.responses[0].pi !== undefined;
  const rows = [["loss", ...keys.map(key => element("b", {}, shown(loss(page.formulas[key], page.example))))]];
  page.example.responses.forEach((y, i) => columns[0][i].forEach((_, t) => rows.push([
    tokens ? y.name + ", token " + (t + 1) : y.name,
    ...columns.map(column => cell(column[i][t], largestOf(column)))])));
  place.replaceChildren(table("Loss, and gradient by log-probability, on the numbers above. Bars are scaled within a column.",
    ["", ...keys], rows));
}

function refresh() {
  steps();
  gradients();
  neighbours();
}

if (typeof document !== "undefined") {
  var page = JSON.parse(document.getElementById("page-data").textContent);
  var defaults = Object.fromEntries(Object.entries(page.formulas).map(([key, f]) => [key, {...f.parameters}]));
  inputs();
  refresh();
}
