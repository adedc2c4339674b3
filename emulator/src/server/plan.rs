//! The plan: which fault the next request of a kind meets.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::fault::{Fault, FaultError};

/// What a request is to the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Submit,
    Poll,
    File,
    Preflight,
    Logs,
    Billing,
    Other,
}

impl Kind {
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

/// Faults still to be met, in order.
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
    /// Refuses faults that contradict themselves.
    pub(crate) fn check(&self) -> Result<(), FaultError> {
        let all = [&self.submit, &self.poll, &self.file, &self.preflight, &self.logs, &self.billing];
        all.into_iter().flatten().try_for_each(Fault::check)
    }

    /// Adds faults behind those still waiting.
    pub(crate) fn append(&mut self, more: Self) {
        self.submit.extend(more.submit);
        self.poll.extend(more.poll);
        self.file.extend(more.file);
        self.preflight.extend(more.preflight);
        self.logs.extend(more.logs);
        self.billing.extend(more.billing);
    }

    /// Takes the fault for a request of this kind; `None` lets it through.
    pub(crate) fn next(&mut self, kind: Kind) -> Option<Fault> {
        let queue = match kind {
            Kind::Submit => &mut self.submit,
            Kind::Poll => &mut self.poll,
            Kind::File => &mut self.file,
            Kind::Preflight => &mut self.preflight,
            Kind::Logs => &mut self.logs,
            Kind::Billing => &mut self.billing,
            Kind::Other => return None,
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
    fn takes_faults_in_order_each_kind_for_itself() {
        let mut plan = plan(json!({
            "submit": [{"status": 500}],
            "poll": [{"pass": true, "times": 2}, {"html": true}],
        }));
        for _ in 0..2 {
            assert_eq!(plan.next(Kind::Poll), None);
        }
        assert!(plan.next(Kind::Poll).is_some_and(|fault| fault.html));
        assert_eq!(plan.next(Kind::Poll), None);
        assert_eq!(plan.next(Kind::Submit).and_then(|fault| fault.status), Some(500));
        assert_eq!(plan, Plan::default());
    }

    #[test]
    fn names_an_unknown_field() {
        let error = serde_json::from_value::<Plan>(json!({"submit": [{"stauts": 500}]}));
        assert!(error.unwrap_err().to_string().contains("unknown field `stauts`"));
        let error = serde_json::from_value::<Plan>(json!({"polls": []}));
        assert!(error.unwrap_err().to_string().contains("unknown field `polls`"));
    }

    #[test]
    fn knows_the_kinds_of_requests() {
        assert_eq!(Kind::of("POST", "/v2/generate/audio"), Kind::Submit);
        assert_eq!(Kind::of("GET", "/v2/generate/audio"), Kind::Poll);
        assert_eq!(Kind::of("GET", "/files/1/a.wav"), Kind::File);
        assert_eq!(Kind::of("OPTIONS", "/v2/generate/audio"), Kind::Preflight);
        assert_eq!(Kind::of("GET", "/v2/logs"), Kind::Logs);
        assert_eq!(Kind::of("GET", "/v2/billing"), Kind::Billing);
        assert_eq!(Kind::of("GET", "/"), Kind::Other);
    }
}
