// Service worker: caches opened inspection sheets and their static files for offline use. The
// network comes first; the cache answers only when the server does not. The x-account header of a
// cached sheet names its owner: tracker.js deletes the sheets of other accounts, and this worker
// deletes a sheet as soon as the server refuses it.
'use strict';

const KEPT = 'sheets';
const MOST_PAGES = 40;
const PATIENCE_MS = 5000;
const isSheet = (url) => /^\/organizations\/[^/]+\/sheet\/[^/]+$/.test(url.pathname);
const isRefused = (answer) => answer.redirected || answer.type === 'opaqueredirect' || [401, 403, 404].includes(answer.status);
const isPart = (url) => url.pathname.startsWith('/static/');

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === 'POST' && url.pathname === '/logout') { event.waitUntil(caches.delete(KEPT)); return; }
  if (request.method !== 'GET') return;
  if (isPart(url)) event.respondWith(part(request));
  else if (isSheet(url)) event.respondWith(sheet(event, url.pathname));
});

// A static file with a version in its address never changes: cache first. Others: network first.
async function part(request) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request);
  if (kept && new URL(request.url).search) return kept;
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      await cache.delete(request, { ignoreSearch: true });
      await cache.put(request, answer.clone());
    }
    return answer;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

// Sheets: network first; from the cache when offline or when the network takes too long.
async function sheet(event, path) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(path);
  const fresh = fetch(event.request).then(async (answer) => {
    if (isRefused(answer)) await cache.delete(path);
    else if (answer.ok) { await cache.put(path, answer.clone()); await trim(cache); }
    return answer;
  });
  if (!kept) return fresh;
  const late = new Promise((resolve) => { setTimeout(() => resolve(kept), PATIENCE_MS); });
  event.waitUntil(fresh.catch(() => {}));
  return Promise.race([fresh.catch(() => kept), late]);
}

// Delete the oldest pages. A page is cached by path, without its query.
async function trim(cache) {
  const pages = (await cache.keys()).filter((one) => isSheet(new URL(one.url)));
  await Promise.all(pages.slice(0, Math.max(0, pages.length - MOST_PAGES)).map((one) => cache.delete(one)));
}
