// The package's entry points: what each imports, and what `ready` accepts and rejects.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { capture } from '../../tools/run.mjs';
import { listen } from '../support/listen.mjs';
import { unpackPackage } from '../support/packed-package.mjs';

const track = 'https://files.test/track.wav';

describe('the entries', { timeout: 60_000 }, () => {
  let packed;
  let wasm;
  let server;
  before(async () => {
    packed = await unpackPackage();
    wasm = await readFile(join(packed.folder, 'dist', 'core.wasm'));
    server = await serve((path) => (path === '/core.wasm' ? wasm : undefined));
  });
  after(async () => {
    await server?.close();
    await packed?.remove();
  });

  let copies = 0;
  const entry = (name) => import(`${pathToFileURL(join(packed.folder, 'dist', name))}?${++copies}`);

  for (const name of ['index', 'slim', 'edge', 'server', 'jobs']) {
    it(`${name} is one static file that needs no bundler, no eval and no Node`, async () => {
      const text = await readFile(join(packed.folder, 'dist', `${name}.js`), 'utf8');
      const unwanted = [/\bimport\s*\(/, /import\.meta/, /\beval\s*\(/, /\bFunction\(/, /node:/, /\brequire\b/];
      const found = unwanted.filter((pattern) => pattern.test(text));
      assert.deepEqual(found, []);
      const imported = [...text.matchAll(/\bfrom\s*"([^"]+)"/g)].map(([, specifier]) => specifier);
      assert.deepEqual(imported, name === 'edge' ? ['./core.wasm?module'] : []);
    });

    it(`${name} has no long lines, since engines print the whole line of an uncaught error`, async () => {
      const text = await readFile(join(packed.folder, 'dist', `${name}.js`), 'utf8');
      const longest = Math.max(...text.split('\n').map((line) => Buffer.byteLength(line)));
      assert.ok(longest <= 170, `${longest} bytes`);
    });
  }

  it('every file that the manifest names is in the package', async () => {
    const targets = Object.values(packed.manifest.exports).flatMap((to) => (to.types ? Object.values(to) : [to]));
    for (const target of targets) await readFile(join(packed.folder, target));
  });

  it('an uncaught error is printed under its own name, and briefly', async () => {
    const url = pathToFileURL(join(packed.folder, 'dist', 'index.js'));
    const program = `import { StableAudio } from '${url}'; await new StableAudio().submit('');`;
    const { code, output } = await capture(process.execPath, ['--input-type=module', '--eval', program]);
    assert.equal(code, 1);
    assert.match(output, /^StableAudioError: /m);
    assert.ok(output.length < 2000, output);
  });

  it('the public classes keep their names', async () => {
    const { inspect } = await import('node:util');
    const { StableAudio, StableAudioError } = await entry('index.js');
    assert.deepEqual([StableAudio.name, StableAudioError.name], ['StableAudio', 'StableAudioError']);
    assert.match(inspect(new StableAudio()), /^StableAudio /);
    assert.match(inspect(StableAudioError.fromJSON({ message: 'no' })), /^StableAudioError: no\n/);
  });

  it('a client that is printed or serialised shows no key', async () => {
    const { inspect } = await import('node:util');
    const { StableAudio } = await entry('index.js');
    const client = new StableAudio({ apiKey: 'SECRET' });
    await client.submit('').catch(() => {});
    assert.doesNotMatch(inspect(client, { depth: Infinity }), /SECRET/);
    assert.doesNotMatch(JSON.stringify({ client }), /SECRET/);
  });

  it('the entry points beside the main one resolve in tools that do not read `exports`', async () => {
    const { './package.json': _itself, '.': _main, './core.wasm': _module, ...entries } = packed.manifest.exports;
    assert.deepEqual(Object.keys(entries), ['./slim', './server', './jobs']);
    for (const [path, named] of Object.entries(entries)) {
      const { main, types } = JSON.parse(await readFile(join(packed.folder, path, 'package.json'), 'utf8'));
      assert.deepEqual([join(path, main), join(path, types)], [join(named.default), join(named.types)]);
    }
  });

  it('index and slim export the same names', async () => {
    const names = Object.keys(await entry('index.js')).toSorted();
    assert.deepEqual(names, ['StableAudio', 'StableAudioError', 'generateAudio', 'isStableAudioError', 'ready']);
    assert.deepEqual(Object.keys(await entry('slim.js')).toSorted(), names);
  });

  it('require() loads the package', { skip: !process.features.require_module && 'not in this Node' }, async () => {
    const { createRequire } = await import('node:module');
    const { generateAudio } = createRequire(import.meta.url)(join(packed.folder, 'dist', 'index.js'));
    assert.equal(await generates({ generateAudio }), track);
  });

  const sources = {
    bytes: () => new Uint8Array(wasm),
    'an ArrayBuffer': () => new Uint8Array(wasm).buffer,
    'a Module': () => new WebAssembly.Module(wasm),
    'a Response': () => new Response(wasm),
    'the promise of a Response': () => fetch(`${server.url}/core.wasm`),
    'a URL': () => new URL(`${server.url}/core.wasm`),
    'a string': () => `${server.url}/core.wasm`,
  };
  for (const [name, source] of Object.entries(sources)) {
    it(`ready accepts ${name}`, async () => {
      const slim = await entry('slim.js');
      await slim.ready(source());
      assert.equal(await generates(slim), track);
    });
  }

  it('the module loads in an engine that refuses to compile it synchronously', async (test) => {
    test.mock.method(WebAssembly, 'Module', refuseAPage);
    assert.equal(await generates(await entry('index.js')), track);
  });

  it('ready without a source loads the inlined module', async () => {
    const index = await entry('index.js');
    await index.ready();
    assert.equal(await generates(index), track);
  });

  it('ready of the default entry accepts a source', async () => {
    const index = await entry('index.js');
    await index.ready(wasm);
    assert.equal(await generates(index), track);
  });

  it('calls wait for the module that is loading', async () => {
    const slim = await entry('slim.js');
    const loading = slim.ready(fetch(`${server.url}/core.wasm`));
    assert.equal(await generates(slim), track);
    await loading;
  });

  it('a call of slim before ready is rejected, and nothing is sent', async () => {
    const slim = await entry('slim.js');
    await refuses(slim, { code: 'invalid_argument', message: /ready\(source\)/ });
    await assert.rejects(slim.ready(), { code: 'invalid_argument', message: /ready\(source\)/ });
    await slim.ready(wasm);
    assert.equal(await generates(slim), track);
  });

  const bad = {
    'bytes of something else': [() => Uint8Array.of(1, 2, 3), /not this version/],
    'another module': [() => Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), /not this version/],
    'the module of another version': [() => otherVersion(wasm), /not this version/],
    'a reply that is an error': [() => fetch(`${server.url}/absent`), /cannot be read/],
    'a URL that nobody answers': [() => 'http://127.0.0.1:9/core.wasm', /cannot be read/],
    'a promise that rejects': [() => Promise.reject(new TypeError('no')), /cannot be read/],
    null: [() => null, /cannot be read/],
  };
  for (const [name, [source, message]] of Object.entries(bad)) {
    it(`ready rejects ${name}, and can be called again`, async () => {
      const slim = await entry('slim.js');
      const error = await slim.ready(source()).catch((caught) => caught);
      assert.ok(error instanceof slim.StableAudioError);
      assert.equal(error.code, 'invalid_argument');
      assert.match(error.message, message);
      assert.ok(error.cause instanceof Error);
      await slim.ready(wasm);
      assert.equal(await generates(slim), track);
    });
  }

  it('a call without WebAssembly is unsupported', () =>
    without('WebAssembly', async () => {
      await refuses(await entry('index.js'), { code: 'unsupported', message: /WebAssembly/, retryable: false });
    }));

  it('the inlined module needs nothing but WebAssembly to load', () =>
    without('DecompressionStream', () =>
      without('atob', async () => {
        assert.equal(await generates(await entry('index.js')), track);
      }),
    ));

  it('a call under a policy that forbids compiling names the missing source expression', async () => {
    const { instantiate, Module } = WebAssembly;
    Object.assign(WebAssembly, { instantiate: async () => refuse(), Module: refuse });
    try {
      await refuses(await entry('index.js'), { code: 'unsupported', message: /'wasm-unsafe-eval'/ });
    } finally {
      Object.assign(WebAssembly, { instantiate, Module });
    }
  });
});

// The name of the start function has the fingerprint of the matching glue.
function otherVersion(wasm) {
  const bytes = Uint8Array.from(wasm);
  bytes[wasm.toString('latin1').search(/_[0-9a-f]{12}/) + 1] = 'x'.charCodeAt(0);
  return bytes;
}

function refuseAPage() {
  throw new RangeError('disallowed on the main thread');
}

function refuse() {
  throw new WebAssembly.CompileError('Wasm code generation disallowed by embedder');
}

/** Generates with a mock service. */
function generates({ generateAudio }, requests = []) {
  const service = async (url, { method }) => {
    requests.push(method);
    const reply = { id: 'a', status: method === 'POST' ? 'queued' : 'completed', audio_file: { url: track } };
    return Response.json(reply, { status: 200 });
  };
  return generateAudio('rain', { baseUrl: 'https://service.test', apiKey: 'k', fetch: service, pollIntervalMs: 1000 });
}

async function refuses(entry, expected) {
  const requests = [];
  await assert.rejects(generates(entry, requests), expected);
  assert.deepEqual(requests, []);
}

async function without(name, work) {
  const { [name]: kept } = globalThis;
  globalThis[name] = undefined;
  try {
    await work();
  } finally {
    globalThis[name] = kept;
  }
}

function serve(contentAt) {
  return listen(
    createServer(({ url }, response) => {
      const content = contentAt(url);
      response.writeHead(content ? 200 : 404).end(content);
    }),
  );
}
