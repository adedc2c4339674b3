//! A UDP socket that can stop sending.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, UdpPoller};

/// Receives everything, but while `silent` is set sends only handshakes: packets with a long header.
///
/// So a request arrives and is never acknowledged, whichever port the client sends it from.
#[derive(Debug)]
pub(crate) struct SilencingSocket {
    inner: Arc<dyn AsyncUdpSocket>,
    silent: Arc<AtomicBool>,
}

impl SilencingSocket {
    pub(crate) fn new(inner: Arc<dyn AsyncUdpSocket>, silent: Arc<AtomicBool>) -> Arc<Self> {
        Arc::new(Self { inner, silent })
    }
}

impl AsyncUdpSocket for SilencingSocket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Arc::clone(&self.inner).create_io_poller()
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let is_handshake = transmit.contents.first().is_some_and(|first| first & 0x80 != 0);
        if self.silent.load(Ordering::Relaxed) && !is_handshake { Ok(()) } else { self.inner.try_send(transmit) }
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        self.inner.poll_recv(cx, bufs, meta)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }

    fn max_transmit_segments(&self) -> usize {
        self.inner.max_transmit_segments()
    }

    fn max_receive_segments(&self) -> usize {
        self.inner.max_receive_segments()
    }

    fn may_fragment(&self) -> bool {
        self.inner.may_fragment()
    }
}
