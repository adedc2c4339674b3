//! A fault: what the plan does to one request.

use std::collections::BTreeMap;

use emulator::Failure;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What goes wrong with one request. `manual.txt` describes each field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is a field of the plan's JSON")]
pub(crate) struct Fault {
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) pass: bool,
    #[serde(skip_serializing_if = "is_one")]
    pub(crate) times: u32,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) after_accept: Option<bool>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) delay_ms: u64,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) status: Option<u16>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) retry_after: Option<Value>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) body: Option<Value>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) html: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) redirect: Option<String>,
    #[serde(skip_serializing_if = "is_true")]
    pub(crate) cors: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) reset: Option<Reset>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) truncate: Option<u64>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) endless: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) hang: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) status_word: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) finish: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) fail: Option<Failure>,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) complete_without_url: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) url: Option<String>,
}

/// When the connection is reset, relative to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reset {
    /// Before the service has received the request.
    Before,
    /// After the service has processed the request.
    After,
}

/// Why a fault makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FaultError {
    #[error("`times` must be at least 1")]
    Times,
    #[error("`status` must be from 200 to 599, not {0}")]
    Status(u16),
    #[error("`pass` can be combined with `times` only")]
    Pass,
    #[error("only one of `body`, `html`, `redirect`, `reset`, `endless` and `hang` at a time")]
    Replies,
    #[error("only one of `fail`, `complete_without_url` and `url` at a time")]
    Outcomes,
    #[error("`after_accept` needs a response that replaces the service's, such as `status` 500")]
    AfterAccept,
    #[error("`truncate` cannot be combined with `reset`, `endless` or `hang`")]
    Truncate,
    #[error("`retry_after` must be a number or text")]
    RetryAfter,
    #[error("`{0}` is not a valid header name and value")]
    Header(String),
}

impl Default for Fault {
    fn default() -> Self {
        Self {
            pass: false,
            times: 1,
            after_accept: None,
            delay_ms: 0,
            status: None,
            headers: BTreeMap::new(),
            retry_after: None,
            body: None,
            html: false,
            redirect: None,
            cors: true,
            reset: None,
            truncate: None,
            endless: false,
            hang: false,
            status_word: None,
            finish: false,
            fail: None,
            complete_without_url: false,
            url: None,
        }
    }
}

impl Fault {
    /// Whether the service receives the request.
    pub(crate) fn reaches_service(&self) -> bool {
        match self.reset {
            Some(Reset::Before) => false,
            Some(Reset::After) => true,
            None => self.after_accept.unwrap_or(!self.replaces_response()),
        }
    }

    /// Whether the response replaces the service's, rather than changing it.
    pub(crate) fn replaces_response(&self) -> bool {
        self.body.is_some()
            || self.html
            || self.redirect.is_some()
            || self.endless
            || self.hang
            || self.status.is_some_and(|status| !(200..300).contains(&status))
    }

    /// Rejects combinations of fields that contradict each other.
    pub(crate) fn validate(&self) -> Result<(), FaultError> {
        let replies =
            [self.body.is_some(), self.html, self.redirect.is_some(), self.reset.is_some(), self.endless, self.hang];
        let outcomes = [self.fail.is_some(), self.complete_without_url, self.url.is_some()];
        let several = |set: &[bool]| set.iter().filter(|is_set| **is_set).count() > 1;
        let lone_pass = Self { pass: true, times: self.times, ..Self::default() };
        if self.times == 0 {
            Err(FaultError::Times)
        } else if let Some(status) = self.status.filter(|status| !(200..600).contains(status)) {
            Err(FaultError::Status(status))
        } else if self.pass && *self != lone_pass {
            Err(FaultError::Pass)
        } else if several(&replies) {
            Err(FaultError::Replies)
        } else if several(&outcomes) {
            Err(FaultError::Outcomes)
        } else if self.after_accept.is_some() && !self.replaces_response() {
            Err(FaultError::AfterAccept)
        } else if self.truncate.is_some() && (self.reset.is_some() || self.endless || self.hang) {
            Err(FaultError::Truncate)
        } else if self.retry_after.as_ref().is_some_and(|at| !at.is_number() && !at.is_string()) {
            Err(FaultError::RetryAfter)
        } else {
            self.validate_headers()
        }
    }

    fn validate_headers(&self) -> Result<(), FaultError> {
        for (name, value) in &self.headers {
            let is_name = axum::http::HeaderName::try_from(name.as_str()).is_ok();
            if !is_name || axum::http::HeaderValue::try_from(value.as_str()).is_err() {
                return Err(FaultError::Header(format!("{name}: {value}")));
            }
        }
        Ok(())
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_one(value: &u32) -> bool {
    *value == 1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_true(value: &bool) -> bool {
    *value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(json: Value) -> Fault {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_response_that_replaces_the_services_accepts_nothing_without_after_accept() {
        for json in [
            json!({"status": 500}),
            json!({"body": "x"}),
            json!({"html": true}),
            json!({"redirect": "/"}),
            json!({"endless": true}),
            json!({"hang": true}),
            json!({"reset": "before"}),
        ] {
            assert!(!fault(json.clone()).reaches_service(), "{json}");
        }
        for json in [
            json!({"status": 500, "after_accept": true}),
            json!({"status": 202}),
            json!({"reset": "after"}),
            json!({"truncate": 5}),
            json!({"delay_ms": 5}),
            json!({"status_word": "x"}),
        ] {
            assert!(fault(json.clone()).reaches_service(), "{json}");
        }
    }

    #[test]
    fn faults_that_contradict_themselves_are_rejected() {
        for (json, error) in [
            (json!({"times": 0}), FaultError::Times),
            (json!({"status": 99}), FaultError::Status(99)),
            (json!({"pass": true, "status": 500}), FaultError::Pass),
            (json!({"html": true, "hang": true}), FaultError::Replies),
            (json!({"fail": "null", "url": "x"}), FaultError::Outcomes),
            (json!({"delay_ms": 1, "after_accept": true}), FaultError::AfterAccept),
            (json!({"truncate": 1, "endless": true}), FaultError::Truncate),
            (json!({"retry_after": []}), FaultError::RetryAfter),
            (json!({"headers": {"a b": "c"}}), FaultError::Header("a b: c".into())),
        ] {
            assert_eq!(fault(json.clone()).validate(), Err(error), "{json}");
        }
        assert_eq!(fault(json!({"pass": true, "times": 3})).validate(), Ok(()));
    }

    #[test]
    fn a_fault_serialises_only_the_fields_that_were_given() {
        let asked = json!({"status": 500, "after_accept": true, "cors": false});
        assert_eq!(serde_json::to_value(fault(asked.clone())).unwrap(), asked);
    }
}
