// Sheets that wait in this browser: submitted exactly once, even when the connection drops. Used by
// sheet.js for its page, and by an inspector's home, to show and submit those that wait.
'use strict';

window.sheets = (() => {
  const PREFIX = 'sheet:';
  const RETRY_MS = 15000;
  const BREAKS = [429, 500, 502, 503, 504, 507];

  const { store } = drafts;

  // Return the account signed in now and its CSRF token; null without a session.
  async function signedIn() {
    const answer = await fetch('/account', { headers: { Accept: 'text/html' } });
    if (!answer.ok || answer.redirected) return null;
    const { csrf, account } = new DOMParser().parseFromString(await answer.text(), 'text/html').body.dataset;
    return csrf && account ? { csrf, account } : null;
  }

  function post(action, body) {
    return fetch(action, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': document.body.dataset.csrf, Accept: 'application/json' },
    });
  }

  const expired = (answer, reply) => answer.status === 401 || (answer.status === 403 && /:forged_form$/.test(reply.type));

  // Submit the sheet stored under a key; return {state, reply}. Retries are safe: the server treats
  // the same sheet as one (idempotent). Only the owner of this page may sign it: while another
  // account is signed in, the sheet waits.
  const under = new Set();
  const equal = (one, other) => JSON.stringify(one) === JSON.stringify(other);

  // After an acceptance compare what is kept with what was sent: return what was typed meanwhile as
  // a new draft, null if there is nothing. A disallowance is repeated, because a later sheet without
  // it would take it back; a sheet that waits for signatures keeps its id and is sent as a whole.
  function rest(now, sent) {
    if (!now || equal(now.queued, sent.queued)) return null;
    if (sent.queued.how === 'propose') return { ...now, queued: null };
    const later = (part) => Object.fromEntries(Object.entries(now[part]).filter(([name, value]) => !equal(value, sent[part][name])));
    const left = { ...now, id: newId(), known: [...now.known, sent.id], queued: null, findings: later('findings'), rectify: later('rectify') };
    const changed = Object.keys(left.findings).length || Object.keys(left.rectify).length || !equal(now.disallow, sent.disallow);
    return changed ? left : null;
  }
  function newId() {
    return 'w-' + [...crypto.getRandomValues(new Uint8Array(16))].map((part) => part.toString(16).padStart(2, '0')).join('');
  }

  async function send(key) {
    const kept = store.read(key);
    if (!kept || !kept.queued || under.has(key)) return { state: 'nothing' };
    under.add(key);
    try {
      let answer = await post(kept.action, kept.queued);
      let reply = await answer.json().catch(() => ({}));
      if ([401, 403, 404].includes(answer.status)) {
        const now = await signedIn();
        if (!now) return { state: 'signin' };
        if (now.account !== document.body.dataset.account) return { state: 'other' };
        if (expired(answer, reply)) {
          document.body.dataset.csrf = now.csrf;
          answer = await post(kept.action, kept.queued);
          reply = await answer.json().catch(() => ({}));
          if (expired(answer, reply)) return { state: 'busy' };
        }
      }
      if (/:other_person$/.test(reply.type)) return { state: 'other' };
      const now = store.read(key);
      if (answer.ok) {
        const left = rest(now, kept);
        if (left) store.write(key, left); else store.drop(key);
        return { state: 'done', reply, left };
      }
      if (BREAKS.includes(answer.status)) return { state: 'busy' };
      if (now) store.write(key, { ...now, queued: equal(now.queued, kept.queued) ? null : now.queued });
      return { state: 'refused', reply };
    } catch {
      return { state: 'offline' };
    } finally {
      under.delete(key);
    }
  }

  function again(work) {
    window.addEventListener('online', work);
    document.addEventListener('visibilitychange', () => { if (!document.hidden) work(); });
    setInterval(work, RETRY_MS);
    work();
  }

  const home = document.querySelector('[data-inspections]');
  if (home) list(home);

  // An inspector's home: show the local progress of each sheet and submit those that wait.
  function list(root) {
    const prefix = PREFIX + root.dataset.inspections + ':';
    const show = () => root.querySelectorAll('[data-sheet]').forEach((place) => {
      const kept = store.read(prefix + place.dataset.sheet);
      const count = kept ? Object.keys(kept.findings || {}).length : 0;
      place.hidden = !kept || !(count || kept.queued);
      place.textContent = kept && kept.queued ? root.dataset.tWaiting : root.dataset.tDraft.replace('0', count);
      place.classList.toggle('s-late', Boolean(kept && kept.queued));
    });
    again(async () => {
      show();
      let done = false;
      for (const key of store.keys(prefix)) {
        if ((await send(key)).state === 'done') done = true;
      }
      if (done) location.reload(); else show();
    });
  }

  // Cache this page explicitly: the service worker controls only the pages that load after it.
  async function cache() {
    if (!('serviceWorker' in navigator)) return;
    try {
      await navigator.serviceWorker.register('/sw.js');
      if (navigator.serviceWorker.controller) return;
      const kept = await caches.open('sheets');
      const made = [...document.querySelectorAll('script[src], link[rel=stylesheet], link[rel=icon]')].map((one) => one.src || one.href);
      await kept.addAll([location.pathname, ...made]);
    } catch { /* without a cache the draft still works, but the page cannot be reopened offline */ }
  }

  return { send, again, newId, cache };
})();
