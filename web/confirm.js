// A button that asks before it acts, in its own place.

import { h, text } from './dom.js';

/**
 * `label` is the button; `question()` asks what it would do; `act()` does it. While it is done the words are `doing`.
 * Escape and "Cancel" go back.
 */
export function confirmed({ label, name, question, doing, act }) {
  const start = h('button', { type: 'button', class: 'small', 'aria-label': name }, label);
  const words = h('span', { class: 'question' });
  const yes = h('button', { type: 'button', class: 'small primary' }, label);
  const no = h('button', { type: 'button', class: 'small' }, 'Cancel');
  const asking = h('span', { class: 'asking', role: 'group', hidden: true }, words, yes, no);
  const element = h('span', { class: 'confirmed' }, start, asking);

  const show = (isAsking) => {
    start.hidden = isAsking;
    asking.hidden = !isAsking;
  };
  const back = () => {
    show(false);
    start.focus();
  };
  start.addEventListener('click', () => {
    text(words, question());
    show(true);
    yes.focus();
  });
  no.addEventListener('click', back);
  asking.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !yes.disabled) back();
  });
  yes.addEventListener('click', async () => {
    yes.disabled = no.disabled = true;
    text(words, doing);
    await act();
    yes.disabled = no.disabled = false;
    show(false);
  });
  return { element };
}

/** A button that opens and closes a part of the page. */
export function disclosure(label, part) {
  const words = h('span', {}, label);
  const button = h(
    'button',
    { type: 'button', class: 'small quiet disclosure', 'aria-expanded': 'false', 'aria-controls': part.id },
    words,
  );
  part.hidden = true;
  const open = (isOpen) => {
    part.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
  };
  button.addEventListener('click', () => open(part.hidden));
  return { button, open, rename: (value) => text(words, value) };
}
