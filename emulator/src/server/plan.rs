//! The plan: which fault applies to the next request of each kind.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::fault::{Fault, FaultError};

/// The kinds of requests that have a queue of faults each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestKind {
    Submit,
    Poll,
    File,
    Preflight,
    Logs,
    Billing,
    Other,
}

impl RequestKind {
    pub(crate) fn of(method: &str, path: &str) -> Self {
        match (method, path) {
            ("POST", emulator::ENDPOINT) => Self::Submit,
            ("GET", emulator::ENDPOINT) => Self::Poll,
            ("OPTIONS", _) => Self::Preflight,
            ("GET", emulator::LOGS) => Self::Logs,
            ("GET", emulator::BILLING) => Self::Billing,
            ("GET", path) if path.starts_with("/files/") => Self::File,
            _ => Self::Other,
        }
    }
}

/// The queues of faults that have not been applied.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Plan {
    submit: VecDeque<Fault>,
    poll: VecDeque<Fault>,
    file: VecDeque<Fault>,
    preflight: VecDeque<Fault>,
    logs: VecDeque<Fault>,
    billing: VecDeque<Fault>,
}

impl Plan {
    /// Rejects faults that contradict themselves.
    pub(crate) fn validate(&self) -> Result<(), FaultError> {
        let all = [&self.submit, &self.poll, &self.file, &self.preflight, &self.logs, &self.billing];
        all.into_iter().flatten().try_for_each(Fault::validate)
    }

    /// Appends the faults of another plan to the queues.
    pub(crate) fn append(&mut self, more: Self) {
        self.submit.extend(more.submit);
        self.poll.extend(more.poll);
        self.file.extend(more.file);
        self.preflight.extend(more.preflight);
        self.logs.extend(more.logs);
        self.billing.extend(more.billing);
    }

    /// Takes the fault for a request of this kind; `None` leaves the request alone.
    pub(crate) fn take_next(&mut self, kind: RequestKind) -> Option<Fault> {
        let queue = match kind {
            RequestKind::Submit => &mut self.submit,
            RequestKind::Poll => &mut self.poll,
            RequestKind::File => &mut self.file,
            RequestKind::Preflight => &mut self.preflight,
            RequestKind::Logs => &mut self.logs,
            RequestKind::Billing => &mut self.billing,
            RequestKind::Other => return None,
        };
        let first = queue.front_mut()?;
        let fault = Fault { times: 1, ..first.clone() };
        first.times = first.times.saturating_sub(1);
        if first.times == 0 {
            queue.pop_front();
        }
        (!fault.pass).then_some(fault)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(json: serde_json::Value) -> Plan {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn each_kind_of_request_takes_its_own_faults_in_order() {
        let mut plan = plan(json!({
            "submit": [{"status": 500}],
            "poll": [{"pass": true, "times": 2}, {"html": true}],
        }));
        for _ in 0..2 {
            assert_eq!(plan.take_next(RequestKind::Poll), None);
        }
        assert!(plan.take_next(RequestKind::Poll).is_some_and(|fault| fault.html));
        assert_eq!(plan.take_next(RequestKind::Poll), None);
        assert_eq!(plan.take_next(RequestKind::Submit).and_then(|fault| fault.status), Some(500));
        assert_eq!(plan, Plan::default());
    }

    #[test]
    fn an_unknown_field_of_a_plan_is_named_in_the_error() {
        let error = serde_json::from_value::<Plan>(json!({"submit": [{"stauts": 500}]}));
        assert!(error.unwrap_err().to_string().contains("unknown field `stauts`"));
        let error = serde_json::from_value::<Plan>(json!({"polls": []}));
        assert!(error.unwrap_err().to_string().contains("unknown field `polls`"));
    }

    #[test]
    fn a_request_has_the_kind_of_its_method_and_path() {
        assert_eq!(RequestKind::of("POST", "/v2/generate/audio"), RequestKind::Submit);
        assert_eq!(RequestKind::of("GET", "/v2/generate/audio"), RequestKind::Poll);
        assert_eq!(RequestKind::of("GET", "/files/1/a.wav"), RequestKind::File);
        assert_eq!(RequestKind::of("OPTIONS", "/v2/generate/audio"), RequestKind::Preflight);
        assert_eq!(RequestKind::of("GET", "/v2/logs"), RequestKind::Logs);
        assert_eq!(RequestKind::of("GET", "/v2/billing"), RequestKind::Billing);
        assert_eq!(RequestKind::of("GET", "/"), RequestKind::Other);
    }
}
