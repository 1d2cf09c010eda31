// The inspection sheet: kept here at every change, sent once, also over a line that breaks.
'use strict';

(() => {
  const form = document.getElementById('sheet');
  if (!form) return;
  const name = 'sheet:' + form.dataset.key;
  const said = document.getElementById('said');
  const boxes = [...form.querySelectorAll('.criterion')];
  const state = JSON.parse(localStorage.getItem(name) || 'null') || { id: form.dataset.id, values: {}, sheets: form.dataset.sheets };
  let sending = false;

  const tell = (text, kind) => { said.textContent = text; said.className = 'notice ' + kind; said.hidden = !text; };
  const chosen = (box) => box.querySelector('input[type=radio]:checked')?.value || '';
  const one = (box, mark) => box.querySelector('[' + mark + ']');

  // What stands in one criterion, as it is kept.
  function read(box) {
    const found = { v: chosen(box), n: one(box, 'data-number')?.value || '', r: one(box, 'data-text')?.value || '', p: one(box, 'data-problem')?.value || '', d: one(box, 'data-due')?.value || '', k: {}, kp: {}, x: {} };
    box.querySelectorAll('[data-cause]').forEach((input) => { if (input.value) found.k[input.dataset.cause] = input.value; });
    box.querySelectorAll('[data-cause-points]').forEach((input) => { if (input.value) found.kp[input.dataset.causePoints] = input.value; });
    box.querySelectorAll('[data-disallow]').forEach((input) => { if (input.checked) found.x[input.dataset.disallow] = input.closest('li').querySelector('[data-why]').value; });
    return found;
  }

  function write(box, kept) {
    const radio = [...box.querySelectorAll('input[type=radio]')].find((input) => input.value === kept.v);
    if (radio) radio.checked = true;
    for (const [mark, value] of [['data-number', kept.n], ['data-text', kept.r], ['data-problem', kept.p], ['data-due', kept.d]]) {
      const input = one(box, mark);
      if (input && value) input.value = value;
    }
    box.querySelectorAll('[data-cause]').forEach((input) => { input.value = kept.k[input.dataset.cause] || ''; });
    box.querySelectorAll('[data-cause-points]').forEach((input) => { input.value = kept.kp[input.dataset.causePoints] || ''; });
    box.querySelectorAll('[data-disallow]').forEach((input) => {
      if (input.dataset.disallow in kept.x) { input.checked = true; input.closest('li').querySelector('[data-why]').value = kept.x[input.dataset.disallow]; }
    });
    if (kept.p) one(box, 'data-problem').closest('details').open = true;
    if (Object.keys(kept.x).length) box.querySelector('details').open = true;
  }

  // The finding that a criterion's fields say; null where nothing was found.
  function finding(box) {
    const { code, credit, points } = box.dataset;
    const kept = read(box);
    const reason = kept.r ? { reason: kept.r } : {};
    if (kept.v === 'confirm') return { criterion: code, credit };
    if (kept.v === 'own') return points ? { criterion: code, points: kept.n, ...reason } : { criterion: code, credit: kept.n, ...reason };
    if (kept.v === 'causes') {
      const causes = Object.entries(kept.k).filter(([, count]) => Number(count) > 0).map(([cause, count]) => ({ cause, count: Number(count), ...(kept.kp[cause] ? { points: kept.kp[cause] } : {}) }));
      return causes.length ? { criterion: code, causes, ...reason } : null;
    }
    return kept.v ? { criterion: code, credit: kept.v, ...reason } : null;
  }

  const amount = (box, found) => !found || found.causes ? null : found.credit !== undefined ? Number(found.credit) : Number(found.points) / Number(box.dataset.points);
  const changed = (box) => { const found = finding(box); return Boolean(found && (found.causes || box.dataset.credit === '' || amount(box, found) !== Number(box.dataset.credit))); };
  const raised = (box) => { const found = finding(box); return found && box.dataset.credit !== '' && amount(box, found) > Number(box.dataset.credit); };

  function show(box) {
    const value = chosen(box);
    const own = one(box, 'data-own'); if (own) own.hidden = value !== 'own';
    const causes = one(box, 'data-causes'); if (causes) causes.hidden = value !== 'causes';
    const reason = one(box, 'data-reason'); if (reason) reason.hidden = !value || value === 'confirm';
    box.querySelectorAll('[data-disallow]').forEach((input) => { input.closest('li').querySelector('[data-why]').hidden = !input.checked; });
    box.classList.toggle('is-changed', changed(box));
    box.classList.toggle('is-judged', Boolean(value));
  }

  const keptSign = document.getElementById('kept');
  function refresh() {
    boxes.forEach(show);
    document.getElementById('judged').textContent = boxes.filter((box) => chosen(box)).length;
    const only = document.getElementById('only').value;
    for (const box of boxes) {
      box.hidden = !(!only || box.dataset.check === only || (only === 'open' && !chosen(box)) || (only === 'changed' && changed(box)));
    }
  }
  function keep() {
    for (const box of boxes) state.values[box.dataset.code] = read(box);
    localStorage.setItem(name, JSON.stringify(state));
    if (keptSign) keptSign.textContent = keptSign.dataset.kept + ' ' + new Date().toLocaleTimeString().slice(0, 5);
  }

  function document_() {
    const sheet = { sheet_id: state.id, how: state.how, findings: [], disallow: [], rectify: [] };
    for (const box of boxes) {
      const found = finding(box), kept = read(box);
      if (found) sheet.findings.push(found);
      for (const [record_id, reason] of Object.entries(kept.x)) {
        if (!sheet.disallow.some((other) => other.record_id === record_id)) sheet.disallow.push({ record_id, reason });
      }
      if (kept.p) sheet.rectify.push({ criterion: box.dataset.code, problem: kept.p, due: kept.d });
    }
    return sheet;
  }

  // Faults that can be seen here are told here, at their criterion; the server looks at all of it.
  function faults() {
    let first = null;
    for (const box of boxes) {
      const place = one(box, 'data-fault');
      const found = finding(box);
      const missing = found && !found.reason && chosen(box) !== 'confirm' && changed(box);
      if (place) { place.hidden = !missing; place.textContent = missing ? form.dataset.reason : ''; }
      if (missing && !first) first = box;
    }
    return first;
  }

  function point(title) {
    const box = boxes.find((other) => title.includes(other.dataset.code));
    if (!box) return;
    box.hidden = false;
    const place = one(box, 'data-fault');
    place.textContent = title; place.hidden = false;
    box.scrollIntoView({ block: 'center' });
  }

  async function token() {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (answer.redirected && new URL(answer.url).pathname === '/login') return '';
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    return page.body.dataset.csrf || '';
  }

  const post = (csrf) => fetch(form.action, { method: 'POST', body: JSON.stringify(document_()), headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf, Accept: 'application/json' } });

  async function send() {
    if (sending || !state.queued) return;
    sending = true;
    tell(form.dataset.sending, 'calm');
    try {
      let answer = await post(document.body.dataset.csrf);
      if (answer.status === 401 || answer.status === 403) {
        const fresh = await token();
        if (!fresh) { tell(form.dataset.signin, 'warn'); return; }
        document.body.dataset.csrf = fresh;
        answer = await post(fresh);
      }
      const told = await answer.json();
      if (answer.ok) {
        localStorage.removeItem(name);
        state.queued = false;
        tell(told.state === 'proposed' ? form.dataset.proposed : form.dataset.submitted, 'good');
        location.href = told.state === 'proposed' ? form.dataset.home + '?done=proposed' : form.action.replace('/sheet/', '/sheets/') + '?done=submitted';
        return;
      }
      state.queued = false; keep();
      tell(told.title || String(answer.status), 'bad');
      point(told.title || '');
    } catch {
      tell(form.dataset.offline, 'warn');
    } finally { sending = false; }
  }

  const parts = document.getElementById('parts');
  for (const box of boxes) {
    if (!box.querySelector('input[type=radio]')) continue;
    box.append(parts.content.cloneNode(true));
    const label = box.querySelector('[data-own] span');
    label.textContent = box.dataset.points ? label.dataset.points + ' ' + box.dataset.points + '）' : label.dataset.credit;
  }
  for (const box of boxes) if (state.values[box.dataset.code]) write(box, state.values[box.dataset.code]);
  refresh();
  form.addEventListener('input', () => { keep(); refresh(); });
  document.getElementById('only').addEventListener('change', refresh);
  document.getElementById('confirm-rest').addEventListener('click', () => {
    for (const box of boxes) {
      if (!chosen(box)) { const radio = box.querySelector('input[value=confirm]'); if (radio) radio.checked = true; }
    }
    keep(); refresh();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    delete form.dataset.sent;
    const how = event.submitter?.value || 'sign';
    const first = faults();
    if (first) { first.hidden = false; first.scrollIntoView({ block: 'center' }); return; }
    if (how === 'sign' && Number(form.dataset.colleagues) && boxes.some(raised)) { tell(form.dataset.raised, 'warn'); said.scrollIntoView({ block: 'center' }); return; }
    state.how = how; state.queued = true; keep();
    send();
  });
  if (state.sheets !== form.dataset.sheets && Object.keys(state.values).length) { tell(form.dataset.moved, 'warn'); state.sheets = form.dataset.sheets; }
  window.addEventListener('online', send);
  setInterval(send, 15000);
  if (state.queued) send();
  if ('serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js').catch(() => {});
})();
