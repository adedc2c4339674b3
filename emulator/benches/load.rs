//! Does the emulator keep up with 5,000 generations, each polled once a second? `cargo bench` prints it.
//!
//! The emulator answers on one thread; this program sends requests from another process, over keep-alive
//! connections. Latencies are counted from when a poll was due, so that falling behind shows.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark, which prints and may fail")]

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep_until},
};

const CONNECTIONS: u32 = 100;
const GENERATIONS_EACH: u32 = 50;
const ROUNDS: u32 = 10;
const ROUND: Duration = Duration::from_secs(1);
const CONTINUOUS: Duration = Duration::from_secs(3);
const BODY: &str = r#"{"model":"stable-audio","prompt":"a song for a benchmark"}"#;

fn main() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_emulator"))
        .arg("--until-stdin-closes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(address, &child));
    drop(child.stdin.take());
    child.wait().unwrap();
}

async fn run(address: &str, child: &Child) {
    let generations = CONNECTIONS * GENERATIONS_EACH;
    println!(
        "{:<34}{:>10}{:>12}{:>10}{:>10}{:>10}{:>8}",
        "", "requests", "requests/s", "p50 ms", "p99 ms", "max ms", "CPU"
    );

    let (meter, mut clients) = (Meter::start(child), JoinSet::new());
    for _ in 0..CONNECTIONS {
        let address = address.to_owned();
        clients.spawn(async move { Client::connect(&address).await.submit_all().await });
    }
    let (clients, submits) = join_all(clients).await;
    meter.print(&format!("submit {generations} generations"), submits);

    let (meter, mut polling) = (Meter::start(child), JoinSet::new());
    let start = Instant::now();
    for (client, phase) in clients.into_iter().zip(0..) {
        polling.spawn(client.poll_periodically(start, ROUND / generations * phase));
    }
    let (clients, polls) = join_all(polling).await;
    let behind = polls.iter().filter(|latency| **latency > ROUND).count();
    meter.print(&format!("poll each once a second, {ROUNDS} s"), polls);

    let (meter, mut polling) = (Meter::start(child), JoinSet::new());
    for client in clients {
        polling.spawn(client.poll_continuously());
    }
    meter.print("poll as fast as possible", join_all(polling).await.1);

    println!(
        "\n{}",
        match behind {
            0 => "It kept up: no poll was answered a second late.".to_owned(),
            count => format!("It FELL BEHIND: {count} polls were answered a second late or more."),
        }
    );
}

async fn join_all(mut tasks: JoinSet<(Client, Vec<Duration>)>) -> (Vec<Client>, Vec<Duration>) {
    let (mut clients, mut latencies) = (Vec::new(), Vec::new());
    while let Some(done) = tasks.join_next().await {
        let (client, more) = done.unwrap();
        clients.push(client);
        latencies.extend(more);
    }
    (clients, latencies)
}

/// One connection, and the generations polled over it.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    polls: Vec<String>,
}

impl Client {
    async fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::new(), polls: Vec::new() }
    }

    async fn submit_all(mut self) -> (Self, Vec<Duration>) {
        let request = format!(
            "POST /v2/generate/audio HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer demo-key\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{BODY}",
            BODY.len()
        );
        let (mut polls, mut latencies) = (Vec::new(), Vec::new());
        for _ in 0..GENERATIONS_EACH {
            let sent = Instant::now();
            let reply = self.exchange(&request, "201").await;
            latencies.push(sent.elapsed());
            let id = reply.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            polls.push(format!(
                "GET /v2/generate/audio?generation_id={} HTTP/1.1\r\nHost: localhost\r\n\
                 Authorization: Bearer demo-key\r\n\r\n",
                id.replace(':', "%3A")
            ));
        }
        self.polls = polls;
        (self, latencies)
    }

    async fn poll_periodically(mut self, start: Instant, phase: Duration) -> (Self, Vec<Duration>) {
        let polls = std::mem::take(&mut self.polls);
        let mut latencies = Vec::new();
        for round in 0..ROUNDS {
            for (poll, place) in polls.iter().zip(0..) {
                let due = start + phase + ROUND * round + ROUND / GENERATIONS_EACH * place;
                sleep_until(due).await;
                self.exchange(poll, "200").await;
                latencies.push(due.elapsed());
            }
        }
        self.polls = polls;
        (self, latencies)
    }

    async fn poll_continuously(mut self) -> (Self, Vec<Duration>) {
        let polls = std::mem::take(&mut self.polls);
        let (start, mut latencies) = (Instant::now(), Vec::new());
        for poll in polls.iter().cycle() {
            let sent = Instant::now();
            if sent - start > CONTINUOUS {
                break;
            }
            self.exchange(poll, "200").await;
            latencies.push(sent.elapsed());
        }
        (self, latencies)
    }

    /// Sends a request, reads its reply whole, and returns it.
    async fn exchange(&mut self, request: &str, status: &str) -> &str {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.buffer.clear();
        loop {
            assert!(self.stream.read_buf(&mut self.buffer).await.unwrap() > 0, "the connection was closed");
            let text = str::from_utf8(&self.buffer).unwrap();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{text}");
                break;
            }
        }
        str::from_utf8(&self.buffer).unwrap()
    }
}

/// Measures wall time and the processor time of the emulator.
struct Meter {
    start: Instant,
    pid: u32,
    busy: Option<Duration>,
}

impl Meter {
    fn start(child: &Child) -> Self {
        Self { start: Instant::now(), pid: child.id(), busy: busy(child.id()) }
    }

    fn print(&self, what: &str, mut latencies: Vec<Duration>) {
        latencies.sort_unstable();
        let count = latencies.len();
        let ms = |at: usize| latencies.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1e3);
        let seconds = self.start.elapsed().as_secs_f64();
        let rate = f64::from(u32::try_from(count).unwrap()) / seconds;
        let busy = busy(self.pid).zip(self.busy).map(|(now, then)| now.saturating_sub(then).as_secs_f64() / seconds);
        let busy = busy.map_or("unknown".to_owned(), |share| format!("{:.0} %", share * 100.0));
        let (half, most, max) = (ms(count / 2), ms(count * 99 / 100), ms(count.saturating_sub(1)));
        println!("{what:<34}{count:>10}{rate:>12.0}{half:>10.2}{most:>10.2}{max:>10.2}{busy:>8}");
    }
}

/// The processor time of a process from `/proc`, in hundredths of a second.
fn busy(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2);
    Some(fields.filter_map(|ticks| ticks.parse::<u64>().ok()).map(|ticks| Duration::from_millis(ticks * 10)).sum())
}
