// Pictures: drawn, chosen, dropped or pasted.

import { acceptFiles } from './deploy.js';
import { drawing } from './drawing.js';
import { freshId, h, text } from './dom.js';
import { bytes } from './format.js';

/** Models for square pictures up to this side are drawn for. */
const DRAWN_SIDE_MAX = 64;
const PREVIEW_SIDE = 480;

/** The input of a function on pictures; `size` is what its model was made for, `[width, height]`. */
export function pictureInput(size, changed) {
  const file = fileInput(size, changed);
  if (!isDrawn(size)) return file;
  const drawn = drawing(size[0], changed);
  const group = freshId('picture');
  let current = drawn;
  const place = h('div', {}, drawn.element);
  const choice = (words, input, isFirst) => {
    const radio = h('input', { type: 'radio', name: group, '.checked': isFirst, onchange: () => show(input) });
    return { radio, element: h('label', { class: 'choice' }, radio, h('span', { class: 'words' }, words)) };
  };
  const show = (input) => {
    current = input;
    place.replaceChildren(input.element);
    changed();
  };
  const choices = [choice('Draw', drawn, true), choice('File', file, false)];
  const useFile = (files) => {
    choices[1].radio.checked = true;
    show(file);
    file.take(files[0]);
  };
  const element = h(
    'fieldset',
    { class: 'field' },
    h('legend', {}, 'Picture'),
    h('div', { class: 'choices' }, ...choices.map((it) => it.element)),
    place,
  );
  acceptFiles(element, useFile);
  acceptPasted(element, useFile);
  return { element, content: () => current.content(), described: () => current.described() };
}

/** Whether pictures of that size are drawn here. */
export function isDrawn(size) {
  return Boolean(size) && size[0] === size[1] && size[0] <= DRAWN_SIDE_MAX;
}

function fileInput(size, changed) {
  const id = freshId('file');
  let file = null;
  const input = h('input', { type: 'file', id, accept: 'image/png,image/jpeg', class: 'offscreen' });
  const preview = h('canvas', { class: 'preview', hidden: true, role: 'img', 'aria-label': 'The chosen picture' });
  const about = h('p', { class: 'fine' });
  const wanted = size ? ` The model makes ${size[0]} × ${size[1]} pixels of it.` : '';
  const drop = h(
    'div',
    { class: 'drop', tabindex: 0, role: 'group', 'aria-label': 'Picture: drop or paste it here, or choose a file' },
    preview,
    h(
      'div',
      {},
      h(
        'span',
        {},
        input,
        h('label', { for: id, class: 'choose' }, 'Choose a PNG or JPEG'),
        h('span', { class: 'or' }, ' drop it here, or paste it'),
      ),
      about,
    ),
  );
  text(about, wanted.trim());

  const take = async (it) => {
    file = it;
    input.value = '';
    changed();
    try {
      const bitmap = await createImageBitmap(it);
      const scale = Math.min(1, PREVIEW_SIDE / Math.max(bitmap.width, bitmap.height));
      preview.width = Math.max(1, Math.round(bitmap.width * scale));
      preview.height = Math.max(1, Math.round(bitmap.height * scale));
      preview.getContext('2d').drawImage(bitmap, 0, 0, preview.width, preview.height);
      preview.hidden = false;
      text(about, `${it.name}, ${bitmap.width} × ${bitmap.height}, ${bytes(it.size)}.${wanted}`);
      bitmap.close();
    } catch {
      preview.hidden = true;
      text(about, `${it.name}, ${bytes(it.size)}: the browser cannot show it, the node may still read it.`);
    }
  };
  input.addEventListener('change', () => input.files[0] && take(input.files[0]));
  acceptFiles(drop, (files) => take(files[0]));
  acceptPasted(drop, (files) => take(files[0]));
  return {
    element: drop,
    take,
    content() {
      if (!file) throw new Error('Choose a picture first.');
      return { body: file, type: file.type || 'image/png' };
    },
    described: () => ({ kind: 'picture', file: file?.name ?? 'picture.png', type: file?.type || 'image/png' }),
  };
}

function acceptPasted(element, take) {
  element.addEventListener('paste', (event) => {
    const files = [...event.clipboardData.files].filter(({ type }) => type.startsWith('image/'));
    if (files.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    take(files);
  });
}
