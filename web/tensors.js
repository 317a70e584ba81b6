// Tensors, as files of NumPy: one file as it is, several as the parts of one body.

import { acceptFiles } from './deploy.js';
import { freshId, h, text } from './dom.js';
import { bytes } from './format.js';

const TYPE = 'application/x-npy';

/** The input of a model; `parameters` are its inputs, such as `image f32 [1, 3, 224, 224]`. */
export function tensorInput(parameters, changed) {
  const fields = parameters.map((parameter) => fileField(parameter, changed));
  const element = h(
    'fieldset',
    { class: 'field' },
    h('legend', {}, parameters.length === 1 ? 'Tensor' : 'Tensors'),
    ...fields.map((it) => it.element),
  );
  const files = () => {
    const missing = fields.find(({ file }) => !file());
    if (missing) throw new Error(`Choose a .npy file for ${missing.parameter}.`);
    return fields.map(({ file }) => new Blob([file()], { type: TYPE }));
  };
  return {
    element,
    content() {
      const chosen = files();
      if (chosen.length === 1) return { body: chosen[0], type: TYPE };
      const body = new FormData();
      chosen.forEach((file, position) => body.append(fields[position].name, file));
      return { body, type: null };
    },
    described: () => ({
      kind: 'tensors',
      type: TYPE,
      files: fields.map(({ name, file }) => ({ name, file: file()?.name ?? 'input.npy' })),
    }),
  };
}

function fileField(parameter, changed) {
  const id = freshId('tensor');
  let file = null;
  const input = h('input', { type: 'file', id, accept: '.npy', class: 'offscreen' });
  const about = h('span', { class: 'fine' });
  const element = h(
    'div',
    { class: 'drop' },
    h('div', {}, h('code', {}, parameter)),
    h(
      'span',
      {},
      input,
      h('label', { for: id, class: 'choose' }, 'Choose a .npy file'),
      h('span', { class: 'or' }, ' or drop it here'),
    ),
    about,
  );
  const take = (it) => {
    file = it;
    input.value = '';
    text(about, `${it.name}, ${bytes(it.size)}`);
    changed();
  };
  input.addEventListener('change', () => input.files[0] && take(input.files[0]));
  acceptFiles(element, (files) => take(files[0]));
  return { element, parameter, name: /^(.+) \S+ \[.*\]$/.exec(parameter)?.[1] ?? '', file: () => file };
}
