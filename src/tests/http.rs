use std::future::poll_fn;

use protocol::{Body, HttpRequest, Purpose, Reply, Untrusted};
use wasm_bindgen_test::wasm_bindgen_test;

use super::js;
use crate::foreign::Value;
use crate::http::Exchange;

fn request() -> HttpRequest {
    HttpRequest {
        purpose: Purpose::Poll,
        method: "GET",
        url: String::new(),
        headers: vec![],
        body: None,
        stream_body: false,
        redirect: "manual",
        credentials: "same-origin",
        cache: None,
    }
}

async fn reply(text: &str) -> Reply<Value> {
    let fetch = Value(js(&["(async () => (", text, "))"].concat()));
    let mut exchange = Exchange::start(Some(&fetch), &request(), &js("({})"), None).expect("a request");
    poll_fn(|cx| exchange.poll(cx)).await.expect("a reply")
}

#[wasm_bindgen_test]
async fn a_failing_fetch_reports_its_reason() {
    let fetch = Value(js("(async () => { throw 7 })"));
    let mut exchange = Exchange::start(Some(&fetch), &request(), &js("({})"), None).expect("a request");
    assert_eq!(poll_fn(|cx| exchange.poll(cx)).await.err(), Some(7.into()));
    let throws = Value(js("(() => { throw 8 })"));
    assert_eq!(Exchange::start(Some(&throws), &request(), &js("({})"), None).err(), Some(8.into()));
}

#[wasm_bindgen_test]
async fn a_real_response_is_read() {
    let reply = reply(
        "new Response('{\"id\":\"é\"}', { status: 201, headers: { 'x-inference-id': 'i', 'retry-after': '7' } })",
    )
    .await;
    assert_eq!((reply.status, reply.redirect), (201, false));
    assert_eq!(reply.inference_id.as_deref(), Some("i"));
    assert_eq!(reply.retry_after.and_then(|retry| retry.wait(0)), Some(7_000));
    assert!(matches!(reply.body, Body::Json(body) if body.get("id").as_string().as_deref() == Some("é")));
}

#[wasm_bindgen_test]
async fn a_retry_after_date_is_read() {
    let reply = reply("new Response('', { headers: { 'retry-after': new Date(60_000).toUTCString() } })").await;
    assert_eq!(reply.retry_after.and_then(|retry| retry.wait(20_000)), Some(40_000));
}

#[wasm_bindgen_test]
async fn mock_responses_are_read_by_their_shape() {
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
            matches!(reply(text).await.body, Body::Json(body) if body.get("id").as_string().as_deref() == Some("a")),
            "{text}"
        );
    }
}

#[wasm_bindgen_test]
async fn a_page_is_told_from_an_incomplete_body() {
    assert!(matches!(reply("new Response('<html>', { status: 502 })").await.body, Body::NotJson));
    for text in [
        "({ status: 200 })",
        "undefined",
        "({ status: 200, get body() { throw 1 } })",
        "new Response(new ReadableStream({ start(stream) { stream.error(1) } }))",
        "new Response(new ReadableStream({ pull(stream) { stream.enqueue(new Uint8Array(65536)) } }))",
    ] {
        assert!(matches!(reply(text).await.body, Body::Incomplete), "{text}");
    }
}

#[wasm_bindgen_test]
async fn invalid_utf_8_is_read_with_replacement_characters() {
    let reply =
        reply("new Response(new Uint8Array([...new TextEncoder().encode('{\"id\":\"caf'), 0xE9, 0x22, 0x7D]))").await;
    assert!(matches!(reply.body, Body::Json(body) if body.get("id").as_string().as_deref() == Some("caf\u{fffd}")));
}

#[wasm_bindgen_test]
async fn headers_in_a_plain_object_are_read() {
    let reply =
        reply("({ ok: true, json: async () => ({}), headers: { 'Retry-After': '7', 'X-Inference-Id': 'i' } })").await;
    assert_eq!((reply.status, reply.inference_id.as_deref()), (200, Some("i")));
    assert_eq!(reply.retry_after.and_then(|retry| retry.wait(0)), Some(7_000));
}

#[wasm_bindgen_test]
async fn an_unfollowed_redirect_is_recognised() {
    for text in ["({ status: 0, type: 'opaqueredirect' })", "({ status: 307, text: async () => '' })"] {
        assert!(reply(text).await.redirect, "{text}");
    }
    assert!(!reply("({ status: 'odd' })").await.redirect);
}
