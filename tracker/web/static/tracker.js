// Progressive enhancement for forms: local drafts, file uploads with progress, and submits that
// happen once and wait for uploads and for the connection. Every page works without this script.
'use strict';

(() => {
  const csrf = () => document.body.dataset.csrf || '';
  const account = document.body.dataset.account || '';

  // Village computers are shared, so the key of a draft contains the account and no other account
  // sees it. Signing out deletes the drafts, after one confirmation, so that the next person cannot
  // read them. A session that expires keeps them for their owner. Inspection sheets (sheet.js) are
  // never deleted here: they are work done offline.
  const DRAFTS = 'draft:' + account + ':';
  const drafts = () => {
    try { return Object.keys(localStorage).filter((key) => key.startsWith(DRAFTS)); } catch { return []; }
  };
  function leave(form) {
    const kept = drafts();
    if (kept.length && !window.confirm(form.dataset.unsent.replace('0', kept.length))) return false;
    kept.forEach((key) => localStorage.removeItem(key));
    return true;
  }

  // A form with data-draft stores the changed fields and the uploaded files until it is submitted.
  function keepDrafts(form) {
    const name = DRAFTS + form.dataset.draft;
    const typed = () => [...form.elements].filter((one) => one.name && !one.disabled &&
      !['hidden', 'file', 'submit', 'button', 'password'].includes(one.type));
    const touched = (one) => {
      if (one.type === 'checkbox' || one.type === 'radio') return one.checked !== one.defaultChecked;
      if (one.tagName === 'SELECT') return [...one.options].some((option) => option.selected !== option.defaultSelected) && one.value !== '';
      return one.value !== one.defaultValue;
    };
    const read = () => JSON.parse(localStorage.getItem(name) || 'null');
    const fill = () => {
      const kept = read();
      if (!kept || form.dataset.filled) return false;
      for (const one of typed()) {
        if (!(one.name in kept.fields)) continue;
        if (one.type === 'checkbox' || one.type === 'radio') one.checked = kept.fields[one.name].includes(one.value);
        else one.value = kept.fields[one.name][0] ?? '';
      }
      for (const file of kept.files || []) {
        const area = form.querySelector(`[data-upload][data-kind="${file.kind}"]`);
        if (area && area.attach && !area.querySelector(`[data-file="${file.file}"]`)) area.attach(file);
      }
      return true;
    };
    if (fill()) {
      document.querySelectorAll('[data-drafted]').forEach((one) => { one.hidden = false; });
      form.querySelectorAll('select[data-replace]').forEach((one) => { if (touched(one)) one.dispatchEvent(new Event('change', {bubbles: true})); });
    }
    form.addEventListener('replaced', fill);
    form.addEventListener('input', () => {
      const fields = {};
      for (const one of Object.keys((read() || {fields: {}}).fields)) fields[one] = [];
      for (const one of typed()) if (touched(one)) fields[one.name] = [];
      for (const one of typed()) {
        if (one.name in fields && (!['checkbox', 'radio'].includes(one.type) || one.checked)) fields[one.name].push(one.value);
      }
      const files = [...form.querySelectorAll('[data-upload] [data-file]')].map((one) => (
        {kind: one.closest('[data-upload]').dataset.kind, file: one.dataset.file, name: one.dataset.name}));
      localStorage.setItem(name, JSON.stringify({fields, files}));
    });
    document.querySelectorAll('[data-discard]').forEach((one) => one.addEventListener('click', () => {
      localStorage.removeItem(name);
      location.reload();
    }));
  }

  // The page that confirms a save names the draft to delete.
  for (const one of document.querySelectorAll('[data-forget]')) localStorage.removeItem(DRAFTS + one.dataset.forget);

  // A form that is submitted during an upload or while offline waits, then is submitted once.
  const connectionNotice = document.getElementById('connection');
  const uploads = new Map();
  const waiting = new Map();
  const held = (form) => (uploads.get(form) ? 'uploading' : navigator.onLine ? '' : 'offline');
  function hold(form, button, why) {
    waiting.set(form, button);
    const place = form.querySelector('[data-held]') || document.createElement('p');
    place.dataset.held = '';
    place.className = 'notice warn';
    place.setAttribute('role', 'status');
    place.textContent = document.body.dataset[why];
    (button ? button.parentNode : form).before(place);
  }
  function release(form, sent = true) {
    if (!waiting.has(form) || (sent && held(form))) return;
    const button = waiting.get(form);
    waiting.delete(form);
    form.querySelector('[data-held]')?.remove();
    if (sent) form.requestSubmit(button && button.isConnected ? button : undefined);
  }

  // Ignore a second click while the first submit is in progress.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.sent || (form.dataset.unsent && !leave(form))) { event.preventDefault(); return; }
    if (form.method === 'post') {
      const why = held(form);
      if (why) { event.preventDefault(); hold(form, event.submitter, why); return; }
      form.dataset.sent = '1';
      setTimeout(() => { delete form.dataset.sent; }, 8000);
    }
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
        if (request.status >= 300) { failed(answer.title || area.dataset.broken, request.status >= 500); return; }
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
    root.querySelectorAll('form[data-draft]').forEach(keepDrafts);
    root.querySelectorAll('[data-days]').forEach((one) => {
      const days = one.dataset.days.split(' ');
      one.addEventListener('input', () => { one.form.elements.known_at.value = days[one.value]; });
      one.addEventListener('change', () => one.form.requestSubmit());
    });
    root.querySelectorAll('[data-print]').forEach((one) => one.addEventListener('click', () => window.print()));
    root.querySelectorAll('[data-submit]').forEach((one) => one.addEventListener('change', () => one.form.requestSubmit()));
  }
  // The listener captures because a new part must be set up before its form restores the draft.
  document.addEventListener('DOMContentLoaded', () => prepare(document));
  document.addEventListener('replaced', (event) => prepare(event.target), true);
})();
