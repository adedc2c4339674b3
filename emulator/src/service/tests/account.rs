//! Ids, prices, logs and the balance.

use super::*;

fn logs(service: &mut Service, now_ms: u64, query: &str, headers: &[(&str, &str)]) -> Response {
    get(service, now_ms, LOGS, query, headers)
}

fn rows(service: &mut Service, now_ms: u64, query: &str) -> Vec<Value> {
    let response = logs(service, now_ms, query, &[DEMO]);
    assert_eq!(response.status, 200, "{query}: {:?}", response.body);
    json(&response)["data"].as_array().unwrap().clone()
}

#[test]
fn a_submit_and_its_polls_have_one_inference_id_and_a_malformed_id_is_omitted() {
    let mut service = service();
    let id = submitted(&mut service);
    let unknown = "00000000-0000-4000-8000-000000000000:stable-audio";
    for (asked, headers, status, told) in [
        (&*id, &[DEMO][..], 200, Some(&*id)),
        (&id, &[], 401, Some(&id)),
        (&id, &[BROKE], 403, Some(&id)),
        (unknown, &[DEMO], 404, Some(unknown)),
        ("none", &[DEMO], 404, None),
        ("a%0d%0ab", &[DEMO], 404, None),
        ("", &[DEMO], 404, None),
    ] {
        let query = format!("generation_id={}", asked.replace(':', "%3A"));
        let response = get(&mut service, 0, ENDPOINT, &query, headers);
        assert_eq!((response.status, response.header("x-inference-id")), (status, told), "{asked}");
        assert!(response.header("x-request-id").is_some());
    }
    let refused = post(&mut service, 0, &[JSON], RAIN);
    let own = refused.header("x-inference-id");
    assert!(own.is_some() && own != refused.header("x-request-id"));
}

#[test]
fn the_price_is_in_the_response_to_a_submit_and_once_completed() {
    let mut service = service();
    let id = submitted(&mut service);
    let query = format!("generation_id={id}");
    assert_eq!(get(&mut service, 0, ENDPOINT, &query, &[DEMO]).header("x-aimlapi-credits-used"), None);
    let done = get(&mut service, 60_000, ENDPOINT, &query, &[DEMO]);
    assert_eq!(done.header("x-aimlapi-credits-used"), Some("25200"));
    assert_eq!(done.header("x-aimlapi-usd-spent"), Some("0.0126"));
}

#[test]
fn a_client_request_id_is_echoed_and_kept_and_a_malformed_one_is_ignored() {
    let mut service = service();
    let own = ("X-Client-Request-Id", "order-8f21c4");
    let malformed = ("X-Client-Request-Id", "order 8f21c4");
    for (header, told) in [(own, Some("order-8f21c4")), (malformed, None)] {
        let accepted = post(&mut service, 0, &[DEMO, JSON, header], RAIN);
        assert_eq!((accepted.status, accepted.header("x-client-request-id")), (201, told));
        let generation = service.generations().last().unwrap();
        assert_eq!(generation.client_request_id.as_deref(), told);
        let query = format!("generation_id={}", generation.id);
        let poll = get(&mut service, 0, ENDPOINT, &query, &[DEMO, header]);
        assert_eq!((poll.status, poll.header("x-client-request-id")), (200, told));
        let refused = post(&mut service, 0, &[header], RAIN);
        assert_eq!((refused.status, refused.header("x-client-request-id")), (401, told));
    }
}

#[test]
fn the_logs_have_a_row_for_each_submit_that_has_ended_newest_first() {
    let mut service = Service::new(Config { logs_lag_ms: 5000, ..Config::default() });
    let own = ("X-Client-Request-Id", "mine");
    let accepted = post(&mut service, 1000, &[DEMO, JSON, own], RAIN);
    let refused = post(&mut service, 1000, &[DEMO, JSON, own], r#"{"model":"other/model"}"#);
    service.next_outcome.outcome = Outcome::Fails(Failure::Null);
    let doomed = post(&mut service, 2000, &[DEMO, JSON], RAIN);
    post(&mut service, 2000, &[BROKE, JSON], RAIN);
    post(&mut service, 2000, &[JSON], RAIN);
    let first = service.generations()[0].id.to_string();
    polled(&mut service, 2000, &first);
    assert_eq!(rows(&mut service, 5999, "period=1h"), [] as [Value; 0]);
    let row = |response: &Response, created: &str, model: &str, credits: u64, own: Option<&str>| {
        json!({"created": created, "status": if credits > 0 { "succeeded" } else { "failed" }, "origin": "api",
            "model": model, "cost": {"usd": if credits > 0 { 0.0126 } else { 0.0 }, "credits": credits},
            "tokens": {"input": 0, "output": 0, "total": 0}, "request_id": response.header("x-request-id"),
            "inference_id": response.header("x-inference-id"), "client_request_id": own})
    };
    let refused = row(&refused, "1970-01-01T00:00:01.000Z", "other/model", 0, Some("mine"));
    assert_eq!(rows(&mut service, 6000, "period=1h"), std::slice::from_ref(&refused));
    let ends_at = service.generations()[0].ends_at;
    assert!(!rows(&mut service, ends_at + 4999, "period=1h").iter().any(|row| row["status"] == "succeeded"));
    let model = "stability-ai/stable-audio";
    let accepted = row(&accepted, "1970-01-01T00:00:01.000Z", model, 25_200, Some("mine"));
    let doomed = row(&doomed, "1970-01-01T00:00:02.000Z", model, 0, None);
    assert_eq!(rows(&mut service, 70_000, "period=1h"), [doomed.clone(), refused.clone(), accepted.clone()]);
    for (query, wanted) in [
        ("status=succeeded", &[&accepted][..]),
        ("status=failed", &[&doomed, &refused]),
        ("status=failed&status=succeeded", &[&doomed, &refused, &accepted]),
        ("model=stable-audio", &[&doomed, &accepted]),
        ("model=stability-ai/stable-audio", &[&doomed, &accepted]),
        ("model=model&model=x", &[&refused]),
        ("model=stable-audio,model", &[]),
        ("limit=1", &[&doomed]),
        ("limit=1&offset=1", &[&refused]),
        ("offset=3", &[]),
        ("key_prefix=demo", &[&doomed, &refused, &accepted]),
    ] {
        assert_eq!(
            rows(&mut service, 70_000, &format!("period=1h&{query}")).iter().collect::<Vec<_>>(),
            wanted,
            "{query}"
        );
    }
    let span = "start=1970-01-01T00:00:02Z&end=1970-01-01T00:01:00";
    assert_eq!(rows(&mut service, 70_000, span), [doomed]);
    let page = logs(&mut service, 70_000, "period=1h&limit=2&offset=1", &[DEMO]);
    assert_eq!(json(&page)["pagination"], json!({"limit": 2, "offset": 1, "total": 3, "has_more": false}));
    let page = logs(&mut service, 70_000, "period=1h&limit=2", &[DEMO]);
    assert_eq!(json(&page)["pagination"]["has_more"], true);
    let broke = logs(&mut service, 70_000, "period=1h", &[BROKE]);
    assert_eq!(json(&broke)["pagination"]["total"], 1, "another key's requests");
}

#[test]
fn the_logs_reject_invalid_keys_prefixes_and_parameters_as_documented() {
    let mut service = service();
    for (query, headers, status) in [
        ("period=1h", &[][..], 401),
        ("period=1h", &[("Authorization", "Bearer x")], 401),
        ("period=1h&key_prefix=broke-ke", &[DEMO], 403),
        ("period=1h&key_prefix=abcd1234", &[DEMO], 404),
        ("", &[DEMO], 400),
        ("period=1h&limit=101", &[DEMO], 400),
    ] {
        assert_eq!(logs(&mut service, 0, query, headers).status, status, "{query}");
    }
    let response = logs(&mut service, 0, "period=1h&limit=101", &[DEMO]);
    assert_eq!(json(&response)["message"], "Query validation error! limit: Expected an integer from 1 to 100");
    assert_eq!(response.header("x-inference-id"), None, "this is no inference");
}

#[test]
fn each_key_may_request_the_logs_200_times_in_60_seconds() {
    let mut service = service();
    let mut look = |now_ms, key| logs(&mut service, now_ms, "period=1h", &[key]).status;
    for at in 0..200 {
        assert_eq!(look(at, DEMO), 200);
    }
    assert_eq!((look(200, DEMO), look(59_999, DEMO), look(200, BROKE)), (429, 429, 200));
    assert_eq!((look(60_000, DEMO), look(60_000, DEMO)), (200, 429), "a refused look does not count");
    assert_eq!(look(60_001, DEMO), 200);
}

#[test]
fn the_balance_is_reduced_by_every_generation_that_did_not_fail() {
    let mut service = service();
    let balance = |service: &mut Service, now_ms, headers: &[(&str, &str)]| {
        let response = get(service, now_ms, BILLING, "", headers);
        assert_eq!(response.status, 200);
        json(&response).clone()
    };
    assert_eq!(balance(&mut service, 0, &[DEMO]), json!({"current_balance": 1000.0, "currency": "USD"}));
    assert_eq!(balance(&mut service, 0, &[BROKE])["current_balance"], 0.0);
    let first = submitted(&mut service);
    service.next_outcome.outcome = Outcome::Fails(Failure::Null);
    submitted(&mut service);
    assert_eq!(balance(&mut service, 0, &[DEMO])["current_balance"], 1000.0 - 2.0 * 0.0126);
    assert_eq!(balance(&mut service, 60_000, &[DEMO])["current_balance"], 1000.0 - 0.0126);
    assert_eq!(get(&mut service, 0, BILLING, "", &[]).status, 401);
    for _ in 0..MAX_GENERATIONS {
        service.submit(60_000, Key::Demo, &Submission::default()).unwrap();
    }
    assert!(service.generation(&first).is_none(), "it has made room");
    let spent = 0.0126 * f64::from(u32::try_from(MAX_GENERATIONS).unwrap() + 1);
    let left = balance(&mut service, 120_000, &[DEMO])["current_balance"].as_f64().unwrap();
    assert!((left - (1000.0 - spent)).abs() < 1e-6, "{left}");
}

#[test]
fn the_metrics_have_percentiles_of_the_generations_that_completed_within_five_minutes() {
    let mut service = service();
    let metrics = |service: &mut Service, now_ms, query| get(service, now_ms, "/models/metrics", query, &[]);
    let models = |service: &mut Service, now_ms, query| json(&metrics(service, now_ms, query))["models"].clone();
    for _ in 0..20 {
        submitted(&mut service);
    }
    let failed = submitted(&mut service);
    service.generation_mut(&failed).unwrap().outcome = Outcome::Fails(Failure::Null);
    assert_eq!(models(&mut service, 0, "aliases=stable-audio"), json!([]));
    let mut durations: Vec<_> = service.generations()[..20].iter().map(|generation| generation.ends_at).collect();
    durations.sort_unstable();
    let (at_50, at_75, at_90, at_99) = (durations[9], durations[14], durations[17], durations[19]);
    let told = json!([{"alias": "stable-audio", "endpoint": ENDPOINT, "metrics": {"duration_ms":
        {"p50": at_50, "p75": at_75, "p90": at_90, "p99": at_99}}}]);
    for query in ["", "aliases=stable-audio", "aliases=a&aliases=stable-audio"] {
        assert_eq!(models(&mut service, 60_000, query), told, "{query}");
    }
    assert_eq!(models(&mut service, 60_000, "aliases=a%2Cstable-audio"), json!([]));
    assert_eq!(models(&mut service, 400_000, ""), json!([]));
    assert_eq!(metrics(&mut service, 0, "alias=stable-audio").status, 400);
}
