// Drafts: what somebody typed and the server has not accepted yet. The rule, for every POST form of
// a page and for the inspection sheet (docs/decisions/0023-drafts.md):
//
// 1. Input is kept in this browser at every change, under the account that typed it, until the
//    server has accepted it. Passwords, one-time codes, files and confirmations are never kept.
// 2. A draft that comes back says so at its form: which fields, from when, and a button to discard.
// 3. A field whose saved value has changed since its draft began is not restored. The newer saved
//    value stays; the draft's value is offered next to it, and one click takes it.
// 4. When the server accepts a form, what is kept is compared with what was sent. Only what was
//    sent, or was shown in the form that was sent, is deleted; what was typed later stays.
// 5. Without an acceptance nothing is deleted: a refusal, a busy or absent server, an expired
//    session. An expired session leads the whole page to sign-in and back to the form.
//
//   data-draft="NAME"   on a form: the name of its draft instead of its address; "off": no draft
//   data-suggested      on a form or field: its first value is a suggestion and nothing saved
//   data-once           on a field: a confirmation, which is asked for every time
//   data-forget="NAME"  on a page that confirms a save without a redirect: the draft to delete
'use strict';

window.drafts = (() => {
  const words = document.body.dataset;
  const account = words.account || '';
  const PREFIX = 'draft:' + account + ':';
  const SENT = 'draft-sent';
  const LONGEST_MARK = 200;

  // Local storage; falls back to memory, which lasts as long as the page is open.
  const memory = {};
  const store = {
    works: true,
    read(key) {
      try { return JSON.parse(localStorage.getItem(key) || 'null') || memory[key] || null; } catch { return memory[key] || null; }
    },
    write(key, value) {
      memory[key] = value;
      try { localStorage.setItem(key, JSON.stringify(value)); this.works = true; } catch { this.works = false; }
    },
    drop(key) {
      delete memory[key];
      try { localStorage.removeItem(key); } catch { /* storage is unavailable, so nothing was stored */ }
    },
    keys(prefix) {
      try { return Object.keys(localStorage).filter((key) => key.startsWith(prefix)); } catch { return []; }
    },
  };

  // The page to come back to. Without "done": it would report a save that did not happen.
  function here() {
    const query = new URLSearchParams(location.search);
    query.delete('done');
    query.delete('count');
    const rest = query.toString();
    return location.pathname + (rest ? '?' + rest : '');
  }
  const signInAddress = () => '/login?next=' + encodeURIComponent(here());

  const isTick = (field) => field.type === 'checkbox' || field.type === 'radio';
  const isKept = (field) => field.name && !field.disabled && field.autocomplete !== 'one-time-code' && !('once' in field.dataset)
    && !['hidden', 'file', 'submit', 'button', 'password'].includes(field.type);
  // The fields of a form by name; several fields have one name where values are ticked.
  function fieldsOf(form) {
    const fields = new Map();
    for (const field of [...form.elements].filter(isKept)) fields.set(field.name, [...(fields.get(field.name) || []), field]);
    return fields;
  }
  const valuesOf = (fields) => fields.flatMap((field) => {
    if (isTick(field)) return field.checked ? [field.value] : [];
    return field.tagName === 'SELECT' ? [...field.selectedOptions].map((option) => option.value) : [field.value];
  });
  const savedOf = (fields) => fields.flatMap((field) => {
    if (isTick(field)) return field.defaultChecked ? [field.value] : [];
    if (field.tagName !== 'SELECT') return [field.defaultValue];
    const chosen = [...field.options].filter((option) => option.defaultSelected);
    return (chosen.length || field.multiple ? chosen : [...field.options].slice(0, 1)).map((option) => option.value);
  });
  function setValues(fields, values) {
    for (const field of fields) {
      if (isTick(field)) field.checked = values.includes(field.value);
      else if (field.tagName === 'SELECT') [...field.options].forEach((option) => { option.selected = values.includes(option.value); });
      else field.value = values[0] ?? '';
      const folded = field.closest('details');
      if (folded) folded.open = true;
    }
  }
  // A short text that two equal values share; of a long value a digest.
  function markOf(values) {
    const text = JSON.stringify([...values].sort());
    if (text.length <= LONGEST_MARK) return text;
    let digest = 0;
    for (let at = 0; at < text.length; at += 1) digest = (Math.imul(digest, 31) + text.charCodeAt(at)) | 0;
    return `${text.length}:${digest}`;
  }
  const same = (values, others) => markOf(values) === markOf(others);

  const nameOf = (form) => form.dataset.draft || new URL(form.getAttribute('action') || location.href, location.href).pathname;
  const isDrafted = (form) => account && form.method === 'post' && form.dataset.draft !== 'off' && form.closest('main');
  function read(name) {
    const kept = store.read(PREFIX + name);
    if (!kept) return null;
    for (const [field, entry] of Object.entries(kept.fields)) {
      // Drafts of earlier versions are lists of values; what they began with is unknown.
      if (Array.isArray(entry)) kept.fields[field] = { values: entry, base: null, at: 0 };
    }
    return { ...kept, files: kept.files || [] };
  }
  function write(name, kept) {
    if (Object.keys(kept.fields).length || kept.files.length) store.write(PREFIX + name, kept);
    else store.drop(PREFIX + name);
  }

  const shown = new Map(); // form -> { known, stamps, files }: what this page shows of its draft
  let stamp = 0;
  const nextStamp = () => { stamp = Math.max(stamp + 1, Date.now()); return stamp; };

  function labelOf(field) {
    const place = isTick(field) ? field.closest('fieldset')?.querySelector('legend') || field.closest('label') : field.labels?.[0];
    if (!place) return field.getAttribute('aria-label') || field.name;
    const copy = place.cloneNode(true);
    copy.querySelectorAll('.must, .soft, .hush').forEach((part) => part.remove());
    return copy.textContent.trim();
  }
  function textOf(fields, values) {
    const names = fields.flatMap((field) => {
      if (field.tagName === 'SELECT') return [...field.options].filter((option) => values.includes(option.value)).map((option) => option.textContent.trim());
      if (isTick(field)) return values.includes(field.value) ? [field.closest('label')?.textContent.trim() || field.value] : [];
      return values;
    });
    return names.filter(Boolean).join(words.comma) || words.nothing;
  }
  function shortTime(at) {
    const two = (number) => String(number).padStart(2, '0');
    const day = new Date(at);
    return at ? `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())} ${two(day.getHours())}:${two(day.getMinutes())}` : '';
  }
  function button(text, work) {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'small';
    made.textContent = text;
    made.addEventListener('click', work);
    return made;
  }
  function notice(text, kind = 'calm') {
    const made = document.createElement('p');
    made.className = 'notice ' + kind;
    made.setAttribute('role', 'status');
    made.textContent = text;
    return made;
  }
  // Says that a draft is back, with the button that discards it.
  function announce(place, at, names, discard) {
    const made = notice(words.restored.replace('{at}', shortTime(at)).replace('{fields}', names.join(words.comma)) + ' ');
    made.dataset.drafted = '';
    made.append(button(words.discard, discard));
    place.prepend(made);
    return made;
  }

  // Offers the draft of a field whose saved value has changed, next to the field.
  function offer(form, name, fields, entry) {
    const made = document.createElement('p');
    made.className = 'offer';
    made.dataset.offer = name;
    const text = document.createElement('span');
    text.textContent = words.offered.replace('{at}', shortTime(entry.at));
    const value = document.createElement('b');
    value.className = 'typed';
    value.textContent = textOf(fields, entry.values);
    made.append(text, value, ' ', button(words.take, () => {
      setValues(fields, entry.values);
      made.remove();
      form.dispatchEvent(new Event('input'));
      fields[0].dispatchEvent(new Event('change', { bubbles: true }));
      fields[0].focus();
    }));
    (fields[0].closest('.field, .line, fieldset') || fields[0].parentNode).append(made);
  }

  function attach(form, files) {
    for (const file of files) {
      const area = form.querySelector(`[data-upload][data-kind="${file.kind}"]`);
      if (area && area.attach && !area.querySelector(`[data-file="${file.file}"]`)) area.attach(file);
    }
  }
  const filesOf = (form) => [...form.querySelectorAll('[data-upload] [data-file]')].map((row) => (
    { kind: row.closest('[data-upload]').dataset.kind, file: row.dataset.file, name: row.dataset.name }));

  // Brings a draft back into a form that shows saved values.
  function restore(form, name, kept, state) {
    const restored = [], offered = [], times = [];
    for (const [field, fields] of fieldsOf(form)) {
      const entry = kept.fields[field];
      if (!entry) continue;
      const saved = savedOf(fields);
      state.stamps[field] = entry.at;
      if (same(entry.values, saved)) { delete kept.fields[field]; continue; }
      times.push(entry.at);
      if (fields[0].closest('[data-suggested]') || entry.base === markOf(saved)) {
        setValues(fields, entry.values);
        restored.push(labelOf(fields[0]));
      } else {
        offer(form, field, fields, entry);
        offered.push(labelOf(fields[0]));
      }
    }
    const there = new Set(filesOf(form).map((file) => file.file));
    const more = kept.files.filter((file) => !there.has(file.file));
    attach(form, more);
    restored.push(...more.map((file) => file.name));
    write(name, kept);
    if (!restored.length && !offered.length) return;
    const discard = () => {
      store.drop(PREFIX + name);
      form.reset();
      if (!('posted' in words)) { location.reload(); return; } // else it would send the other form again
      form.querySelectorAll('[data-offer], [data-drafted]').forEach((part) => part.remove());
    };
    const made = announce(form, Math.max(0, ...times), restored, discard);
    if (!restored.length) made.firstChild.textContent = words.unrestored.replace('{fields}', offered.join(words.comma)) + ' ';
    else if (offered.length) made.firstChild.after(words.unrestored.replace('{fields}', offered.join(words.comma)) + ' ');
    const folded = form.closest('details');
    if (folded) folded.open = true;
  }

  // Fills in what the server's answer does not repeat: after a refusal, or in a replaced part.
  function refill(form, kept, state, { replaced = false } = {}) {
    for (const [field, fields] of fieldsOf(form)) {
      const entry = kept.fields[field];
      if (!entry || form.querySelector(`[data-offer="${CSS.escape(field)}"]`)) continue;
      state.stamps[field] = entry.at;
      if (replaced || entry.base === markOf(valuesOf(fields))) setValues(fields, entry.values);
    }
    attach(form, kept.files);
  }

  // Stores the fields that changed in this page. Other fields of the draft may come from another tab.
  function keep(form, name, state) {
    const kept = read(name) || { fields: {}, files: [] };
    for (const [field, fields] of fieldsOf(form)) {
      const values = valuesOf(fields), mark = markOf(values);
      const before = state.known.get(field);
      state.known.set(field, mark);
      if (mark === before) continue;
      const base = state.offered.has(field) ? null : kept.fields[field]?.base;
      const entry = { values, base: base ?? markOf(savedOf(fields)), at: nextStamp() };
      state.offered.delete(field);
      if (entry.base === mark) delete kept.fields[field];
      else kept.fields[field] = entry;
      state.stamps[field] = entry.at;
    }
    const files = filesOf(form).filter((file) => !state.saved.has(file.file));
    const mine = new Set(files.map((file) => file.file));
    kept.files = [...kept.files.filter((file) => !state.files.has(file.file) && !mine.has(file.file)), ...files];
    state.files = mine;
    write(name, { ...kept, page: here() });
    if (!store.works && !state.warned) {
      state.warned = true;
      form.prepend(notice(words.unkept, 'warn'));
    }
  }

  function watch(form) {
    if (!isDrafted(form) || shown.has(form)) return;
    const name = nameOf(form);
    const state = { known: new Map(), stamps: {}, offered: new Set(), files: new Set(), saved: new Set() };
    shown.set(form, state);
    const kept = read(name);
    const answered = 'posted' in words && (!settled || settled.name === name);
    if (!answered) state.saved = new Set(filesOf(form).map((file) => file.file));
    if (kept && answered) refill(form, kept, state);
    else if (kept) restore(form, name, kept, state);
    form.querySelectorAll('[data-offer]').forEach((place) => state.offered.add(place.dataset.offer));
    state.files = new Set(filesOf(form).map((file) => file.file).filter((file) => !state.saved.has(file)));
    const learn = () => { for (const [field, fields] of fieldsOf(form)) state.known.set(field, markOf(valuesOf(fields))); };
    learn();
    if (kept) {
      form.querySelectorAll('select[data-replace]').forEach((field) => {
        if (!same(valuesOf([field]), savedOf([field]))) field.dispatchEvent(new Event('change', { bubbles: true }));
      });
    }
    form.addEventListener('input', () => keep(form, name, state));
    form.addEventListener('replaced', () => {
      const now = read(name);
      if (now) refill(form, now, state, { replaced: true });
      learn();
    });
  }

  // Notes what a form is about to send, for the page that answers. Called by tracker.js.
  const session = {
    read() { try { return JSON.parse(sessionStorage.getItem(SENT) || 'null'); } catch { return null; } },
    write(value) { try { sessionStorage.setItem(SENT, JSON.stringify(value)); } catch { /* nothing is deleted then */ } },
    drop() { try { sessionStorage.removeItem(SENT); } catch { /* nothing was stored */ } },
  };
  function sending(form) {
    if ('resend' in form.dataset) { if (settled) session.write(settled); return; }
    if (!isDrafted(form)) { session.drop(); return; }
    const state = shown.get(form);
    const marks = Object.fromEntries([...fieldsOf(form)].map(([field, fields]) => [field, markOf(valuesOf(fields))]));
    session.write({ account, name: nameOf(form), page: here(), marks, stamps: state?.stamps || {}, files: filesOf(form).map((file) => file.file) });
  }

  // The server accepted a form: compare what is kept with what was sent.
  function forget(sent) {
    const kept = read(sent.name);
    if (!kept) return;
    for (const [field, entry] of Object.entries(kept.fields)) {
      if (entry.at === sent.stamps[field] || markOf(entry.values) === sent.marks[field]) delete kept.fields[field];
    }
    kept.files = kept.files.filter((file) => !sent.files.includes(file.file));
    write(sent.name, kept);
    if (!Object.keys(kept.fields).length && !kept.files.length) return;
    const made = notice(words.late + ' ', 'warn'), link = document.createElement('a');
    link.href = kept.page || sent.page;
    link.textContent = words.toForm;
    made.append(link);
    document.querySelector('main').prepend(made);
  }
  // A page with "done" accepts a form only if it came by the redirect of that form: when it is
  // loaded again or gone back to, nothing was accepted.
  function arrivedByRedirect() {
    const [arrival] = performance.getEntriesByType('navigation');
    return arrival?.type === 'navigate' && arrival.redirectCount > 0;
  }
  const settled = session.read();
  session.drop();
  function settle() {
    for (const place of document.querySelectorAll('[data-forget]')) store.drop(PREFIX + place.dataset.forget);
    if (!settled) return;
    if (settled.account === account && 'done' in words && arrivedByRedirect()) forget(settled);
    for (const place of document.querySelectorAll('[data-kept]')) {
      place.hidden = false;
      place.querySelector('a').href = settled.page;
    }
  }
  // A page that the browser kept alive did not get the answer.
  window.addEventListener('pageshow', (event) => { if (event.persisted) session.drop(); });

  // Village computers are shared: signing out deletes the drafts of the account, after one
  // confirmation. An expired session keeps them for their owner.
  function leave(question) {
    const keys = store.keys(PREFIX);
    if (keys.length && !window.confirm(question.replace('0', keys.length))) return false;
    keys.forEach((key) => store.drop(key));
    return true;
  }

  return { store, watch, settle, sending, leave, announce, notice, here, signInAddress };
})();
