// A browser, and what is asked of every page in it.

import { chromium } from 'playwright-core';

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the browser of `CHROMIUM`. */
export function launch() {
  return chromium.launch({ executablePath: PROGRAM, args: FLAGS });
}

/** Opens a page and notes what goes wrong in it. */
export async function open(browser, url, { width, height, colorScheme = 'light' }) {
  const isPhone = width < 600;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    hasTouch: isPhone,
    isMobile: isPhone,
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
  const page = await context.newPage();
  const complaints = [];
  const elsewhere = [];
  const asked = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('request', (request) => {
    const at = new URL(request.url());
    asked.push(at.pathname);
    if (at.origin !== new URL(url).origin && at.protocol !== 'blob:') elsewhere.push(request.url());
  });
  await page.goto(url);
  await page.locator('#slots li.slot').first().waitFor();
  return { page, context, complaints, elsewhere, asked };
}

/** How many pixels are to the right of the window. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/** Texts whose contrast with what is behind them is below WCAG's AA, with the contrast. */
export function faintTexts(page) {
  return page.evaluate(() => {
    const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
    const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    const luminance = ([red, green, blue]) =>
      0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255);
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = channels(getComputedStyle(at).backgroundColor);
        if (color.length === 3 || color[3] === 1) return color;
      }
      return [255, 255, 255];
    };
    const faint = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const said = walker.currentNode.textContent.trim();
      const isSeen =
        element.checkVisibility() && !element.closest('.offscreen, .skip, noscript, optgroup, :disabled, .old');
      if (!said || !isSeen) continue;
      const [one, other] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      if (contrast < 4.5) faint.push(`${said.slice(0, 30)} ${contrast.toFixed(2)}`);
    }
    return faint;
  });
}

/** Controls that nothing names for those who cannot see them. */
export function namelessControls(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('button, select, textarea, input, a[href]')]
      .filter((it) => {
        const label =
          it.getAttribute('aria-label') ?? [...(it.labels ?? [])].map((label) => label.textContent).join('');
        return it.checkVisibility() && !(label || it.textContent).trim();
      })
      .map((it) => it.outerHTML.slice(0, 80)),
  );
}

/** Runs checks one after another and says how each went. */
export class Checks {
  constructor() {
    this.passed = 0;
    this.failed = 0;
    this.place = '';
  }

  async check(name, body) {
    const said = `${this.place} ${name}`;
    try {
      await body();
      this.passed += 1;
      console.log(`ok    ${said}`);
    } catch (error) {
      this.failed += 1;
      console.log(`FAIL  ${said}: ${error.message.split('\n').slice(0, 6).join('\n      ')}`);
    }
  }

  finish() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0;
  }
}
