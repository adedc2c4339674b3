// The longest tasks of the main thread, from Chromium's trace.

const includedCategories = ['toplevel', 'blink.user_timing', 'v8', 'disabled-by-default-v8.gc'];
const collections = new Set(['MinorGC', 'MajorGC', 'V8.GCIncrementalMarking', 'V8.GCFinalizeMC', 'V8.GCScavenger']);

/**
 * Of the tasks between the page's marks `begun` and `settled`, in milliseconds: the longest, the longest without
 * garbage collection, and the longest script without garbage collection.
 */
export async function longestTasks({ send, event }, work) {
  const complete = event('Tracing.tracingComplete');
  const traceConfig = { includedCategories, excludedCategories: ['*'], traceBufferSizeInKb: 400_000 };
  await send('Tracing.start', { transferMode: 'ReturnAsStream', traceConfig });
  await work();
  await send('Tracing.end');
  const { stream, dataLossOccurred } = await complete;
  if (dataLossOccurred) throw new Error('the trace is incomplete');
  return longest(JSON.parse(await read(send, stream)).traceEvents);
}

async function read(send, handle) {
  const parts = [];
  for (let end = false; !end;) {
    const { data, eof, base64Encoded } = await send('IO.read', { handle, size: 1 << 24 });
    parts.push(Buffer.from(data, base64Encoded ? 'base64' : 'utf8'));
    end = eof;
  }
  return Buffer.concat(parts).toString();
}

function longest(events) {
  const mark = (name) => events.findLast((event) => event.name === name && event.cat.includes('blink.user_timing'));
  const [begun, settled] = [mark('begun'), mark('settled')];
  const own = events.filter(({ ph, pid, tid, ts }) => {
    return ph === 'X' && pid === begun.pid && tid === begun.tid && ts >= begun.ts && ts < settled.ts;
  });
  const spans = outermost(own.filter(({ name }) => collections.has(name)));
  const less = (event) => spans.reduce((left, span) => left - (within(span, event) ? busy(span) : 0), busy(event));
  const tasks = own.filter(({ name }) => name.endsWith('RunTask'));
  const scripts = own.filter(({ name }) => name === 'v8.callFunction' || name === 'RunMicrotasks');
  return {
    task: most(tasks.map(busy)),
    uncollected: most(slowest(tasks).map(less)),
    script: most(slowest(scripts).map(less)),
  };
}

// The task may have been preempted, and the thread's own clock may be coarse.
function busy({ dur, tdur = dur }) {
  return Math.min(dur, tdur);
}

function slowest(events) {
  return events.toSorted((a, b) => busy(b) - busy(a)).slice(0, 200);
}

function most(values) {
  return values.reduce((longest, value) => Math.max(longest, value), 0) / 1000;
}

function outermost(events) {
  return events.filter((event) => !events.some((other) => other !== event && within(event, other)));
}

function within(inner, outer) {
  return inner.ts >= outer.ts && inner.ts + inner.dur <= outer.ts + outer.dur;
}
