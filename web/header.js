// The node itself: who it is, its configuration, and how sending events up goes.

import { h, notice, text } from './dom.js';
import { count } from './format.js';
import { layerMark } from './neighbors.js';
import { moment } from './time.js';

/** The head of the page. */
export function headerPanel(root) {
  const name = h('h1', {}, 'Asking the node …');
  const layer = layerMark();
  const version = h('span');
  const up = moment('up');
  const facts = h('p', { class: 'node-facts', hidden: true }, version, h('span', {}, 'up ', up.element));
  const file = h('code');
  const since = moment();
  const configuration = h(
    'div',
    {},
    h('dt', {}, 'Configuration'),
    h('dd', {}, file, ' ', h('span', { class: 'fine' }, 'in effect since ', since.element)),
  );
  const upstream = upstreamFact();
  const details = h('dl', { class: 'node-details', hidden: true }, configuration, upstream.element);
  const refused = notice('error');
  root.append(
    h('div', { class: 'node-name' }, name, layer.element, facts),
    details,
    refused.element,
    upstream.problem.element,
  );
  return {
    update(node) {
      text(name, node.name);
      document.title = `${node.name} · wasmtube`;
      document.documentElement.dataset.layer = node.layer;
      layer.set(node.layer);
      text(version, `wasmtube ${node.version}`);
      up.set(node.since);
      text(file, node.configuration.file);
      since.set(node.configuration.since);
      const { refused: reason } = node.configuration;
      refused.say(reason && `The file of the configuration is not in effect, the one before goes on: ${reason}`);
      upstream.update(node.upstream);
      facts.hidden = details.hidden = false;
    },
  };
}

function upstreamFact() {
  const words = h('span');
  const oldest = moment();
  const oldestWords = h('span', { class: 'fine' }, ', the oldest from ', oldest.element);
  const element = h('div', {}, h('dt', {}, 'Upstream'), h('dd', {}, words, oldestWords));
  const problem = notice('warning');
  const update = (upstream) => {
    text(words, upstream ? sentence(upstream) : 'none');
    const waits = upstream?.waiting > 0 && upstream.oldest !== null;
    oldestWords.hidden = !waits;
    if (waits) oldest.set(upstream.oldest);
    problem.say(troubles(upstream));
  };
  return { element, problem, update };
}

function sentence({ url, reachable, waiting, capacity, acknowledged }) {
  const state = reachable ? 'reachable' : 'not reachable';
  return `${url} ${state} · ${count(acknowledged)} acknowledged · ${count(waiting)} of ${count(capacity)} waiting`;
}

function troubles(upstream) {
  if (!upstream) return null;
  const away = upstream.reachable
    ? null
    : `Upstream does not answer${upstream.problem ? `: ${upstream.problem}` : ''}. Events wait here.`;
  const lost =
    upstream.dropped > 0 ? `${count(upstream.dropped)} events were dropped because the buffer was full.` : null;
  return [away, lost].filter(Boolean).join(' ') || null;
}
