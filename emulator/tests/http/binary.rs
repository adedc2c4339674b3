//! The process: its options, its output and how it ends.

use std::process::Command;

use serde_json::json;

use crate::client::{Emulator, JSON, PROGRAM, deadline};

fn output(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(PROGRAM).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_program_ends_when_its_standard_input_closes() {
    let mut emulator = Emulator::start(&[]);
    drop(emulator.child.stdin.take());
    let is_late = deadline(10);
    while emulator.child.try_wait().unwrap().is_none() {
        assert!(!is_late(), "it is still running");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn a_port_that_is_in_use_is_named_in_the_error() {
    let emulator = Emulator::start(&[]);
    let port = emulator.address.rsplit(':').next().unwrap();
    let (success, _, stderr) = output(&["--port", port]);
    assert!(!success);
    assert!(stderr.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{stderr}");
    assert!(stderr.contains("--port"), "{stderr}");
}

#[test]
fn invalid_settings_are_rejected() {
    for arguments in
        [["--speed", "0"], ["--accepted", "202"], ["--errors", "c"], ["--ids", "x"], ["--allow-headers", "a b"]]
    {
        let (success, _, stderr) = output(&arguments);
        assert!(!success && !stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn every_example_of_the_manual_is_a_valid_plan() {
    let (success, help, _) = output(&["--help"]);
    assert!(success);
    let examples: Vec<_> = help
        .lines()
        .map(str::trim)
        .filter(|line| !line.contains('…'))
        .filter(|line| {
            [r#"{"submit""#, r#"{"poll""#, r#"{"file""#, r#"{"logs""#].iter().any(|start| line.starts_with(start))
        })
        .map(|line| line.split("   ").next().unwrap())
        .collect();
    assert!(examples.len() > 10, "{examples:?}");
    let emulator = Emulator::start(&[]);
    for example in examples {
        let reply = emulator.exchange("POST", "/__emulator/plan", &[JSON], example).unwrap();
        assert_eq!(reply.status, 200, "{example}: {}", reply.text());
    }
}

#[test]
fn the_manual_names_every_field_of_a_fault_and_of_a_reset() {
    let (_, help, _) = output(&["--help"]);
    let emulator = Emulator::start(&[]);
    for (path, body) in [("plan", json!({"poll": [{"x": 1}]})), ("reset", json!({"x": 1}))] {
        let path = format!("/__emulator/{path}");
        let reply = emulator.exchange("POST", &path, &[], &body.to_string()).unwrap();
        assert_eq!(reply.status, 400);
        let error = reply.json()["error"].as_str().unwrap().to_owned();
        assert!(error.starts_with("unknown field `x`"), "{error}");
        for field in error.split('`').skip(3).step_by(2) {
            assert!(help.contains(&format!("{field}: ")) || help.contains(&format!("\"{field}\": ")), "{field}");
        }
    }
}
