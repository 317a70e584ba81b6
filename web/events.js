// What happened on the node, newest first.

import { follow, get } from './api.js';
import { h, icon, list, prose, text } from './dom.js';
import { clock, count, exact, short } from './format.js';

const KEPT_MAX = 4000;
const PAGE = 12;
const RETRY_MS = 1500;
const LEVELS = ['info', 'warning', 'error'];
const FILTERS = [
  { name: 'Everything', least: 0 },
  { name: 'Warnings and errors', least: 1 },
  { name: 'Errors', least: 2 },
];

/** The panel. `happened()` is called when something did while the page is open; nothing is read while `isAway()`. */
export function eventsPanel(root, { happened, isAway }) {
  const choices = h('fieldset', { class: 'choices' }, h('legend', { class: 'offscreen' }, 'Which events are shown'));
  const empty = h('p', { class: 'empty', hidden: true });
  const rows = h('ol', { class: 'events', role: 'list' });
  const more = h('button', { type: 'button', class: 'small quiet', hidden: true });
  root.append(choices, empty, rows, more);

  let events = [];
  let least = 0;
  let shown = PAGE;
  const update = list(rows, (it) => it.id, eventRow);
  const levelOf = ({ level }) => Math.max(0, LEVELS.indexOf(level));
  const show = () => {
    // What a deployment comes to is an event of its own.
    const matching = events.filter((it) => it.kind !== 'step' && levelOf(it) >= least);
    empty.hidden = matching.length > 0;
    text(
      empty,
      events.length === 0
        ? 'Nothing has happened yet: publish a version or change the configuration.'
        : 'Nothing of this kind has happened.',
    );
    update(matching.slice(0, shown));
    more.hidden = matching.length <= shown;
    text(more, `Show ${Math.min(PAGE, matching.length - shown)} more of ${count(matching.length)}`);
  };
  FILTERS.forEach((filter) => {
    const radio = h('input', {
      type: 'radio',
      name: 'event-level',
      '.checked': filter.least === least,
      onchange: () => {
        least = filter.least;
        shown = PAGE;
        show();
      },
    });
    choices.append(h('label', { class: 'choice' }, radio, h('span', { class: 'words' }, filter.name)));
  });
  more.addEventListener('click', () => {
    shown += PAGE;
    show();
  });

  const add = (next) => {
    const known = new Map(events.map(({ id, time }) => [id, time]));
    // Another run of the node counts its events anew.
    if (next.some(({ id, time }) => known.has(id) && known.get(id) !== time)) events = [];
    const kept = new Set(events.map(({ id }) => id));
    events = [...next.filter(({ id }) => !kept.has(id)), ...events].sort((a, b) => b.id - a.id).slice(0, KEPT_MAX);
    show();
  };
  return { resume: follower({ add, happened, isAway, last: () => events[0]?.id ?? 0 }) };
}

/** Reads the list and then the stream, again and again, while someone looks. The answer does so at once. */
function follower({ add, happened, isAway, last }) {
  let stop = null;
  const read = async () => {
    if (document.hidden || stop || isAway()) return;
    stop = new AbortController();
    const { signal } = stop;
    try {
      add(await get('events'));
      await follow('events', last(), signal, (data) => {
        add([JSON.parse(data)]);
        happened();
      });
    } catch {
      // The banner tells that the node is away.
    }
    stop = null;
    if (!document.hidden) setTimeout(read, signal.aborted ? 0 : RETRY_MS);
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) stop?.abort();
    else read();
  });
  read();
  return read;
}

function eventRow({ time, kind, level, subject, message, digest }) {
  const known = LEVELS.includes(level) ? level : 'info';
  const element = h(
    'li',
    { class: `event ${known}` },
    h('time', { datetime: new Date(time / 1000).toISOString(), title: exact(time) }, clock(time)),
    h('span', { class: 'level' }, icon(known), level),
    h(
      'span',
      { class: 'what' },
      h('span', { class: 'kind' }, kind),
      subject && h('span', { class: 'subject' }, subject),
    ),
    h(
      'span',
      { class: 'message' },
      ...prose(message),
      digest && !message.includes(short(digest)) ? h('code', { class: 'about', title: digest }, short(digest)) : null,
    ),
  );
  return { element, update() {} };
}
