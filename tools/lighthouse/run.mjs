// Measure pages of a served installation, signed in: a JSON line per page and preset. tools/lighthouse_run.py starts it.
//
// node run.mjs '{"root": ..., "browser": ..., "username": ..., "password": ..., "paths": [...], "sandbox": true}'
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const asked = JSON.parse(process.argv[2]);
const DESKTOP = {
  extends: "lighthouse:default",
  settings: {
    formFactor: "desktop",
    screenEmulation: { mobile: false, width: 1440, height: 900, deviceScaleFactor: 1, disabled: false },
    throttling: { rttMs: 40, throughputKbps: 10240, cpuSlowdownMultiplier: 1, requestLatencyMs: 0, downloadThroughputKbps: 0, uploadThroughputKbps: 0 },
  },
};
const PRESETS = [["desktop", DESKTOP], ["phone", undefined]];
const CATEGORIES = ["accessibility", "best-practices", "performance"];
const GRADED = ["accessibility", "best-practices"];

const args = ["--disable-dev-shm-usage", ...(asked.sandbox ? [] : ["--no-sandbox"])];
const browser = await puppeteer.launch({ executablePath: asked.browser, args, headless: true });
try {
  const page = await browser.newPage();
  await page.goto(`${asked.root}/account/login`, { waitUntil: "networkidle0" });
  await page.type("[name=username]", asked.username);
  await page.type("[name=password]", asked.password);
  await Promise.all([page.waitForNavigation(), page.click("button[type=submit]:not([name=language])")]);
  const options = { port: new URL(browser.wsEndpoint()).port, disableStorageReset: true, onlyCategories: CATEGORIES };
  for (const [preset, config] of PRESETS) {
    for (const path of asked.paths) {
      const { lhr } = await lighthouse(asked.root + path, options, config, page);
      const audits = GRADED.flatMap((name) => lhr.categories[name].auditRefs.filter((one) => one.weight > 0));
      const failed = audits.map((one) => lhr.audits[one.id]).filter((audit) => audit.score !== null && audit.score < 1);
      const answer = {
        preset,
        path,
        shown: new URL(lhr.finalDisplayedUrl).pathname,
        scores: Object.fromEntries(CATEGORIES.map((name) => [name, Math.round(lhr.categories[name].score * 100)])),
        largest_paint_ms: Math.round(lhr.audits["largest-contentful-paint"].numericValue ?? 0),
        bytes: (lhr.audits["network-requests"].details?.items ?? []).reduce((sum, one) => sum + (one.transferSize || 0), 0),
        error: lhr.runtimeError?.message ?? "",
        failed: failed.map((audit) => `${audit.id}: ${audit.title}`),
      };
      console.log(JSON.stringify(answer));
    }
  }
} finally {
  await browser.close();
}
