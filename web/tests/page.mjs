// Uses the page of running nodes as a person does: each panel, at desktop and at phone width.
//
//     node page.mjs SCREENSHOTS URL [URL ...]
//
// The first URL is the device of `wasmtube demo`, with the slots `stats` and `digits`, the route `load` and one that
// calls `stats.calc_stats`; the others are its neighbors. `stats` is replaced and rolled back. CHROMIUM names the
// browser.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Checks, faintTexts, launch, namelessControls, open, overflow } from './browser.mjs';
import { tensorFile, zero } from './digit.mjs';

const REPOSITORY = new URL('../../', import.meta.url);
const WIDTHS = [
  { name: 'desktop', width: 1280, height: 800 },
  { name: 'phone', width: 390, height: 844 },
];
const PAGE_BYTES_MAX = 300_000;
/** Longest time for what is to appear. */
const PATIENCE_MS = 15_000;

const [screenshots, ...urls] = process.argv.slice(2);
if (urls.length === 0) {
  console.error('usage: node page.mjs SCREENSHOTS URL [URL ...]');
  process.exit(2);
}
mkdirSync(screenshots, { recursive: true });
const device = urls[0].replace(/\/?$/, '/');
const checks = new Checks();
const check = (name, body) => checks.check(name, body);

const file = (path) => readFileSync(new URL(path, REPOSITORY));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const api = async (path, at = device) => (await fetch(new URL(`api/v1/${path}`, at))).json();
const slot = async (name, at) => (await api('slots', at)).find((it) => it.name === name);
const pause = (milliseconds) =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

async function until(what, condition) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(100)) if (await condition()) return;
  throw new Error(`${what} did not happen within ${PATIENCE_MS} ms`);
}

const browser = await launch();
await checkFiles();
for (const size of WIDTHS) {
  checks.place = `${size.name}:`;
  const opened = await open(browser, device, size);
  opened.page.setDefaultTimeout(PATIENCE_MS);
  const view = {
    ...opened,
    size,
    shot: (name) => opened.page.screenshot({ path: `${screenshots}/${name}-${size.name}.png`, fullPage: true }),
  };
  await checkHeader(view);
  await checkSlots(view);
  await checkRoutes(view);
  await checkTry(view);
  await checkDigits(view);
  await checkNeighbors(view);
  await checkEvents(view);
  await checkKeyboard(view);
  await checkLook(view);
  await checkHidden(view);
  await check('no complaint in the console', () => assert.deepEqual(opened.complaints, []));
  await checkAway(view);
  await check('nothing is asked of another machine', () => assert.deepEqual(opened.elsewhere, []));
  await opened.context.close();
}
checks.place = 'dark:';
for (const size of WIDTHS) await checkDark(size);
checks.place = 'others:';
for (const url of urls.slice(1)) await checkOther(url.replace(/\/?$/, '/'));
await browser.close();
process.exitCode = checks.finish() ? 0 : 1;

async function checkFiles() {
  checks.place = 'files:';
  await check('the page is small', () => {
    const folder = new URL('web/', REPOSITORY);
    const files = readdirSync(folder, { withFileTypes: true }).filter((it) => it.isFile());
    const bytes = files.reduce((sum, { name }) => sum + statSync(new URL(name, folder)).size, 0);
    assert.ok(bytes < PAGE_BYTES_MAX, `${bytes} bytes`);
  });
  await check('no markup is made of data', () => {
    const folder = new URL('web/', REPOSITORY);
    for (const name of readdirSync(folder).filter((it) => it.endsWith('.js'))) {
      assert.doesNotMatch(
        file(`web/${name}`).toString(),
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/,
        name,
      );
    }
  });
  await check('the page forbids what is not its own', async () => {
    const answer = await fetch(device);
    assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'self'/);
    assert.match(answer.headers.get('content-type'), /^text\/html/);
  });
}

async function checkHeader({ page }) {
  await check('the head names the node', async () => {
    const node = await api('node');
    assert.equal(await page.locator('h1').textContent(), node.name);
    assert.equal(await page.title(), `${node.name} · wasmtube`);
    assert.equal(await page.locator('#node .layer').textContent(), node.layer);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.layer), node.layer);
    const details = await page.locator('#node').textContent();
    for (const part of [node.version, node.configuration.file, node.upstream?.url ?? 'none'])
      assert.ok(details.includes(part), `${part} in ${details}`);
  });
}

async function checkSlots({ page, complaints, shot }) {
  const row = page.locator('li.slot').filter({ has: page.getByRole('heading', { name: 'stats', exact: true }) });
  const live = () => row.locator('.version .digest').textContent();
  await check('every slot is there with its version', async () => {
    const slots = await api('slots');
    assert.deepEqual(
      await page.locator('li.slot h3').allTextContents(),
      slots.map(({ name }) => name),
    );
    const digests = await page.locator('li.slot > .version .digest').allTextContents();
    assert.deepEqual(
      digests,
      slots.filter((it) => it.live).map((it) => it.live.digest.slice(0, 12)),
    );
  });
  await check('a digest is copied whole', async () => {
    await row.locator('.version').getByRole('button', { name: 'Copy the whole digest' }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), (await slot('stats')).live.digest);
  });
  await check('a file that is no function is refused, and said so', async () => {
    await row.getByRole('button', { name: 'Deploy', exact: true }).click();
    await row
      .locator('input[type=file]')
      .setInputFiles({ name: 'notes.wasm', mimeType: 'application/wasm', buffer: Buffer.from('notes') });
    await row.getByRole('button', { name: 'Deploy the file to stats' }).click();
    await row.locator('.asking').getByRole('button', { name: 'Deploy' }).click();
    await row.locator('.status.error').waitFor();
    // The browser itself writes down every status above 399.
    for (const said of complaints.splice(0)) assert.match(said, /status of 4\d\d/);
  });
  const before = (await slot('stats')).live.digest;
  const candidates = ['guests/prebuilt/stats-v1.wasm', 'guests/prebuilt/stats-v2.wasm'].map(file);
  const next = candidates.find((bytes) => sha256(bytes) !== before);
  await check('a file that is dropped is deployed', async () => {
    await row.dispatchEvent('drop', { dataTransfer: await transfer(page, 'stats.wasm', 'application/wasm', next) });
    await row.getByRole('button', { name: 'Deploy the file to stats' }).click();
    await shot('deploy');
    await row.locator('.asking').getByRole('button', { name: 'Deploy' }).click();
    await until('the new version', async () => (await live()) === sha256(next).slice(0, 12));
    assert.equal((await slot('stats')).live.digest, sha256(next));
    assert.match(await row.locator('.status').textContent(), /exchanged in/);
  });
  await check('its event appears by itself', async () => {
    const event = page
      .locator('.event')
      .filter({ hasText: 'published' })
      .filter({ hasText: sha256(next).slice(0, 12) });
    await event.first().waitFor();
  });
  await check('rolling back asks first, and can be left', async () => {
    await row.getByRole('button', { name: /^History/ }).click();
    await row
      .getByRole('button', { name: `Roll back to ${before.slice(0, 12)}` })
      .first()
      .click();
    await shot('history');
    await page.keyboard.press('Escape');
    assert.equal(await row.locator('.asking:visible').count(), 0);
    assert.equal((await slot('stats')).live.digest, sha256(next));
  });
  await check('rolling back brings the version before', async () => {
    await row
      .getByRole('button', { name: `Roll back to ${before.slice(0, 12)}` })
      .first()
      .click();
    await row.locator('.asking:visible').getByRole('button', { name: 'Roll back' }).click();
    await until('the version before', async () => (await live()) === before.slice(0, 12));
    const published = (await slot('stats')).history;
    assert.equal(published.at(-1).cause, 'rollback');
    await until(
      'the history',
      async () => (await row.locator('.history li').count()) === Math.min(8, published.length),
    );
    assert.match(await row.locator('.history li').first().textContent(), /Rolled back.*live/);
    await row.getByRole('button', { name: /^History/ }).click();
    await row.getByRole('button', { name: 'Deploy', exact: true }).click();
  });
}

/** What a browser holds while a file is dragged or copied. */
function transfer(page, name, type, bytes) {
  return page.evaluateHandle(
    ([called, kind, content]) => {
      const held = new DataTransfer();
      held.items.add(new File([new Uint8Array(content)], called, { type: kind }));
      return held;
    },
    [name, type, [...bytes]],
  );
}

async function checkRoutes({ page, asked }) {
  const rowOf = (name) => page.locator('li.route').filter({ has: page.getByRole('heading', { name, exact: true }) });
  const load = rowOf('load');
  const counter = async (name) =>
    Number(
      (await load.locator('.counters > div').filter({ hasText: name }).locator('.number').textContent()).replaceAll(
        ',',
        '',
      ),
    );
  await check('every route shows its stages', async () => {
    const routes = await api('routes');
    assert.deepEqual(
      await page.locator('li.route h3').allTextContents(),
      routes.map(({ name }) => name),
    );
    for (const route of routes) {
      const stages = [route.source, route.window, route.call, ...route.sinks]
        .filter(Boolean)
        .map((words) => words.replaceAll('`', ''));
      assert.deepEqual(await rowOf(route.name).locator('.stage .words').allTextContents(), stages);
    }
  });
  await check('values arrive while one looks', async () => {
    const before = await counter('received');
    await until('another value', async () => (await counter('received')) > before);
    await load.locator('.chart path.series').first().waitFor();
  });
  await check('each number of an outcome has its line', async () => {
    const { name } = (await api('routes')).find(({ call }) => call === 'stats.calc_stats');
    const outcome = rowOf(name)
      .locator('.flow')
      .filter({ has: page.getByRole('heading', { name: 'Outcome' }) });
    await outcome.waitFor();
    await until(
      'mean and median',
      async () => (await outcome.locator('.legend .name').allTextContents()).join() === 'mean,median',
    );
    assert.equal(await outcome.locator('.chart path.series[d^="M"]').count(), 2);
    assert.match(await outcome.locator('.chart').getAttribute('aria-label'), /mean from .* to .*; median from/);
  });
  await check('it asks once a second', async () => {
    const since = asked.length;
    await pause(5000);
    const times = asked.slice(since).filter((path) => path.endsWith('/routes')).length;
    assert.ok(times >= 3 && times <= 6, `${times} times in 5 s`);
  });
}

async function checkTry({ page, shot }) {
  const json = page.getByLabel('JSON', { exact: true });
  const call = page.getByRole('button', { name: 'Call', exact: true });
  await check('a function is called with JSON', async () => {
    await page.getByRole('button', { name: 'Try stats.calc_stats' }).click();
    assert.equal(await page.getByLabel('Function', { exact: true }).inputValue(), 'stats.calc_stats');
    await json.fill('{"values": [1, 2, 30]}');
    await call.click();
    const answer = await page.locator('.result pre').first().textContent();
    assert.deepEqual(JSON.parse(answer), { mean: 11, median: 2 });
    const facts = await page.locator('.answered').textContent();
    const [node, stats] = [await api('node'), await slot('stats')];
    assert.ok(
      facts.includes(node.name) && facts.includes(stats.live.digest.slice(0, 12)) && facts.includes('same as here'),
      facts,
    );
    assert.match(facts, /in the function[\d.]+ (ns|µs|ms|s)round trip[\d.]+ (µs|ms|s)/);
    await shot('json');
  });
  await check('the curl line gives the same answer', async () => {
    await json.fill('{"values": [1, 2, 30], "note": "it\'s $HOME"}');
    const line = page.locator('.commands .command').first();
    const text = await line.locator('code').textContent();
    await line.getByRole('button').click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
    const { stdout } = await promisify(execFile)('sh', ['-c', text]);
    assert.deepEqual(JSON.parse(stdout).value, { mean: 11, median: 2 });
  });
  await check('the line for our own program says the same', async () => {
    const line = await page.locator('.commands .command').nth(1).locator('code').textContent();
    const words = await promisify(execFile)('sh', ['-c', `wasmtube() { printf '%s\\n' "$@"; }\n${line}`]);
    assert.deepEqual(words.stdout.trim().split('\n'), [
      'call',
      '--at',
      device.replace(/\/$/, ''),
      'stats',
      'calc_stats',
      '--json',
      '{"values": [1, 2, 30], "note": "it\'s $HOME"}',
    ]);
  });
  await check('what is not JSON is not sent', async () => {
    await json.fill('{"values": [1, 2,}');
    assert.match(await page.locator('.try .invalid').textContent(), /^Not JSON yet/);
    await call.click();
    assert.equal(await json.getAttribute('aria-invalid'), 'true');
    await json.fill('{"values": [7]}');
    assert.equal(await page.locator('.try .invalid').textContent(), '');
  });
  for (const neighbor of (await api('neighbors')).filter(({ node }) => node)) {
    await check(`a function is called on ${neighbor.name}`, async () => {
      await page.getByRole('radio', { name: neighbor.node.name }).check({ force: true });
      await page.keyboard.press('Control+Enter');
      await page.locator('.answered').filter({ hasText: neighbor.node.name }).waitFor();
      const line = await page.locator('.commands code').nth(1).textContent();
      assert.ok(line.includes(neighbor.url), line);
    });
  }
  await check('all nodes answer the same', async () => {
    await page.getByRole('radio', { name: /^all \d/ }).check({ force: true });
    await call.click();
    const rows = page.locator('.calls-compared li');
    await rows.first().waitFor();
    assert.equal(await rows.count(), 1 + (await api('neighbors')).filter(({ node }) => node).length);
    assert.match(await page.locator('.result').textContent(), /All answered the same/);
    await shot('everywhere');
  });
  await page.getByRole('radio', { name: /\(here\)/ }).check({ force: true });
}

async function checkDigits({ page, shot }) {
  const best = page.locator('.ranking li').first();
  const recognized = (digit) => until(`a ${digit}`, async () => (await best.locator('.label').textContent()) === digit);
  const call = page.getByRole('button', { name: 'Call', exact: true });
  await check('a digit that is drawn is recognized', async () => {
    await page.getByLabel('Function', { exact: true }).selectOption('digits.predict');
    const canvas = page.locator('canvas.drawing');
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    const points = zero().map(([x, y]) => [box.x + x * box.width, box.y + y * box.height]);
    await page.mouse.move(...points[0]);
    await page.mouse.down();
    for (const point of points) await page.mouse.move(...point);
    await page.mouse.up();
    await call.click();
    await recognized('0');
    assert.match(await best.locator('.number').textContent(), /%$/);
    await shot('digit');
  });
  await check('the drawing is saved, and the curl line takes it', async () => {
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as PNG' }).click(),
    ]);
    const folder = mkdtempSync(join(tmpdir(), 'wasmtube-page-'));
    await saved.saveAs(join(folder, saved.suggestedFilename()));
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-c', await page.locator('.commands code').first().textContent()],
      { cwd: folder },
    );
    assert.equal(JSON.parse(stdout).top[0].label, '0');
    rmSync(folder, { recursive: true });
  });
  await check('the drawing can be undone', async () => {
    await page.getByRole('button', { name: 'Undo' }).click();
    assert.ok(await page.getByRole('button', { name: 'Clear' }).isDisabled());
    await call.click();
    await page.locator('.result .notice').filter({ hasText: 'Draw something' }).waitFor();
  });
  await check('it can be drawn with keys', async () => {
    await page.locator('canvas.drawing').focus();
    for (let step = 0; step < 9; step += 1) await page.keyboard.press('Shift+ArrowDown');
    await call.click();
    await recognized('1');
    await page.getByRole('button', { name: 'Clear' }).click();
  });
  await check('a picture from a file is recognized', async () => {
    await page.getByRole('radio', { name: 'File' }).check({ force: true });
    await page
      .locator('.try input[type=file]')
      .setInputFiles({ name: "it's 3.png", mimeType: 'image/png', buffer: file('models/digits/samples/012_3.png') });
    await page.locator('canvas.preview').waitFor();
    await call.click();
    await recognized('3');
    assert.match(await page.locator('.commands code').first().textContent(), /'@it'\\''s 3\.png'/);
  });
  await check('a picture that is pasted is recognized', async () => {
    const held = await transfer(page, 'pasted.png', 'image/png', file('models/digits/samples/009_1.png'));
    await page
      .locator('.try .drop')
      .evaluate(
        (it, data) => it.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true })),
        held,
      );
    await page.locator('.try .drop').filter({ hasText: 'pasted.png, 8 × 8' }).waitFor();
    await call.click();
    await recognized('1');
  });
  await check('a tensor goes in and a tensor comes out', async () => {
    await page.getByLabel('Function', { exact: true }).selectOption('digits.infer');
    await page
      .locator('.try input[type=file]')
      .setInputFiles({ name: 'digit.npy', mimeType: 'application/octet-stream', buffer: tensorFile() });
    await call.click();
    await page.locator('.answered').waitFor();
    await page.locator('.result summary').click();
    assert.match(await page.locator('.tensor').textContent(), /FP32 \[1, 10\]/);
    await shot('tensor');
  });
}

async function checkNeighbors({ page }) {
  await check('every neighbor is compared', async () => {
    const neighbors = await api('neighbors');
    assert.equal(await page.locator('li.neighbor').count(), neighbors.length);
    for (const [position, neighbor] of neighbors.entries()) {
      const row = page.locator('li.neighbor').nth(position);
      assert.equal(await row.locator('h3').textContent(), neighbor.node?.name ?? neighbor.name);
      assert.equal(await row.getByRole('link').getAttribute('href'), neighbor.url);
      for (const { name, same } of neighbor.slots) {
        const compared = row.locator('.compared li').filter({ has: page.getByText(name, { exact: true }) });
        const words = same === null ? 'not on this node' : same ? 'same as here' : 'not what runs here';
        await until(words, async () => (await compared.textContent()).includes(words));
      }
    }
  });
}

async function checkEvents({ page }) {
  await check('events are listed newest first', async () => {
    const times = await page.locator('.event time').evaluateAll((all) => all.map((it) => it.dateTime));
    assert.ok(times.length > 1);
    assert.deepEqual(times, [...times].sort().reverse());
  });
  await check('events are filtered by level', async () => {
    // Steps of deployments are not listed.
    const events = (await api('events')).filter(({ kind }) => kind !== 'step');
    await page.getByRole('radio', { name: 'Errors', exact: true }).check({ force: true });
    const errors = events.filter(({ level }) => level === 'error').length;
    assert.equal(await page.locator('.event').count(), Math.min(12, errors));
    await page.getByRole('radio', { name: 'Everything' }).check({ force: true });
    assert.equal(await page.locator('.event').count(), Math.min(12, events.length));
  });
}

async function checkKeyboard({ page }) {
  await check('what has the focus can be seen', async () => {
    await page.evaluate(() => {
      document.activeElement.blur();
      scrollTo(0, 0);
    });
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press('Tab');
      const seen = await page.evaluate(() => {
        const at = document.activeElement;
        const ring =
          getComputedStyle(at).outlineStyle !== 'none' ? at : (at.closest('.choice') ?? at.nextElementSibling);
        return { tag: at.outerHTML.slice(0, 80), outline: ring && getComputedStyle(ring).outlineStyle };
      });
      assert.notEqual(seen.outline, 'none', seen.tag);
    }
  });
}

async function checkLook({ page, shot }) {
  await shot('page');
  await check('nothing is wider than the window', async () => assert.equal(await overflow(page), 0));
  await check('texts can be read', async () => assert.deepEqual(await faintTexts(page), []));
  await check('controls have names', async () => assert.deepEqual(await namelessControls(page), []));
}

async function checkHidden({ page, asked }) {
  const hide = (hidden) =>
    page.evaluate((isHidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await check('a page that nobody sees asks nothing', async () => {
    await hide(true);
    await pause(1500);
    const since = asked.length;
    await pause(3000);
    assert.deepEqual(asked.slice(since), []);
    await hide(false);
    await until('another request', () => asked.length > since);
  });
}

async function checkAway({ page, context, asked, shot }) {
  await check('a node that is away is said to be, and found again', async () => {
    await context.setOffline(true);
    await page.locator('.banner').waitFor();
    await shot('away');
    const since = asked.length;
    await pause(5000);
    assert.ok(asked.length - since <= 6, `${asked.length - since} requests in 5 s`);
    await context.setOffline(false);
    await page.locator('.banner').waitFor({ state: 'hidden' });
    const received = page.locator('.counters .number').first();
    const before = await received.textContent();
    await until('another value', async () => (await received.textContent()) !== before);
  });
}

async function checkDark(size) {
  const { page, context, complaints } = await open(browser, device, { ...size, colorScheme: 'dark' });
  await page.locator('.chart path.series').first().waitFor();
  await page.screenshot({ path: `${screenshots}/dark-${size.name}.png`, fullPage: true });
  await check(`texts can be read at ${size.name} width`, async () => {
    assert.deepEqual(await faintTexts(page), []);
    assert.deepEqual(complaints, []);
  });
  await context.close();
}

async function checkOther(url) {
  const { page, context, complaints } = await open(browser, url, WIDTHS[0]);
  await check(`${url} has the same page`, async () => {
    const node = await api('node', url);
    assert.equal(await page.locator('h1').textContent(), node.name);
    const digits = await slot('digits', url);
    assert.ok((await page.locator('#slots').textContent()).includes(digits.live.digest.slice(0, 12)));
    assert.equal(digits.live.digest, (await slot('digits')).live.digest);
    await page.locator('li.route .chart path.series').first().waitFor();
    await page.screenshot({ path: `${screenshots}/${node.layer}.png`, fullPage: true });
    assert.equal(await overflow(page), 0);
    assert.deepEqual(complaints, []);
  });
  await context.close();
}
