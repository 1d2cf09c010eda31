// What a page does beyond reading: a draft kept in the browser, files sent with progress, a click
// sent once, and a dead connection told. Every page reads without it.
'use strict';

(() => {
  const csrf = () => document.body.dataset.csrf || '';

  // A form with data-draft keeps what is typed until it was sent; files stay out of it.
  function keepDrafts(form) {
    const name = 'draft:' + form.dataset.draft;
    const typed = () => [...form.elements].filter((one) => one.name && !one.disabled &&
      !['hidden', 'file', 'submit', 'button', 'password'].includes(one.type));
    const kept = JSON.parse(localStorage.getItem(name) || 'null');
    if (kept && !form.dataset.filled) {
      for (const one of typed()) {
        if (!(one.name in kept)) continue;
        if (one.type === 'checkbox' || one.type === 'radio') one.checked = kept[one.name].includes(one.value);
        else if (!one.value || one.tagName === 'TEXTAREA') one.value = kept[one.name][0] ?? '';
      }
      form.dispatchEvent(new CustomEvent('drafted'));
    }
    form.addEventListener('input', () => {
      const found = {};
      for (const one of typed()) {
        if ((one.type === 'checkbox' || one.type === 'radio') && !one.checked) { found[one.name] ||= []; continue; }
        (found[one.name] ||= []).push(one.value);
      }
      localStorage.setItem(name, JSON.stringify(found));
    });
  }

  // After something was saved its draft is gone: the page that tells so names it.
  for (const one of document.querySelectorAll('[data-forget]')) localStorage.removeItem('draft:' + one.dataset.forget);

  // A second click on the same button sends nothing: the first one is on its way.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === 'post' && !form.hasAttribute('hx-post')) {
      form.dataset.sent = '1';
      setTimeout(() => { delete form.dataset.sent; }, 8000);
    }
  });
  window.addEventListener('pageshow', () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  // Files: dropped, chosen or photographed; each is sent at once, its address goes into the form.
  function takeFiles(area) {
    const input = area.querySelector('input[type=file]');
    const list = area.querySelector('.files');
    const send = (file) => {
      const row = document.createElement('li');
      const said = document.createElement('span');
      const bar = document.createElement('progress');
      said.textContent = file.name + ' ';
      bar.max = 100; bar.value = 0;
      row.append(said, bar);
      list.append(row);
      const request = new XMLHttpRequest();
      request.open('POST', area.dataset.upload);
      request.setRequestHeader('X-CSRF-Token', csrf());
      request.setRequestHeader('Accept', 'application/json');
      request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
      request.setRequestHeader('X-File-Name', encodeURIComponent(file.name));
      request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = 100 * event.loaded / event.total; };
      const failed = (text) => {
        bar.remove();
        row.className = 'fault';
        said.textContent = file.name + '：' + text + ' ';
        const again = document.createElement('button');
        again.type = 'button'; again.className = 'small'; again.textContent = area.dataset.again;
        again.onclick = () => { row.remove(); send(file); };
        row.append(again);
      };
      request.onerror = () => failed(area.dataset.broken);
      request.onload = () => {
        bar.remove();
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { /* told below */ }
        if (request.status >= 300) { failed(answer.title || area.dataset.broken); return; }
        row.dataset.file = answer.file;
        const kind = area.dataset.kind;
        const hidden = document.createElement('input');
        hidden.type = 'hidden'; hidden.name = area.dataset.field || 'file'; hidden.value = (kind ? kind + ':' : '') + answer.file;
        const off = document.createElement('button');
        off.type = 'button'; off.className = 'small'; off.textContent = area.dataset.remove;
        off.onclick = () => row.remove();
        row.append(hidden);
        if (answer.used && answer.used.length) {
          const warning = document.createElement('span');
          warning.className = 'state s-late';
          warning.textContent = area.dataset.used;
          row.append(warning, ' ');
        }
        row.append(off);
        const box = area.closest('form').querySelector(`input[type=checkbox][name=evidence][value="${kind}"]`);
        if (box) box.checked = true;
      };
      request.send(file);
    };
    input.addEventListener('change', () => { [...input.files].forEach(send); input.value = ''; });
    area.addEventListener('dragover', (event) => { event.preventDefault(); area.classList.add('over'); });
    area.addEventListener('dragleave', () => area.classList.remove('over'));
    area.addEventListener('drop', (event) => {
      event.preventDefault(); area.classList.remove('over');
      [...event.dataTransfer.files].forEach(send);
    });
  }

  const told = document.getElementById('connection');
  const connection = () => { if (told) told.hidden = navigator.onLine; };
  window.addEventListener('online', connection);
  window.addEventListener('offline', connection);
  connection();

  function prepare(root) {
    root.querySelectorAll('form[data-draft]').forEach(keepDrafts);
    root.querySelectorAll('[data-upload]').forEach(takeFiles);
    root.querySelectorAll('[data-print]').forEach((one) => one.addEventListener('click', () => window.print()));
    root.querySelectorAll('[data-submit]').forEach((one) => one.addEventListener('change', () => one.form.requestSubmit()));
  }
  prepare(document);
  document.body.addEventListener('htmx:load', (event) => { if (event.target !== document.body) prepare(event.target); });
})();
