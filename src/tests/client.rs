use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use super::js;
use crate::client::Client;
use crate::foreign::get;

/// A service of three replies, in JavaScript; `calls` are what it was asked.
const SERVICE: &str = "globalThis.calls = []; ({
    apiKey: 'k', baseUrl: 'http://127.0.0.1:1/', fetch: async (url, init) => {
        calls.push(init.method + ' ' + url);
        if (init.method === 'POST') return Response.json({ id: 'a:b/c', status: 'queued' }, { status: 201 });
        const audio_file = { url: 'https://cdn.example/track.wav' };
        return Response.json({ id: 'a:b/c', status: 'completed', audio_file });
    } })";

fn text(value: &JsValue, name: &str) -> Option<String> {
    get(value, name).as_string()
}

#[wasm_bindgen_test]
async fn generate_submits_polls_and_resolves_to_the_url() {
    let client = Client::new(js(SERVICE), JsValue::UNDEFINED);
    let url = JsFuture::from(client.call(0, "rain".into(), JsValue::UNDEFINED, 0.0)).await;
    assert_eq!(url.expect("a track").as_string().as_deref(), Some("https://cdn.example/track.wav"));
    let calls = js("calls.join()").as_string();
    let path = "http://127.0.0.1:1/v2/generate/audio";
    let wanted = ["POST ", path, ",GET ", path, "?generation_id=a%3Ab%2Fc"].concat();
    assert_eq!(calls.as_deref(), Some(wanted.as_str()));
}

#[wasm_bindgen_test]
async fn a_call_continues_after_its_client_is_dropped() {
    let client = Client::new(js(SERVICE), JsValue::UNDEFINED);
    let promise = client.call(1, "rain".into(), JsValue::UNDEFINED, 0.0);
    drop(client);
    let generation = JsFuture::from(promise).await.expect("a generation");
    assert_eq!(text(&generation, "status").as_deref(), Some("queued"));
}

#[wasm_bindgen_test]
async fn an_invalid_argument_rejects_with_plain_data_naming_it() {
    for (options, request, named) in [
        (SERVICE, "''", "prompt"),
        (SERVICE, "({ prompt: 'a', steps: 1001 })", "1001"),
        (SERVICE, "({ prompt: 'a', secondsStart: NaN })", "NaN"),
        ("({ apikey: 'k' })", "'a'", "apiKey"),
        ("({ apiKey: '' })", "'a'", "apiKey"),
        ("({})", "'a'", "apiKey"),
        ("({ apiKey: 'k', baseUrl: 'http://example.com' })", "'a'", "baseUrl"),
    ] {
        let client = Client::new(js(options), JsValue::UNDEFINED);
        let error = JsFuture::from(client.call(0, js(request), JsValue::UNDEFINED, 0.0)).await.expect_err(request);
        assert_eq!(text(&error, "code").as_deref(), Some("invalid_argument"));
        let message = text(&error, "message").unwrap_or_default();
        assert!(message.contains(named), "{message}");
    }
}

/// A server half that loses the reply to the first submit, and knows what became of it.
const LOSING: &str = "globalThis.calls = []; ({
    baseUrl: 'http://127.0.0.1:1/', recovery: 'server', fetch: async (url, init) => {
        calls.push(init.method + (init.headers['Idempotency-Key'] ?? ' ' + url.split('?')[1]));
        if (init.method === 'POST') throw new TypeError('lost');
        const reply = { id: 'a:b/c', status: 'queued' };
        return Response.json({ idempotencyKey: 'key-1', state: 'accepted', reach: 0, reply });
    } })";

#[wasm_bindgen_test]
async fn a_lost_submit_is_looked_up_and_sent_once() {
    let client = Client::new(js(LOSING), JsValue::UNDEFINED);
    let given = js("({ idempotencyKey: 'key-1' })");
    let generation = JsFuture::from(client.call(1, "rain".into(), given, 0.0)).await.expect("a generation");
    assert_eq!(text(&generation, "id").as_deref(), Some("a:b/c"));
    assert_eq!(js("calls.join()").as_string().as_deref(), Some("POST\"key-1\",GET idempotency_key=key-1"));
}

#[wasm_bindgen_test]
async fn recover_resolves_to_the_generation_of_a_key() {
    let client = Client::new(js(LOSING), JsValue::UNDEFINED);
    let generation = JsFuture::from(client.call(4, "key-1".into(), JsValue::UNDEFINED, 0.0)).await.expect("known");
    assert_eq!(text(&generation, "status").as_deref(), Some("queued"));
    assert_eq!(js("calls.join()").as_string().as_deref(), Some("GET idempotency_key=key-1"));
}

#[wasm_bindgen_test]
async fn nothing_is_sent_if_no_unique_key_can_be_made() {
    let client = Client::new(js(LOSING), js("() => { throw new Error('no crypto') }"));
    let error = JsFuture::from(client.call(1, "rain".into(), JsValue::UNDEFINED, 0.0)).await.expect_err("no key");
    assert_eq!(text(&error, "code").as_deref(), Some("unsupported"));
    assert_eq!(js("calls.length").as_f64(), Some(0.0));
}
