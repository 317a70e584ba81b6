// Moments that say how long ago they are, and go on saying it.

import { h, attribute, text } from './dom.js';
import { ago, exact, span } from './format.js';

const KINDS = { ago, up: (microseconds) => span(Date.now() * 1000 - microseconds) };

/** A `<time>`, relative in its text and exact in its title. `kind` is `ago` or `up`. */
export function moment(kind = 'ago') {
  const element = h('time', { 'data-kind': kind });
  const set = (microseconds) => {
    element.dataset.at = microseconds;
    attribute(element, 'datetime', new Date(microseconds / 1000).toISOString());
    attribute(element, 'title', exact(microseconds));
    text(element, KINDS[kind](microseconds));
  };
  return { element, set };
}

/** Brings every moment up to date. */
export function refreshMoments() {
  for (const element of document.querySelectorAll('time[data-at]')) {
    text(element, KINDS[element.dataset.kind](Number(element.dataset.at)));
  }
}
