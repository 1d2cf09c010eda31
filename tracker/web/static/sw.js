// Keeps the sheets that were opened, and what their pages are made of, for when there is no
// connection. What is fresh always comes from the server; nothing else is kept.
'use strict';

const KEPT = 'sheets';
const wanted = (url) => /^\/organizations\/[^/]+\/sheet\/[^/]+$/.test(url.pathname) || url.pathname.startsWith('/static/');

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('message', (event) => { if (event.data === 'forget') event.waitUntil(caches.delete(KEPT)); });
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin || !wanted(url)) return;
  event.respondWith((async () => {
    const cache = await caches.open(KEPT);
    try {
      const answer = await fetch(event.request);
      if (answer.ok && !answer.redirected) await cache.put(event.request, answer.clone());
      return answer;
    } catch (error) {
      const kept = await cache.match(event.request);
      if (kept) return kept;
      throw error;
    }
  })());
});
