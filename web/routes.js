// Live routes: where values come from, what is done with them, and what comes out.

import { chart } from './chart.js';
import { attribute, h, list, notice, prose, text } from './dom.js';
import { count, number } from './format.js';
import { moment } from './time.js';

/** Counters that are only mentioned when something happened, with what they are called. */
const LOSSES = [
  ['read_failures', 'not read'],
  ['dropped', 'dropped by the queue'],
  ['call_failures', 'failed calls'],
  ['write_failures', 'not taken by a sink'],
  ['missed', 'missed'],
];

const SILENT_GAPS = 3;
const SILENT_US = 2e6;

/** The panel. */
export function routesPanel(root) {
  const empty = h(
    'p',
    { class: 'empty', hidden: true },
    'This node has no routes. A route takes values from a source, ',
    'gives them to a function and hands on what comes out: add ',
    h('code', {}, '[routes.NAME]'),
    ' to the configuration.',
  );
  const rows = h('ul', { class: 'rows', role: 'list' });
  root.append(empty, rows);
  const update = list(rows, (route) => route.name, routeRow);
  return {
    update(routes) {
      empty.hidden = routes.length > 0;
      update(routes);
    },
  };
}

function routeRow({ name }) {
  const state = h('p', { class: 'load' });
  const since = moment('up');
  const stages = h('ol', { class: 'stages', role: 'list', 'aria-label': `Stages of ${name}` });
  const received = chart(`Received by ${name}`);
  const outcomes = chart(`Outcomes of ${name}`);
  const outcomeRow = h('div', { class: 'flow' }, h('h4', {}, 'Outcome'), outcomes.element);
  const counters = h('dl', { class: 'counters' });
  const losses = h('p', { class: 'losses' });
  const problem = notice('error');
  const waiting = h('p', { class: 'fine', hidden: true }, 'No value has come yet.');
  const element = h(
    'li',
    { class: 'route' },
    h('div', { class: 'slot-head' }, h('h3', {}, name), state),
    stages,
    problem.element,
    waiting,
    h('div', { class: 'flow' }, h('h4', {}, 'Received'), received.element),
    outcomeRow,
    counters,
    losses,
  );

  const updateStages = list(stages, (_, position) => position, stageRow);
  const updateCounters = list(counters, (it) => it.name, counterRow);
  const update = (route) => {
    if (route.ended) state.replaceChildren('ended');
    else if (!state.contains(since.element)) state.replaceChildren('running for ', since.element);
    since.set(route.start);
    updateStages(stagesOf(route));
    problem.say(route.problem);
    waiting.hidden = route.received.length > 0;
    received.element.parentElement.hidden = route.received.length === 0;
    received.update(route.received);
    outcomeRow.hidden = !route.call || route.outcomes.length === 0;
    outcomes.update(route.call ? route.outcomes : []);
    updateCounters(countersOf(route));
    const lost = LOSSES.filter(([counter]) => route.counters[counter] > 0);
    const told = lost.map(([counter, words]) => `${count(route.counters[counter])} ${words}`);
    losses.classList.toggle('bad', lost.length > 0);
    const allWell = route.counters.received > 0 ? 'Nothing failed or was lost.' : '';
    text(losses, told.length > 0 ? told.join(' · ') : allWell);
  };
  return { element, update };
}

/** How often values came lately, in words. */
function rateOf({ received, ended }) {
  if (ended || received.length < 2) return '';
  const [first, last, now] = [received[0].time, received.at(-1).time, Date.now() * 1000];
  const gap = (last - first) / (received.length - 1);
  // A source that has become silent slows down.
  const isSilent = now - last > SILENT_GAPS * gap + SILENT_US;
  const rate = (received.length - 1) / (((isSilent ? now : last) - first) / 1e6);
  return Number.isFinite(rate) ? `${number(Number(rate.toPrecision(2)))}/s` : '';
}

function stagesOf(route) {
  const stages = [{ kind: 'source', words: route.source }];
  if (route.window) stages.push({ kind: 'window', words: route.window });
  if (route.call) stages.push({ kind: 'function', words: route.call });
  if (route.sinks.length === 0) stages.push({ kind: 'sink', words: 'nowhere' });
  return stages.concat(route.sinks.map((words) => ({ kind: 'sink', words })));
}

function stageRow() {
  const kind = h('span', { class: 'kind' });
  const words = h('span', { class: 'words' });
  const element = h('li', {}, kind, words);
  const update = (stage) => {
    element.className = `stage ${stage.kind}`;
    text(kind, stage.kind);
    if (words.title === stage.words) return;
    attribute(words, 'title', stage.words);
    words.replaceChildren(...prose(stage.words));
  };
  return { element, update };
}

function countersOf(route) {
  const { counters, call, queued, queue_capacity } = route;
  const shown = [{ name: 'received', value: count(counters.received), more: rateOf(route) }];
  if (call) shown.push({ name: 'calls', value: count(counters.calls) });
  shown.push({ name: 'written', value: count(counters.written) });
  shown.push({
    name: 'in queue',
    value: count(queued),
    more: `of ${count(queue_capacity)}`,
    share: queue_capacity > 0 ? queued / queue_capacity : 0,
  });
  if (counters.duplicates > 0) shown.push({ name: 'seen before', value: count(counters.duplicates) });
  return shown;
}

function counterRow({ share }) {
  const name = h('dt');
  const value = h('span', { class: 'number' });
  const more = h('span', { class: 'more' });
  const fill = h('span');
  const gauge = share === undefined ? null : h('span', { class: 'gauge', 'aria-hidden': 'true' }, fill);
  const element = h('div', {}, name, h('dd', {}, value, ' ', more, gauge));
  const update = (it) => {
    text(name, it.name);
    text(value, it.value);
    text(more, it.more ?? '');
    if (!gauge) return;
    fill.style.width = `${Math.min(1, it.share) * 100}%`;
    gauge.classList.toggle('full', it.share > 0.8);
  };
  return { element, update };
}
