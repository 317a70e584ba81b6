// Whether the node answers, said in a banner.

import { Away } from './api.js';
import { h, icon, text } from './dom.js';
import { clock } from './format.js';

const WAITS_MS = [1000, 1000, 2000, 3000, 5000];

/** The banner; `again()` asks at once. */
export function connection(root, again) {
  const words = h('span');
  const button = h('button', { type: 'button', class: 'small', onclick: () => again() }, 'Ask now');
  const banner = h('div', { class: 'banner', hidden: true }, icon('warning'), words, button);
  root.append(banner);
  let failures = 0;
  let since = 0;
  return {
    isAway: () => failures > 0,
    /** Notes an answer; says whether the node was away before. */
    answered() {
      const wasAway = failures > 0;
      failures = 0;
      banner.hidden = true;
      document.body.classList.remove('away');
      return wasAway;
    },
    /** Notes a failure; answers how long to wait until it is asked again. */
    failed(error) {
      if (failures === 0) since = Date.now() * 1000;
      failures += 1;
      document.body.classList.toggle('away', error instanceof Away);
      text(
        words,
        error instanceof Away
          ? `The node has not answered since ${clock(since)}. What you see is from then; the page asks again by itself.`
          : `The node cannot answer now: ${error.message}`,
      );
      banner.hidden = false;
      return WAITS_MS[Math.min(failures, WAITS_MS.length) - 1];
    },
  };
}
