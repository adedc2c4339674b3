//! An HTTP/3 server whose responses and faults are decided by the browser tests.
//!
//! It prints lines of JSON: first its port, certificate and key, then every request once its body is
//! complete. It reads lines of JSON: the response or the fault for a request, or whether to be silent. It
//! listens on 127.0.0.1 only, and ends when its standard input closes.

use std::error::Error;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::{Buf as _, Bytes};
use h3::error::Code;
use h3::server::{RequestResolver, RequestStream};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::rustls::pki_types::PrivateKeyDer;
use quinn::{Endpoint, EndpointConfig, Incoming, Runtime as _, ServerConfig, TokioRuntime};
use tokio::task::LocalSet;

use crate::control::{Answer, Control, Fault, Request, ServerInfo, print_line};
use crate::socket::SilencingSocket;

mod control;
mod socket;

type BoxError = Box<dyn Error>;
type Stream = RequestStream<h3_quinn::BidiStream<Bytes>, Bytes>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let tasks = LocalSet::new();
    tasks.run_until(serve()).await
}

async fn serve() -> Result<(), BoxError> {
    let silent = Arc::new(AtomicBool::new(false));
    let endpoint = listen(&silent)?;
    let control = Control::default();
    let for_connections = control.clone();
    tokio::task::spawn_local(async move {
        while let Some(incoming) = endpoint.accept().await {
            tokio::task::spawn_local(serve_connection(incoming, for_connections.clone()));
        }
    });
    control.read_input(&silent).await
}

/// Opens a free port with a new certificate, and prints both.
fn listen(silent: &Arc<AtomicBool>) -> Result<Endpoint, BoxError> {
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let mut tls = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)?;
    tls.alpn_protocols = vec![b"h3".to_vec()];
    let config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));

    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = socket.local_addr()?.port();
    let runtime = Arc::new(TokioRuntime);
    let socket = SilencingSocket::new(runtime.wrap_udp_socket(socket)?, Arc::clone(silent));
    let endpoint = Endpoint::new_with_abstract_socket(EndpointConfig::default(), Some(config), socket, runtime)?;
    print_line(&ServerInfo { port, certificate: certified.cert.pem(), key: certified.signing_key.serialize_pem() })?;
    Ok(endpoint)
}

async fn serve_connection(incoming: Incoming, control: Control) {
    // A browser may close the connection during the handshake.
    let Ok(connection) = incoming.await else { return };
    let Ok(mut requests) = h3::server::Connection::new(h3_quinn::Connection::new(connection.clone())).await else {
        return;
    };
    while let Ok(Some(request)) = requests.accept().await {
        let (control, connection) = (control.clone(), connection.clone());
        tokio::task::spawn_local(async move { serve_request(request, &control, &connection).await.ok() });
    }
}

async fn serve_request(
    resolver: RequestResolver<h3_quinn::Connection, Bytes>,
    control: &Control,
    connection: &quinn::Connection,
) -> Result<(), BoxError> {
    let (head, mut stream) = resolver.resolve_request().await?;
    let mut body = Vec::new();
    while let Some(mut chunk) = stream.recv_data().await? {
        body.extend(chunk.copy_to_bytes(chunk.remaining()));
    }
    match control.request_answer(Request::new(&head, &body)).await? {
        Answer::Reply { status, headers, body } => return reply(stream, status, headers, body).await,
        Answer::Fault(Fault::ResetStream) => stream.stop_stream(Code::H3_INTERNAL_ERROR),
        Answer::Fault(Fault::CloseConnection) => connection.close(0x100_u32.into(), b""),
    }
    Ok(())
}

async fn reply(mut stream: Stream, status: u16, headers: Vec<(String, String)>, body: String) -> Result<(), BoxError> {
    let mut head = http::Response::builder().status(status);
    for (name, value) in headers {
        head = head.header(name, value);
    }
    stream.send_response(head.body(())?).await?;
    stream.send_data(body.into()).await?;
    stream.finish().await?;
    Ok(())
}
