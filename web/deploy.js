// Giving a slot a new file.

import { path, post } from './api.js';
import { confirmed } from './confirm.js';
import { freshId, h, text } from './dom.js';
import { bytes } from './format.js';

/** The form of a slot; `publish(what, request)` reports how it went. */
export function deployForm(slot, publish) {
  const id = freshId('file');
  let file = null;
  const input = h('input', { type: 'file', accept: '.wasm,application/wasm', id, class: 'offscreen' });
  const label = h('label', { for: id, class: 'choose' }, 'Choose a .wasm file');
  const chosen = h('span', { class: 'chosen' });
  const send = confirmed({
    label: 'Deploy',
    name: `Deploy the file to ${slot}`,
    question: () => `${file.name} becomes what ${slot} runs.`,
    doing: 'Sending and checking …',
    act: async () => {
      await publish('Deployed', post(path('slots', slot, 'versions'), file, 'application/wasm'));
      choose(null);
    },
  });
  const installed = h('p', { class: 'fine' });
  const element = h(
    'div',
    { class: 'drawer', id: freshId('deploy') },
    h(
      'div',
      { class: 'drop' },
      h('span', {}, input, label, h('span', { class: 'or' }, ' or drop it on this slot')),
      chosen,
      send.element,
    ),
    installed,
  );

  const choose = (it) => {
    file = it;
    input.value = '';
    chosen.hidden = send.element.hidden = !it;
    text(chosen, it ? `${it.name}, ${bytes(it.size)}` : '');
  };
  input.addEventListener('change', () => input.files[0] && choose(input.files[0]));
  choose(null);

  return {
    element,
    update: (of) =>
      text(installed, `A new file is checked before it takes over, no call is lost, and it is kept as ${of.file}.`),
    /** Files that are dropped on an element are chosen; `opened()` shows the form. */
    acceptDrops(target, opened) {
      acceptFiles(target, (files) => {
        opened();
        choose(files[0]);
      });
    },
  };
}

/** Hands on the files that are dropped on an element, which looks different while they hover over it. */
export function acceptFiles(target, take) {
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
  target.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    target.classList.add('over');
  });
  target.addEventListener('dragleave', (event) => {
    if (!target.contains(event.relatedTarget)) target.classList.remove('over');
  });
  target.addEventListener('drop', (event) => {
    target.classList.remove('over');
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    take([...event.dataTransfer.files]);
  });
}
