// Buttons that copy.

import { h, icon } from './dom.js';
import { short } from './format.js';

const SHOWN_MS = 1600;

/** A button that copies what `content()` answers. `what` completes the sentence "Copy ...". */
export function copyButton(what, content) {
  const state = h('span', { class: 'offscreen', role: 'status' });
  const button = h(
    'button',
    { type: 'button', class: 'copy', 'aria-label': `Copy ${what}`, title: `Copy ${what}` },
    icon('copy'),
  );
  let timer;
  button.addEventListener('click', async () => {
    const copied = await copy(content());
    state.textContent = copied ? 'Copied' : 'The browser does not allow it';
    button.classList.toggle('failed', !copied);
    button.replaceChildren(icon(copied ? 'check' : 'error'));
    clearTimeout(timer);
    timer = setTimeout(() => {
      state.textContent = '';
      button.replaceChildren(icon('copy'));
    }, SHOWN_MS);
  });
  return h('span', { class: 'copier' }, button, state);
}

async function copy(content) {
  try {
    await navigator.clipboard.writeText(content);
    return true;
  } catch {
    return copyBySelection(content);
  }
}

/** Where the clipboard is reserved for encrypted pages. */
function copyBySelection(content) {
  const focused = document.activeElement;
  const area = h('textarea', { class: 'offscreen', '.value': content, 'aria-hidden': 'true' });
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  focused?.focus();
  return copied;
}

/** The start of a digest, and a button that copies all of it. */
export function digestMark() {
  let whole = '';
  const code = h('code', { class: 'digest' });
  const element = h(
    'span',
    { class: 'digest-mark' },
    code,
    copyButton('the whole digest', () => whole),
  );
  const set = (digest) => {
    if (digest === whole) return;
    whole = digest;
    code.textContent = short(digest);
    code.title = `sha256 ${digest}`;
  };
  return { element, set };
}
