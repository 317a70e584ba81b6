// The call of the page as a line for a shell.

import { copyButton } from './copy.js';
import { h, text } from './dom.js';

/** Longer JSON goes through a file. */
const INLINE_MAX = 2000;
/** Longer lines go on below. */
const LINE_MAX = 72;

/** A word as a POSIX shell reads it. */
function quoted(word) {
  if (/^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+:,./=-]*$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The call with curl. */
function curlLine({ url, input }) {
  return joined([`curl -sS ${quoted(url)}`, ...curlBody(input)]);
}

/** The call with our own command line. */
function wasmtubeLine({ node, slot, function: name, input }) {
  const at = node.replace(/\/$/, '');
  return joined([`wasmtube call --at ${quoted(at)} ${quoted(slot)} ${quoted(name)}`, ...ourArguments(input)]);
}

function joined(parts) {
  const line = parts.join(' ');
  return line.length <= LINE_MAX ? line : parts.join(' \\\n  ');
}

function curlBody(input) {
  const header = (type) => `-H ${quoted(`content-type: ${type}`)}`;
  const body = (type, word) => [header(type), `--data-binary ${quoted(word)}`];
  switch (input.kind) {
    case 'nothing':
      return ['-X POST', header('application/json')];
    case 'scalars':
    case 'json':
      return body('application/json', isLong(input) ? '@input.json' : input.text);
    case 'picture':
      return body(input.type, `@${input.file}`);
    case 'tensors': {
      const [only, ...others] = input.files;
      if (others.length === 0) return body(input.type, `@${only.file}`);
      return input.files.map(({ name, file }) => `-F ${quoted(`${name}=@${file};type=${input.type}`)}`);
    }
    default:
      throw new Error(`no command for ${input.kind}`);
  }
}

function ourArguments(input) {
  switch (input.kind) {
    case 'nothing':
      return [];
    case 'scalars':
      return [input.texts.map(quoted).join(' ')];
    case 'json':
      return [isLong(input) ? '--json - < input.json' : `--json ${quoted(input.text)}`];
    case 'picture':
      return [`--image ${quoted(input.file)}`];
    case 'tensors':
      return input.files.map(({ name, file }) => `--tensor ${quoted(`${name}=${file}`.replace(/^=(?!.*=)/, ''))}`);
    default:
      throw new Error(`no command for ${input.kind}`);
  }
}

/** What must be there before the lines work. */
function needed(input) {
  if (isLong(input)) return 'Save the JSON as input.json first.';
  if (input.kind === 'picture') return `Run it where ${input.file} is.`;
  return input.kind === 'tensors' ? `Run it where ${input.files.map(({ file }) => file).join(', ')} is.` : '';
}

function isLong(input) {
  return input.kind === 'json' && input.text.length > INLINE_MAX;
}

/** Both lines, each with a button that copies it. */
export function commandLines() {
  const lines = [
    ['curl', curlLine],
    ['wasmtube', wasmtubeLine],
  ].map(([name, write]) => {
    const code = h('code');
    const element = h(
      'div',
      { class: 'command' },
      h('pre', { tabindex: 0, 'aria-label': `The call with ${name}` }, code),
      copyButton(`the ${name} line`, () => code.textContent),
    );
    return { element, show: (call) => text(code, write(call)) };
  });
  const needs = h('p', { class: 'fine' });
  const element = h(
    'section',
    { class: 'commands', 'aria-label': 'The same call in a shell' },
    h('h3', {}, 'The same call in a shell'),
    ...lines.map((line) => line.element),
    needs,
  );
  const show = (call) => {
    for (const line of lines) line.show(call);
    text(needs, needed(call.input));
  };
  return { element, show };
}
