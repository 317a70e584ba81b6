// What a function is given, in the form that it takes. Each input answers its `element`, `content()` as what goes over
// the network, and `described()` as what a command line says. `content()` throws what is missing, and answers `null`
// where the input says so itself. `changed()` is called when either is another.

import { freshId, h, text } from './dom.js';
import { pictureInput } from './picture.js';
import { tensorInput } from './tensors.js';

const EXAMPLE = '{"values": [3, 1, 4, 1, 5, 9, 2, 6]}';
const WHOLE = /^-?(0|[1-9]\d*)$/;
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;

/** The input for a function. */
export function inputFor(callable, changed) {
  switch (callable.takes) {
    case 'nothing':
      return nothingInput();
    case 'scalars':
      return scalarInput(callable.parameters, changed);
    case 'json':
      return jsonInput(changed);
    case 'picture':
      return pictureInput(callable.picture, changed);
    case 'tensors':
      return tensorInput(callable.parameters, changed);
    case 'bytes':
      return otherInput('bytes that are no JSON');
    default:
      return otherInput(callable.takes);
  }
}

function nothingInput() {
  return {
    element: h('p', { class: 'fine' }, 'This function takes nothing.'),
    content: () => ({ body: '', type: 'application/json' }),
    described: () => ({ kind: 'nothing' }),
  };
}

function otherInput(takes) {
  const refusal = `This function takes ${takes}, which cannot be given over HTTP.`;
  return {
    element: h('p', { class: 'fine' }, refusal),
    content: () => {
      throw new Error(refusal);
    },
    described: () => ({ kind: 'nothing' }),
  };
}

function jsonInput(changed) {
  const [id, told] = [freshId('json'), freshId('json-problem')];
  const area = h('textarea', {
    id,
    rows: 4,
    spellcheck: 'false',
    autocapitalize: 'off',
    autocomplete: 'off',
    'aria-describedby': told,
    '.value': EXAMPLE,
  });
  const problem = h('p', { id: told, class: 'invalid', 'aria-live': 'polite' });
  const check = () => {
    const wrong = jsonProblem(area.value);
    text(problem, wrong ?? '');
    area.setAttribute('aria-invalid', String(wrong !== null));
    return wrong;
  };
  area.addEventListener('input', () => {
    check();
    changed();
  });
  return {
    element: h('div', { class: 'field' }, h('label', { for: id }, 'JSON'), area, problem),
    content() {
      if (check()) {
        area.focus();
        return null;
      }
      return { body: area.value, type: 'application/json' };
    },
    described: () => ({ kind: 'json', text: area.value.trim() }),
  };
}

/** Why a text is not JSON, with line and column where the browser says where. */
function jsonProblem(written) {
  if (written.trim() === '') return 'Write JSON here: a number, a list, an object.';
  try {
    JSON.parse(written);
    return null;
  } catch (error) {
    // Some browsers say where, others quote all of the text.
    const [reason] = error.message.split(/, "| in JSON at|; |\n/);
    const position = /position (\d+)/.exec(error.message);
    if (!position) return `Not JSON yet: ${reason}.`;
    const before = written.slice(0, Number(position[1])).split('\n');
    return `Not JSON yet: ${reason}, line ${before.length}, column ${before.at(-1).length + 1}.`;
  }
}

function scalarInput(types, changed) {
  const problem = h('p', { class: 'invalid', 'aria-live': 'polite' });
  const fields = types.map((type, position) => {
    const id = freshId('scalar');
    const input = h('input', { id, inputmode: 'decimal', autocomplete: 'off', '.value': '0' });
    const isWhole = /^[iu]\d/.test(type);
    const check = () => {
      const isRight = (isWhole ? WHOLE : DECIMAL).test(input.value.trim());
      input.setAttribute('aria-invalid', String(!isRight));
      return isRight
        ? null
        : `Argument ${position + 1} is ${isWhole ? 'a whole number' : 'a number'}, such as ${isWhole ? '-12' : '0.5'}.`;
    };
    input.addEventListener('input', () => {
      text(problem, checked() ?? '');
      changed();
    });
    return { input, check, element: h('div', { class: 'field' }, h('label', { for: id }, type), input) };
  });
  const checked = () => fields.map(({ check }) => check()).find((wrong) => wrong !== null) ?? null;
  // As text, so that 64 bits stay whole.
  const texts = () => fields.map(({ input }) => input.value.trim());
  return {
    element: h('div', {}, h('div', { class: 'scalars' }, ...fields.map(({ element }) => element)), problem),
    content() {
      const wrong = checked();
      text(problem, wrong ?? '');
      if (wrong) return null;
      return { body: `[${texts().join(', ')}]`, type: 'application/json' };
    },
    described: () => ({ kind: 'scalars', texts: texts(), text: `[${texts().join(', ')}]` }),
  };
}
