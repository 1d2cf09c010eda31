// Progressive enhancement for forms: file uploads with progress, and submits that happen once and
// wait for uploads, for the connection and for the server. Drafts are kept by drafts.js. Every page
// works without this script.
'use strict';

(() => {
  const csrf = () => document.body.dataset.csrf || '';
  const account = document.body.dataset.account || '';

  // A form that is submitted during an upload, while offline or while the server is away waits, then
  // is submitted once.
  const PROBE = '/static/icon.svg', PROBE_MS = 10000, AGAIN_MS = 5000;
  const connectionNotice = document.getElementById('connection');
  const uploads = new Map();
  const waiting = new Map();
  const held = (form) => (uploads.get(form) ? 'uploading' : navigator.onLine ? '' : 'offline');

  // Whether the server answers at all: otherwise the browser would replace the form by its own
  // error page.
  async function reachable() {
    const abort = new AbortController();
    const late = setTimeout(() => abort.abort(), PROBE_MS);
    try {
      await fetch(PROBE, { method: 'HEAD', cache: 'no-store', signal: abort.signal });
      return true;
    } catch {
      return false;
    } finally {
      clearTimeout(late);
    }
  }
  async function submitWhenReachable(form, button) {
    form.dataset.probing = '1';
    const there = await reachable();
    delete form.dataset.probing;
    if (!form.isConnected) return;
    if (!there) {
      hold(form, button, 'away');
      setTimeout(() => { if (waiting.has(form)) release(form); }, AGAIN_MS);
      return;
    }
    sayHeld(form, button, '');
    form.dataset.reached = '1';
    form.requestSubmit(button && button.isConnected ? button : undefined);
    delete form.dataset.reached; // also where a field was invalid and nothing was submitted
  }
  const places = new Map(); // form -> where it says why it waits
  function sayHeld(form, button, text) {
    const place = places.get(form) || document.createElement('p');
    if (place.isConnected && place.textContent === text) return; // a screen reader reads it once
    place.remove();
    if (!text) return;
    places.set(form, place);
    place.dataset.held = '';
    place.className = 'notice warn';
    place.setAttribute('role', 'status');
    place.textContent = text;
    (button ? button.parentNode : form).before(place);
  }
  function hold(form, button, why) {
    waiting.set(form, button);
    sayHeld(form, button, document.body.dataset[why]);
  }
  function release(form, sent = true) {
    if (!waiting.has(form) || (sent && held(form))) return;
    const button = waiting.get(form);
    waiting.delete(form);
    if (!sent) sayHeld(form, button, '');
    else if (form.isConnected) form.requestSubmit(button && button.isConnected ? button : undefined);
  }

  // Ignore a second click while the first submit is in progress.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    const busy = form.dataset.sent || form.dataset.probing;
    if (busy || (form.dataset.unsent && !drafts.leave(form.dataset.unsent))) { event.preventDefault(); return; }
    if (form.method !== 'post') return;
    const why = held(form);
    if (why) { event.preventDefault(); hold(form, event.submitter, why); return; }
    if (form.closest('main') && !form.dataset.reached) {
      event.preventDefault();
      submitWhenReachable(form, event.submitter);
      return;
    }
    form.dataset.sent = '1';
    setTimeout(() => { delete form.dataset.sent; }, 8000);
    drafts.sending(form);
  });
  window.addEventListener('pageshow', () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  // Upload each dropped, chosen or photographed file at once and put its id into the form.
  function takeFiles(area) {
    const form = area.closest('form');
    // replace.js may replace the fields during an upload, so look up the current area each time.
    const current = () => (form && form.querySelector(`[data-upload][data-kind="${area.dataset.kind}"]`)) || (area.isConnected ? area : form?.querySelector('[data-upload]')) || area;
    const place = () => current().querySelector('.files');
    const list = area.querySelector('.files');
    const under = (by) => {
      if (!form) return;
      uploads.set(form, (uploads.get(form) || 0) + by);
      if (!uploads.get(form)) release(form);
    };
    const changed = () => { if (form) form.dispatchEvent(new Event('input')); };
    const button = (text) => {
      const made = document.createElement('button');
      made.type = 'button'; made.className = 'small'; made.textContent = text;
      return made;
    };
    area.attach = (file, row = document.createElement('li')) => {
      row.dataset.file = file.file;
      row.dataset.name = file.name;
      const kind = area.dataset.kind;
      const said = document.createElement('span');
      said.textContent = file.name + ' ';
      const hidden = document.createElement('input');
      hidden.type = 'hidden'; hidden.name = area.dataset.field || 'file'; hidden.value = (kind ? kind + ':' : '') + file.file;
      const off = button(area.dataset.remove);
      off.dataset.off = '';
      row.replaceChildren(said, hidden);
      if (file.used && file.used.length) {
        const warning = document.createElement('span');
        warning.className = 'state s-late';
        warning.setAttribute('role', 'alert');
        const first = file.used[0];
        warning.textContent = '! ' + area.dataset.used + ' ' + (first.organization ? `${first.name} ${first.occurred_on || ''}` : (area.dataset.elsewhere || ''));
        row.append(warning, ' ');
      }
      row.append(off);
      if (!row.isConnected) place().append(row);
      const box = form && form.querySelector(`input[type=checkbox][name=evidence][value="${kind}"]`);
      if (box) box.checked = true;
    };
    const expired = (row) => {
      const link = document.createElement('a');
      link.href = drafts.signInAddress();
      link.textContent = document.body.dataset.login;
      row.append(' ', link);
    };
    const send = (file) => {
      const row = document.createElement('li');
      const said = document.createElement('span');
      said.textContent = file.name + ' ';
      row.append(said);
      list.append(row);
      const failed = (text, again) => {
        row.className = 'fault';
        row.setAttribute('role', 'alert');
        said.textContent = file.name + '：' + text + ' ';
        const off = button(area.dataset.remove);
        off.dataset.off = '';
        row.replaceChildren(said, off);
        if (again) {
          const retry = button(area.dataset.again);
          retry.onclick = () => { row.remove(); send(file); };
          row.append(retry);
        }
      };
      if (area.dataset.largest && file.size > Number(area.dataset.largest)) { failed(area.dataset.tooLarge, false); return; }
      const bar = document.createElement('progress');
      bar.max = 100; bar.value = 0;
      bar.setAttribute('aria-label', file.name);
      row.append(bar);
      const request = new XMLHttpRequest();
      const follow = () => { if (!row.isConnected) place().append(row); };
      under(1);
      if (form) form.addEventListener('replaced', follow);
      request.onloadend = () => {
        if (form) form.removeEventListener('replaced', follow);
        if (row.className === 'fault' && form) release(form, false);
        under(-1);
      };
      request.open('POST', area.dataset.upload);
      request.setRequestHeader('X-CSRF-Token', csrf());
      request.setRequestHeader('Accept', 'application/json');
      request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
      request.setRequestHeader('X-File-Name', encodeURIComponent(file.name));
      request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = 100 * event.loaded / event.total; };
      request.onerror = () => failed(area.dataset.broken, true);
      request.onload = () => {
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { /* reported below */ }
        if (request.status >= 300) {
          failed(answer.title || area.dataset.broken, request.status >= 500 || request.status === 429);
          if (request.status === 401) expired(row);
          return;
        }
        if (place().querySelector(`[data-file="${answer.file}"]`)) { row.remove(); return; }
        area.attach({...answer, name: file.name}, row);
        changed();
      };
      request.send(file);
    };
    area.querySelectorAll('input[type=file]').forEach((input) => input.addEventListener('change', () => {
      [...input.files].forEach(send);
      input.value = '';
    }));
    area.addEventListener('click', (event) => {
      if (event.target.closest('[data-off]')) { event.target.closest('li').remove(); changed(); }
    });
    area.addEventListener('dragover', (event) => { event.preventDefault(); area.classList.add('over'); });
    area.addEventListener('dragleave', () => area.classList.remove('over'));
    area.addEventListener('drop', (event) => {
      event.preventDefault(); area.classList.remove('over');
      [...event.dataTransfer.files].forEach(send);
    });
  }

  // Delete cached sheets of other accounts, so that the next user of this computer cannot open
  // them. The sign-in pages delete all of them.
  async function sweep(whose) {
    if (!(await caches.has('sheets'))) return;
    const cache = await caches.open('sheets');
    for (const request of await cache.keys()) {
      if (new URL(request.url).pathname.startsWith('/static/')) continue;
      const kept = await cache.match(request);
      if (kept && kept.headers.get('x-account') !== whose) await cache.delete(request);
    }
  }
  const entrance = /^\/(login|welcome)(\/|$)/.test(location.pathname);
  if ('caches' in window && (account || entrance)) sweep(entrance ? '' : account).catch(() => {});

  const connection = () => {
    if (connectionNotice) connectionNotice.hidden = navigator.onLine;
    if (navigator.onLine) [...waiting.keys()].forEach((form) => release(form));
  };
  window.addEventListener('online', connection);
  window.addEventListener('offline', connection);
  connection();

  function prepare(root) {
    root.querySelectorAll('[data-upload]').forEach(takeFiles);
    root.querySelectorAll('form').forEach(drafts.watch);
    root.querySelectorAll('[data-days]').forEach((one) => {
      const days = one.dataset.days.split(' ');
      one.addEventListener('input', () => { one.form.elements.known_at.value = days[one.value]; });
      one.addEventListener('change', () => one.form.requestSubmit());
    });
    root.querySelectorAll('[data-print]').forEach((one) => one.addEventListener('click', () => window.print()));
    root.querySelectorAll('[data-submit]').forEach((one) => one.addEventListener('change', () => one.form.requestSubmit()));
  }
  // The listener captures because a new part must be set up before its form restores the draft.
  document.addEventListener('DOMContentLoaded', () => {
    drafts.settle();
    prepare(document);
  });
  document.addEventListener('replaced', (event) => prepare(event.target), true);
})();
