//! The emulator as a child process, and an HTTP client that sees every byte.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_emulator");
pub(crate) const DEMO: (&str, &str) = ("Authorization", "Bearer demo-key");
pub(crate) const JSON: (&str, &str) = ("Content-Type", "application/json");
pub(crate) const ENDPOINT: &str = "/v2/generate/audio";

/// A running emulator, which ends when this value is dropped.
pub(crate) struct Emulator {
    pub(crate) child: Child,
    pub(crate) address: String,
}

impl Emulator {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        command.arg("--until-stdin-closes").args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").unwrap().to_owned();
        Self { child, address }
    }

    /// Sends a request without reading the response.
    pub(crate) fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        stream
    }

    pub(crate) fn exchange(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Reply> {
        let mut bytes = Vec::new();
        self.send(method, target, headers, body).read_to_end(&mut bytes)?;
        Reply::read(&bytes)
    }

    pub(crate) fn get(&self, target: &str) -> Reply {
        self.exchange("GET", target, &[DEMO], "").unwrap()
    }

    pub(crate) fn try_submit(&self) -> io::Result<Reply> {
        let body = json!({"model": "stable-audio", "prompt": "rain", "seconds_total": 1});
        self.exchange("POST", ENDPOINT, &[DEMO, JSON], &body.to_string())
    }

    pub(crate) fn submit(&self) -> Reply {
        self.try_submit().unwrap()
    }

    pub(crate) fn poll(&self, id: &str) -> Reply {
        self.try_poll(id).unwrap()
    }

    pub(crate) fn try_poll(&self, id: &str) -> io::Result<Reply> {
        let id = id.replace(':', "%3A").replace('/', "%2F");
        self.exchange("GET", &format!("{ENDPOINT}?generation_id={id}"), &[DEMO], "")
    }

    pub(crate) fn plan(&self, plan: &Value) {
        let reply = self.exchange("POST", "/__emulator/plan", &[], &plan.to_string()).unwrap();
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    pub(crate) fn ledger(&self) -> Value {
        self.get("/__emulator/ledger").json()
    }

    /// Reads the ledger until a condition holds.
    pub(crate) fn wait_for_ledger(&self, condition: impl Fn(&Value) -> bool) -> Value {
        let is_late = deadline(10);
        loop {
            let ledger = self.ledger();
            if condition(&ledger) {
                return ledger;
            }
            assert!(!is_late(), "the condition does not hold: {ledger}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A function that tells whether this number of seconds has passed.
#[allow(clippy::disallowed_methods, reason = "a test on real sockets, on the host")]
pub(crate) fn deadline(seconds: u64) -> impl Fn() -> bool {
    let end = Instant::now() + Duration::from_secs(seconds);
    move || Instant::now() > end
}

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    fn read(bytes: &[u8]) -> io::Result<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(Self { status, headers, body: bytes[end + 4..].to_vec() })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().unwrap().to_owned()
    }

    /// The number of announced bytes that did not arrive.
    pub(crate) fn missing(&self) -> usize {
        self.header("content-length").unwrap().parse::<usize>().unwrap() - self.body.len()
    }
}
