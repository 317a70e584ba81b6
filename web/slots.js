// What runs: each slot with its version, its history, and what may be done to it.

import { Refused, path, post } from './api.js';
import { confirmed, disclosure } from './confirm.js';
import { digestMark } from './copy.js';
import { freshId, h, icon, list, notice, prose, text } from './dom.js';
import { deployForm } from './deploy.js';
import { bytes, count, duration, plural, short } from './format.js';
import { moment } from './time.js';

const CAUSES = { start: 'Node started', file: 'File changed', push: 'Pushed', rollback: 'Rolled back' };
/** Publications that are shown before someone asks for all. */
const RECENT = 8;

/** The panel. `changed()` is called when something was published, `tryOut(slot, function)` to try a function. */
export function slotsPanel(root, { changed, tryOut }) {
  const empty = h(
    'p',
    { class: 'empty', hidden: true },
    'This node has no slots. Name a Wasm file under ',
    h('code', {}, '[slots.NAME]'),
    ' in its configuration, and it runs as soon as the file is saved.',
  );
  const rows = h('ul', { class: 'rows', role: 'list' });
  root.append(empty, rows);
  const update = list(
    rows,
    (slot) => slot.name,
    (slot) => slotRow(slot, { changed, tryOut }),
  );
  return {
    update(slots) {
      empty.hidden = slots.length > 0;
      update(slots);
    },
  };
}

function slotRow({ name }, { changed, tryOut }) {
  const title = h('span', { class: 'title' });
  const calls = h('span', { class: 'calls' });
  const failed = h('span', { class: 'failed' });
  const digest = digestMark();
  const since = moment();
  const facts = h('span', { class: 'facts' });
  const version = h('p', { class: 'version' }, digest.element, h('span', {}, 'live since ', since.element), facts);
  const nothing = h('p', { class: 'fine', hidden: true }, 'Nothing runs here.');
  const problem = notice('error');
  const functions = h('ul', { class: 'functions', role: 'list', 'aria-label': `Functions of ${name}` });
  const status = h('p', { class: 'status', role: 'status', tabindex: -1 });

  const say = (message, isError) => {
    status.className = isError ? 'status error' : 'status';
    status.replaceChildren(icon(isError ? 'error' : 'check'), h('span', {}, ...prose(message)));
  };
  const publish = async (what, request) => {
    try {
      say(`${what}: ${published(await request)}`, false);
    } catch (error) {
      say(
        error instanceof Refused
          ? `${error.message} (${error.code})`
          : `${error.message} Look at the history when it does.`,
        true,
      );
    }
    // What asked is gone by now; the focus stays in the slot.
    if (element.contains(document.activeElement) || document.activeElement === document.body)
      status.focus({ preventScroll: true });
    changed();
  };

  const history = historyList(name, publish);
  const deploy = deployForm(name, publish);
  const historyButton = disclosure('History', history.element);
  const deployButton = disclosure('Deploy', deploy.element);
  const element = h(
    'li',
    { class: 'slot' },
    h('div', { class: 'slot-head' }, h('h3', {}, name), title, h('p', { class: 'load' }, calls, failed)),
    version,
    nothing,
    problem.element,
    h(
      'div',
      { class: 'slot-actions' },
      functions,
      h('div', { class: 'buttons' }, historyButton.button, deployButton.button),
    ),
    status,
    history.element,
    deploy.element,
  );
  deploy.acceptDrops(element, () => deployButton.open(true));

  const updateFunctions = list(
    functions,
    (it) => it.name,
    (it) => functionRow(name, it, tryOut),
  );
  const update = (slot) => {
    const live = slot.live;
    text(title, live ? [live.name === name ? null : live.name, live.version].filter(Boolean).join(' ') : '');
    title.hidden = !title.textContent;
    version.hidden = !live;
    nothing.hidden = Boolean(live);
    text(calls, live ? plural(live.calls, 'call') : '');
    text(failed, live ? `${count(live.failed)} failed` : '');
    failed.classList.toggle('bad', live?.failed > 0);
    if (live) {
      digest.set(live.digest);
      since.set(live.since);
      text(facts, [live.sealed ? 'sealed' : 'not sealed', live.convention, bytes(live.bytes)].join(' · '));
    }
    problem.say(slot.problem);
    updateFunctions(live?.functions ?? []);
    historyButton.rename(`History (${count(slot.history.length)})`);
    history.update(slot);
    deploy.update(slot);
  };
  return { element, update };
}

function functionRow(slot, { name }, tryOut) {
  const button = h(
    'button',
    { type: 'button', class: 'chip', 'aria-label': `Try ${slot}.${name}`, onclick: () => tryOut(slot, name) },
    name,
  );
  return { element: h('li', {}, button), update() {} };
}

/** What was done, of the answer to a push or a roll back. */
function published({ old, new: now, compile_us, check_us, switch_ns, not_installed }) {
  if (old === now) return `${short(now)} ran already`;
  const [compiled, checked, exchanged] = [compile_us * 1e3, check_us * 1e3, switch_ns].map(duration);
  const times = `compiled in ${compiled}, checked in ${checked}, exchanged in ${exchanged}`;
  const kept = not_installed ? `. A restart brings back the old file: ${not_installed}` : '';
  return `${old ? `${short(old)} gave way to ${short(now)}` : `${short(now)} runs`}, ${times}${kept}`;
}

function historyList(slot, publish) {
  const rows = h('ol', { class: 'history', role: 'list' });
  const all = h('button', { type: 'button', class: 'small quiet' });
  const element = h('div', { class: 'drawer', id: freshId('history') }, rows, all);
  const update = list(
    rows,
    (it) => `${it.at} ${it.digest}`,
    (it) => publicationRow(slot, it, publish),
  );
  let showsAll = false;
  let latest;
  const show = () => {
    const newest = latest.history
      .map((it, position) => ({ ...it, isLast: position === latest.history.length - 1 }))
      .reverse();
    all.hidden = showsAll || newest.length <= RECENT;
    text(all, `Show all ${count(newest.length)}`);
    update((showsAll ? newest : newest.slice(0, RECENT)).map((it) => ({ ...it, live: latest.live?.digest })));
  };
  all.addEventListener('click', () => {
    showsAll = true;
    show();
  });
  return {
    element,
    update(of) {
      latest = of;
      show();
    },
  };
}

function publicationRow(slot, { digest, at, cause, title }, publish) {
  const mark = digestMark();
  mark.set(digest);
  const when = moment();
  when.set(at);
  const state = h('span', { class: 'state' });
  const back = confirmed({
    label: 'Roll back',
    name: `Roll back to ${short(digest)}`,
    question: () => `Roll back to ${short(digest)}?`,
    doing: 'Rolling back …',
    act: () => publish('Rolled back', post(path('slots', slot, 'rollback'), JSON.stringify({ to: digest }))),
  });
  const element = h(
    'li',
    {},
    h('span', { class: 'cause' }, CAUSES[cause] ?? cause),
    h('span', { class: 'when' }, when.element),
    mark.element,
    h('span', { class: 'title' }, title ?? ''),
    h('span', { class: 'act' }, state, back.element),
  );
  const update = (it) => {
    const isLive = it.digest === it.live;
    text(state, isLive ? (it.isLast ? 'live' : 'same as live') : it.kept ? '' : 'not kept');
    state.classList.toggle('live', isLive && it.isLast);
    state.hidden = !state.textContent;
    back.element.hidden = isLive || !it.kept;
  };
  return { element, update };
}
