// Elements without markup: names, labels and messages come from files and from other machines, so text is only ever set
// as text.

const SVG = 'http://www.w3.org/2000/svg';

/** An element. Attributes `on...` are listeners, `.name` properties; `null`, `undefined` and `false` are left out. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name.startsWith('.')) element[name.slice(1)] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Sets the text of an element; an equal text is left alone, so that a selection in it survives. */
export function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

/** Sets an attribute, or removes it for `null`. */
export function attribute(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * Keeps the children of an element in step with a list. `key` tells items apart, `create` answers
 * `{ element, update }`. An element lives as long as its key, so focus, selection and what is open in it survive.
 */
export function list(parent, key, create) {
  let rows = new Map();
  return (items) => {
    const next = new Map();
    items.forEach((item, position) => {
      const id = key(item, position);
      if (next.has(id)) return;
      const row = rows.get(id) ?? create(item);
      row.update(item, position);
      next.set(id, row);
    });
    for (const [id, row] of rows) if (!next.has(id)) row.element.remove();
    let place = parent.firstChild;
    for (const row of next.values()) {
      if (row.element === place) place = place.nextSibling;
      else parent.insertBefore(row.element, place);
    }
    rows = next;
  };
}

let ids = 0;

/** An identifier that no other element has. */
export function freshId(prefix) {
  ids += 1;
  return `${prefix}-${ids}`;
}

const ICONS = {
  copy: 'M5.5 5.5v-3h8v8h-3m-8-5h8v8h-8z',
  check: 'M3 8.5 6.5 12 13 4.5',
  same: 'M3 6h10M3 10h10',
  different: 'M3 6h10M3 10h10M10.5 3l-5 10',
  open: 'M6 4l4 4-4 4',
  info: 'M8 7.5v4M8 4.5v.5M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5z',
  warning: 'M8 6v3.5M8 11.5v.5M8 2 1.75 13.5h12.5z',
  error: 'M5.5 5.5l5 5m0-5-5 5M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5z',
};

/** A drawing beside words that say the same. */
export function icon(name) {
  const path = svg('path', { d: ICONS[name] });
  return svg('svg', { class: `icon icon-${name}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' }, path);
}

/** A sentence as nodes, what stands between backticks as code. */
export function prose(sentence) {
  return sentence.split(/`([^`]+)`/).map((part, position) => (position % 2 === 1 ? h('code', {}, part) : part));
}

/** A sentence about what is wrong; without text it is not there. `level` is `warning` or `error`. */
export function notice(level) {
  const words = h('span');
  const element = h('p', { class: `notice ${level}`, hidden: true }, icon(level), words);
  const say = (value) => {
    element.hidden = !value;
    if (words.dataset.said === value) return;
    words.dataset.said = value ?? '';
    words.replaceChildren(...prose(value ?? ''));
  };
  return { element, say };
}
