// What a function answered.

import { copyButton, digestMark } from './copy.js';
import { h, icon, prose, text } from './dom.js';
import { duration, number, percent, value as written } from './format.js';

/** Characters of an answer that are shown; copying takes all. */
const SHOWN_MAX = 20000;
const ELEMENTS_SHOWN = 24;
const RANKED_MAX = 5;

/** The place for an answer. */
export function resultView() {
  const element = h('div', { class: 'result', 'aria-live': 'polite', hidden: true });
  const put = (...children) => {
    element.hidden = false;
    element.replaceChildren(...children);
  };
  return {
    element,
    clear: () => {
      element.hidden = true;
      element.replaceChildren();
    },
    wait: () => {
      element.classList.add('old');
      if (element.hidden) put(h('p', { class: 'fine' }, 'Calling …'));
    },
    show(answer, roundTripMs, localDigest) {
      element.classList.remove('old');
      put(...answered(answer, roundTripMs, localDigest), ...contents(answer));
    },
    /** The same call on several nodes, each settled. */
    compare(calls, localDigest) {
      element.classList.remove('old');
      const answers = calls.filter(({ value }) => value).map(({ value }) => value.answer);
      put(
        h('ul', { class: 'calls-compared', role: 'list' }, ...calls.map((it) => comparedCall(it, localDigest))),
        h('p', { class: 'fine' }, verdict(answers, calls.length)),
        ...(answers.length > 0 ? contents(answers[0]) : []),
      );
    },
    fail(message, code) {
      element.classList.remove('old');
      put(
        h(
          'p',
          { class: 'notice error' },
          icon('error'),
          h('span', {}, ...prose(message), code ? ' ' : null, code ? h('code', {}, code) : null),
        ),
      );
    },
  };
}

function answered({ node, digest, elapsed_ns }, roundTripMs, localDigest) {
  const mark = digestMark();
  mark.set(digest);
  const fact = (name, ...value) => h('div', {}, h('dt', {}, name), h('dd', {}, ...value));
  const same = localDigest === undefined ? null : sameMark(digest === localDigest);
  return [
    h(
      'dl',
      { class: 'answered' },
      fact('in the function', h('span', { class: 'number' }, duration(elapsed_ns))),
      fact('round trip', h('span', { class: 'number' }, duration(roundTripMs * 1e6))),
      fact('answered by', node),
      fact('version', mark.element, same),
    ),
  ];
}

function comparedCall({ words, layer, value, reason }, localDigest) {
  const dot = h('span', { class: 'dot', 'data-layer': layer, 'aria-hidden': 'true' });
  if (!value) return h('li', {}, dot, h('span', {}, words), h('span', { class: 'told bad' }, ...prose(reason.message)));
  const { answer, roundTripMs } = value;
  const mark = digestMark();
  mark.set(answer.digest);
  const times = `${duration(answer.elapsed_ns)} in the function, ${duration(roundTripMs * 1e6)} round trip`;
  return h(
    'li',
    {},
    dot,
    h('span', {}, words),
    h('span', { class: 'told' }, brief(answer)),
    h('span', { class: 'fine' }, mark.element, sameMark(answer.digest === localDigest)),
    h('span', { class: 'fine' }, times),
  );
}

/** An answer in a few words. */
function brief({ value, top }) {
  if (top?.length) return `${top[0].label ?? `class ${top[0].index}`}, ${percent(top[0].probability)}`;
  if (value === null || value === undefined) return 'answered';
  const said = written(value);
  return said.length > 40 ? `${said.slice(0, 40)} …` : said;
}

function verdict(answers, asked) {
  if (answers.length < asked) return 'Not every node answered.';
  const different = new Set(answers.map(({ value, outputs, top }) => JSON.stringify([value, outputs, top])));
  return different.size === 1 ? 'All answered the same, to the last digit.' : 'The answers differ. The first one:';
}

/** Whether a version is the one that runs here, told by a sign and in words. */
export function sameMark(isSame) {
  return h(
    'span',
    { class: isSame ? 'same' : 'different' },
    icon(isSame ? 'same' : 'different'),
    isSame ? 'same as here' : 'not what runs here',
  );
}

function contents({ value, outputs, top }) {
  const parts = [];
  if (top?.length) parts.push(ranking(top.slice(0, RANKED_MAX)));
  if (value !== null && value !== undefined) parts.push(json('Answer', value));
  const tensors = outputs ?? [];
  if (tensors.length > 0)
    parts.push(
      h(
        'details',
        { '.open': !top?.length },
        h('summary', {}, 'Outputs'),
        ...tensors.map((it) => tensor(it.name, it)),
      ),
    );
  return parts.length > 0 ? parts : [h('p', { class: 'fine' }, 'The function answered nothing.')];
}

function ranking(top) {
  const rows = top.map(({ index, label, probability, score }) => {
    const bar = h('span', { class: 'bar', 'aria-hidden': 'true' }, h('span'));
    bar.firstChild.style.width = `${Math.min(1, Math.max(0, probability)) * 100}%`;
    const name = h('span', { class: 'label', title: label ?? null }, label ?? `class ${index}`);
    return h(
      'li',
      { title: `score ${number(score)}` },
      name,
      bar,
      h('span', { class: 'number' }, percent(probability)),
    );
  });
  return h('ol', { class: 'ranking', role: 'list', 'aria-label': 'Best first' }, ...rows);
}

function json(title, value) {
  const written = JSON.stringify(value, null, 2);
  const shown = written.length > SHOWN_MAX ? `${written.slice(0, SHOWN_MAX)}\n…` : written;
  return h(
    'div',
    { class: 'command' },
    h('pre', { tabindex: 0, 'aria-label': title }, shown),
    copyButton('the answer', () => written),
  );
}

function tensor(name, { dtype, shape, data }) {
  const first = data.slice(0, ELEMENTS_SHOWN).map((it) => (typeof it === 'number' ? number(it) : String(it)));
  const rest = data.length > first.length ? ` … of ${data.length}` : '';
  const head = h('p', {}, h('code', {}, name), ` ${dtype} [${shape.join(', ')}]`);
  const body = h('pre', { tabindex: 0, 'aria-label': `Output ${name}` });
  text(body, first.join(', ') + rest);
  return h(
    'div',
    { class: 'tensor' },
    head,
    h(
      'div',
      { class: 'command' },
      body,
      copyButton(`output ${name}`, () => JSON.stringify(data)),
    ),
  );
}
