//! Downloads: what happens to a file on its way, and what the call must settle with.

use protocol::{AudioSource, CallOptions, DownloadFailure, Error, Event, Failure, Goal, HttpRequest, ReceivedFile};
use serde_json::Value;

use crate::driver::index;
use crate::event_queue::SimEvent;
use crate::invariant::Invariant;
use crate::sim_rng::SimRng;
use crate::task::{Method, NextCall, Operation};
use crate::world::{World, trace};

/// The size of every file, in bytes.
const SIZE: u32 = 5_292_078;

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileOutcome {
    Whole,
    /// Its stream ends early.
    Short,
    /// Its stream fails.
    Broken,
    /// A page of HTML.
    Page,
    /// Nothing but a status.
    Status(u16),
    NetworkError,
    /// Nothing, ever.
    NoReply,
}

impl FileOutcome {
    fn draw(fault: bool, rng: &mut SimRng) -> Self {
        if !fault {
            return Self::Whole;
        }
        let all = [
            Self::Short,
            Self::Broken,
            Self::Page,
            Self::Status(204),
            Self::Status(206),
            Self::Status(403),
            Self::Status(404),
            Self::Status(503),
            Self::NetworkError,
            Self::NoReply,
        ];
        rng.pick(&all)
    }

    /// What the contract makes of it.
    fn expected(self) -> Option<DownloadFailure> {
        match self {
            Self::Whole | Self::NoReply => None,
            Self::Short | Self::Broken => Some(DownloadFailure::Truncated),
            Self::Page | Self::Status(200..=299) => Some(DownloadFailure::NotAudio),
            Self::Status(_) => Some(DownloadFailure::Status),
            Self::NetworkError => Some(DownloadFailure::Network),
        }
    }

    /// The file as the driver has collected it.
    fn received(self) -> ReceivedFile {
        let (status, loaded, start) = match self {
            Self::Page => (200, 15, b"<!doctype html>".to_vec()),
            Self::Status(status) => (status, 0, Vec::new()),
            Self::Short => (200, SIZE - 1, wav()),
            _ => (200, SIZE, wav()),
        };
        ReceivedFile { status, ended: true, start, loaded, ..ReceivedFile::default() }
    }
}

/// The first bytes of a WAV of that size.
fn wav() -> Vec<u8> {
    [b"RIFF".as_slice(), &(SIZE - 8).to_le_bytes(), b"WAVEfmt "].concat()
}

impl World {
    /// What the task downloads: the audio of its generation.
    pub(crate) fn audio_source(&self, task_index: usize) -> Option<AudioSource> {
        let audio = self.tasks[task_index].stored.as_ref()?.audio.as_ref()?;
        Some(AudioSource { url: audio.url.clone(), file_size: audio.file_size })
    }

    /// Sends the request for a file.
    pub(crate) fn send_download(&mut self, task_index: usize, request: &HttpRequest) {
        self.page.open_downloads += 1;
        let capacity = self.page.downloads.capacity;
        if self.page.open_downloads > capacity {
            self.violate(Invariant::PermitsKept, format_args!("more than {capacity} downloads"));
        }
        let source = self.audio_source(task_index);
        let valid = request.method == "GET"
            && source.is_some_and(|source| source.url == request.url)
            && request.headers.is_empty()
            && request.body.is_none()
            && (request.redirect, request.credentials) == ("follow", "omit");
        if !valid {
            self.violate(Invariant::RequestValid, format_args!("task {task_index}: {request:?}"));
        }
        let fault = self.rng.happens(self.fault_profile.fault);
        let outcome = FileOutcome::draw(fault, &mut self.rng);
        let delay = self.fault_profile.latency(&mut self.rng) + self.rng.span(50, 8);
        let task = &mut self.tasks[task_index];
        task.operation = Operation::Exchanging(Method::Download);
        let epoch = task.epoch;
        if outcome != FileOutcome::NoReply {
            let event = SimEvent::FileArrives { task: index(task_index), epoch, outcome };
            self.event_queue.schedule(self.clock.time + delay, event);
        }
    }

    /// The transfer of a file ends.
    pub(crate) fn file_arrives(&mut self, task_index: usize, epoch: u32, outcome: FileOutcome) {
        let task = &mut self.tasks[task_index];
        if task.epoch != epoch {
            return;
        }
        task.file = Some(outcome);
        self.page.open_downloads = self.page.open_downloads.saturating_sub(1);
        trace!(self, Some(task_index), "the file: {outcome:?}");
        let file = outcome.received();
        let event = match outcome {
            FileOutcome::NetworkError => Event::NetworkError,
            FileOutcome::Broken => Event::FileTruncated,
            _ => Event::FileReceived { status: file.status, content_type: file.check() },
        };
        self.advance(task_index, event);
    }

    /// The download settles.
    pub(crate) fn download_settled(&mut self, task_index: usize, result: Result<&'static str, Error>) {
        self.calls += 1;
        self.release_permit(task_index);
        let task = &mut self.tasks[task_index];
        task.machine = None;
        let justified = match (&result, task.file) {
            (Ok(content_type), Some(FileOutcome::Whole)) => *content_type == "audio/wav",
            (Ok(_), _) => false,
            (Err(error), file) => match error.failure {
                Failure::DownloadFailed(why) => file.and_then(FileOutcome::expected) == Some(why),
                Failure::Deadline => task.checker.saw_deadline() && file.is_none(),
                Failure::Aborted { submit_in_flight: false } => task.aborted,
                _ => false,
            },
        };
        if !justified {
            self.violate(Invariant::RepliesObeyed, format_args!("task {task_index}: a download ends with {result:?}"));
        }
        let Err(error) = result else { return };
        if !error.retryable {
            self.violate(Invariant::RetryableIsFree, format_args!("task {task_index}: a download can be repeated"));
        }
        let task = &mut self.tasks[task_index];
        if task.plan.retries_left > 0 {
            task.plan.retries_left -= 1;
            task.next_call = NextCall::Download;
            let delay = self.rng.span(1, 14);
            self.event_queue.schedule(self.clock.time + delay, SimEvent::Start(index(task_index)));
        }
    }
}

/// The default timeout of a download, as the options have it.
pub(crate) fn default_timeout() -> u64 {
    CallOptions::read(&None::<&Value>, Goal::Download, false).map_or(0, |options| options.timeout)
}
