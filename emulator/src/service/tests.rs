mod account;
mod responses;

use serde_json::{Value, json};

use super::*;
use crate::{Body, ErrorStyle, Failure, IdStyle, Outcome, Request, Response, audio::Track, file::file_path};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const DEMO: (&str, &str) = ("Authorization", "Bearer demo-key");
const BROKE: (&str, &str) = ("Authorization", "Bearer broke-key");
const HOST: (&str, &str) = ("Host", "127.0.0.1:9");
const RAIN: &str = r#"{"model":"stable-audio","prompt":"rain"}"#;

fn service() -> Service {
    Service::new(Config::default())
}

fn post(service: &mut Service, now_ms: u64, headers: &[(&str, &str)], body: &str) -> Response {
    let body = body.as_bytes();
    service.handle(now_ms, &Request { method: "POST", path: ENDPOINT, query: "", headers, body })
}

fn get(service: &mut Service, now_ms: u64, path: &str, query: &str, headers: &[(&str, &str)]) -> Response {
    service.handle(now_ms, &Request { method: "GET", path, query, headers, body: b"" })
}

fn json(response: &Response) -> &Value {
    match &response.body {
        Body::Json(value) => value,
        other => panic!("no JSON: {other:?}"),
    }
}

fn submitted(service: &mut Service) -> String {
    let response = post(service, 0, &[DEMO, JSON, HOST], RAIN);
    json(&response)["id"].as_str().unwrap().to_owned()
}

fn polled(service: &mut Service, now_ms: u64, id: &str) -> Value {
    let query = format!("generation_id={}", id.replace(':', "%3A").replace('/', "%2F"));
    let response = get(service, now_ms, ENDPOINT, &query, &[DEMO, HOST]);
    assert_eq!(response.status, 200);
    json(&response).clone()
}

#[test]
fn a_submit_is_accepted_and_charged_and_its_price_is_in_body_and_headers() {
    let mut service = service();
    let response = post(&mut service, 5, &[DEMO, JSON, HOST], RAIN);
    assert_eq!(response.status, 201);
    assert_eq!(response.header("x-aimlapi-credits-used"), Some("25200"));
    assert_eq!(response.header("x-aimlapi-usd-spent"), Some("0.0126"));
    assert_eq!(response.header("x-inference-id"), Some(&*service.generations()[0].id));
    let generation = &service.generations()[0];
    assert_eq!(
        json(&response),
        &json!({"id": &*generation.id, "status": "queued", "audio_file": null, "error": null,
            "meta": {"usage": {"credits_used": 25_200, "usd_spent": 0.0126}}})
    );
    assert_eq!((generation.accepted_at, generation.charged(5), generation.polls), (5, 25_200, 0));
    assert_eq!((generation.seconds_total, generation.steps, &*generation.prompt), (30, 100, "rain"));
}

#[test]
fn a_generation_is_queued_then_generating_then_completed() {
    let mut service = service();
    let id = submitted(&mut service);
    let (begins, ends) = (service.generations()[0].begins_at, service.generations()[0].ends_at);
    assert!((30_000..=60_000).contains(&ends));
    assert_eq!(polled(&mut service, begins - 1, &id)["status"], "queued");
    let generating = polled(&mut service, begins, &id);
    assert_eq!(generating["status"], "generating");
    assert_eq!(generating["audio_file"], Value::Null);
    assert_eq!(polled(&mut service, ends - 1, &id)["status"], "generating");
    let done = polled(&mut service, ends, &id);
    assert_eq!(done["status"], "completed");
    assert_eq!(done["error"], Value::Null);
    assert_eq!(done["audio_file"]["content_type"], "application/octet-stream");
    assert_eq!(done["audio_file"]["file_size"], 44 + 30 * 44_100 * 4);
    let (url, name) = (&done["audio_file"]["url"], &done["audio_file"]["file_name"]);
    let (url, name) = (url.as_str().unwrap(), name.as_str().unwrap());
    assert!(url.starts_with("http://127.0.0.1:9/files/"), "{url}");
    assert!(url.ends_with(&format!("/{name}")) && name.starts_with("tmp"), "{url} {name}");
    assert_eq!(service.generations()[0].polls, 4);
}

#[test]
fn a_generation_has_the_requested_steps_and_seconds() {
    let mut service = service();
    let body = r#"{"model":"stable-audio","prompt":"x","seconds_start":3,"seconds_total":47,"steps":10,"seed":1}"#;
    let response = post(&mut service, 0, &[DEMO, JSON], body);
    assert_eq!(json(&response)["meta"]["usage"]["credits_used"], 2520);
    let generation = &service.generations()[0];
    assert_eq!((generation.seconds_start, generation.seconds_total, generation.steps), (Some(3), 47, 10));
}

#[test]
fn the_key_is_checked_before_the_body_and_the_credits_after_it() {
    let mut service = service();
    for (headers, body, status) in [
        (&[JSON][..], RAIN, 401),
        (&[JSON], "{", 401),
        (&[JSON, ("Authorization", "Bearer x")], RAIN, 401),
        (&[JSON, ("X-API-Key", "demo-key")], RAIN, 401),
        (&[JSON, BROKE], "{}", 400),
        (&[JSON, BROKE], RAIN, 403),
        (&[JSON, DEMO], "{", 400),
        (&[DEMO], RAIN, 400),
        (&[DEMO, ("Content-Type", "text/plain")], RAIN, 400),
        (&[DEMO, ("Content-Type", "application/json; charset=utf-8")], RAIN, 201),
    ] {
        assert_eq!(post(&mut service, 0, headers, body).status, status, "{headers:?} {body}");
    }
    assert_eq!(service.generations().len(), 1);
    for (headers, status) in [(&[][..], 401), (&[BROKE], 403), (&[DEMO], 404)] {
        let response = get(&mut service, 0, ENDPOINT, "generation_id=none", headers);
        assert_eq!(response.status, status);
    }
}

#[test]
fn a_submit_out_of_range_is_rejected_with_hints_and_not_charged() {
    let mut service = service();
    let body = r#"{"model":"stable-audio","prompt":"x","seconds_start":0,"seconds_total":90}"#;
    let response = post(&mut service, 0, &[DEMO, JSON], body);
    assert_eq!(response.status, 400);
    let message = json(&response)["message"].as_str().unwrap();
    assert!(message.starts_with("Body validation error! seconds_start: "), "{message}");
    assert!(message.contains("seconds_total: Number must be less than or equal to 47"));
    assert!(service.generations().is_empty());
}

#[test]
fn unknown_ids_methods_and_paths_are_not_found() {
    let mut service = service();
    for query in ["", "generation_id=", "generation_id=x", "id=x"] {
        let response = get(&mut service, 0, ENDPOINT, query, &[DEMO]);
        assert_eq!(response.status, 404);
        assert_eq!(json(&response)["title"], "Not Found");
    }
    let response = get(&mut service, 0, "/v2/generate/video", "", &[DEMO]);
    assert_eq!(response.status, 404);
    assert_eq!(json(&response)["message"], "Cannot GET /v2/generate/video");
    let put = Request { method: "PUT", path: ENDPOINT, query: "", headers: &[DEMO], body: b"" };
    assert_eq!(service.handle(0, &put).status, 404);
}

#[test]
fn every_style_of_error_bodies_can_be_configured() {
    for (errors, field, value) in [
        (ErrorStyle::A, "statusCode", json!(401)),
        (ErrorStyle::AText, "statusCode", json!("401")),
        (ErrorStyle::B, "status", json!(401)),
        (ErrorStyle::BList, "status", json!(401)),
    ] {
        let mut service = Service::new(Config { errors, ..Config::default() });
        let response = post(&mut service, 0, &[JSON], RAIN);
        let body = json(&response);
        assert_eq!(body[field], value);
        assert_eq!(body["requestId"], response.header("x-request-id").unwrap());
        assert_eq!(body["message"].is_array(), errors == ErrorStyle::BList);
    }
}

#[test]
fn ids_of_every_style_can_be_polled() {
    for ids in [IdStyle::Model, IdStyle::Vendor, IdStyle::Uuid, IdStyle::Nanoid] {
        let mut service = Service::new(Config { ids, accepted: 200, ..Config::default() });
        let id = submitted(&mut service);
        assert_eq!(polled(&mut service, 0, &id)["id"], *id);
    }
}

#[test]
fn the_first_revision_answers_a_submit_with_a_generation_id_only() {
    let mut service = Service::new(Config { ids: IdStyle::FirstRevision, ..Config::default() });
    let response = post(&mut service, 0, &[DEMO, JSON], RAIN);
    let id = service.generations()[0].id.clone();
    assert_eq!(json(&response), &json!({"generation_id": &*id}));
    assert_eq!(polled(&mut service, 0, &id)["id"], *id);
}

#[test]
fn a_failed_generation_is_not_billed_and_has_an_error_of_the_chosen_format() {
    for (failure, error) in [
        (Failure::Null, Value::Null),
        (Failure::String, json!("The model failed to generate audio.")),
        (Failure::NameMessage, json!({"name": "GenerationError", "message": "The model failed to generate audio."})),
        (Failure::Message, json!({"message": "The model failed to generate audio."})),
        (Failure::DetailString, json!({"detail": "The model failed to generate audio."})),
    ] {
        let mut service = service();
        service.next_outcome.outcome = Outcome::Fails(failure);
        let id = submitted(&mut service);
        assert_eq!(service.generations()[0].charged(0), 25_200);
        let body = polled(&mut service, 60_000, &id);
        assert_eq!((&body["status"], &body["error"]), (&json!("error"), &error));
        assert_eq!((&body["audio_file"], &body["meta"]), (&Value::Null, &Value::Null));
        assert_eq!(service.generations()[0].charged(60_000), 0);
    }
}

#[test]
fn a_scripted_outcome_applies_to_the_next_submit_only() {
    let mut service = service();
    service.next_outcome.ends_immediately = true;
    let first = post(&mut service, 0, &[DEMO, JSON, HOST], RAIN);
    assert_eq!(json(&first)["status"], "completed");
    assert!(json(&first)["audio_file"]["url"].is_string());
    assert_eq!(json(&post(&mut service, 0, &[DEMO, JSON], RAIN))["status"], "queued");
}

#[test]
fn equal_seeds_give_equal_runs_also_after_a_reset() {
    let run = |service: &mut Service| {
        let ids: Vec<_> = (0..5).map(|_| submitted(service)).collect();
        (ids, service.generations().iter().map(|generation| generation.ends_at).collect::<Vec<_>>())
    };
    let mut service = service();
    let first = run(&mut service);
    service.reset(Config::default());
    assert!(service.generations().is_empty() && service.generation(&first.0[0]).is_none());
    assert_eq!(run(&mut service), first);
    service.reset(Config { seed: 2, ..Config::default() });
    assert_ne!(run(&mut service), first);
}

#[test]
fn the_oldest_ended_generations_are_evicted_and_those_in_progress_are_kept() {
    let mut service = service();
    let submit = |service: &mut Service, now_ms| {
        let reply = service.submit(now_ms, Key::Demo, &Submission::default());
        reply.map(|reply| reply.generation.id.to_string())
    };
    let ended: Vec<_> = (0..100).map(|_| submit(&mut service, 0).unwrap()).collect();
    let now_ms = 60_000;
    let under_way: Vec<_> = (100..MAX_GENERATIONS).map(|_| submit(&mut service, now_ms).unwrap()).collect();
    assert!(service.generation(&ended[0]).is_some());
    let next = submit(&mut service, now_ms).unwrap();
    assert_eq!(service.generations().len(), MAX_GENERATIONS - 49);
    assert!(service.generation(&ended[49]).is_none() && service.generation(&ended[50]).is_some());
    for id in under_way.iter().chain([&next]) {
        assert_eq!(service.generation(id).map(|generation| &*generation.id), Some(id.as_str()));
    }
    let full = (0..MAX_GENERATIONS).find_map(|_| submit(&mut service, now_ms).err());
    assert_eq!(full, Some(ApiError::Status(429)));
    assert!(service.generations().len() <= MAX_GENERATIONS && service.generation(&next).is_some());
    assert!(submit(&mut service, now_ms + 60_000).is_ok());
}

#[test]
fn long_prompts_reduce_the_number_of_generations_that_are_kept() {
    let mut service = service();
    let prompt = "a".repeat(1024 * 1024);
    for now_ms in (0..200).map(|at| at * 60_000) {
        let request = Submission { prompt: &prompt, ..Submission::default() };
        assert!(service.submit(now_ms, Key::Demo, &request).is_ok());
        assert!(
            service.generations().iter().map(|generation| generation.prompt.len()).sum::<usize>() <= MAX_PROMPT_BYTES
        );
    }
}

#[test]
fn the_smallest_and_the_largest_time_do_not_overflow() {
    let mut service = service();
    let response = post(&mut service, u64::MAX, &[DEMO, JSON], RAIN);
    let id = json(&response)["id"].as_str().unwrap().to_owned();
    assert_eq!(polled(&mut service, 0, &id)["status"], "queued");
}
