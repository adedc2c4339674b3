//! Takes requests over HTTP/3 for the browser tests, which tell it how to meet each.
//!
//! Prints JSON, a line each: first its port, certificate and key, then every request once its body
//! is complete. Reads a line of JSON for each, the reply or the fault; and whether to fall silent. Listens on 127.0.0.1 alone, and ends when its input does.

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

use crate::script::{Answer, Fault, Listening, Request, Script, announce};
use crate::socket::SilencingSocket;

mod script;
mod socket;

type Failed = Box<dyn Error>;
type Stream = RequestStream<h3_quinn::BidiStream<Bytes>, Bytes>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let tasks = LocalSet::new();
    tasks.run_until(serve()).await
}

async fn serve() -> Result<(), Failed> {
    let silent = Arc::new(AtomicBool::new(false));
    let endpoint = listen(&silent)?;
    let script = Script::default();
    let asked = script.clone();
    tokio::task::spawn_local(async move {
        while let Some(incoming) = endpoint.accept().await {
            tokio::task::spawn_local(serve_connection(incoming, asked.clone()));
        }
    });
    script.follow(&silent).await
}

/// Opens a free port with a certificate of its own, and prints both.
fn listen(silent: &Arc<AtomicBool>) -> Result<Endpoint, Failed> {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let mut tls = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    tls.alpn_protocols = vec![b"h3".to_vec()];
    let config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));

    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = socket.local_addr()?.port();
    let runtime = Arc::new(TokioRuntime);
    let socket = SilencingSocket::new(runtime.wrap_udp_socket(socket)?, Arc::clone(silent));
    let endpoint = Endpoint::new_with_abstract_socket(EndpointConfig::default(), Some(config), socket, runtime)?;
    announce(&Listening { port, certificate: made.cert.pem(), key: made.signing_key.serialize_pem() })?;
    Ok(endpoint)
}

async fn serve_connection(incoming: Incoming, script: Script) {
    // A browser that goes away in the middle is none of the tests' business.
    let Ok(connection) = incoming.await else { return };
    let Ok(mut requests) = h3::server::Connection::new(h3_quinn::Connection::new(connection.clone())).await else {
        return;
    };
    while let Ok(Some(request)) = requests.accept().await {
        let (script, connection) = (script.clone(), connection.clone());
        tokio::task::spawn_local(async move { serve_request(request, &script, &connection).await.ok() });
    }
}

async fn serve_request(
    resolver: RequestResolver<h3_quinn::Connection, Bytes>,
    script: &Script,
    connection: &quinn::Connection,
) -> Result<(), Failed> {
    let (head, mut stream) = resolver.resolve_request().await?;
    let mut body = Vec::new();
    while let Some(mut piece) = stream.recv_data().await? {
        body.extend(piece.copy_to_bytes(piece.remaining()));
    }
    match script.ask(Request::new(&head, &body)).await? {
        Answer::Reply { status, headers, body } => return reply(stream, status, headers, body).await,
        Answer::Fault(Fault::ResetStream) => stream.stop_stream(Code::H3_INTERNAL_ERROR),
        Answer::Fault(Fault::CloseConnection) => connection.close(0x100_u32.into(), b""),
    }
    Ok(())
}

async fn reply(mut stream: Stream, status: u16, headers: Vec<(String, String)>, body: String) -> Result<(), Failed> {
    let mut head = http::Response::builder().status(status);
    for (name, value) in headers {
        head = head.header(name, value);
    }
    stream.send_response(head.body(())?).await?;
    stream.send_data(body.into()).await?;
    stream.finish().await?;
    Ok(())
}
