// What a page does beyond reading: a draft kept in the browser, files sent with progress, a click
// sent once and after its files, and a dead connection waited for. Every page reads without it.
'use strict';

(() => {
  const csrf = () => document.body.dataset.csrf || '';
  const account = document.body.dataset.account || '';

  // Village computers are shared. A draft is its account's alone, by its key: nobody else is shown
  // it. Who signs out is asked once where something was not sent, then their drafts go, so that
  // nothing typed stays behind to be read. A session that just ends keeps them for their owner, and
  // sheets (sheet.js) are never thrown away here: they are work done without a connection.
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

  // A form with data-draft keeps what was typed over until it was sent, and which files it has.
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

  // After something was saved its draft is gone: the page that tells so names it.
  for (const one of document.querySelectorAll('[data-forget]')) localStorage.removeItem(DRAFTS + one.dataset.forget);

  // What is pressed while a file is under way or the connection is dead waits, and is sent once.
  const told = document.getElementById('connection');
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

  // A second click on the same button sends nothing: the first one is on its way.
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

  // Files: dropped, chosen or photographed; each is sent at once, its address goes into the form.
  function takeFiles(area) {
    const form = area.closest('form');
    // The fields may be made anew while a file is under way: its row moves to where its kind is now.
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
        try { answer = JSON.parse(request.responseText); } catch { /* told below */ }
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

  // Whoever signs in next on this machine finds no sheet of somebody else's: a page of an account
  // leaves its own copies alone, a page to sign in on leaves none.
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
    if (told) told.hidden = navigator.onLine;
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
  // A new part is prepared before its form fills it from the draft: hence the capturing listener.
  document.addEventListener('DOMContentLoaded', () => prepare(document));
  document.addEventListener('replaced', (event) => prepare(event.target), true);
})();
