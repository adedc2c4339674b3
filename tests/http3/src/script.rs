//! What is said to the tests and heard from them.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write as _};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::oneshot;

use crate::Failed;

/// Where the server is, and how it proves to be that.
#[derive(Serialize)]
pub(crate) struct Listening {
    pub(crate) port: u16,
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// A request whose head and body have arrived.
#[derive(Serialize)]
pub(crate) struct Request {
    id: u64,
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Request {
    pub(crate) fn new(head: &http::Request<()>, body: &[u8]) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            id: 0,
            method: head.method().to_string(),
            path: head.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
            headers: head.headers().iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
            body: text(body),
        }
    }
}

/// How a request is met.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    Reply { status: u16, headers: Vec<(String, String)>, body: String },
    Fault(Fault),
}

/// What is done instead of a reply.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fault {
    /// The stream ends with `H3_INTERNAL_ERROR`.
    ResetStream,
    /// The connection ends with `H3_NO_ERROR`.
    CloseConnection,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Answer {
        id: u64,
        #[serde(flatten)]
        answer: Answer,
    },
    Silent {
        silent: bool,
    },
}

/// The requests that wait for their answer.
#[derive(Clone, Default)]
pub(crate) struct Script(Rc<RefCell<Waiting>>);

#[derive(Default)]
struct Waiting {
    last: u64,
    answers: HashMap<u64, oneshot::Sender<Answer>>,
}

impl Script {
    /// Prints the request, and waits for the answer to it.
    pub(crate) async fn ask(&self, mut request: Request) -> Result<Answer, Failed> {
        let (sender, answer) = oneshot::channel();
        {
            let mut waiting = self.0.borrow_mut();
            waiting.last += 1;
            request.id = waiting.last;
            waiting.answers.insert(request.id, sender);
        }
        announce(&request)?;
        Ok(answer.await?)
    }

    /// Does what the tests say until they say no more.
    pub(crate) async fn follow(&self, silent: &AtomicBool) -> Result<(), Failed> {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Some(line) = lines.next_line().await? {
            match serde_json::from_str(&line)? {
                Line::Answer { id, answer } => {
                    let waiting = self.0.borrow_mut().answers.remove(&id);
                    // Whoever asked may be gone by now.
                    if let Some(waiting) = waiting {
                        drop(waiting.send(answer));
                    }
                }
                Line::Silent { silent: order } => silent.store(order, Ordering::Relaxed),
            }
        }
        Ok(())
    }
}

/// Prints a line of JSON.
pub(crate) fn announce(line: &impl Serialize) -> io::Result<()> {
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, line)?;
    writeln!(output)?;
    output.flush()
}
