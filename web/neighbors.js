// The other nodes that this one knows, and whether they run the same files.

import { digestMark } from './copy.js';
import { attribute, h, list, notice, text } from './dom.js';
import { sameMark } from './result.js';

/** The panel. */
export function neighborsPanel(root) {
  const empty = h(
    'p',
    { class: 'empty', hidden: true },
    'This node knows no other. Name them under ',
    h('code', {}, '[neighbors]'),
    ' in its configuration, or give it an upstream.',
  );
  const rows = h('ul', { class: 'rows', role: 'list' });
  root.append(empty, rows);
  const update = list(rows, (it) => it.name, neighborRow);
  return {
    update(neighbors) {
      empty.hidden = neighbors.length > 0;
      update(neighbors);
    },
  };
}

function neighborRow() {
  const name = h('h3');
  const layer = layerMark();
  const link = h('a');
  const role = h('span', { class: 'fine' });
  const problem = notice('error');
  const slots = h('ul', { class: 'compared', role: 'list' });
  const element = h(
    'li',
    { class: 'neighbor' },
    h('div', { class: 'slot-head' }, name, layer.element, h('p', { class: 'load' }, role)),
    h('p', { class: 'version' }, link),
    problem.element,
    slots,
  );
  const update = (neighbor) => {
    text(name, neighbor.node?.name ?? neighbor.name);
    layer.set(neighbor.node?.layer ?? null);
    text(link, neighbor.url);
    attribute(link, 'href', pageOf(neighbor.url));
    const words = [neighbor.upstream && 'upstream', neighbor.node ? 'reachable' : 'not reachable'];
    text(role, words.filter(Boolean).join(' · '));
    role.classList.toggle('bad', !neighbor.node);
    problem.say(neighbor.node ? null : (neighbor.problem ?? 'It cannot be reached.'));
    updateSlots(neighbor.slots);
  };
  const updateSlots = list(slots, (it) => it.name, comparedRow);
  return { element, update };
}

/** The address of a node's page; only what a browser may open as a page. */
function pageOf(url) {
  try {
    return /^https?:$/.test(new URL(url).protocol) ? url : null;
  } catch {
    return null;
  }
}

function comparedRow({ name }) {
  const digest = digestMark();
  const state = h('span', { class: 'comparison' });
  const element = h('li', {}, h('span', { class: 'name' }, name), digest.element, state);
  let told;
  const update = (slot) => {
    digest.element.hidden = !slot.digest;
    if (slot.digest) digest.set(slot.digest);
    const words = slot.digest === null ? 'nothing runs' : slot.same === null ? 'not on this node' : slot.same;
    if (words === told) return;
    told = words;
    state.replaceChildren(typeof words === 'string' ? words : sameMark(words));
  };
  return { element, update };
}

/** Where a node stands: a colored dot and the word. */
export function layerMark() {
  const dot = h('span', { class: 'dot', 'aria-hidden': 'true' });
  const words = h('span');
  const element = h('span', { class: 'layer', hidden: true }, dot, words);
  const set = (layer) => {
    element.hidden = layer === null;
    attribute(dot, 'data-layer', layer ?? '');
    text(words, layer ?? '');
  };
  return { element, set };
}
