//! The protocol between the server and the tests: JSON lines on standard output and input.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write as _};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::oneshot;

use crate::BoxError;

/// The port and the certificate of the server.
#[derive(Serialize)]
pub(crate) struct ServerInfo {
    pub(crate) port: u16,
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// A request whose headers and body have arrived.
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

/// How the server answers a request.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    Reply { status: u16, headers: Vec<(String, String)>, body: String },
    Fault(Fault),
}

/// What the server does instead of sending a response.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fault {
    /// Resets the stream with `H3_INTERNAL_ERROR`.
    ResetStream,
    /// Closes the connection with `H3_NO_ERROR`.
    CloseConnection,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    Answer {
        id: u64,
        #[serde(flatten)]
        answer: Answer,
    },
    Silent {
        silent: bool,
    },
}

/// The requests that wait for an answer from the tests.
#[derive(Clone, Default)]
pub(crate) struct Control(Rc<RefCell<Pending>>);

#[derive(Default)]
struct Pending {
    last_id: u64,
    answers: HashMap<u64, oneshot::Sender<Answer>>,
}

impl Control {
    /// Prints a request, and waits for the answer to it.
    pub(crate) async fn request_answer(&self, mut request: Request) -> Result<Answer, BoxError> {
        let (sender, answer) = oneshot::channel();
        {
            let mut pending = self.0.borrow_mut();
            pending.last_id += 1;
            request.id = pending.last_id;
            pending.answers.insert(request.id, sender);
        }
        print_line(&request)?;
        Ok(answer.await?)
    }

    /// Reads the input until it closes.
    pub(crate) async fn read_input(&self, silent: &AtomicBool) -> Result<(), BoxError> {
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Some(line) = lines.next_line().await? {
            match serde_json::from_str(&line)? {
                Input::Answer { id, answer } => {
                    let pending = self.0.borrow_mut().answers.remove(&id);
                    // The connection may have been closed meanwhile.
                    if let Some(pending) = pending {
                        drop(pending.send(answer));
                    }
                }
                Input::Silent { silent: order } => silent.store(order, Ordering::Relaxed),
            }
        }
        Ok(())
    }
}

/// Prints a line of JSON.
pub(crate) fn print_line(line: &impl Serialize) -> io::Result<()> {
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, line)?;
    writeln!(output)?;
    output.flush()
}
