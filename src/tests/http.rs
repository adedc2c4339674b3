use std::future::poll_fn;

use protocol::json::Json;
use protocol::reply::{Body, Reply};
use wasm_bindgen_test::wasm_bindgen_test;

use super::js;
use crate::foreign::Value;
use crate::http::Exchange;

async fn reply(text: &str) -> Reply<Value> {
    let fetch = Value(js(&["(async () => (", text, "))"].concat()));
    let mut exchange = Exchange::start(Some(&fetch), "", &js("({})"), None).expect("a request");
    poll_fn(|cx| exchange.poll(cx)).await.expect("a reply")
}

#[wasm_bindgen_test]
async fn tells_why_there_is_no_reply() {
    let fetch = Value(js("(async () => { throw 7 })"));
    let mut exchange = Exchange::start(Some(&fetch), "", &js("({})"), None).expect("a request");
    assert_eq!(poll_fn(|cx| exchange.poll(cx)).await.err(), Some(7.into()));
    let throws = Value(js("(() => { throw 8 })"));
    assert_eq!(Exchange::start(Some(&throws), "", &js("({})"), None).err(), Some(8.into()));
}

#[wasm_bindgen_test]
async fn reads_a_real_response() {
    let reply = reply(
        "new Response('{\"id\":\"é\"}', { status: 201, headers: { 'x-inference-id': 'i', 'retry-after': '7' } })",
    )
    .await;
    assert_eq!((reply.status, reply.redirect), (201, false));
    assert_eq!(reply.inference_id.as_deref(), Some("i"));
    assert_eq!(reply.retry_after.and_then(|retry| retry.wait(0)), Some(7_000));
    assert!(matches!(reply.body, Body::Json(body) if body.get("id").text().as_deref() == Some("é")));
}

#[wasm_bindgen_test]
async fn reads_the_date_of_a_retry_after() {
    let reply = reply("new Response('', { headers: { 'retry-after': new Date(60_000).toUTCString() } })").await;
    assert_eq!(reply.retry_after.and_then(|retry| retry.wait(20_000)), Some(40_000));
}

#[wasm_bindgen_test]
async fn reads_mocks_by_their_shape() {
    for text in [
        "({ status: 200, text: async () => '{\"id\":\"a\"}' })",
        "({ status: 200, text: () => '{\"id\":\"a\"}' })",
        "({ status: 200, json: async () => ({ id: 'a' }) })",
        "({ status: 200, body: new Response('{\"id\":\"a\"}').body })",
        "new Response('\\ufeff{\"id\":\"a\"}')",
        "({ ok: true, json: async () => ({ id: 'a' }) })",
        "({ status: '200', text: async () => '\\ufeff {\"id\":\"a\"}' })",
        // Whatever becomes of a stream after a whole document.
        "new Response(new ReadableStream({ pull(stream) { if (this.done) stream.error(1); else
            stream.enqueue(new TextEncoder().encode('{\"id\":\"a\"}')); this.done = true } }))",
        "({ status: 200, body: new ReadableStream({ start(stream) {
            for (const text of ['{\"id\"', ':\"a\"} ', 'and more']) stream.enqueue(new TextEncoder().encode(text));
            stream.close() } }) })",
        // Chunks are taken by their bytes.
        "({ status: 200, body: new ReadableStream({ start(stream) {
            const { buffer } = new TextEncoder().encode('  {\"id\":\"a\"}  ');
            for (const chunk of [buffer.slice(0, 4), new DataView(buffer, 4, 4), new Uint16Array(buffer, 8, 2)]) {
                stream.enqueue(chunk) }
            stream.enqueue(new Uint8Array(buffer, 12, 2)); stream.close() } }) })",
    ] {
        assert!(
            matches!(reply(text).await.body, Body::Json(body) if body.get("id").text().as_deref() == Some("a")),
            "{text}"
        );
    }
}

#[wasm_bindgen_test]
async fn tells_a_page_from_a_broken_body() {
    assert!(matches!(reply("new Response('<html>', { status: 502 })").await.body, Body::Text));
    for text in [
        "({ status: 200 })",
        "undefined",
        "({ status: 200, get body() { throw 1 } })",
        "new Response(new ReadableStream({ start(stream) { stream.error(1) } }))",
        "new Response(new ReadableStream({ pull(stream) { stream.enqueue(new Uint8Array(65536)) } }))",
    ] {
        assert!(matches!(reply(text).await.body, Body::Broken), "{text}");
    }
}

#[wasm_bindgen_test]
async fn reads_what_is_no_utf_8_with_replacement_characters() {
    let reply =
        reply("new Response(new Uint8Array([...new TextEncoder().encode('{\"id\":\"caf'), 0xE9, 0x22, 0x7D]))").await;
    assert!(matches!(reply.body, Body::Json(body) if body.get("id").text().as_deref() == Some("caf\u{fffd}")));
}

#[wasm_bindgen_test]
async fn reads_headers_that_a_mock_keeps_in_a_plain_object() {
    let reply =
        reply("({ ok: true, json: async () => ({}), headers: { 'Retry-After': '7', 'X-Inference-Id': 'i' } })").await;
    assert_eq!((reply.status, reply.inference_id.as_deref()), (200, Some("i")));
    assert_eq!(reply.retry_after.and_then(|retry| retry.wait(0)), Some(7_000));
}

#[wasm_bindgen_test]
async fn knows_a_redirect_that_was_not_followed() {
    for text in ["({ status: 0, type: 'opaqueredirect' })", "({ status: 307, text: async () => '' })"] {
        assert!(reply(text).await.redirect, "{text}");
    }
    assert!(!reply("({ status: 'odd' })").await.redirect);
}
