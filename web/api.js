// The node that this page comes from. Its public interface is all that the page speaks.

const BASE = 'api/v1/';
const PATIENCE_MS = 4000;

/** The node answered that it cannot. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The node did not answer. */
export class Away extends Error {}

/** Path of what the interface has, of parts that may hold anything. */
export function path(...parts) {
  return BASE + parts.map(encodeURIComponent).join('/');
}

/** The address of a path as another program reaches it. */
export function address(of) {
  return new URL(of, document.baseURI).href;
}

/** Asks for JSON. */
export function get(...parts) {
  return request(path(...parts), { patience: PATIENCE_MS });
}

/** Sends a body, which is JSON unless `type` says otherwise; `null` leaves it to the browser. `signal` gives up. */
export function post(to, body, type = 'application/json', signal = undefined) {
  const headers = type ? { 'content-type': type } : {};
  return request(to, { method: 'POST', body, headers, signal });
}

async function request(to, { patience, signal, ...options }) {
  const giveUp = new AbortController();
  const timer = patience && setTimeout(() => giveUp.abort(), patience);
  signal?.addEventListener('abort', () => giveUp.abort());
  const headers = { accept: 'application/json', ...options.headers };
  try {
    const response = await fetch(to, { ...options, headers, signal: giveUp.signal, cache: 'no-store' });
    return await content(response);
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Away(
      signal?.aborted ? 'You gave up waiting; the node may still finish the call.' : 'The node does not answer.',
    );
  } finally {
    clearTimeout(timer);
  }
}

async function content(response) {
  const said = await response.text();
  let body;
  try {
    body = JSON.parse(said);
  } catch {
    throw new Refused(response.status, 'unreadable', `the answer is not JSON (status ${response.status})`);
  }
  if (response.ok) return body;
  throw new Refused(response.status, body?.code ?? 'unknown', body?.message ?? `status ${response.status}`);
}

/**
 * Reads server-sent events after the one of number `after` until the stream ends or `signal` gives up; each goes to
 * `take`, whatever its name. The browser's own reader hands on only names that it was told before.
 */
export async function follow(of, after, signal, take) {
  const headers = { accept: 'text/event-stream' };
  if (after > 0) headers['last-event-id'] = String(after);
  const response = await fetch(path(of), { headers, signal, cache: 'no-store' });
  if (!response.ok) throw new Refused(response.status, 'stream', `status ${response.status}`);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const data = block.split(/\r?\n/).filter((line) => line.startsWith('data:'));
      if (data.length > 0) take(data.map((line) => line.slice(5)).join('\n'));
    }
  }
}
